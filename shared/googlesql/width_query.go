package googlesql

import "strings"

// query measures a query in [lo, hi). first, if given, is told the relation of
// the first part of a set operation, which is what a recursive query sees.
func (m *measurer) query(lo, hi int, outer *scope, first func(relation)) relation {
	s := &scope{parent: outer}
	p := lo
	if m.word(p, "WITH") && m.startsQuery(p) {
		p = m.with(p+1, hi, s)
	}
	var out relation
	parts := 0
	for p < hi && !m.pipe(p) {
		var rel relation
		at := p
		var from *scope
		switch {
		case m.word(p, "SELECT"):
			rel, p = m.selectQuery(p, hi, s)
		case m.word(p, "FROM"):
			end := m.find(p+1, hi, m.clauseEnd)
			from = &scope{parent: s}
			m.from(p+1, end, from, 1)
			rel, p = from.all(), m.tail(end, hi, from)
		case m.symbol(p, "("):
			lo, hi := m.inside(p)
			rel, p = m.query(lo, hi, s, nil), m.skip(p)
		default:
			// The words of a set operation, ORDER BY, LIMIT and what follows.
			next := m.find(p+1, hi, func(i int) bool {
				return m.word(i, "SELECT") || m.word(i, "FROM") && !m.word(i-1, "DISTINCT") || m.pipe(i) ||
					m.symbol(i, "(") && m.isQuery(m.inside(i))
			})
			m.expr(p, next, s)
			p = next
			continue
		}
		out = merge(out, rel)
		if parts++; parts == 1 && first != nil {
			first(out)
		}
		m.charge(at, rel.leaves())
		if from != nil && m.pipe(p) && parts == 1 {
			out, p = m.pipes(p, hi, from)
		}
	}
	if m.pipe(p) {
		from := &scope{parent: s}
		from.add(rangeVar{rel: out})
		out, _ = m.pipes(p, hi, from)
	}
	return out
}

// merge gives the relation of a set operation.
func merge(a, b relation) relation {
	if a.fields == nil {
		return b
	}
	out := relation{opaque: max(a.opaque, b.opaque), fields: append([]field(nil), a.fields...)}
	byName := map[string]int{}
	for i, f := range out.fields {
		if i < len(b.fields) {
			out.fields[i].leaves = max(f.leaves, b.fields[i].leaves)
		}
		byName[f.name] = i
	}
	// BY NAME may meet in any order.
	for i, f := range b.fields {
		if j, ok := byName[f.name]; ok && f.name != "" {
			out.fields[j].leaves = max(out.fields[j].leaves, f.leaves)
		} else if i >= len(a.fields) {
			out.fields = append(out.fields, f)
		}
	}
	return out
}

// with measures the entries of a WITH clause and gives the token behind it.
func (m *measurer) with(p, hi int, s *scope) int {
	recursive := m.word(p, "RECURSIVE")
	if recursive {
		p++
	}
	if s.ctes == nil {
		s.ctes = map[string]*named{}
	}
	var entries []*named
	for p < hi {
		name, _ := m.name(p)
		body := m.find(p, hi, func(i int) bool {
			return m.symbol(i, "(") && m.isQuery(m.inside(i)) || m.word(i, "SELECT") || m.pipe(i)
		})
		if body >= hi || !m.symbol(body, "(") {
			p = body
			break
		}
		lo, end := m.inside(body)
		n := &named{lo: lo, hi: end, in: s, pending: true}
		if recursive {
			entries = append(entries, n)
		} else {
			m.entry(n)
		}
		s.ctes[name] = n
		p = m.skip(body)
		// Behind an entry stands a comma, the modifiers of a recursive one, or
		// the query.
		p = m.find(p, hi, func(i int) bool {
			return m.symbol(i, ",", "(") || m.word(i, "SELECT", "FROM") || m.pipe(i)
		})
		if !m.symbol(p, ",") {
			break
		}
		p++
	}
	for _, n := range entries {
		m.entry(n)
	}
	return p
}

// entry measures an entry of a WITH clause once.
func (m *measurer) entry(n *named) relation {
	if n.pending {
		n.pending = false
		n.rel = m.query(n.lo, n.hi, n.in, func(r relation) { n.rel = r })
	}
	return n.rel
}

// unnamedShare is the part, one in so many, at which a join's columns are charged
// where no star takes them all; measured, they cost a fifth.
const unnamedShare = 4

// selectQuery measures SELECT ... up to a set operation, a pipe or hi.
func (m *measurer) selectQuery(p, hi int, s *scope) (relation, int) {
	list := p + 1
	listEnd := m.find(list, hi, m.clauseEnd)
	p = listEnd
	from := &scope{parent: s}
	if m.word(p, "FROM") {
		end := m.find(p+1, hi, m.clauseEnd)
		// Without a star the analyzer drops the columns that nobody names.
		share := unnamedShare
		if m.find(list, listEnd, func(i int) bool { return m.symbol(i, "*") }) < listEnd {
			share = 1
		}
		m.from(p+1, end, from, share)
		p = end
	}
	if len(from.vars) == 0 {
		from = s
	}
	out := m.selectList(list, listEnd, from)
	return out, m.tail(p, hi, from)
}

