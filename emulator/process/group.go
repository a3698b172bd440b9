package process

import "syscall"

// killGroup signals a child and all that it started.
func killGroup(pid int, sig syscall.Signal) error { return syscall.Kill(-pid, sig) }
