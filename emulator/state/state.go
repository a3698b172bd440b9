// Package state is the local cloud's one folder: locked against a second run,
// known by a marker so that nothing else is ever wiped, with the records of the
// emulators that keep theirs in memory.
//
// Standard library only.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	markerFile  = ".research-hub-state"
	lockFile    = "lock"
	runningFile = "running"
	// programsDir is where the Makefile puts the local cloud's own program: there
	// before the state is, and not wiped with it.
	programsDir = "bin"
	markerText  = "State of Research Hub's local cloud. `make reset` wipes this folder.\n"
)

// ErrInUse is the reason when another run holds the folder.
var ErrInUse = errors.New("a local cloud is running already")

// Dir is the state folder, held by this process. Make it with Open.
type Dir struct {
	path string
	lock *os.File
	// Unclean is when the last run that did not end cleanly began, zero for none.
	Unclean time.Time
}

// Open makes the folder unless it is there, and holds it until Close. The error
// is ErrInUse with the process that holds it, or says what is wrong with the folder.
func Open(path string, now time.Time) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := prepare(path); err != nil {
		return nil, err
	}
	lock, err := hold(path)
	if err != nil {
		return nil, err
	}
	d := &Dir{path: path, lock: lock}
	if b, err := os.ReadFile(d.Path(runningFile)); err == nil {
		if d.Unclean, err = time.Parse(time.RFC3339, strings.TrimSpace(string(b))); err != nil {
			d.Unclean = now
		}
	}
	if err := WriteFile(d.Path(runningFile), []byte(now.UTC().Format(time.RFC3339)+"\n")); err != nil {
		_ = lock.Close()
		return nil, writable(path, err)
	}
	return d, nil
}

// prepare makes the folder with its marker. A folder that holds something else
// is refused: `make reset` would wipe it.
func prepare(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return writable(path, err)
	}
	if isMarked(path) {
		return nil
	}
	if !onlyPrograms(path) {
		return fmt.Errorf("the folder %s holds other files: give an empty or new one with -state", path)
	}
	if err := WriteFile(filepath.Join(path, markerFile), []byte(markerText)); err != nil {
		return writable(path, err)
	}
	return nil
}

// onlyPrograms tells a folder with nothing in it but programs.
func onlyPrograms(path string) bool {
	entries, err := os.ReadDir(path)
	return err == nil && !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != programsDir })
}

func isMarked(path string) bool {
	info, err := os.Lstat(filepath.Join(path, markerFile))
	return err == nil && info.Mode().IsRegular()
}

// hold takes the lock. The kernel gives it back when the process dies, however
// it dies, so a left-over lock file never stands in the way.
func hold(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, writable(path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer func() { _ = f.Close() }()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the state folder %s cannot be locked: %w", path, err)
		}
		holder, _ := io.ReadAll(io.LimitReader(f, 32))
		who := strings.TrimSpace(string(holder))
		if who == "" {
			who = "unknown"
		}
		return nil, fmt.Errorf("%w with the state folder %s (process %s): stop it first, or start this one with another -state folder and -free-ports", ErrInUse, path, who)
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, writable(path, err)
	}
	return f, nil
}

// writable turns an error of writing into one that says what to do.
func writable(path string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("the disk with the state folder %s is full: make room there, or give a folder on another disk with -state (%w)", path, err)
	}
	return fmt.Errorf("the state folder %s cannot be written: give another one with -state (%w)", path, err)
}

// Path is a path inside the folder.
func (d *Dir) Path(parts ...string) string {
	return filepath.Join(append([]string{d.path}, parts...)...)
}

// Root is the folder itself.
func (d *Dir) Root() string { return d.path }

// Clean notes that this run ended as it should; call it after the last write.
func (d *Dir) Clean() error { return os.Remove(d.Path(runningFile)) }

// Close lets go of the folder.
func (d *Dir) Close() error { return d.lock.Close() }

// Reset wipes a state folder. It refuses one in use, and one without our
// marker; a folder that is not there is fine.
func Reset(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if !isMarked(path) {
		if onlyPrograms(path) {
			return nil
		}
		return fmt.Errorf("%s is not a state folder of the local cloud (it has no %s): nothing was removed", path, markerFile)
	}
	lock, err := hold(path)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	// Marker and lock stay: a reset that was interrupted can be repeated.
	for _, entry := range entries {
		if entry.Name() == markerFile || entry.Name() == lockFile || entry.Name() == programsDir {
			continue
		}
		if err := os.RemoveAll(filepath.Join(path, entry.Name())); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	return nil
}

// WriteFile writes a file so that a reader, or a crash, sees the old content or
// the new one, never a part. It is readable by the owner only.
func WriteFile(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".write-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return err
	}
	return syncDir(filepath.Dir(path))
}

// WriteJSON is WriteFile of a value as JSON.
func WriteJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(path, append(b, '\n'))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
