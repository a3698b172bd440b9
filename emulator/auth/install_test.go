package auth

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// npm puts a stand-in for npm first in PATH: it notes that it ran, and does script.
func npm(t *testing.T, script string) (ran func() int) {
	t.Helper()
	bin := t.TempDir()
	note := filepath.Join(bin, "note")
	text := "#!/bin/sh\necho x >> " + note + "\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() int {
		b, _ := os.ReadFile(note)
		return strings.Count(string(b), "x")
	}
}

func TestInstallOnce(t *testing.T) {
	ran := npm(t, `test "$1" = ci && grep -q '"firebase-tools": "15.34.2"' package.json && mkdir node_modules`)
	cache := filepath.Join(t.TempDir(), "cache")
	for range 2 {
		dir, err := Install(context.Background(), cache, io.Discard, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"launcher.cjs", "package-lock.json", "node_modules"} {
			if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
				t.Error(err)
			}
		}
	}
	if ran() != 1 {
		t.Errorf("npm ran %d times", ran())
	}
}

func TestInstallWithoutNetwork(t *testing.T) {
	ran := npm(t, `echo "npm error code ENOTFOUND registry.npmjs.org" >&2; exit 1`)
	cache := t.TempDir()
	for range 2 { // and a half-made folder is not taken for a whole one
		_, err := Install(context.Background(), cache, io.Discard, func(string) {})
		for _, want := range []string{"needs the network once", "ENOTFOUND", "FIREBASE_AUTH_EMULATOR_HOST"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the message lacks %q: %v", want, err)
			}
		}
	}
	if ran() != 2 {
		t.Errorf("npm ran %d times", ran())
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "*", "package.json")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(context.Background(), filepath.Join(file, "cache"), io.Discard, func(string) {}); err == nil || !strings.Contains(err.Error(), "HUB_CACHE_DIR") {
		t.Errorf("error %v", err)
	}
}
