package firestore

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// MinJava is the oldest Java that runs the emulator of the Cloud SDK.
const MinJava = 17

var javaVersion = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

// ErrJava is the kind of error for a Java that is missing or too old.
var ErrJava = errors.New("no usable Java")

// Java gives the path of the machine's java and its major version. It fails
// with ErrJava and what to do when there is none or it is older than MinJava.
func Java(ctx context.Context) (path string, major int, err error) {
	return java(ctx, exec.LookPath, func(ctx context.Context, path string) ([]byte, error) {
		return exec.CommandContext(ctx, path, "-version").CombinedOutput()
	})
}

func java(ctx context.Context, lookPath func(string) (string, error), version func(context.Context, string) ([]byte, error)) (string, int, error) {
	const advice = "install a Java of version %d or newer (Debian and Ubuntu: sudo apt-get install openjdk-%d-jre-headless) and see that it is first in PATH"
	path, err := lookPath("java")
	if err != nil {
		return "", 0, fmt.Errorf("%w: java is not in PATH; "+advice, ErrJava, MinJava, MinJava)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := version(ctx, path)
	if err != nil {
		return "", 0, fmt.Errorf("%w: %s -version: %w; "+advice, ErrJava, path, err, MinJava, MinJava)
	}
	major := parseJava(string(out))
	if major == 0 {
		return "", 0, fmt.Errorf("%w: %s does not tell its version; "+advice, ErrJava, path, MinJava, MinJava)
	}
	if major < MinJava {
		return "", 0, fmt.Errorf("%w: %s is version %d, too old; "+advice, ErrJava, path, major, MinJava, MinJava)
	}
	return path, major, nil
}

// parseJava reads the major version out of what `java -version` prints: 17 for
// "17.0.15", 8 for "1.8.0_412", 0 when it is not there.
func parseJava(out string) int {
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
