// Package apierr holds the errors of BigQuery's REST API: a reason, a message
// and the HTTP status that goes with it
// (cloud.google.com/bigquery/docs/error-messages).
package apierr

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an error as BigQuery's API reports it.
type Error struct {
	// Reason is BigQuery's word for the kind of error.
	Reason string
	// Message is the text shown to the caller.
	Message string
	// Location names what is at fault, such as "query" or a field; may be empty.
	Location string
	// Code is the HTTP status.
	Code int
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

func with(reason string, code int) func(format string, args ...any) *Error {
	return func(format string, args ...any) *Error {
		return &Error{Reason: reason, Code: code, Message: fmt.Sprintf(format, args...)}
	}
}

// The errors of the API by reason.
var (
	Invalid          = with("invalid", http.StatusBadRequest)
	InvalidQuery     = with("invalidQuery", http.StatusBadRequest)
	NotFound         = with("notFound", http.StatusNotFound)
	Duplicate        = with("duplicate", http.StatusConflict)
	AccessDenied     = with("accessDenied", http.StatusForbidden)
	NotImplemented   = with("notImplemented", http.StatusNotImplemented)
	BytesBilled      = with("bytesBilledLimitExceeded", http.StatusBadRequest)
	Stopped          = with("stopped", http.StatusBadRequest)
	ResourceInUse    = with("resourceInUse", http.StatusBadRequest)
	ResourcesExceed  = with("resourcesExceeded", http.StatusBadRequest)
	ConditionNotMet  = with("conditionNotMet", http.StatusPreconditionFailed)
	RequestTooLarge  = with("uploadTooLarge", http.StatusRequestEntityTooLarge)
	ResponseTooLarge = with("responseTooLarge", http.StatusForbidden)
	Internal         = with("internalError", http.StatusInternalServerError)
)

// At returns a copy that names what is at fault.
func (e *Error) At(location string) *Error {
	c := *e
	c.Location = location
	return &c
}

// From finds the API error in err; any other is internal, with a text that
// tells nothing of it.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Internal("the local BigQuery failed; its log says why")
}
