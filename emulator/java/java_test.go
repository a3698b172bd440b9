package java

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	there := func(string) (string, error) { return "/usr/bin/java", nil }
	absent := func(string) (string, error) { return "", errors.New("not found") }
	says := func(text string, err error) func(context.Context, string) ([]byte, error) {
		return func(context.Context, string) ([]byte, error) { return []byte(text), err }
	}
	for _, c := range []struct {
		name     string
		lookPath func(string) (string, error)
		version  func(context.Context, string) ([]byte, error)
		major    int
		problem  string
	}{
		{"17", there, says("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime", nil), 17, ""},
		{"21", there, says("Picked up JAVA_TOOL_OPTIONS: -Xmx1g\njava version \"21\" 2023-09-19 LTS", nil), 21, ""},
		{"11", there, says("openjdk version \"11.0.2\" 2019-01-15", nil), 0, "version 11, too old"},
		{"8", there, says("java version \"1.8.0_412\"", nil), 0, "version 8, too old"},
		{"absent", absent, says("", nil), 0, "not in PATH"},
		{"macOS's stub", there, says("", errors.New("exit status 1")), 0, "exit status 1"},
		{"gibberish", there, says("hello", nil), 0, "does not tell its version"},
	} {
		_, major, err := find(context.Background(), c.lookPath, c.version)
		if major != c.major {
			t.Errorf("%s: major %d, want %d (%v)", c.name, major, c.major, err)
		}
		if c.problem == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.problem != "" && (!errors.Is(err, ErrUnusable) || !strings.Contains(err.Error(), c.problem) || !strings.Contains(err.Error(), "install")) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
