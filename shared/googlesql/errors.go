package googlesql

import (
	"fmt"
	"regexp"
	"strconv"
)

// ErrorKind says what sort of refusal an Error is.
type ErrorKind int

// The kinds of refusal.
const (
	// ErrInvalid is a statement that GoogleSQL does not accept.
	ErrInvalid ErrorKind = iota
	// ErrNotFound is a table that the Catalog does not have.
	ErrNotFound
	// ErrNotReadOnly is a statement that is no single query, under ReadOnly.
	ErrNotReadOnly
	// ErrTooLarge is a statement over the limits on text or nesting.
	ErrTooLarge
	// ErrInternal is a fault of the analyzer itself, not of the statement.
	ErrInternal
)

// Error is a refusal with its position in the statement. Line and Column count
// from 1; both are 0 where the position is not known.
type Error struct {
	Kind    ErrorKind
	Message string
	Line    int
	Column  int
	// Table is the name that was not found, for ErrNotFound.
	Table []string
}

// Error gives the message with the position as BigQuery writes it.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s at [%d:%d]", e.Message, e.Line, e.Column)
}

var position = regexp.MustCompile(`(?s)^(.*) \[at (\d+):(\d+)\]$`)

// newError makes an Error of the analyzer's one-line message.
func newError(msg string) *Error {
	m := position.FindStringSubmatch(msg)
	if m == nil {
		return &Error{Message: msg}
	}
	line, _ := strconv.Atoi(m[2])
	col, _ := strconv.Atoi(m[3])
	return &Error{Message: m[1], Line: line, Column: col}
}
