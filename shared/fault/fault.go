// Package fault is the hub's error type: a Kind that the edge maps to a status
// (HTTP or Pub/Sub), a message that is safe to show to the caller, and a cause
// that is only logged.
//
// Standard library only.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong from the caller's point of view. The edge maps it
// to a status in exactly one place (package api for HTTP, pubsubx for Pub/Sub).
type Kind string

// The kinds. Permanent ones are not worth a retry with the same input.
const (
	Internal        Kind = "internal"        // our fault; nothing of it is shown
	Invalid         Kind = "invalid"         // the input breaks a rule
	Unauthenticated Kind = "unauthenticated" // no valid session
	Assurance       Kind = "assurance"       // the session needs a second factor
	Denied          Kind = "denied"          // the session is valid, the act is not allowed
	NotFound        Kind = "notFound"        // it is not there, or not the caller's to know
	Conflict        Kind = "conflict"        // it is there already, or its state forbids the act
	Stale           Kind = "stale"           // the etag given is not the current one
	NoPrecondition  Kind = "noPrecondition"  // a change came without an etag
	TooLarge        Kind = "tooLarge"        // the input is over a stated bound
	Limited         Kind = "limited"         // too many of these; try later
	Budget          Kind = "budget"          // it costs more than what is left
	Unavailable     Kind = "unavailable"     // a part is not reachable; a retry may work
	NotBuilt        Kind = "notBuilt"        // the hub does not have this yet
)

// Field is one rule broken by one field of the input.
type Field struct {
	// Path is where the value stands in the input, such as "body.purpose.approach".
	Path string
	// Message says what is expected. It never holds the rejected value.
	Message string
}

// Error is a fault: what kind, what may be shown, and what caused it.
type Error struct {
	// Kind decides the status.
	Kind Kind
	// Message is safe to show: plain, exact, no secret, no internals.
	Message string
	// Op names the operation that failed, for the log.
	Op string
	// Fields lists what is wrong per field, for Invalid.
	Fields []Field
	// RetryAfter is how long to wait before the same may work, for Limited; zero
	// where nobody knows.
	RetryAfter time.Duration
	// Err is the cause. It is logged and never shown.
	Err error
}

// Error gives the whole story, for logs only.
func (e *Error) Error() string {
	s := e.Message
	if s == "" {
		s = string(e.Kind)
	}
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes a fault with a message that is safe to show.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Because makes a fault with a safe message and a cause that is only logged.
func Because(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Err: cause}
}

// InvalidFields makes an Invalid fault that lists every broken field at once,
// so that a form can show all of them.
func InvalidFields(fields ...Field) *Error {
	return &Error{Kind: Invalid, Message: "Some fields need attention.", Fields: fields}
}

// Form collects what is wrong with a form, field by field, so that a person sees
// all of it at once. The zero value is ready.
type Form struct{ broken []Field }

// Say notes one broken rule of the field at that path, such as "body.name".
func (f *Form) Say(path, format string, args ...any) {
	f.broken = append(f.broken, Field{Path: path, Message: fmt.Sprintf(format, args...)})
}

// Err is the fault that lists them, nil where nothing is wrong.
func (f *Form) Err() error {
	if len(f.broken) == 0 {
		return nil
	}
	return InvalidFields(f.broken...)
}

// Wrap adds the name of the operation and keeps kind and message. An error that
// is no fault becomes Internal. Wrap(op, nil) is nil.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) {
		return &Error{Kind: f.Kind, Message: f.Message, Fields: f.Fields, RetryAfter: f.RetryAfter, Op: op, Err: err}
	}
	return &Error{Kind: Internal, Op: op, Err: err}
}

// KindOf gives the kind of the outermost fault in the chain, Internal when
// there is none, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return Internal
}

// Is reports whether err is a fault of that kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Message gives what may be shown of err: the fault's message, and nothing of
// an error that is no fault.
func Message(err error) string {
	var f *Error
	if errors.As(err, &f) && f.Kind != Internal {
		return f.Message
	}
	return ""
}

// FieldsOf gives the broken fields of err, if it names any.
func FieldsOf(err error) []Field {
	var f *Error
	if errors.As(err, &f) {
		return f.Fields
	}
	return nil
}

// RetryAfterOf gives how long to wait before the same may work; zero where err
// does not say.
func RetryAfterOf(err error) time.Duration {
	var f *Error
	if errors.As(err, &f) {
		return f.RetryAfter
	}
	return 0
}

// Permanent reports whether the same input would fail again, so that a message
// queue must not deliver it again.
func Permanent(err error) bool {
	switch KindOf(err) {
	case Invalid, Unauthenticated, Assurance, Denied, NotFound, Conflict, TooLarge, NotBuilt:
		return true
	default:
		return false
	}
}
