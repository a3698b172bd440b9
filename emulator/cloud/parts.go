package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"researchhub.example/hub/emulator/process"
)

// part is one running piece of the cloud.
type part struct {
	// name is what messages and log lines call it.
	name string
	// addr is where it listens.
	addr string
	// note is what the table says of it.
	note string
	// variable is the environment variable that clients find it by.
	variable string
	// proc is its process, nil for a part inside this one.
	proc *process.Process
	// external parts were there before: neither started nor stopped.
	external bool
	// close ends a part inside this process.
	close func() error
}

// errDied is the kind of error for a part that ended by itself.
var errDied = errors.New("died")

// parts collects what runs. It is safe for concurrent use.
type parts struct {
	mu  sync.Mutex
	all map[string]*part
	// alive ends when a part has ended by itself; its cause says which.
	alive context.Context
	fail  context.CancelCauseFunc
}

func newParts(ctx context.Context) *parts {
	p := &parts{all: map[string]*part{}}
	p.alive, p.fail = context.WithCancelCause(ctx)
	return p
}

// death is the first end of a part by itself, nil while there is none.
func (p *parts) death() error {
	if err := context.Cause(p.alive); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// add takes a part up and watches its process.
func (p *parts) add(x *part) {
	p.mu.Lock()
	p.all[x.name] = x
	p.mu.Unlock()
	if x.proc == nil {
		return
	}
	go func() {
		<-x.proc.Done()
		p.fail(fmt.Errorf("%s (process %d) %w: %s%s", x.name, x.proc.PID(), errDied, x.proc.Died(), lastWords(x.proc.Tail())))
	}()
}

// lastWords is the end of a part's output, for the message about its death.
func lastWords(tail string) string {
	if tail == "" {
		return ""
	}
	all := strings.Split(tail, "\n")
	return "; its last words:\n    " + strings.Join(all[max(0, len(all)-5):], "\n    ")
}

func (p *parts) get(name string) *part {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[name]
}

// living tells whether a part is there, ours, and has not died.
func (p *parts) living(name string) bool {
	x := p.get(name)
	if x == nil || x.external {
		return false
	}
	if x.proc == nil {
		return true
	}
	select {
	case <-x.proc.Done():
		return false
	default:
		return true
	}
}

// stopLimit is how long a part may take to end when asked; then it is killed.
const stopLimit = 1500 * time.Millisecond

// stop ends all parts that are ours, at the same time.
func (p *parts) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	var wg sync.WaitGroup
	for _, x := range p.all {
		wg.Go(func() {
			if x.proc != nil {
				x.proc.Stop(ctx)
			} else if x.close != nil && !x.external {
				_ = x.close()
			}
		})
	}
	wg.Wait()
}

// external gives the part that an environment variable already names, nil when
// it is not set. It fails when nobody listens there.
func external(ctx context.Context, name, variable string) (*part, error) {
	value := os.Getenv(variable)
	if value == "" {
		return nil, nil
	}
	host := value
	if u, err := url.Parse(value); err == nil && u.Host != "" {
		host = u.Host
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("%s: %s is set to %q, but nobody answers there (%w): start that emulator, or unset the variable and one is started here", name, variable, value, err)
	}
	_ = conn.Close()
	return &part{name: name, addr: value, variable: variable, external: true, note: "from the environment, used as it is"}, nil
}
