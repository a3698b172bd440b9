package googlesql

import "strings"

// expr gives the number of leaves in the value of the expressions in [lo, hi),
// from above, and measures the queries inside.
func (m *measurer) expr(lo, hi int, s *scope) int {
	n, scalar, behind, commas := 0, false, false, 0
	for i := lo; i < hi; {
		switch {
		case m.symbol(i, "(", "[", "{"):
			n += m.brackets(i, lo, s)
			i = m.skip(i)
			continue
		case m.symbol(i, ","):
			commas++
		case m.word(i, "ORDER", "HAVING", "WHERE", "LIMIT", "GROUP", "OVER", "AS"):
			// What follows in an aggregate does not say what its value is.
			behind = true
		case m.symbol(i, "=") && m.symbol(i+1, ">"), m.symbol(i, ">") && m.symbol(i-1, "="):
			// The arrow of a named argument.
		case m.symbol(i, "+", "-", "*", "/", "=", "<", ">", "!"),
			m.word(i, "AND", "OR", "NOT", "LIKE", "IN", "IS", "BETWEEN"):
			// What these give is no STRUCT.
			scalar = scalar || !behind
		case m.word(i, "CASE"):
			// The parts of a CASE are not told apart.
			end := m.caseEnd(i, hi)
			n += m.caseLeaves(i+1, end, s)
			i = end
			continue
		case m.symbol(i, "?"):
			n += heavy(m.params["?"])
		default:
			next, leaves := m.names(i, hi, s)
			n += leaves
			i = next
			continue
		}
		i = m.skip(i)
	}
	if n > MaxWidth {
		m.charge(lo, n)
	}
	if scalar && commas == 0 {
		return 1
	}
	return max(1, n)
}

// heavy leaves single values out of a sum: they do not grow.
func heavy(leaves int) int {
	if leaves <= 1 {
		return 0
	}
	return leaves
}

// names measures a path of names at i.
func (m *measurer) names(i, hi int, s *scope) (next, leaves int) {
	name, ok := m.name(i)
	if !ok || m.symbol(i-1, ".") {
		return m.skip(i), 0
	}
	if end := m.skip(i); end > i+1 {
		// The fields of STRUCT<...>.
		fields := 1
		for j := i; j < end; j++ {
			if m.symbol(j, ",") {
				fields++
			}
		}
		return end, heavy(fields)
	}
	if m.symbol(i+1, "(") {
		return i + 1, 0
	}
	if strings.HasPrefix(name, "@") {
		return i + 1, heavy(m.params[name])
	}
	path := []string{name}
	for i++; i+1 < hi && m.symbol(i, "."); i += 2 {
		part, ok := m.name(i + 1)
		if !ok {
			break
		}
		path = append(path, part)
	}
	return i, heavy(m.resolve(i-1, path, s))
}

// brackets measures what stands in the brackets at i of an expression that
// begins at lo.
func (m *measurer) brackets(i, lo int, s *scope) int {
	from, to := m.inside(i)
	if m.isQuery(from, to) {
		n := m.query(from, to, s, nil).leaves()
		if m.word(i-1, "EXISTS", "IN") {
			return 0
		}
		return heavy(n)
	}
	if m.word(i-1, "WITH") {
		return heavy(m.withExpr(from, to, s))
	}
	args := m.split(from, to)
	sum, before := 0, 0
	for _, a := range args {
		n := m.argument(a[0], a[1], before, s)
		before += n
		sum += heavy(n)
	}
	called := i > lo && m.toks[i-1].kind == tokenWord && !beforeValue[strings.ToUpper(m.toks[i-1].text)]
	switch {
	case called && scalarFunctions[strings.ToUpper(m.toks[i-1].text)]:
		return 0
	case m.symbol(i, "(") && len(args) > 1 && !called, m.word(i-1, "STRUCT"),
		m.symbol(i-1, ">") && m.symbol(i, "("):
		// A STRUCT: its single values count, too.
		return max(before, len(args))
	}
	return sum
}

// argument measures an argument of a call; a lambda's names stand for the
// arguments before it.
func (m *measurer) argument(lo, hi, before int, s *scope) int {
	arrow := m.find(lo, hi, func(i int) bool { return m.symbol(i, "-") && m.symbol(i+1, ">") })
	if arrow >= hi {
		return m.expr(lo, hi, s)
	}
	inner := &scope{parent: s, alone: map[string]int{}}
	for i := lo; i < arrow; i++ {
		if name, ok := m.name(i); ok {
			inner.alone[name] = max(1, before)
		}
	}
	return m.expr(arrow+2, hi, inner)
}

// withExpr measures WITH(name AS value, ..., result).
func (m *measurer) withExpr(lo, hi int, s *scope) int {
	n := 1
	for _, part := range m.split(lo, hi) {
		if name, ok := m.name(part[0]); ok && m.word(part[0]+1, "AS") {
			inner := &scope{parent: s, alone: map[string]int{name: m.expr(part[0]+2, part[1], s)}}
			s = inner
			continue
		}
		n = m.expr(part[0], part[1], s)
	}
	return n
}

// caseEnd gives the token behind the END of the CASE at i.
func (m *measurer) caseEnd(i, hi int) int {
	depth := 0
	for ; i < hi; i = m.skip(i) {
		switch {
		case m.word(i, "CASE"):
			depth++
		case m.word(i, "END"):
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return hi
}

// caseLeaves sums what stands between CASE and END, without looking for a
// comparison that would make the whole a single value.
func (m *measurer) caseLeaves(lo, hi int, s *scope) int {
	n := 0
	for lo < hi {
		end := m.find(lo, hi, func(i int) bool { return m.word(i, "CASE", "WHEN", "THEN", "ELSE", "END") })
		if end == lo {
			lo++
			continue
		}
		n += heavy(m.expr(lo, end, s))
		lo = end
	}
	return n
}

// beforeValue are the words before brackets that are no function's.
var beforeValue = map[string]bool{
	"THEN": true, "ELSE": true, "WHEN": true, "CASE": true, "DISTINCT": true, "ALL": true, "AND": true, "OR": true,
	"NOT": true, "LIKE": true, "BETWEEN": true, "BY": true, "ON": true, "AS": true, "SELECT": true, "WHERE": true,
	"HAVING": true, "QUALIFY": true, "VALUE": true, "IS": true, "FROM": true,
}

// scalarFunctions give a single value whatever they are given.
var scalarFunctions = map[string]bool{
	"COUNT": true, "COUNTIF": true, "SUM": true, "AVG": true, "APPROX_COUNT_DISTINCT": true,
	"TO_JSON": true, "TO_JSON_STRING": true, "FORMAT": true, "CONCAT": true, "STRING_AGG": true,
	"ARRAY_LENGTH": true, "ARRAY_TO_STRING": true, "LENGTH": true, "FARM_FINGERPRINT": true,
}
