package googlesql

import "strings"

// nesting counts what makes a statement's tree deep or costly, token by token.
type nesting struct {
	depth, angles, unary, operators, relations int
	// chains is the number of .field and [element] in a row, per open bracket.
	chains []int
	last   token
}

// count takes the next token; called says that "(" follows it.
func (n *nesting) count(t token, called bool) {
	run := false
	switch t.kind {
	case tokenSymbol:
		run = n.symbol(t)
	case tokenWord:
		run = n.word(t, called)
	case tokenEnd, tokenQuotedName, tokenString:
		n.chain(false)
	}
	if run {
		n.unary++
	} else {
		n.unary = 0
	}
	n.last = t
}

// symbol counts a symbol and reports whether it is a sign.
func (n *nesting) symbol(t token) bool {
	twice := n.last.kind == tokenSymbol && n.last.text == t.text && n.last.pos == t.pos-1
	top := len(n.chains) - 1
	switch t.text {
	case ".", "[":
		n.chains[top]++
	case "(", ")", "]":
	default:
		n.chains[top] = 0
	}
	switch t.text {
	case "(", "[":
		n.depth++
		n.chains = append(n.chains, 0)
	case ")", "]":
		n.depth = max(0, n.depth-1)
		if top > 0 {
			n.chains = n.chains[:top]
		}
	case "<":
		// Only that of a type nests; a comparison's is never closed.
		switch {
		case n.last.kind == tokenWord && isTypeOfTypes(n.last.text):
			n.angles++
		case twice:
			n.operators++
		}
	case ">":
		if n.last.kind == tokenSymbol && n.last.text == "|" && n.last.pos == t.pos-1 {
			n.relations++
		}
		if twice && n.angles == 0 {
			n.operators++
		}
		n.angles = max(0, n.angles-1)
	case "-", "+", "~":
		n.operators++
		return true
	case "*", "/", "&", "^":
		n.operators++
	case "|":
		if twice {
			n.operators++
		}
	}
	return false
}

// word counts a word and reports whether it is NOT.
func (n *nesting) word(t token, called bool) bool {
	after := n.chain(true)
	if after {
		return false
	}
	switch strings.ToUpper(t.text) {
	case "CASE":
		n.depth++
	case "IF", "BEGIN", "LOOP", "WHILE", "REPEAT":
		// IF(...) and REPEAT(...) are functions, whose bracket counts already;
		// END IF closes.
		if !called && !strings.EqualFold(n.last.text, "END") {
			n.depth++
		}
	case "END":
		n.depth = max(0, n.depth-1)
	case "NOT":
		return true
	case "FROM", "JOIN", "UNNEST", "UNION", "INTERSECT", "EXCEPT":
		n.relations++
	}
	return false
}

// chain ends a chain of postfix operators unless the token stands behind a dot,
// and reports whether it does; reset is for words and literals alike.
func (n *nesting) chain(word bool) bool {
	if n.last.kind == tokenSymbol && n.last.text == "." {
		return word
	}
	n.chains[len(n.chains)-1] = 0
	return false
}

func isTypeOfTypes(word string) bool {
	switch strings.ToUpper(word) {
	case "STRUCT", "ARRAY", "RANGE", "TABLE", "MAP", "FUNCTION":
		return true
	}
	return false
}
