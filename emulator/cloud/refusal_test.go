package cloud

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/emulator/state"
	"researchhub.example/hub/shared/fn"
)

// refuse runs a cloud that must not come up, and gives its error.
func refuse(t *testing.T, cfg Config) error {
	t.Helper()
	var out output
	cfg.Out = &out
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := Run(ctx, cfg)
	if err == nil {
		t.Fatal("it came up")
	}
	if strings.Contains(out.String(), "Research Hub is up") {
		t.Error("the table was printed")
	}
	if _, statErr := os.Stat(cfg.ReadyFile); statErr == nil {
		t.Error("there is a ready file")
	}
	return err
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"-project":  func(c *Config) { c.Project = "production" },
		"-pubsub":   func(c *Config) { c.PubSub = "kafka" },
		"-state":    func(c *Config) { c.StateDir = os.Args[0] },
		"fortnight": func(c *Config) { c.Functions[0].Schedule = "fortnight" },
		"no topic":  func(c *Config) { c.Functions[0].Topic = "" },
	} {
		cfg := config(t.TempDir(), nil)
		change(&cfg)
		if err := refuse(t, cfg); !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestTakenFrontDoorIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	cfg := config(t.TempDir(), nil)
	cfg.FreePorts, cfg.Port = false, l.Addr().(*net.TCPAddr).Port
	err = refuse(t, cfg)
	for _, want := range []string{fmt.Sprintf("port %d", cfg.Port), "front door", "-port", "-free-ports"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the message lacks %q: %v", want, err)
		}
	}
	// Nothing had begun: the next start is not told of an unclean end.
	d, err := state.Open(cfg.StateDir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if !d.Unclean.IsZero() {
		t.Error("a refused start counts as unclean")
	}
}

func TestAddressOfTheEnvironmentMustAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	for _, value := range []string{addr, "http://" + addr} {
		t.Setenv(firestoreVariable, value)
		p, err := external(context.Background(), firestoreName, firestoreVariable)
		if err != nil || p == nil || !p.external || p.addr != value {
			t.Errorf("%s answers: %+v, %v", value, p, err)
		}
	}
	_ = l.Close()
	if _, err := external(context.Background(), firestoreName, firestoreVariable); err == nil || !strings.Contains(err.Error(), firestoreVariable) {
		t.Errorf("nobody answers: %v", err)
	}
	t.Setenv(firestoreVariable, "")
	if p, err := external(context.Background(), firestoreName, firestoreVariable); p != nil || err != nil {
		t.Errorf("not set: %+v, %v", p, err)
	}
}

func TestNoTableBeforeEveryFunctionIsHealthy(t *testing.T) {
	needEmulators(t)
	cfg := config(t.TempDir(), nil)
	cfg.HealthLimit = 300 * time.Millisecond
	cfg.Functions = append(cfg.Functions, fn.Function{Name: "ill", New: func(context.Context) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), nil
	}})
	err := refuse(t, cfg)
	if !strings.Contains(err.Error(), "function ill") {
		t.Errorf("error %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(cfg.StateDir, "pids", "*")); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
	if os.Getenv(firestoreVariable) != "" {
		t.Error("the environment keeps an address of an emulator that is gone")
	}
}

func TestLinesArePrefixedWhole(t *testing.T) {
	var out bytes.Buffer
	c := &console{out: &out, logs: t.TempDir()}
	file := filepath.Join(c.logs, "auth.log")
	l := c.part("auth")
	for _, piece := range []string{"one\ntw", "o\r\n", "\n", "rest"} {
		if _, err := l.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if want := "auth      | one\nauth      | two\nauth      | \n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "one\ntwo\n\n" {
		t.Errorf("the part's file holds %q, %v", b, err)
	}
	out.Reset()
	_, _ = l.Write(bytes.Repeat([]byte("x"), 3*maxLine))
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if len(line) > maxLine+len("auth      | ") {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
}
