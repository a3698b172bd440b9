package state

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestSecondRunIsRefusedByName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	open(t, path)
	_, err := Open(path, now)
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("second run: %v", err)
	}
	if err := Reset(path); !errors.Is(err, ErrInUse) {
		t.Errorf("reset while running: %v", err)
	}
}

// TestMain lets the test binary be the run that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("HOLD_STATE"); path != "" {
		if _, err := Open(path, now); err != nil {
			os.Exit(3)
		}
		_, _ = os.Stdout.WriteString("held\n")
		select {}
	}
	os.Exit(m.Run())
}

func TestKilledRunLeavesNoLockButIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HOLD_STATE="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 5)
	if _, err := out.Read(b); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, now); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
		t.Errorf("while it runs: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	d := open(t, path)
	if !d.Unclean.Equal(now) {
		t.Errorf("unclean end told as %v, want %v", d.Unclean, now)
	}
	if err := d.Clean(); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	if d := open(t, path); !d.Unclean.IsZero() {
		t.Errorf("a clean end is told as unclean: %v", d.Unclean)
	}
}

func TestOnlyOurFolderIsUsedAndWiped(t *testing.T) {
	foreign := t.TempDir()
	file := filepath.Join(foreign, "thesis.tex")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(foreign, now); err == nil || !strings.Contains(err.Error(), "-state") {
		t.Errorf("foreign folder opened: %v", err)
	}
	if err := Reset(foreign); err == nil {
		t.Error("foreign folder wiped")
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("foreign file: %v", err)
	}
	if err := Reset(filepath.Join(foreign, "absent")); err != nil {
		t.Errorf("nothing to wipe: %v", err)
	}

	ours := filepath.Join(t.TempDir(), "state")
	program := filepath.Join(ours, programsDir, "emulator") // the Makefile was there first
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Reset(ours); err != nil {
		t.Errorf("before the first run: %v", err)
	}
	d := open(t, ours)
	if err := WriteFile(d.Path("data"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	if err := Reset(ours); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(ours, "data")); err == nil {
		t.Error("reset left data")
	}
	if _, err := os.Stat(program); err != nil {
		t.Errorf("reset took the program: %v", err)
	}
	if d := open(t, ours); !d.Unclean.IsZero() {
		t.Error("reset left the mark of the former run")
	}
}

func TestFullDiskIsTold(t *testing.T) {
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	if err := writable("/state", full); !strings.Contains(err.Error(), "is full") || !strings.Contains(err.Error(), "-state") || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "state"), now); err == nil || !strings.Contains(err.Error(), "-state") {
		t.Errorf("below a file: %v", err)
	}
}
