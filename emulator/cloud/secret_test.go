package cloud

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheWebhooksSecretIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "training-webhook")
	first, err := webhookSecret(path)
	if err != nil || len(first) != 64 {
		t.Fatalf("%d characters, %v", len(first), err)
	}
	if again, err := webhookSecret(path); err != nil || again != first {
		t.Errorf("the second start has another secret (%v)", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file can be read by others: %v, %v", info.Mode(), err)
	}
	other, err := webhookSecret(filepath.Join(t.TempDir(), "training-webhook"))
	if err != nil || other == first {
		t.Errorf("two state folders have one secret (%v)", err)
	}
	if _, err := webhookSecret(filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		t.Error("no error where it cannot be written")
	}
}

func TestWhatTheEnvironmentHasIsUsed(t *testing.T) {
	t.Setenv(identityVariable, "")
	if got := orSet(identityVariable, "local"); got != "local" {
		t.Errorf("got %q", got)
	}
	t.Setenv(identityVariable, "oidc")
	if got := orSet(identityVariable, "local"); got != "oidc" {
		t.Errorf("got %q", got)
	}
}
