package state

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// text exports one file with that content.
func text(content string) Exporter {
	return func(dir string) error {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "data"), []byte(content), 0o600)
	}
}

func current(t *testing.T, r Records, part string) string {
	t.Helper()
	dir, _, err := r.Current()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, part, "data"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestExportsSwitchWhole(t *testing.T) {
	r := Records{dir: filepath.Join(t.TempDir(), "records")}
	if dir, _, err := r.Current(); dir != "" || err != nil {
		t.Fatalf("at first: %q, %v", dir, err)
	}
	write := func(minute int, parts map[string]Exporter) error {
		return r.Write(now.Add(time.Duration(minute)*time.Minute), parts)
	}
	if err := write(0, map[string]Exporter{"firestore": text("f0"), "auth": text("a0")}); err != nil {
		t.Fatal(err)
	}
	// A part that fails, after or before the others, changes nothing.
	failed := func(dir string) error { return errors.Join(text("half")(dir), errors.New("disk full")) }
	if err := write(1, map[string]Exporter{"firestore": failed, "auth": text("a1")}); err == nil {
		t.Fatal("a failed export passed")
	}
	if f, a := current(t, r, "firestore"), current(t, r, "auth"); f != "f0" || a != "a0" {
		t.Errorf("after a failure: %s, %s", f, a)
	}
	// A crash leaves a folder without the pointer: nothing changes, and it goes later.
	crashed := filepath.Join(r.dir, now.Add(2*time.Minute).Format(stampForm))
	if err := os.Mkdir(crashed, 0o700); err != nil {
		t.Fatal(err)
	}
	if f := current(t, r, "firestore"); f != "f0" {
		t.Errorf("after a crash: %s", f)
	}
	// A dead part keeps its former records.
	if err := write(3, map[string]Exporter{"firestore": nil, "auth": text("a3")}); err != nil {
		t.Fatal(err)
	}
	if f, a := current(t, r, "firestore"), current(t, r, "auth"); f != "f0" || a != "a3" {
		t.Errorf("with a dead part: %s, %s", f, a)
	}
	dir, _, err := r.Current()
	if err != nil {
		t.Fatal(err)
	}
	moments, err := r.Moments(dir)
	if err != nil || !moments["firestore"].Equal(now) || !moments["auth"].Equal(now.Add(3*time.Minute)) {
		t.Errorf("moments %v, %v", moments, err)
	}
	if err := write(4, map[string]Exporter{"firestore": text("f4"), "auth": text("a4")}); err != nil {
		t.Fatal(err)
	}
	if _, at, err := r.Current(); err != nil || !at.Equal(now.Add(4*time.Minute)) {
		t.Errorf("moment %v, %v", at, err)
	}
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != keepExports+1 {
		t.Errorf("%d entries are kept, want %d and the pointer", len(entries), keepExports)
	}
}

func TestBrokenPointerIsTold(t *testing.T) {
	r := Records{dir: t.TempDir()}
	if err := WriteFile(filepath.Join(r.dir, currentFile), []byte("../../etc\n")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Current(); err == nil {
		t.Error("a pointer that names no export passed")
	}
}
