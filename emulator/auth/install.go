package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"researchhub.example/hub/emulator/process"
	"researchhub.example/hub/emulator/toolcache"
)

//go:embed package.json package-lock.json launcher.cjs
var files embed.FS

// installLimit bounds `npm ci` in time.
const installLimit = 10 * time.Minute

// Install brings the pinned firebase-tools into the folder of downloads, once
// per lockfile, and gives its folder. The error says what to do.
func Install(ctx context.Context, cache string, log io.Writer, progress func(string)) (string, error) {
	lock, err := files.ReadFile("package-lock.json")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(lock)
	name := "auth-emulator-" + hex.EncodeToString(sum[:6])
	dir := filepath.Join(cache, name)
	if cache != "" && installed(dir) {
		return dir, writeFiles(dir)
	}
	unlock, err := toolcache.Lock(cache, name)
	if err != nil {
		return "", fmt.Errorf("auth emulator: %w", err)
	}
	defer unlock()
	if installed(dir) { // somebody else was faster
		return dir, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("auth emulator: npm is not in PATH; it comes with Node.js (Debian and Ubuntu: sudo apt-get install npm)")
	}
	progress("installing firebase-tools with npm (once per version, about half a minute, kept in " + dir + ")")
	// Built beside its place and moved when whole: an interrupted install is never used.
	tmp, err := os.MkdirTemp(cache, name+"-*")
	if err != nil {
		return "", fmt.Errorf("auth emulator: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := writeFiles(tmp); err != nil {
		return "", err
	}
	if err := npmInstall(ctx, npm, tmp, log); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(tmp, marker), nil, 0o644); err != nil {
		return "", fmt.Errorf("auth emulator: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("auth emulator: %w", err)
	}
	return dir, os.Rename(tmp, dir)
}

func npmInstall(ctx context.Context, npm, dir string, log io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, installLimit)
	defer cancel()
	p, err := process.Start(process.Options{
		Name: "auth (npm)", Path: npm, Dir: dir, Log: log,
		Args: []string{"ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"},
	})
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("auth emulator: npm ci: %w", context.Cause(ctx))
	}
	if p.Err() != nil {
		return fmt.Errorf("auth emulator: npm ci failed (%s). It needs the network once: connect and start again, "+
			"or set FIREBASE_AUTH_EMULATOR_HOST to an emulator that runs. npm said:\n%s", p.Died(), p.Tail())
	}
	return nil
}

// marker tells a whole installation.
const marker = ".complete"

func installed(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, marker))
	return err == nil
}

// writeFiles puts the embedded files into dir, leaving those that are the same.
func writeFiles(dir string) error {
	for _, name := range []string{"package.json", "package-lock.json", "launcher.cjs"} {
		want, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, name)
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, want) {
			continue
		}
		tmp, err := os.CreateTemp(dir, "write-*")
		if err != nil {
			return fmt.Errorf("auth emulator: %w", err)
		}
		_, err = tmp.Write(want)
		if err = errors.Join(err, tmp.Close()); err == nil {
			err = os.Rename(tmp.Name(), path)
		}
		if err != nil {
			_ = os.Remove(tmp.Name())
			return fmt.Errorf("auth emulator: %w", err)
		}
	}
	return nil
}
