package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the parent that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PARENT_OF"); dir != "" {
		p, err := Start(Options{Name: "child", Path: "sleep", Args: []string{"600"}, Registry: dir})
		if err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
		fmt.Println(p.PID())
		select {}
	}
	os.Exit(m.Run())
}

const limit = 20 * time.Second

func start(t *testing.T, o Options) *Process {
	t.Helper()
	p, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: not within %s", what, limit)
		}
	}
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestOutputAndEndAreTold(t *testing.T) {
	var log bytes.Buffer
	p := start(t, Options{Name: "x", Path: "sh", Args: []string{"-c", "echo out; echo err >&2; exit 3"}, Log: &log})
	<-p.Done()
	if p.Died() != "exit status 3" {
		t.Errorf("died: %s", p.Died())
	}
	for _, got := range []string{log.String(), p.Tail()} {
		if !strings.Contains(got, "out") || !strings.Contains(got, "err") {
			t.Errorf("output %q", got)
		}
	}
}

func TestKillIsToldBySignal(t *testing.T) {
	p := start(t, Options{Name: "x", Path: "sleep", Args: []string{"600"}})
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if p.Died() != "signal: killed" {
		t.Errorf("died: %s", p.Died())
	}
}

func TestStopTakesGrandchildrenAndTheStubborn(t *testing.T) {
	// A shell that ignores the request, with a child in the background.
	p := start(t, Options{Name: "x", Path: "sh", Args: []string{"-c", "trap '' TERM; sleep 600 & echo $!; wait; wait"}})
	await(t, "grandchild", func() bool { return p.Tail() != "" })
	grandchild, err := strconv.Atoi(p.Tail())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.Stop(ctx)
	await(t, "grandchild's end", func() bool { return gone(grandchild) || zombie(grandchild) })
}

// zombie tells a process that has ended but that nobody has waited for, as in a
// container without an init.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestUnknownProgramIsNamed(t *testing.T) {
	if _, err := Start(Options{Name: "firestore", Path: "/nowhere/java"}); err == nil || !strings.Contains(err.Error(), "firestore: cannot run java") {
		t.Errorf("error %v", err)
	}
}

func TestReadyTellsLastWordsOfTheDead(t *testing.T) {
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, Options{Name: "firestore", Path: "sh", Args: []string{"-c", "echo no such rules file; exit 1"}})
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err = p.Ready(ctx, fmt.Sprintf("http://127.0.0.1:%d/", port))
	if err == nil || !strings.Contains(err.Error(), "firestore") || !strings.Contains(err.Error(), "no such rules file") {
		t.Errorf("error %v", err)
	}
}

// parent starts this test binary as a parent with one child.
func parent(t *testing.T, dir string) (cmd *exec.Cmd, child int) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PARENT_OF="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscan(out, &child); err != nil {
		t.Fatal(err)
	}
	return cmd, child
}

func TestKilledParentLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	cmd, child := parent(t, dir)
	if gone(child) {
		t.Fatal("the child never ran")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	// On Linux the kernel ends the child; elsewhere the next start does.
	if _, err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	await(t, "child's end", func() bool { return gone(child) || zombie(child) })
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("registry keeps %v", left)
	}
}

func TestSweepEndsOnlyWhatWasRecorded(t *testing.T) {
	dir := t.TempDir()
	left := start(t, Options{Name: "firestore", Path: "sleep", Args: []string{"600"}, Registry: dir})
	other := start(t, Options{Name: "innocent", Path: "sleep", Args: []string{"600"}})
	// The number of an ended child now belongs to another process.
	reused := fmt.Sprintf(`{"name":"auth","pid":%d,"started":"another boot 1"}`, other.PID())
	for file, content := range map[string]string{"reused.json": reused, "broken.json": "{"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ended, err := Sweep(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(ended) != 1 || !strings.HasPrefix(ended[0], "firestore ") {
		t.Errorf("ended %v", ended)
	}
	<-left.Done()
	select {
	case <-other.Done():
		t.Error("a process that was not ours was ended")
	default:
	}
}

func TestEndedProcessLeavesTheRegistry(t *testing.T) {
	dir := t.TempDir()
	p := start(t, Options{Name: "x", Path: "true", Registry: dir})
	<-p.Done()
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("registry keeps %v", left)
	}
}
