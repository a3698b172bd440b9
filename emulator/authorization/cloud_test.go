package authorization

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2/pstest"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/testkit"

	// Every function registers itself with fn. TestEveryFunctionIsHere finds one
	// that is missing.
	_ "researchhub.example/hub/functions/auth"
	_ "researchhub.example/hub/functions/billing"
	_ "researchhub.example/hub/functions/billingalerts"
	_ "researchhub.example/hub/functions/browser"
	_ "researchhub.example/hub/functions/cohort"
	_ "researchhub.example/hub/functions/directory"
	_ "researchhub.example/hub/functions/dissemination"
	_ "researchhub.example/hub/functions/environment"
	_ "researchhub.example/hub/functions/notify"
	_ "researchhub.example/hub/functions/portal"
	_ "researchhub.example/hub/functions/query"
	_ "researchhub.example/hub/functions/reminders"
	_ "researchhub.example/hub/functions/workspace"
)

// hub is every function of the hub on a database of its own.
type hub struct {
	project  string
	client   *firestore.Client
	handlers map[string]http.Handler
	routes   []route
	log      string
}

// route is one route with the function that has it.
type route struct {
	api.Route
	function string
}

// name is how the tables name a route.
func (r route) name() string { return r.Method + " " + r.Path }

// open builds every function from its environment.
func open(t testing.TB) *hub {
	t.Helper()
	h := &hub{project: testkit.Project(t), handlers: map[string]http.Handler{}}
	h.client = testkit.FirestoreFor(t, h.project)
	h.log = redirectLogs(t)
	pubsub := pstest.NewServer()
	t.Cleanup(func() { _ = pubsub.Close() })
	for name, value := range map[string]string{
		"GOOGLE_CLOUD_PROJECT": h.project, "FIRESTORE_EMULATOR_HOST": testkit.FirestoreHost(t),
		"FIREBASE_AUTH_EMULATOR_HOST": listen(t, identityToolkit()), "PUBSUB_EMULATOR_HOST": pubsub.Addr,
		// Nobody has data here, so that no test gets as far as to ask for any.
		"BIGQUERY_EMULATOR_HOST": listen(t, http.NotFoundHandler()), "STORAGE_EMULATOR_HOST": listen(t, http.NotFoundHandler()),
		"HUB_NOTEBOOK_BUCKET": "notebooks", "HUB_BASE_URL": "http://localhost:8080", "HUB_SMTP_ADDR": "127.0.0.1:1",
		"HUB_MAIL_FROM": "hub@example.org", "HUB_STATE_DIR": t.TempDir(), "HUB_FIREBASE_API_KEY": "key", "HUB_IDENTITY_PROVIDER": "local", "HUB_SIGN_UP_FLOOR": "1ms", "HUB_TRAINING_WEBHOOK_SECRETS": strings.Repeat("k", 48),
	} {
		t.Setenv(name, value)
	}
	for _, f := range fn.All() {
		handler, err := f.New(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		served, ok := handler.(api.Served)
		if !ok {
			t.Fatalf("%s does not say its routes: its New gives what (*api.API).Handler gives", f.Name)
		}
		h.handlers[f.Name] = handler
		for _, r := range served.Routes() {
			h.routes = append(h.routes, route{r, f.Name})
		}
	}
	return h
}

// redirectLogs sends what the functions log, which is a line per request, to a
// file whose name it gives.
func redirectLogs(t testing.TB) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	former := os.Stderr
	os.Stderr = f
	t.Cleanup(func() {
		os.Stderr = former
		_ = f.Close()
	})
	return f.Name()
}

// faults gives the log's lines of failures.
func (h *hub) faults(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile(h.log)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, `"severity":"ERROR"`) {
			list = append(list, line)
		}
	}
	return list
}

func listen(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// identityToolkit is what the verifier asks of Firebase: every account is there,
// enabled and with a confirmed address. Whatever else is asked of it succeeds.
func identityToolkit() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasSuffix(r.URL.Path, "accounts:lookup") {
			_, _ = io.WriteString(w, `{"localId":"somebody"}`)
			return
		}
		var in struct {
			LocalID []string `json:"localId"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.LocalID) != 1 {
			_, _ = io.WriteString(w, `{}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"users": []map[string]any{{
			"localId": in.LocalID[0], "email": address(in.LocalID[0]), "emailVerified": true, "validSince": "0",
		}}})
	})
}

// answer is what came back.
type answer struct {
	status int
	code   string // of the problem, "" where there is none
	detail string
	etag   string
	body   []byte
}

// request is what is sent. A nil body sends none.
type request struct {
	method, path, token, contentType, ifMatch string
	body                                      []byte
}

func (h *hub) send(t testing.TB, r request) answer {
	t.Helper()
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req := httptest.NewRequestWithContext(t.Context(), r.method, r.path, body)
	if r.contentType == "" {
		r.contentType = "application/json"
	}
	if r.body != nil {
		req.Header.Set("Content-Type", r.contentType)
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.ifMatch != "" {
		req.Header.Set("If-Match", r.ifMatch)
	}
	function, _, _ := strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
	w := httptest.NewRecorder()
	h.handlers[function].ServeHTTP(w, req)
	a := answer{status: w.Code, etag: w.Header().Get("ETag"), body: w.Body.Bytes()}
	if w.Header().Get("Content-Type") == "application/problem+json" {
		var p api.Problem
		if err := json.Unmarshal(a.body, &p); err != nil {
			t.Errorf("%s %s: %s", r.method, r.path, a.body)
		}
		a.code, a.detail = p.Code, p.Detail
	}
	return a
}

// at fills a route's path. What is not said names nothing that is there.
func (r route) at(values map[string]string) string {
	path := strings.NewReplacer("{$}", "").Replace(r.Path)
	for {
		from := strings.IndexByte(path, '{')
		if from < 0 {
			return path
		}
		to := from + strings.IndexByte(path[from:], '}')
		value, ok := values[path[from+1:to]]
		if !ok {
			value = "1"
		}
		path = path[:from] + value + path[to+1:]
	}
}

// takesBody reports whether a route's method has a body.
func (r route) takesBody() bool {
	return r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch
}

// each calls f for every one side by side, as many at once as are worth it.
func each[T any](list []T, f func(T)) {
	const workers = 4
	var wg sync.WaitGroup
	queue := make(chan T)
	for range workers {
		wg.Go(func() {
			for one := range queue {
				f(one)
			}
		})
	}
	for _, one := range list {
		queue <- one
	}
	close(queue)
	wg.Wait()
}

func TestEveryFunctionIsHere(t *testing.T) {
	root, err := testkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	here := map[string]bool{}
	for _, f := range fn.All() {
		here[f.Name] = true
	}
	for _, e := range entries {
		if !here[e.Name()] {
			t.Errorf("functions/%s is not imported in cloud_test.go: its routes are not tested", e.Name())
		}
	}
}
