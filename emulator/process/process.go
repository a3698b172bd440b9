// Package process runs the local cloud's child processes so that none outlives
// its parent: each one is a process group of its own (a Ctrl-C in the terminal
// reaches the parent alone, which then stops the children in order), and on
// Linux the kernel kills it when the parent dies, even by kill -9.
//
// Standard library only.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Options says what to run.
type Options struct {
	// Name is what messages call it: "firestore".
	Name string
	// Path is the program; a bare name is looked up in PATH.
	Path string
	// Args are its arguments, without the program's name.
	Args []string
	// Dir is its working directory, "" for the parent's.
	Dir string
	// Env is added to the parent's environment.
	Env []string
	// Log receives its standard output and error, nil to drop them.
	Log io.Writer
	// Registry, when set, is the folder where the process is written down while
	// it lives, so that a later start can find what a killed one left (see Sweep).
	Registry string
}

// Process is a running child. Make it with Start.
type Process struct {
	name  string
	cmd   *exec.Cmd
	tail  *tail
	entry string
	done  chan struct{}
	err   error
}

// Start runs a program. The error names the program and the reason.
func Start(o Options) (*Process, error) {
	p := &Process{name: o.Name, tail: &tail{}, done: make(chan struct{})}
	p.cmd = exec.Command(o.Path, o.Args...)
	p.cmd.Dir = o.Dir
	p.cmd.Env = append(os.Environ(), o.Env...)
	out := io.Writer(p.tail)
	if o.Log != nil {
		out = io.MultiWriter(p.tail, o.Log)
	}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = attributes()
	p.cmd.WaitDelay = time.Second // a grandchild that holds the pipe must not hold us
	if err := spawn(p.cmd.Start); err != nil {
		return nil, fmt.Errorf("%s: cannot run %s: %w", o.Name, filepath.Base(o.Path), err)
	}
	if o.Registry != "" {
		entry, err := record(o.Registry, o.Name, p.cmd.Process.Pid)
		if err != nil {
			_ = killGroup(p.cmd.Process.Pid, syscall.SIGKILL)
			_ = p.cmd.Wait()
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		p.entry = entry
	}
	living.Store(p, struct{}{})
	go p.wait()
	return p, nil
}

// living are the children that run.
var living sync.Map

// KillAll ends every child at once: for a program that has to end now.
func KillAll() {
	living.Range(func(p, _ any) bool {
		_ = killGroup(p.(*Process).PID(), syscall.SIGKILL)
		return true
	})
}

func (p *Process) wait() {
	err := p.cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	// Whatever it started itself goes with it.
	_ = killGroup(p.cmd.Process.Pid, syscall.SIGKILL)
	if p.entry != "" {
		_ = os.Remove(p.entry)
	}
	p.err = err
	living.Delete(p)
	close(p.done)
}

// Name is the name it was started under.
func (p *Process) Name() string { return p.name }

// PID is the operating system's number for it.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended, however that came.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the process ended, nil for exit status 0. Call it after Done.
func (p *Process) Err() error { return p.err }

// Tail is the last few kilobytes it wrote, for messages about its death.
func (p *Process) Tail() string { return p.tail.String() }

// Stop asks the process to end (SIGTERM), kills it when ctx ends first, and
// returns when it is gone.
func (p *Process) Stop(ctx context.Context) {
	_ = killGroup(p.PID(), syscall.SIGTERM)
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Kill()
	}
}

// Kill ends the process at once and returns when it is gone.
func (p *Process) Kill() {
	_ = killGroup(p.PID(), syscall.SIGKILL)
	<-p.done
}

// tail keeps the end of what was written. It is safe for concurrent use.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailBytes = 4096

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if over := len(t.buf) - tailBytes; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}