// tail measures the clauses behind FROM and gives the token behind them.
func (m *measurer) tail(p, hi int, from *scope) int {
	end := m.find(p, hi, func(i int) bool { return m.setOperation(i) || m.pipe(i) })
	m.expr(p, end, from)
	return end
}

// selectList measures the items of a SELECT list.
func (m *measurer) selectList(lo, hi int, from *scope) relation {
	for m.word(lo, "ALL", "DISTINCT") || m.symbol(lo, "@") {
		lo++
	}
	value := false
	if m.word(lo, "AS") {
		value = !m.word(lo+1, "STRUCT")
		lo += 2
	}
	var out relation
	width := 0
	for _, item := range m.split(lo, hi) {
		rel := m.item(item[0], item[1], from)
		out.fields = append(out.fields, rel.fields...)
		out.opaque = max(out.opaque, rel.opaque)
		if width += rel.leaves(); width > MaxWidth {
			m.charge(item[0], width)
		}
	}
	if value {
		out.opaque = max(out.opaque, width)
	}
	return out
}

// item measures one item of a SELECT list.
func (m *measurer) item(lo, hi int, from *scope) relation {
	star := m.find(lo, hi, func(i int) bool {
		return m.symbol(i, "*") && (i == lo || m.symbol(i-1, "."))
	})
	if star < hi {
		out := from.all()
		if star > lo {
			out = m.starOf(lo, star-1, from)
		}
		// What EXCEPT leaves out is counted, too; REPLACE gives new values.
		if n := m.expr(star+1, hi, from); n > 1 {
			out.fields = append(append([]field(nil), out.fields...), field{leaves: n})
			out.opaque = max(out.opaque, n)
		}
		return out
	}
	name, end := "", hi
	if n, ok := m.name(hi - 1); ok && hi-lo > 0 {
		name = n
		if hi-lo > 1 && (m.toks[hi-2].kind != tokenSymbol || m.symbol(hi-2, ")", "]")) {
			end = hi - 1
			if m.word(end-1, "AS") {
				end--
			}
			if m.word(hi-1, "END", "NULL", "TRUE", "FALSE") && end == hi-1 {
				end, name = hi, ""
			}
		}
	}
	return relation{fields: []field{{name, m.expr(lo, end, from)}}}
}

// starOf gives the columns of x.* for x in [lo, hi).
func (m *measurer) starOf(lo, hi int, from *scope) relation {
	if hi-lo == 1 {
		name, _ := m.name(lo)
		for s := from; s != nil; s = s.parent {
			for _, v := range s.vars {
				if v.name == name && name != "" {
					return v.rel
				}
			}
		}
	}
	n := m.expr(lo, hi, from)
	return relation{fields: []field{{"", n}}, opaque: n}
}

// pipes measures the |> steps of a query over what from holds.
func (m *measurer) pipes(p, hi int, from *scope) (relation, int) {
	for m.pipe(p) {
		lo := p + 2
		end := m.find(lo, hi, m.pipe)
		m.step(lo, end, from)
		p = end
	}
	return from.all(), p
}

// step measures one |> step.
func (m *measurer) step(lo, hi int, from *scope) {
	join := m.find(lo, hi, func(i int) bool { return m.word(i, "JOIN") })
	switch {
	case m.word(lo, "WHERE", "ORDER", "LIMIT", "DISTINCT", "ASSERT", "DROP", "TABLESAMPLE"):
		m.expr(lo, hi, from)
	case join < hi:
		m.from(join+1, hi, from, 1)
	case m.word(lo, "SELECT"):
		out := m.selectList(lo+1, hi, from)
		m.charge(lo, out.leaves())
		from.vars, from.index = []rangeVar{{rel: out}}, nil
	case m.word(lo, "AS"):
		name, _ := m.name(lo + 1)
		rel := from.all()
		from.vars, from.index = []rangeVar{{name, rel}}, nil
	case m.word(lo, "WITH"):
		m.with(lo+1, hi, from)
	case m.word(lo, "PIVOT"):
		m.pivot(lo, from)
	default:
		added := relation{}
		for _, item := range m.split(lo+1, hi) {
			if m.word(lo, "SET") {
				name, _ := m.name(item[0])
				added.fields = append(added.fields, field{name, m.expr(min(item[0]+2, item[1]), item[1], from)})
				continue
			}
			rel := m.item(item[0], item[1], from)
			added.fields = append(added.fields, rel.fields...)
		}
		from.add(rangeVar{rel: added})
		m.charge(lo, from.all().leaves())
	}
}

// isAlias reports whether token i can name the item before it.
func (m *measurer) isAlias(i, hi int) bool {
	if _, ok := m.name(i); !ok || i >= hi {
		return false
	}
	return m.toks[i].kind == tokenQuotedName || !reservedAfterItem[strings.ToUpper(m.toks[i].text)]
}

// reservedAfterItem are the words that follow an item of FROM and name nothing.
var reservedAfterItem = map[string]bool{
	"JOIN": true, "LEFT": true, "RIGHT": true, "FULL": true, "INNER": true, "CROSS": true, "OUTER": true,
	"ON": true, "USING": true, "WITH": true, "FOR": true, "TABLESAMPLE": true, "AS": true, "NATURAL": true,
	"HASH": true, "LOOKUP": true, "PIVOT": true, "UNPIVOT": true, "MATCH_RECOGNIZE": true,
}
