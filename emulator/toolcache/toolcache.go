// Package toolcache is the folder of programs that the local cloud downloads
// once: outside the repository and the state folder, so that neither a fresh
// clone nor `make reset` brings them again, and shared by the local cloud and
// the tests, which may ask at the same time.
//
// Standard library only.
package toolcache

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Variable names the environment variable that moves the folder.
const Variable = "HUB_CACHE_DIR"

// Dir is the folder of downloads: HUB_CACHE_DIR, else research-hub in the
// user's cache folder, "" when there is neither.
func Dir() string {
	if dir := os.Getenv(Variable); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "research-hub")
}

// Lock keeps other processes from bringing the same thing at the same time. It
// waits for them; call the given function when done. A process that dies gives
// its lock back.
func Lock(dir, name string) (unlock func(), err error) {
	if dir == "" {
		return nil, fmt.Errorf("there is no folder for downloads: set %s or HOME", Variable)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("folder for downloads: %w; set %s to a folder that can be written", err, Variable)
	}
	f, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("folder for downloads: %w; set %s to a folder that can be written", err, Variable)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("folder for downloads: %w", err)
	}
	return func() { _ = f.Close() }, nil
}
