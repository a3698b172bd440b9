package googlesql

import "strings"

// scan reads the statement's tokens and pairs its brackets. A bracket that is
// not closed reaches to the end: the analyzer will refuse it.
func (m *measurer) scan() {
	l := &lexer{src: m.sql}
	var open []int
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		i := len(m.toks)
		m.toks = append(m.toks, t)
		m.match = append(m.match, -1)
		if t.kind != tokenSymbol {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			open = append(open, i)
		case ")", "]", "}":
			if n := len(open); n > 0 {
				m.match[open[n-1]] = i
				open = open[:n-1]
			}
		}
	}
	for _, i := range open {
		m.match[i] = len(m.toks)
	}
}

// skip gives the token after i, or after the brackets or type parameters that
// begin there.
func (m *measurer) skip(i int) int {
	if m.match[i] >= 0 {
		return min(m.match[i]+1, len(m.toks))
	}
	if m.word(i, "STRUCT", "ARRAY", "RANGE") && m.symbol(i+1, "<") {
		depth := 0
		for j := i + 1; j < len(m.toks); j++ {
			switch {
			case m.symbol(j, "<"):
				depth++
			case m.symbol(j, ">"):
				if depth--; depth == 0 {
					return j + 1
				}
			}
		}
	}
	return i + 1
}

// find gives the first token of [lo, hi) outside of inner brackets that is
// wanted, or hi.
func (m *measurer) find(lo, hi int, wanted func(int) bool) int {
	for i := lo; i < hi; i = m.skip(i) {
		if wanted(i) {
			return i
		}
	}
	return hi
}

// split gives the ranges between the top-level commas of [lo, hi).
func (m *measurer) split(lo, hi int) [][2]int {
	var out [][2]int
	for lo < hi {
		end := m.find(lo, hi, func(i int) bool { return m.symbol(i, ",") })
		out = append(out, [2]int{lo, end})
		lo = end + 1
	}
	return out
}

// inside gives the tokens between the bracket i and its partner.
func (m *measurer) inside(i int) (lo, hi int) {
	return i + 1, min(m.match[i], len(m.toks))
}

func (m *measurer) symbol(i int, texts ...string) bool {
	if i < 0 || i >= len(m.toks) || m.toks[i].kind != tokenSymbol {
		return false
	}
	for _, t := range texts {
		if m.toks[i].text == t {
			return true
		}
	}
	return false
}

// word reports whether token i is one of these words as a keyword, that is not
// behind a dot.
func (m *measurer) word(i int, words ...string) bool {
	if i < 0 || i >= len(m.toks) || m.toks[i].kind != tokenWord || m.symbol(i-1, ".") {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(m.toks[i].text, w) {
			return true
		}
	}
	return false
}

// name gives token i as a name in lower case.
func (m *measurer) name(i int) (string, bool) {
	if i < 0 || i >= len(m.toks) {
		return "", false
	}
	t := m.toks[i]
	if t.kind != tokenWord && t.kind != tokenQuotedName {
		return "", false
	}
	return strings.ToLower(t.text), true
}

func (m *measurer) pipe(i int) bool {
	return m.symbol(i, "|") && m.symbol(i+1, ">") && m.toks[i+1].pos == m.toks[i].pos+1
}

// startsQuery reports whether a query begins at i, brackets aside.
func (m *measurer) startsQuery(i int) bool {
	if m.word(i, "WITH") {
		return !m.symbol(i+1, "(")
	}
	return m.word(i, "SELECT", "FROM")
}

// isQuery reports whether [lo, hi) is a query and no expression or join.
func (m *measurer) isQuery(lo, hi int) bool {
	for lo < hi && m.symbol(lo, "(") {
		next := m.skip(lo)
		if next < hi && !m.setOperation(next) && !m.pipe(next) && !m.word(next, "ORDER", "LIMIT") {
			return false
		}
		lo, hi = m.inside(lo)
	}
	return m.startsQuery(lo)
}

// setOperation reports whether UNION, INTERSECT or EXCEPT stands at i, or the
// LEFT or FULL before it.
func (m *measurer) setOperation(i int) bool {
	for m.word(i, "LEFT", "FULL", "INNER", "OUTER") {
		i++
	}
	return m.word(i, "UNION", "INTERSECT") ||
		m.word(i, "EXCEPT") && !m.symbol(i+1, "(") && !m.symbol(i-1, "*")
}

// clauseEnd reports whether the part of a SELECT before i ends there.
func (m *measurer) clauseEnd(i int) bool {
	return m.word(i, "FROM") && !m.word(i-1, "DISTINCT") ||
		m.word(i, "WHERE", "GROUP", "HAVING", "QUALIFY", "WINDOW", "ORDER", "LIMIT") ||
		m.setOperation(i) || m.pipe(i)
}
