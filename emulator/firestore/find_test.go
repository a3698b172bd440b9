package firestore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// plant makes a file with its folders and gives its path.
func plant(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("jar"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindInOrder(t *testing.T) {
	dir := t.TempDir()
	sdk, home, cache := filepath.Join(dir, "sdk"), filepath.Join(dir, "home"), filepath.Join(dir, "cache")
	env := map[string]string{}
	f := Finder{Getenv: func(k string) string { return env[k] }, SDK: []string{filepath.Join(dir, "no-sdk"), sdk}, Home: home, Cache: cache}
	want := func(name, path string, java int) {
		t.Helper()
		if got, err := f.Find(java); err != nil || got != path {
			t.Errorf("%s: %q, %v; want %q", name, got, err, path)
		}
	}
	if _, err := f.Find(17); !errors.Is(err, ErrNoJar) {
		t.Errorf("nowhere: %v", err)
	}
	// The least preferred first: each later one wins.
	want("own download", plant(t, cache, "cloud-firestore-emulator-v1.19.8.jar"), 17)
	tools := filepath.Join(home, ".cache", "firebase", "emulators")
	for21 := plant(t, tools, "cloud-firestore-emulator-v1.20.4.jar")
	want("a jar that this Java does not run", filepath.Join(cache, "cloud-firestore-emulator-v1.19.8.jar"), 17)
	want("a jar for Java 21", for21, 21)
	plant(t, tools, "cloud-firestore-emulator-v1.19.8.jar")
	want("firebase-tools' cache, the highest by number", plant(t, tools, "cloud-firestore-emulator-v1.19.10.jar"), 17)
	moved := filepath.Join(dir, "moved")
	env["FIREBASE_EMULATORS_PATH"] = moved
	want("firebase-tools' cache moved", plant(t, moved, "cloud-firestore-emulator-v1.18.0.jar"), 17)
	want("Cloud SDK", plant(t, sdk, "platform", "cloud-firestore-emulator", "cloud-firestore-emulator.jar"), 17)
	env[JarVariable] = plant(t, dir, "mine.jar")
	want("named", env[JarVariable], 17)
	env[JarVariable] = filepath.Join(dir, "gone.jar")
	if _, err := f.Find(17); err == nil || errors.Is(err, ErrNoJar) || !strings.Contains(err.Error(), JarVariable) {
		t.Errorf("a named jar that is not there: %v", err)
	}
}
