package main

import (
	"runtime"
	"syscall"
	"time"
)

var start = time.Now()

// wall is the time of day.
func wall() time.Duration { return time.Since(start) }

// ofThread is RUSAGE_THREAD, which Linux alone has.
const ofThread = 1

// cpu is what the thread has used: on a machine that does other work meanwhile it
// tells more than the time of day. The caller must hold its thread, and DuckDB must
// have one only.
func cpu() time.Duration {
	var u syscall.Rusage
	if runtime.GOOS != "linux" || syscall.Getrusage(ofThread, &u) != nil {
		return wall()
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
