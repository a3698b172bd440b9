package googlesql

import (
	"strings"
)

// spellQuantified writes a comparison with ANY, SOME or ALL of a list or of a
// query, which this build of the analyzer only knows of an array, as one with
// the array of the same values. They mean the same: both are decided by the
// values alone, and an array keeps NULLs.
func spellQuantified(sql string) string {
	if !hasQuantifier(sql) {
		return sql
	}
	var out strings.Builder
	var stack []bracket
	last, before := token{}, token{}
	done := 0
	l := &lexer{src: sql}
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		if t.kind == tokenSymbol && t.text == "(" {
			b := bracket{"(", ")"}
			if isQuantifier(last) && before.kind == tokenSymbol && strings.ContainsAny(before.text, "=<>") {
				b = quantifiedBracket(sql[t.pos:])
			}
			out.WriteString(sql[done:t.pos] + b.open)
			done = t.pos + 1
			stack = append(stack, b)
		}
		if t.kind == tokenSymbol && t.text == ")" && len(stack) > 0 {
			out.WriteString(sql[done:t.pos] + stack[len(stack)-1].closing)
			done = t.pos + 1
			stack = stack[:len(stack)-1]
		}
		before, last = last, t
	}
	return out.String() + sql[done:]
}

func hasQuantifier(sql string) bool {
	l := &lexer{src: sql}
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		if isQuantifier(t) {
			return true
		}
	}
	return false
}

func isQuantifier(t token) bool {
	return t.kind == tokenWord && (strings.EqualFold(t.text, "ANY") || strings.EqualFold(t.text, "SOME") || strings.EqualFold(t.text, "ALL"))
}

// bracket is what stands for an opening bracket and for its closing one.
type bracket struct{ open, closing string }

// quantifiedBracket tells by what follows the bracket whether it holds a query
// or a list; what is neither, or could be both, is left as it is.
func quantifiedBracket(rest string) bracket {
	l := &lexer{src: rest}
	l.next() // the bracket
	first := l.next()
	second := l.next()
	list := bracket{" UNNEST([", "])"}
	switch {
	case first.kind == tokenSymbol && (first.text == "(" || first.text == ")"):
		return bracket{"(", ")"}
	case first.kind != tokenWord:
		return list
	}
	switch strings.ToUpper(first.text) {
	case "SELECT", "FROM":
		return bracket{" UNNEST(ARRAY(", "))"}
	case "WITH":
		if second.text != "(" {
			return bracket{" UNNEST(ARRAY(", "))"}
		}
	}
	return list
}
