package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/emulator/serve/internal/greeter"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/testkit"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// front puts handlers behind a front door and gives its URL.
func front(t *testing.T, handlers map[string]http.Handler) string {
	t.Helper()
	local := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("local")) })
	s := httptest.NewServer(FrontDoor(handlers, local))
	t.Cleanup(s.Close)
	return s.URL
}

func TestFrontDoorRoutesByName(t *testing.T) {
	show := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, name, " ", r.URL.Path) })
	}
	url := front(t, map[string]http.Handler{"auth": show("auth"), "billing": show("billing"), "billingalerts": show("billingalerts")})
	for path, want := range map[string]string{
		"/auth/v1/me": "auth /auth/v1/me", "/auth": "auth /auth", "/billing/": "billing /billing/",
		"/billingalerts/": "billingalerts /billingalerts/", "/_local/tick/x": "local",
	} {
		if code, got := get(t, url+path); code != http.StatusOK || got != want {
			t.Errorf("%s: %d %q, want %q", path, code, got, want)
		}
	}
	if code, _ := get(t, url+"/authx/v1"); code != http.StatusNotFound {
		t.Errorf("an unknown name: %d", code)
	}
	if _, list := get(t, url+"/"); !strings.Contains(list, "/billingalerts/docs") {
		t.Errorf("the root lists %q", list)
	}
}

func TestFunctionThatCannotStartIsNamed(t *testing.T) {
	broken := fn.Function{Name: "broken", New: func(context.Context) (http.Handler, error) { return nil, errors.New("HUB_X is not set") }}
	_, err := InProcess(context.Background(), []fn.Function{greeter.Function, broken})
	if err == nil || !strings.Contains(err.Error(), "broken") || !strings.Contains(err.Error(), "HUB_X") {
		t.Errorf("error %v", err)
	}
}

func TestUnhealthyFunctionIsNamed(t *testing.T) {
	handlers, err := InProcess(context.Background(), []fn.Function{greeter.Function})
	if err != nil {
		t.Fatal(err)
	}
	handlers["ill"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	url := front(t, handlers)
	if err := Healthy(context.Background(), url, []string{"greeter"}); err != nil {
		t.Errorf("healthy: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	err = Healthy(ctx, url, []string{"greeter", "ill"})
	if err == nil || !strings.Contains(err.Error(), "function ill") || strings.Contains(err.Error(), "greeter") {
		t.Errorf("unhealthy: %v", err)
	}
}

func TestProcessesAreBuiltAndServed(t *testing.T) {
	repo, err := testkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()
	build := Programs{Repo: repo, Dir: dir, Log: io.Discard, Package: func(name string) string {
		return "researchhub.example/hub/emulator/serve/internal/" + name
	}}
	programs, err := build.Build(ctx, []string{"greeter"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(repo, filepath.FromSlash(virtualDir))); err == nil {
		t.Error("the generated main is in the tree")
	}
	p, addr, err := Launch("greeter", programs["greeter"], dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	url := front(t, Proxy(map[string]string{"greeter": addr}))
	if err := Healthy(ctx, url, []string{"greeter"}); err != nil {
		t.Fatalf("%v; it said: %s", err, p.Tail())
	}
	want := fmt.Sprintf("hello ada from %d at %s", p.PID(), strings.TrimPrefix(url, "http://"))
	if _, got := get(t, url+"/greeter/v1/hello/ada"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	t.Setenv("GREETER_FAILS", "1")
	ill, _, err := Launch("greeter", programs["greeter"], dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	<-ill.Done()
	if !strings.Contains(ill.Tail(), "GREETER_FAILS is set") || ill.Died() != "exit status 1" {
		t.Errorf("a function that cannot start: %s, %s", ill.Died(), ill.Tail())
	}
}

func TestFunctionThatDoesNotCompile(t *testing.T) {
	repo, err := testkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	build := Programs{Repo: repo, Dir: t.TempDir(), Package: func(name string) string { return "researchhub.example/hub/functions/no" + name }}
	_, err = build.Build(context.Background(), []string{"where"})
	if err == nil || !strings.Contains(err.Error(), "functions/nowhere") {
		t.Errorf("error %v", err)
	}
}
