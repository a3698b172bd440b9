package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/session"
)

// Served is a function's handler that can say which routes it has.
type Served interface {
	http.Handler
	Routes() []Route
}

type served struct {
	http.Handler
	api *API
}

func (s served) Routes() []Route { return s.api.Routes() }

// Handler is the function: its routes behind request id, deadline, recovery,
// body bound, security headers and the request log. It is a Served.
func (a *API) Handler() http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), a.opts.Timeout)
		defer cancel()
		requestID := id.New(id.Request, time.Now())
		ctx = session.WithDevice(o11y.WithRequest(ctx, requestID), session.DeviceOf(r))
		h := w.Header()
		h.Set("X-Request-Id", requestID)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-store")
		}
		rec := &recorder{ResponseWriter: w}
		start := time.Now()
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				a.opts.Log.ErrorContext(ctx, "panic", "error", p, "stack", string(debug.Stack()))
				if rec.status != 0 {
					// Part of an answer is out: break the connection off, so that
					// nobody takes it for the whole.
					panic(http.ErrAbortHandler)
				}
				WriteProblem(rec, ProblemOf(fault.New(fault.Internal, ""), requestID))
			}
			if r.URL.Path != "/"+a.opts.Function+"/healthz" {
				a.opts.Log.InfoContext(ctx, "request", "method", r.Method, "path", r.URL.Path,
					"status", rec.status, "ms", time.Since(start).Milliseconds(), "bytes", rec.bytes)
			}
		}()
		a.mux.ServeHTTP(rec, r.WithContext(ctx))
	})
	return served{otelhttp.NewHandler(inner, a.opts.Function), a}
}

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteProblem answers with a problem from outside an operation.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	writeJSON(w, p)
}

// writeJSON ignores a write error: the caller has gone.
func writeJSON(w io.Writer, v any) { _ = json.NewEncoder(w).Encode(v) }

func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	writeJSON(w, map[string]string{"status": "ok"})
}
