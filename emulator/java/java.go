// Package java finds the Java that Google's emulator jars run on.
//
// Standard library only.
package java

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// Min is the oldest Java that runs the emulators of the Cloud SDK.
const Min = 17

var javaVersion = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

// ErrUnusable is the kind of error for a Java that is missing or too old.
var ErrUnusable = errors.New("no usable Java")

// Find gives the path of the machine's java and its major version. It fails
// with ErrUnusable and what to do when there is none or it is older than Min.
func Find(ctx context.Context) (path string, major int, err error) {
	return find(ctx, exec.LookPath, func(ctx context.Context, path string) ([]byte, error) {
		return exec.CommandContext(ctx, path, "-version").CombinedOutput()
	})
}

func find(ctx context.Context, lookPath func(string) (string, error), version func(context.Context, string) ([]byte, error)) (string, int, error) {
	const advice = "install a Java of version %d or newer (Debian and Ubuntu: sudo apt-get install openjdk-%d-jre-headless) and see that it is first in PATH"
	path, err := lookPath("java")
	if err != nil {
		return "", 0, fmt.Errorf("%w: java is not in PATH; "+advice, ErrUnusable, Min, Min)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := version(ctx, path)
	if err != nil {
		return "", 0, fmt.Errorf("%w: %s -version: %w; "+advice, ErrUnusable, path, err, Min, Min)
	}
	major := parse(string(out))
	if major == 0 {
		return "", 0, fmt.Errorf("%w: %s does not tell its version; "+advice, ErrUnusable, path, Min, Min)
	}
	if major < Min {
		return "", 0, fmt.Errorf("%w: %s is version %d, too old; "+advice, ErrUnusable, path, major, Min, Min)
	}
	return path, major, nil
}

// parse reads the major version out of what `java -version` prints: 17 for
// "17.0.15", 8 for "1.8.0_412", 0 when it is not there.
func parse(out string) int {
	m := javaVersion.FindStringSubmatch(out)
	if m == nil {
		return 0
	}
	major, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return major
}
