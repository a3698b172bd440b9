package googlesql

import "strings"

// from measures the items of a FROM clause, or of brackets in one, and adds them
// to s. Every join is charged with what it has gathered so far, as the analyzer
// lists that anew for each; share is the part of it that is charged.
func (m *measurer) from(p, hi int, s *scope, share int) {
	for p < hi {
		at := p
		p = m.fromItem(p, hi, s, share)
		width := 0
		for _, v := range s.vars {
			width += v.rel.leaves()
		}
		m.charge(at, width/share)
		// ON and USING reach to the next item.
		next := m.find(p, hi, func(i int) bool { return m.symbol(i, ",") || m.word(i, "JOIN") })
		m.expr(p, next, s)
		p = next + 1
	}
}

// fromItem measures one item with its alias and gives the token behind it.
func (m *measurer) fromItem(p, hi int, s *scope, share int) int {
	for m.symbol(p, "@", "{") || m.word(p, "LATERAL") {
		p = m.skip(p)
	}
	v := rangeVar{}
	switch {
	case p >= hi:
		return hi
	case m.symbol(p, "("):
		lo, end := m.inside(p)
		if m.isQuery(lo, end) {
			v.rel = m.query(lo, end, s, nil)
		} else {
			m.from(lo, end, s, share)
		}
		p = m.skip(p)
	case m.word(p, "UNNEST") && m.symbol(p+1, "("):
		lo, end := m.inside(p + 1)
		n := m.expr(lo, end, s)
		v.rel = relation{fields: []field{{"", n}}, opaque: n}
		p = m.skip(p + 1)
	default:
		v, p = m.path(p, hi, s)
	}
	if m.word(p, "AS") {
		p++
	}
	if m.isAlias(p, hi) && !m.symbol(p+1, "(") {
		v.name, _ = m.name(p)
		p++
	}
	if len(v.rel.fields) == 1 && v.rel.fields[0].name == "" {
		v.rel.fields[0].name = v.name
	}
	s.add(v)
	if m.word(p, "WITH") && m.word(p+1, "OFFSET") {
		p += 2
		if m.word(p, "AS") {
			p++
		}
		name := "offset"
		if m.isAlias(p, hi) {
			name, _ = m.name(p)
			p++
		}
		s.add(rangeVar{rel: relation{fields: []field{{name, 1}}}})
	}
	for m.word(p, "PIVOT", "UNPIVOT", "MATCH_RECOGNIZE") && m.symbol(p+1, "(") {
		m.pivot(p, s)
		p = m.skip(p + 1)
	}
	return p
}

// path measures a table, named query, array or table function by its name.
func (m *measurer) path(p, hi int, s *scope) (rangeVar, int) {
	var parts []string
	at := p
	end := -1
	for ; p < hi; p++ {
		t := m.toks[p]
		glued := len(parts) == 0 || m.symbol(p-1, ".") || m.symbol(p, ".") || t.pos == end
		switch {
		case !glued:
		case m.symbol(p, "."):
			end = t.pos + 1
			continue
		case m.symbol(p, "-", ":") && len(parts) > 0,
			(t.kind == tokenWord || t.kind == tokenQuotedName) && len(parts) > 0 && !m.symbol(p-1, "."):
			parts[len(parts)-1] += t.text
			end = t.pos + len(t.text)
			continue
		case t.kind == tokenWord || t.kind == tokenQuotedName:
			parts = append(parts, t.text)
			end = t.pos + len(t.text)
			if t.kind == tokenQuotedName {
				end = -1
			}
			continue
		}
		break
	}
	if len(parts) == 0 {
		return rangeVar{}, p + 1
	}
	if m.symbol(p, "(") {
		lo, hi := m.inside(p)
		n := m.expr(lo, hi, s)
		return rangeVar{rel: relation{fields: []field{{"", n}}, opaque: n}}, m.skip(p)
	}
	v := rangeVar{name: strings.ToLower(parts[len(parts)-1])}
	if len(parts) == 1 {
		if n := s.cte(v.name); n != nil {
			v.rel = m.entry(n)
			return v, p
		}
	}
	v.rel = m.table(parts)
	if len(v.rel.fields) == 0 && len(parts) > 1 {
		n := m.resolve(at, lower(parts), s)
		v.rel = relation{fields: []field{{v.name, n}}, opaque: n}
	}
	return v, p
}

func lower(parts []string) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = strings.ToLower(p)
	}
	return out
}

// pivot measures PIVOT(aggregates FOR x IN (values)), which gives a column for
// every pair of the two, and UNPIVOT, which gives no more than it names.
func (m *measurer) pivot(p int, s *scope) {
	if !m.symbol(p+1, "(") {
		return
	}
	lo, hi := m.inside(p + 1)
	before := m.find(lo, hi, func(i int) bool { return m.word(i, "FOR") })
	leaves := 0
	for _, a := range m.split(lo, before) {
		leaves += m.expr(a[0], a[1], s)
	}
	values := 1
	for i := before; i < hi; i = m.skip(i) {
		if m.symbol(i, "(") {
			values += len(m.split(m.inside(i)))
		}
	}
	m.expr(before, hi, s)
	m.charge(p, leaves*values)
	s.add(rangeVar{rel: relation{fields: []field{{"", leaves * values}}, opaque: leaves}})
}
