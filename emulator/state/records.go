package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Records keeps what the in-memory emulators export: one folder per moment, all
// parts of a moment together, and a pointer to the last whole one. A crash while
// exporting leaves the former one in force.
type Records struct {
	dir string
}

// keepExports is how many whole exports stay.
const keepExports = 2

const (
	currentFile = "current"
	momentsFile = "moments.json"
	stampForm   = "20060102T150405.000000000Z"
)

// Records gives the folder's exports.
func (d *Dir) Records() Records { return Records{dir: d.Path("records")} }

// Current gives the folder of the last whole export and its moment; "" when
// there is none yet.
func (r Records) Current() (path string, at time.Time, err error) {
	b, err := os.ReadFile(filepath.Join(r.dir, currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, err
	}
	name := strings.TrimSpace(string(b))
	at, err = time.Parse(stampForm, name)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("%s names no export: %q", filepath.Join(r.dir, currentFile), name)
	}
	path = filepath.Join(r.dir, name)
	if _, err := os.Stat(path); err != nil {
		return "", time.Time{}, fmt.Errorf("the last export is gone: %w", err)
	}
	return path, at, nil
}

// Moments tells as of when an export holds each part's records: earlier than the
// export itself for a part that had died before it.
func (r Records) Moments(path string) (map[string]time.Time, error) {
	b, err := os.ReadFile(filepath.Join(path, momentsFile))
	if err != nil {
		return nil, err
	}
	var moments map[string]time.Time
	if err := json.Unmarshal(b, &moments); err != nil {
		return nil, fmt.Errorf("%s: %w", momentsFile, err)
	}
	return moments, nil
}

// Exporter writes one part's records into a folder that it makes.
type Exporter func(dir string) error

// Write makes a new export: each part by its exporter, or, with a nil exporter
// (the part is dead), as it was in the last one. Only when all is on disk does it become
// the current one.
func (r Records) Write(now time.Time, parts map[string]Exporter) (err error) {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	former, _, err := r.Current()
	if err != nil {
		former = ""
	}
	name := now.UTC().Format(stampForm)
	dir := filepath.Join(r.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	var before map[string]time.Time
	if former != "" {
		if before, err = r.Moments(former); err != nil {
			return err
		}
	}
	moments := map[string]time.Time{}
	for part, export := range parts {
		path := filepath.Join(dir, part)
		if export != nil {
			err, moments[part] = export(path), now.UTC()
		} else if former != "" {
			err, moments[part] = copyTree(filepath.Join(former, part), path), before[part]
		}
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	if err := WriteJSON(filepath.Join(dir, momentsFile), moments); err != nil {
		return err
	}
	if err := syncTree(dir); err != nil {
		return err
	}
	if err := WriteFile(filepath.Join(r.dir, currentFile), []byte(name+"\n")); err != nil {
		return err
	}
	return r.prune(name)
}

// prune removes all but the last whole exports; what a crash left half written
// is older than the current one and goes as well.
func (r Records) prune(current string) error {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if _, err := time.Parse(stampForm, e.Name()); err == nil && e.Name() <= current {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-keepExports)] {
		if err := os.RemoveAll(filepath.Join(r.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies a part; one that is not there stays away.
func copyTree(from, to string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return os.CopyFS(to, os.DirFS(from))
}

// syncTree brings every file and folder to the disk.
func syncTree(root string) error {
	return filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncDir(path)
	})
}
