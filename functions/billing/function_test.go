package billing

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

func TestNewServesFromTheEnvironment(t *testing.T) {
	t.Setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1") // no route here asks it
	t.Setenv("GOOGLE_CLOUD_PROJECT", testkit.Project(t))
	t.Setenv("FIRESTORE_EMULATOR_HOST", testkit.FirestoreHost(t))
	h, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/billing/healthz": 200, "/billing/openapi.json": 200, "/billing/docs": 200, "/billing/v1/credits": 401, "/billing/v1/nothing": 404,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d %s, want %d", path, w.Code, w.Body, want)
		}
	}
}

func TestMissingConfigurationIsNamed(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "") // so that it comes back
	if err := os.Unsetenv("GOOGLE_CLOUD_PROJECT"); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), "GOOGLE_CLOUD_PROJECT") {
		t.Errorf("got %v", err)
	}
}
