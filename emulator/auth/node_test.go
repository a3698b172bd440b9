package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestNode(t *testing.T) {
	there := func(string) (string, error) { return "/usr/bin/node", nil }
	absent := func(string) (string, error) { return "", errors.New("not found") }
	says := func(text string, err error) func(context.Context, string) ([]byte, error) {
		return func(context.Context, string) ([]byte, error) { return []byte(text), err }
	}
	for _, c := range []struct {
		name     string
		lookPath func(string) (string, error)
		version  func(context.Context, string) ([]byte, error)
		problem  string
	}{
		{"20", there, says("v20.20.2\n", nil), ""},
		{"24", there, says("v24.1.0\n", nil), ""},
		{"18", there, says("v18.19.0\n", nil), "version 18, too old"},
		{"absent", absent, says("", nil), "not in PATH"},
		{"broken", there, says("", errors.New("exit status 127")), "exit status 127"},
		{"gibberish", there, says("node\n", nil), "does not tell its version"},
	} {
		_, err := node(context.Background(), c.lookPath, c.version)
		if c.problem == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.problem != "" && (!errors.Is(err, ErrNode) || !strings.Contains(err.Error(), c.problem) || !strings.Contains(err.Error(), "install")) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
