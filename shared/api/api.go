// Package api is the HTTP front of every function: routes with an access level
// and a rule that cannot be forgotten, OpenAPI 3.1 from Go types, validation, problems
// that never leak, a request id, a deadline, a bound on the body.
//
// Uses github.com/danielgtaylor/huma/v2 on the standard ServeMux: OpenAPI and
// validation come from the same Go types, so they cannot drift apart.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/session"
)

func init() { huma.NewError = newError }

// Options are what an API is built with.
type Options struct {
	// Function is the room's name and URL prefix.
	Function string
	// Title and Description head the room's documentation.
	Title, Description string
	// Verifier checks ID tokens. A room without signed-in routes may leave it nil.
	Verifier session.Verifier
	// Authorizer decides on each route's rule. A room whose rules need no records
	// may leave it nil.
	Authorizer Authorizer
	// Log takes the request log.
	Log *slog.Logger
	// MaxBodyBytes bounds a body; 1 MiB when zero.
	MaxBodyBytes int64
	// Timeout ends a request before the platform does; 55 s when zero.
	Timeout time.Duration
}

// Authorizer decides whether a principal, whose session has the level needed, may
// call a route of that rule: access.Gate. workspace is the path's {workspace}, ""
// where there is none. The context it gives is the request's from then on.
type Authorizer interface {
	Authorize(ctx context.Context, p session.Principal, need session.Level, rule access.Rule, workspace string) (context.Context, error)
}

// Version is the hub's, as its documentation says it.
const Version = "0.1.0"

// API collects the routes of one function.
type API struct {
	opts   Options
	mux    *http.ServeMux
	huma   huma.API
	routes []Route
	// described keeps each operation's words by method and path, for the page.
	described map[string]Operation
}

// Route is one registered route, for tests that go through all of them.
type Route struct {
	Method, Path string
	Access       session.Level
	// Built is false for a route that answers 501.
	Built bool
	// Rule says who may call it; of a raw route it is access.Anyone.
	Rule access.Rule
	// Raw says why a route outside the documented operations is public, "" for an
	// operation. The path of a raw route is a pattern of the standard mux.
	Raw string
	// MaxBodyBytes is the bound on an operation's body.
	MaxBodyBytes int64
}

// Operation describes one route.
type Operation struct {
	// Method and Path; the path comes without the function's prefix: "/v1/reports/{report}".
	Method, Path string
	// ID is unique in the function and names the operation for generated clients.
	ID string
	// Summary is one line, Description as long as needed.
	Summary, Description string
	// Access is the least assurance level; it must be said, session.Public included.
	Access Access
	// Rule says who may call it beyond that level; it must be said, access.Anyone
	// included. It is enforced at the front door, before the body is read.
	Rule access.Rule
	// Status of success; 200 (or 204 without a body) when zero.
	Status int
	// MaxBodyBytes raises or lowers the bound for this route.
	MaxBodyBytes int64
}

// Access is a session.Level that has been said: the zero value is none.
type Access struct {
	said  bool
	level session.Level
}

// The access levels of a route.
var (
	Public       = Access{true, session.Public}
	SignedIn     = Access{true, session.SignedIn}
	SecondFactor = Access{true, session.SecondFactor}
)

// New makes the API of one function with its documentation and health routes.
func New(o Options) *API {
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = 1 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 55 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	cfg := huma.DefaultConfig(o.Title, Version)
	cfg.CreateHooks = nil // no $schema in answers
	cfg.Info.Description = o.Description
	cfg.OpenAPIPath = "/" + o.Function + "/openapi"
	cfg.DocsPath, cfg.SchemasPath = "", ""
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"idToken": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "A Firebase Authentication ID token."},
	}
	a := &API{opts: o, mux: http.NewServeMux(), described: map[string]Operation{}}
	a.huma = humago.New(a.mux, cfg)
	a.mux.HandleFunc("GET /"+o.Function+"/healthz", health)
	a.mux.HandleFunc("GET /"+o.Function+"/docs", a.docs)
	a.mux.HandleFunc("/", a.noRoute)
	return a
}

// Routes gives every registered operation and raw route. The function's own
// health, documentation and OpenAPI routes are public and the same everywhere.
func (a *API) Routes() []Route { return a.routes }

// HandleRaw serves a pattern of the standard mux outside the documented
// operations: pages, downloads, Pub/Sub pushes. It is public, and why says why it
// may be.
func (a *API) HandleRaw(pattern, why string, h http.Handler) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || why == "" {
		panic("api: the raw route " + pattern + " states its method and why it is public")
	}
	a.routes = append(a.routes, Route{Method: method, Path: path, Built: true, Rule: access.Anyone, Raw: why})
	a.mux.Handle(pattern, h)
}

// Handle registers an operation. The access level is checked before the body is
// read; a fault becomes a problem; the cause of a 5xx is logged, never shown.
func Handle[I, O any](a *API, op Operation, h func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, a.operation(op, true), func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
	for name, s := range a.huma.OpenAPI().Components.Schemas.Map() {
		if repeats(s) {
			panic("api: " + op.Path + ": the schema " + name + " has uniqueItems, at which huma panics when a caller sends lists in the list: check it in the room")
		}
	}
}

