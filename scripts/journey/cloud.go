package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// cloud is the local cloud of this journey, a process like any user's.
type cloud struct {
	cmd   *exec.Cmd
	ended chan error
	log   *lastLines
	ready readiness
}

// readiness is the file that the local cloud writes when all of it is up.
type readiness struct {
	Project   string            `json:"project"`
	Addresses map[string]string `json:"addresses"`
	Accounts  []struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	} `json:"accounts"`
}

// startCloud starts the binary on free ports and waits for its ready file.
func startCloud(ctx context.Context, binary, dir string, args ...string) (*cloud, error) {
	readyFile := dir + "/ready.json"
	args = append([]string{"-free-ports", "-state", dir + "/state", "-ready-file", readyFile}, args...)
	c := &cloud{cmd: exec.Command(binary, args...), ended: make(chan error, 1), log: &lastLines{max: 60}}
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	// A process group of its own, so that Ctrl-C reaches the journey first.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w (build it with 'make build')", binary, err)
	}
	go func() { c.ended <- c.cmd.Wait() }()
	err := poll(ctx, 3*time.Minute, func() (bool, error) {
		select {
		case err := <-c.ended:
			err = cmp.Or(err, errors.New("with exit code 0"))
			return false, fmt.Errorf("the local cloud ended before it was ready: %w\n%s", err, c.log)
		default:
		}
		b, err := os.ReadFile(readyFile)
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		return true, json.Unmarshal(b, &c.ready)
	})
	if err != nil {
		c.kill()
		return nil, err
	}
	return c, nil
}

// stop asks the cloud to end as Ctrl-C does, and checks that it ends cleanly.
func (c *cloud) stop(ctx context.Context) error {
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	select {
	case err := <-c.ended:
		c.cmd = nil
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(20 * time.Second):
		return fmt.Errorf("the local cloud did not stop within 20 s")
	}
}

// kill ends what is left of it when the journey fails: as Ctrl-C does, and then
// without asking.
func (c *cloud) kill() {
	if c.cmd == nil || c.stop(context.Background()) == nil {
		return
	}
	// The group is ours alone; an error means that it has gone already.
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
}

func (c *cloud) tail() string { return c.log.String() }

// poll asks again until ok, the limit, or an error. It backs off to half a second.
func poll(ctx context.Context, limit time.Duration, ok func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	wait := 20 * time.Millisecond
	for {
		done, err := ok()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not so within %s", limit)
		case <-time.After(wait):
		}
		wait = min(wait*2, 500*time.Millisecond)
	}
}

// lastLines keeps the end of what a process printed.
type lastLines struct {
	mu    sync.Mutex
	max   int
	lines []string
	part  bytes.Buffer
}

func (l *lastLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part.Write(p)
	for {
		line, err := l.part.ReadString('\n')
		if err != nil {
			l.part.Reset()
			l.part.WriteString(line)
			break
		}
		l.lines = append(l.lines, strings.TrimRight(line, "\n"))
	}
	if n := len(l.lines) - l.max; n > 0 {
		l.lines = l.lines[n:]
	}
	return len(p), nil
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
