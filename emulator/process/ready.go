package process

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// readyPoll is the pause between two looks at a part that is starting.
const readyPoll = 20 * time.Millisecond

// Ready waits until url answers below 500, the process dies, or ctx ends.
func (p *Process) Ready(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{Proxy: nil}}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode < http.StatusInternalServerError {
				return nil
			}
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended while starting (%s); its last words:\n%s", p.name, describe(p.err), p.Tail())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer at %s: %w; its last words:\n%s", p.name, url, context.Cause(ctx), p.Tail())
		case <-tick.C:
		}
	}
}

func describe(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// Died describes the end of a process in one line: "exit status 1", "signal: killed".
func (p *Process) Died() string { return describe(p.err) }

// FreePort gives a TCP port on the loopback interface that was free a moment
// ago. Another program can take it before it is used, so callers retry.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("no free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// PortFree reports whether a TCP port on the loopback interface can be bound.
func PortFree(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
