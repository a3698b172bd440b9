package auth

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
	t.Setenv("HUB_STATE_DIR", t.TempDir())
	t.Setenv("GOOGLE_CLOUD_PROJECT", testkit.Project(t))
	t.Setenv("FIRESTORE_EMULATOR_HOST", testkit.FirestoreHost(t))
	h, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/auth/healthz": 200, "/auth/openapi.json": 200, "/auth/docs": 200, "/auth/v1/institutions": 200, "/auth/v1/nothing": 404,
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

func TestTheSealIsNeeded(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-x")
	t.Setenv("HUB_STATE_DIR", "")
	t.Setenv("HUB_SEAL_KEYSET", "")
	if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), "HUB_STATE_DIR") {
		t.Errorf("got %v", err)
	}
	t.Setenv("HUB_STATE_DIR", t.TempDir())
	t.Setenv("K_SERVICE", "auth")
	if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), "HUB_SEAL_KMS_KEY") {
		t.Errorf("in the cloud: %v", err)
	}
}
