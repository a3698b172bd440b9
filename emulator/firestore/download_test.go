package firestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const jarContent = "the whole jar"

func release(t *testing.T, status int, body string) (Release, *int) {
	t.Helper()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	sum := sha256.Sum256([]byte(jarContent))
	return Release{URL: server.URL + "/cloud-firestore-emulator-v1.19.8.jar", SHA256: hex.EncodeToString(sum[:])}, &asked
}

func TestDownloadOnce(t *testing.T) {
	r, asked := release(t, http.StatusOK, jarContent)
	dir := filepath.Join(t.TempDir(), "cache")
	for range 2 {
		path, err := Download(context.Background(), r, dir, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != jarContent {
			t.Errorf("%q, %v", b, err)
		}
	}
	if *asked != 1 {
		t.Errorf("downloaded %d times", *asked)
	}
}

func TestBadDownloadsAreThrownAway(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		problem string
	}{
		"tampered":  {http.StatusOK, "another jar", "sha256"},
		"cut short": {http.StatusOK, jarContent[:5], "sha256"},
		"missing":   {http.StatusNotFound, "", "404"},
	} {
		r, _ := release(t, c.status, c.body)
		dir := t.TempDir()
		_, err := Download(context.Background(), r, dir, func(string) {})
		if err == nil || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.jar")); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "download-*")); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

func TestObtainSaysWhatToDo(t *testing.T) {
	f := Finder{Getenv: func(string) string { return "" }}
	_, err := Obtain(context.Background(), f, 17, func(string) {})
	for _, want := range []string{"gcloud components install cloud-firestore-emulator", JarVariable, "FIRESTORE_EMULATOR_HOST"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the message lacks %q: %v", want, err)
		}
	}
}
