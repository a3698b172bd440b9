package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"researchhub.example/hub/shared/fault"
)

// Problem is the answer to a request that fails: RFC 9457 problem details. It
// never holds a rejected value or the text of an internal error.
type Problem struct {
	Type     string         `json:"type" doc:"What kind of problem, as a URI reference; 'about:blank' where the status says it all." example:"about:blank"`
	Title    string         `json:"title" doc:"The kind of problem in a few words."`
	Status   int            `json:"status" doc:"The HTTP status."`
	Detail   string         `json:"detail,omitempty" doc:"What went wrong and what to do."`
	Code     string         `json:"code" doc:"The kind of problem for programs: invalid, assurance, stale, ..."`
	Instance string         `json:"instance,omitempty" doc:"The request's identifier, to name when asking for help."`
	Errors   []ProblemField `json:"errors,omitempty" doc:"What is wrong, field by field."`

	retryAfter time.Duration
}

// ProblemField is one rule that one field breaks.
type ProblemField struct {
	Location string `json:"location,omitempty" doc:"Where the field stands, such as body.name."`
	Message  string `json:"message" doc:"What is expected."`
}

// Error is the detail; it makes a Problem an error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are the headers that go with the problem: Retry-After (RFC 9110,
// section 10.2.3) in whole seconds where the fault says how long to wait.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((p.retryAfter+time.Second-1)/time.Second), 10))
	}
	return h
}

// ContentType is RFC 9457's media type.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the one place that maps a fault's kind to an HTTP status.
var statuses = map[fault.Kind]struct {
	status int
	title  string
}{
	fault.Internal:        {http.StatusInternalServerError, "The hub failed"},
	fault.Invalid:         {http.StatusUnprocessableEntity, "The request breaks a rule"},
	fault.Unauthenticated: {http.StatusUnauthorized, "Sign-in needed"},
	fault.Assurance:       {http.StatusForbidden, "Second factor needed"},
	fault.Denied:          {http.StatusForbidden, "Not allowed"},
	fault.NotFound:        {http.StatusNotFound, "Not found"},
	fault.Conflict:        {http.StatusConflict, "Conflict"},
	fault.Stale:           {http.StatusPreconditionFailed, "Changed in the meantime"},
	fault.NoPrecondition:  {http.StatusPreconditionRequired, "An etag is needed"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "Too large"},
	fault.Limited:         {http.StatusTooManyRequests, "Too many requests"},
	fault.Budget:          {http.StatusPaymentRequired, "Over what is left to spend"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "Not reachable right now"},
	fault.NotBuilt:        {http.StatusNotImplemented, "Not in this version"},
}

// ProblemOf turns an error into what is shown of it.
func ProblemOf(err error, requestID string) *Problem {
	kind := fault.KindOf(err)
	s, known := statuses[kind]
	if !known {
		s = statuses[fault.Internal]
		kind = fault.Internal
	}
	p := &Problem{Type: "about:blank", Title: s.title, Status: s.status, Code: string(kind), Instance: requestID}
	if kind == fault.Internal {
		return p
	}
	p.Detail, p.retryAfter = fault.Message(err), fault.RetryAfterOf(err)
	for _, f := range fault.FieldsOf(err) {
		p.Errors = append(p.Errors, ProblemField{f.Path, f.Message})
	}
	return p
}

// maxFieldErrors bounds how many broken rules one answer lists.
const maxFieldErrors = 50

// newError replaces huma's own: huma echoes rejected values and the text of
// internal errors.
func newError(status int, msg string, errs ...error) huma.StatusError {
	p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: codeOf(status)}
	if status >= http.StatusInternalServerError {
		return p
	}
	p.Detail = detailOf(status, msg)
	for _, e := range errs {
		if len(p.Errors) == maxFieldErrors {
			break
		}
		if d, ok := e.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			p.Errors = append(p.Errors, ProblemField{clip(detail.Location, 200), scrub(detail)})
		}
	}
	return p
}

// codeOf is the fault kind of a status that huma chose by itself.
func codeOf(status int) string {
	switch {
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return string(fault.Invalid)
	case status == http.StatusRequestEntityTooLarge:
		return string(fault.TooLarge)
	case status == http.StatusNotFound:
		return string(fault.NotFound)
	case status >= http.StatusInternalServerError:
		return string(fault.Internal)
	default:
		return string(fault.Invalid)
	}
}

func detailOf(status int, msg string) string {
	switch status {
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return "The request is not of the documented form."
	case http.StatusRequestEntityTooLarge:
		return "The body is larger than this route accepts."
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return "This route speaks JSON: send and accept application/json."
	default:
		return clip(msg, 200)
	}
}

// scrub keeps huma's statement of the rule and drops whatever quotes the input:
// parsers put pieces of it into their messages.
func scrub(d *huma.ErrorDetail) string {
	if d.Location == "body" && !strings.HasPrefix(d.Message, "expected") {
		return "expected a body of valid JSON in the documented form"
	}
	return clip(d.Message, 300)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
