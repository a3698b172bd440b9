package testkit

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// StartsFromEnvironment builds a function the way the platform does, from its
// environment with real clients and a Firestore emulator, and asks it for
// statuses by path, below the function's name. The other emulators' addresses
// lead nowhere: no route named here may need them. Then it takes the project
// away and wants the error to name the missing variable.
func StartsFromEnvironment(t *testing.T, function string, build func(context.Context) (http.Handler, error), statuses map[string]int) {
	t.Helper()
	const nowhere = "127.0.0.1:1"
	for _, name := range []string{"FIREBASE_AUTH_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST"} {
		t.Setenv(name, nowhere)
	}
	t.Setenv("FIRESTORE_EMULATOR_HOST", FirestoreHost(t))
	t.Setenv("GOOGLE_CLOUD_PROJECT", Project(t))
	h, err := build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"/healthz": 200, "/openapi.json": 200, "/docs": 200, "/v1/nothing": 404}
	for path, status := range statuses {
		want[path] = status
	}
	for path, status := range want {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+function+path, nil))
		if w.Code != status {
			t.Errorf("%s: %d %s, want %d", path, w.Code, w.Body, status)
		}
	}

	if err := os.Unsetenv("GOOGLE_CLOUD_PROJECT"); err != nil { // Setenv above brings it back
		t.Fatal(err)
	}
	if _, err := build(t.Context()); err == nil || !strings.Contains(err.Error(), "GOOGLE_CLOUD_PROJECT") {
		t.Errorf("without a project: %v; want an error that names the variable", err)
	}
}
