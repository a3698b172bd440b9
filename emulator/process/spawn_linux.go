package process

import (
	"runtime"
	"sync"
	"syscall"
)

// attributes give the child a group of its own and have the kernel kill it when
// its parent dies.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

var (
	spawnerOnce sync.Once
	requests    chan func()
)

// spawn runs start on one thread that never ends. The parent-death signal is
// bound to the thread that started the child, not to the process: a Go runtime
// that retires a thread would kill the child.
func spawn(start func() error) error {
	spawnerOnce.Do(func() {
		requests = make(chan func())
		go func() {
			runtime.LockOSThread()
			for f := range requests {
				f()
			}
		}()
	})
	result := make(chan error)
	requests <- func() { result <- start() }
	return <-result
}
