// Package rest serves BigQuery's REST API v2 as the official clients use it.
package rest

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/jobs"
	"researchhub.example/hub/emulator/bigquery/store"
)

// maxBody bounds a request's JSON, as BigQuery bounds a request (10 MB).
const maxBody = 10 << 20

// Handler serves the API.
type Handler struct {
	store   *store.Store
	jobs    *jobs.Manager
	uploads *uploads
	log     *slog.Logger
	clock   func() time.Time
	// storage is the address of the local Cloud Storage; empty: there is none.
	storage string
	inserts insertIDs
	mux     *http.ServeMux
}

// New makes the handler. Uploaded data is kept in the folder spool until its
// job has read it; what a former process left there is removed. storage is the
// address of a Cloud Storage that gs:// stands for; it may be empty.
func New(s *store.Store, m *jobs.Manager, spool string, storage string, log *slog.Logger, clock func() time.Time) (*Handler, error) {
	u, err := newUploads(spool)
	if err != nil {
		return nil, err
	}
	h := &Handler{store: s, jobs: m, uploads: u, log: log, clock: clock, storage: storage, mux: http.NewServeMux()}
	h.routes()
	return h, nil
}

type handlerFunc func(r *http.Request) (any, error)

func (h *Handler) routes() {
	const p = "/projects/{project}"
	for pattern, f := range map[string]handlerFunc{
		"GET " + p + "/datasets":                                     h.listDatasets,
		"POST " + p + "/datasets":                                    h.insertDataset,
		"GET " + p + "/datasets/{dataset}":                           h.getDataset,
		"PATCH " + p + "/datasets/{dataset}":                         h.patchDataset,
		"PUT " + p + "/datasets/{dataset}":                           h.putDataset,
		"DELETE " + p + "/datasets/{dataset}":                        h.deleteDataset,
		"GET " + p + "/datasets/{dataset}/tables":                    h.listTables,
		"POST " + p + "/datasets/{dataset}/tables":                   h.insertTable,
		"GET " + p + "/datasets/{dataset}/tables/{table}":            h.getTable,
		"PATCH " + p + "/datasets/{dataset}/tables/{table}":          h.patchTable,
		"PUT " + p + "/datasets/{dataset}/tables/{table}":            h.putTable,
		"DELETE " + p + "/datasets/{dataset}/tables/{table}":         h.deleteTable,
		"GET " + p + "/datasets/{dataset}/tables/{table}/data":       h.listData,
		"POST " + p + "/datasets/{dataset}/tables/{table}/insertAll": h.insertAll,
		"GET " + p + "/jobs":                                         h.listJobs,
		"POST " + p + "/jobs":                                        h.insertJob,
		"GET " + p + "/jobs/{job}":                                   h.getJob,
		"POST " + p + "/jobs/{job}/cancel":                           h.cancelJob,
		"DELETE " + p + "/jobs/{job}/delete":                         h.deleteJob,
		"POST " + p + "/queries":                                     h.query,
		"GET " + p + "/queries/{job}":                                h.queryResults,
		"GET " + p + "/serviceAccount":                               h.serviceAccount,
		"GET /projects":                                              h.listProjects,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		h.mux.HandleFunc(method+" /bigquery/v2"+path, h.serve(f))
	}
	for _, prefix := range []string{"/upload", "/resumable/upload"} {
		h.mux.HandleFunc("POST "+prefix+"/bigquery/v2/projects/{project}/jobs", h.uploadStart)
		h.mux.HandleFunc("PUT "+prefix+"/bigquery/v2/projects/{project}/jobs", h.uploadPut)
	}
	h.mux.HandleFunc("GET /$discovery/rest", describeAPI)
	h.mux.HandleFunc("GET /discovery/v1/apis/bigquery/v2/rest", describeAPI)
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	h.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, apierr.NotImplemented("%s %s is not supported by the local BigQuery", r.Method, r.URL.Path))
	})
}

// ServeHTTP refuses what a web page could send, gives clients that leave out
// the /bigquery/v2 prefix (as they do with an endpoint of their own) the same
// routes, and serves.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := checkLocal(r); err != nil {
		writeError(w, err)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/projects") {
		r.URL.Path = "/bigquery/v2" + r.URL.Path
		r.URL.RawPath = ""
	}
	h.mux.ServeHTTP(w, r)
}

// checkLocal keeps web pages out: a page's request carries its Origin, and one
// that has rebound a name to this address carries that name as Host.
func checkLocal(r *http.Request) error {
	host := r.Host
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		host = name
	}
	if !isLocal(strings.Trim(host, "[]")) {
		return apierr.AccessDenied("Access Denied: the local BigQuery answers to localhost only, not to %q", host)
	}
	if o := r.Header.Get("Origin"); o != "" {
		u, err := url.Parse(o)
		if err != nil || !isLocal(u.Hostname()) {
			return apierr.AccessDenied("Access Denied: the local BigQuery does not serve pages of %q", o)
		}
	}
	return nil
}

func isLocal(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (h *Handler) serve(f handlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		out, err := f(r)
		if err != nil {
			h.fail(w, r, err)
			return
		}
		if out == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		writeJSON(w, http.StatusOK, out)
	}
}

func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody listens any more
	}
	api := jobs.QueryError(err)
	if api.Code >= 500 && api.Reason != "notImplemented" {
		h.log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	writeError(w, api)
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if raw, ok := v.(json.RawMessage); ok {
		w.WriteHeader(code)
		_, _ = w.Write(raw)
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		writeError(w, apierr.Internal("the answer could not be written"))
		return
	}
	w.WriteHeader(code)
	_, _ = w.Write(b)
}

// writeError writes an error in the shape that Google's clients read.
func writeError(w http.ResponseWriter, err error) {
	e := apierr.From(err)
	item := map[string]any{"message": e.Message, "domain": "global", "reason": e.Reason}
	if e.Location != "" {
		item["location"], item["locationType"] = e.Location, "parameter"
	}
	b, _ := json.Marshal(map[string]any{"error": map[string]any{"code": e.Code, "message": e.Message, "errors": []any{item}, "status": http.StatusText(e.Code)}})
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(e.Code)
	_, _ = w.Write(b)
}

// decode reads a request's JSON.
func decode(r *http.Request, v any) error {
	b, err := body(r)
	if err != nil {
		return err
	}
	return decodeBytes(b, v)
}

func body(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, apierr.RequestTooLarge("Request payload size exceeds the limit: %d bytes", tooLarge.Limit)
	}
	if err != nil {
		return nil, apierr.Invalid("The request could not be read: %v", err)
	}
	return b, nil
}

func decodeBytes(b []byte, v any) error {
	err := json.Unmarshal(b, v)
	if err == nil {
		return nil
	}
	if decodeLeniently(b, v) != nil {
		return apierr.Invalid("Invalid JSON payload received. %v", err)
	}
	return nil
}

// intParam reads a number from the query string.
func intParam(r *http.Request, name string, otherwise int64) (int64, error) {
	s := r.URL.Query().Get(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, apierr.Invalid("Invalid value for %s: %q", name, s)
	}
	return n, nil
}
