package auth

import (
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

func TestStartsFromEnvironment(t *testing.T) {
	t.Setenv("HUB_STATE_DIR", t.TempDir())
	t.Setenv("HUB_BASE_URL", "http://127.0.0.1:8080")
	testkit.StartsFromEnvironment(t, "auth", New, map[string]int{"/v1/institutions": 200})
}

func TestTheSealIsNeeded(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-x")
	t.Setenv("HUB_BASE_URL", "https://hub.example")
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
