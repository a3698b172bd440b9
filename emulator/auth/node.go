package auth

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// MinNode is the oldest Node.js that runs the emulator.
const MinNode = 20

// ErrNode is the kind of error for a Node.js that is missing or too old.
var ErrNode = errors.New("no usable Node.js")

var nodeVersion = regexp.MustCompile(`^v(\d+)\.`)

// Node gives the path of the machine's node. It fails with ErrNode and what to
// do when there is none or it is older than MinNode.
func Node(ctx context.Context) (string, error) {
	return node(ctx, exec.LookPath, func(ctx context.Context, path string) ([]byte, error) {
		return exec.CommandContext(ctx, path, "--version").Output()
	})
}

func node(ctx context.Context, lookPath func(string) (string, error), version func(context.Context, string) ([]byte, error)) (string, error) {
	const advice = "install version %d or newer (https://nodejs.org) and see that it is first in PATH"
	path, err := lookPath("node")
	if err != nil {
		return "", fmt.Errorf("%w: node is not in PATH; "+advice, ErrNode, MinNode)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := version(ctx, path)
	if err != nil {
		return "", fmt.Errorf("%w: %s --version: %w; "+advice, ErrNode, path, err, MinNode)
	}
	m := nodeVersion.FindStringSubmatch(string(out))
	if m == nil {
		return "", fmt.Errorf("%w: %s does not tell its version; "+advice, ErrNode, path, MinNode)
	}
	if major, err := strconv.Atoi(m[1]); err != nil || major < MinNode {
		return "", fmt.Errorf("%w: %s is version %s, too old; "+advice, ErrNode, path, m[1], MinNode)
	}
	return path, nil
}
