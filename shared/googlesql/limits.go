package googlesql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds on a statement, checked before the analyzer sees it. BigQuery itself
// takes 1 MB of text; the hub's statements stay far below, since long lists go
// as parameters.
const (
	// MaxText is the longest statement, in bytes.
	MaxText = 64 << 10
	// MaxNesting is the deepest nesting of brackets, CASE and unary operators.
	MaxNesting = 1000
	// MaxOperators and MaxRelations bound the arithmetic operators and the tables,
	// joins, set operations and pipe steps of a statement, whose cost grows faster
	// than their number; BigQuery takes 1,000 tables. The engine serves one
	// statement at a time, so that none may hold it for long.
	MaxOperators = 2000
	MaxRelations = 1000
)

// lexer walks a statement's tokens far enough to count nesting and find names;
// it accepts more than GoogleSQL does, never less.
type lexer struct {
	src string
	pos int
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuotedName
	tokenString
	tokenSymbol
)

type token struct {
	kind tokenKind
	// text is a word or symbol as written, a quoted name without its quotes.
	text string
	// pos is the token's byte offset.
	pos int
}

// next returns the next token, passing over spaces and comments.
func (l *lexer) next() token {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		rest := l.src[l.pos:]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			l.pos++
		case c == '#' || strings.HasPrefix(rest, "--"):
			l.skipPast("\n")
		case strings.HasPrefix(rest, "/*"):
			l.pos += 2
			l.skipPast("*/")
		case c == '`':
			return l.quotedName()
		case c == '\'' || c == '"':
			return l.stringLiteral(l.pos)
		case isWordByte(c):
			return l.word()
		default:
			start := l.pos
			_, n := utf8.DecodeRuneInString(rest)
			l.pos += n
			return token{tokenSymbol, l.src[start:l.pos], start}
		}
	}
	return token{kind: tokenEnd, pos: len(l.src)}
}

func (l *lexer) skipPast(end string) {
	i := strings.Index(l.src[l.pos:], end)
	if i < 0 {
		l.pos = len(l.src)
		return
	}
	l.pos += i + len(end)
}

func (l *lexer) quotedName() token {
	start := l.pos
	var b strings.Builder
	for l.pos++; l.pos < len(l.src); l.pos++ {
		switch l.src[l.pos] {
		case '\\':
			l.pos++
			if l.pos < len(l.src) {
				b.WriteByte(l.src[l.pos])
			}
		case '`':
			l.pos++
			return token{tokenQuotedName, b.String(), start}
		default:
			b.WriteByte(l.src[l.pos])
		}
	}
	return token{tokenQuotedName, b.String(), start}
}

func (l *lexer) stringLiteral(start int) token {
	quote := l.src[l.pos : l.pos+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(l.src[l.pos:], triple) {
		quote = triple
	}
	l.pos += len(quote)
	for l.pos < len(l.src) {
		switch {
		case l.src[l.pos] == '\\':
			// In a raw literal a backslash stays, yet still guards a quote.
			l.pos += 2
		case strings.HasPrefix(l.src[l.pos:], quote):
			l.pos += len(quote)
			return token{tokenString, "", start}
		default:
			l.pos++
		}
	}
	l.pos = len(l.src)
	return token{tokenString, "", start}
}

func (l *lexer) word() token {
	start := l.pos
	for l.pos < len(l.src) && isWordByte(l.src[l.pos]) {
		l.pos++
	}
	w := l.src[start:l.pos]
	if l.pos < len(l.src) && (l.src[l.pos] == '\'' || l.src[l.pos] == '"') {
		switch strings.ToLower(w) {
		case "r", "b", "rb", "br":
			return l.stringLiteral(start)
		}
	}
	return token{tokenWord, w, start}
}

func isWordByte(c byte) bool {
	return c == '_' || c == '@' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// checkLimits refuses a statement that is too long or nested too deeply.
func checkLimits(sql string) error {
	if len(sql) > MaxText {
		return &Error{Kind: ErrTooLarge, Message: fmt.Sprintf(
			"the statement is %d bytes long; at most %d are accepted (pass long lists as array parameters)", len(sql), MaxText)}
	}
	if !utf8.ValidString(sql) {
		return &Error{Message: "the statement is not valid UTF-8"}
	}
	l := &lexer{src: sql}
	c := nesting{chains: []int{0}}
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		peek := *l
		next := peek.next()
		c.count(t, next.kind == tokenSymbol && next.text == "(")
		var message string
		switch {
		case c.operators > MaxOperators || c.relations > MaxRelations:
			message = fmt.Sprintf("the statement is too complex: at most %d operators and %d tables, joins and set operations are accepted", MaxOperators, MaxRelations)
		case c.depth > MaxNesting || c.angles > MaxNesting || c.unary > MaxNesting:
			message = fmt.Sprintf("the statement is nested too deeply: at most %d levels are accepted", MaxNesting)
		case c.chains[len(c.chains)-1] > MaxNesting:
			message = fmt.Sprintf("the statement is nested too deeply: at most %d fields and elements in a row are accepted", MaxNesting)
		default:
			continue
		}
		line, col := lineColumn(sql, t.pos)
		return &Error{Kind: ErrTooLarge, Line: line, Column: col, Message: message}
	}
	return nil
}

// lineColumn turns a byte offset into a line and column that count from 1;
// columns count characters, as the analyzer's do.
func lineColumn(sql string, pos int) (line, col int) {
	head := sql[:min(pos, len(sql))]
	line = 1 + strings.Count(head, "\n")
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		head = head[i+1:]
	}
	return line, 1 + utf8.RuneCountInString(head)
}

// findName returns the position of a table name written with these parts, or
// zeros. The analyzer does not say where a name stood that the catalog lacks.
func findName(sql string, path []string) (line, col int) {
	want := strings.Join(path, ".")
	l := &lexer{src: sql}
	var start int
	var b strings.Builder
	end := -1
	for {
		t := l.next()
		glued := t.pos == end
		name := t.kind == tokenWord || t.kind == tokenQuotedName ||
			t.kind == tokenSymbol && (t.text == "." || t.text == "-" && glued)
		if b.Len() > 0 && (!name || !glued) {
			if b.String() == want {
				return lineColumn(sql, start)
			}
			b.Reset()
		}
		if t.kind == tokenEnd {
			return 0, 0
		}
		if name {
			if b.Len() == 0 {
				start = t.pos
			}
			b.WriteString(t.text)
		}
		end = l.pos
	}
}
