//go:build !linux

package process

import "syscall"

// attributes give the child a group of its own. Without Linux's parent-death
// signal, a killed parent leaves it running until the next start's Sweep.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func spawn(start func() error) error { return start() }