// repeats reports whether a schema asks for unique items anywhere.
func repeats(s *huma.Schema) bool {
	if s == nil {
		return false
	}
	for _, p := range s.Properties {
		if repeats(p) {
			return true
		}
	}
	return s.UniqueItems || repeats(s.Items)
}

// NotBuilt registers a route that a later version of the hub brings: it answers
// 501 with a problem that says so.
func (a *API) NotBuilt(op Operation) {
	type none struct{}
	huma.Register(a.huma, a.operation(op, false), func(ctx context.Context, _ *struct{}) (*none, error) {
		return nil, a.problem(ctx, fault.New(fault.NotBuilt, "%s: this version of the hub does not have it yet.", op.Summary))
	})
}

func (a *API) operation(op Operation, built bool) huma.Operation {
	if !op.Access.said {
		panic("api: " + op.Method + " " + op.Path + " has no access level")
	}
	if op.Access.level > session.Public && a.opts.Verifier == nil {
		panic("api: " + op.Path + " needs a session, but the API has no verifier")
	}
	if err := op.Rule.Check(op.Access.level, op.Path); err != nil {
		panic("api: " + op.Method + " " + op.Path + ": " + err.Error())
	}
	if op.Access.level > session.Public && a.opts.Authorizer == nil {
		panic("api: " + op.Path + " has a rule, but the API has no authorizer")
	}
	path := "/" + a.opts.Function + op.Path
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = a.opts.MaxBodyBytes
	}
	a.routes = append(a.routes, Route{Method: op.Method, Path: path, Access: op.Access.level, Built: built, Rule: op.Rule, MaxBodyBytes: op.MaxBodyBytes})
	a.described[op.Method+" "+path] = op
	ho := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: path,
		Summary: op.Summary, Description: op.Description,
		DefaultStatus: op.Status, MaxBodyBytes: op.MaxBodyBytes,
		Middlewares: huma.Middlewares{a.guard(op.Access.level, op.Rule)},
		Extensions:  map[string]any{"x-access": op.Rule.Show(op.Access.level)},
		Errors:      []int{http.StatusUnprocessableEntity, http.StatusInternalServerError},
	}
	if op.Access.level > session.Public {
		ho.Security = []map[string][]string{{"idToken": {}}}
		ho.Errors = append(ho.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound)
	}
	if !built {
		ho.Errors = append(ho.Errors, http.StatusNotImplemented)
	}
	return ho
}

// guard lets a request through to its operation, with its principal and what was
// read to decide on it. Nothing of the body is read before.
func (a *API) guard(need session.Level, rule access.Rule) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		ctx, err := a.authenticate(hc.Context(), hc.Header("Authorization"), need)
		if err == nil && need > session.Public {
			ctx, err = a.opts.Authorizer.Authorize(ctx, session.Must(ctx), need, rule, hc.Param("workspace"))
		}
		if err != nil {
			problem := a.problem(hc.Context(), err)
			if problem.Status == http.StatusUnauthorized {
				hc.SetHeader("WWW-Authenticate", `Bearer realm="Research Hub"`)
			}
			hc.SetHeader("Content-Type", problem.ContentType(""))
			hc.SetStatus(problem.Status)
			writeJSON(hc.BodyWriter(), problem)
			return
		}
		next(huma.WithContext(hc, ctx))
	}
}

// authenticate gives the context of the operation. A public route does not
// look at the token at all, so that a stale one does not close a public page.
func (a *API) authenticate(ctx context.Context, authorization string, need session.Level) (context.Context, error) {
	if need == session.Public {
		return ctx, nil
	}
	raw, err := session.Bearer(http.Header{"Authorization": {authorization}})
	if err != nil {
		return nil, err
	}
	if raw == "" {
		return nil, session.Check(session.Principal{}, false, need)
	}
	p, err := a.opts.Verifier.Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if err := session.Check(p, true, need); err != nil {
		return nil, err
	}
	return session.With(ctx, p), nil
}

// problem logs a 5xx with its cause and gives what is shown.
func (a *API) problem(ctx context.Context, err error) *Problem {
	p := ProblemOf(err, o11y.RequestID(ctx))
	switch {
	case p.Status < http.StatusInternalServerError, p.Status == http.StatusNotImplemented:
	case errors.Is(context.Cause(ctx), context.Canceled):
		// The caller has gone: nothing is wrong with the hub.
		a.opts.Log.InfoContext(ctx, "request given up", "error", err.Error())
	default:
		a.opts.Log.ErrorContext(ctx, "request failed", "error", err.Error())
	}
	return p
}

// noRoute answers what no pattern takes: 405 where the path exists under
// another method, 404 otherwise.
func (a *API) noRoute(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := a.mux.Handler(probe); pattern != "/" && pattern != "" {
			allow = append(allow, m)
		}
	}
	p := &Problem{Type: "about:blank", Title: "Not found", Status: http.StatusNotFound, Code: string(fault.NotFound),
		Detail: "There is no such route. The routes are listed at /" + a.opts.Function + "/docs.", Instance: o11y.RequestID(r.Context())}
	if len(allow) > 0 {
		w.Header().Set("Allow", strings.Join(allow, ", "))
		p.Status, p.Title, p.Code = http.StatusMethodNotAllowed, "Method not allowed", string(fault.Invalid)
		p.Detail = "This route takes " + strings.Join(allow, ", ") + "."
	}
	WriteProblem(w, p)
}
