package testkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// How long the browser may take: to start on a busy machine, and for one act.
const (
	browserStart = 2 * time.Minute
	browserAct   = time.Minute
)

// Browser is a headless Chromium of one test's own, gone when the test ends.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Chromium starts a browser. Where none is installed the test is skipped, and
// fails with CI set.
func Chromium(t testing.TB) *Browser {
	t.Helper()
	path, err := ChromiumPath()
	if err != nil {
		Unavailable(t, "Chromium", err)
	}
	// The flags: root in a container has no sandbox, there is no GPU, and the
	// browser talks to nobody but the page's server.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(browserStart),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	// What the library tells on its own is about events that no test asks for.
	ctx, _ := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() {
		bounded, done := context.WithTimeout(ctx, browserAct)
		defer done()
		_ = chromedp.Cancel(bounded) // whatever it left, stop ends it
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

// ChromiumPath finds the installed browser, for tests that run it by
// themselves.
func ChromiumPath() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("it is not installed: apt-get install chromium")
}

// Page is one tab with a profile of its own: it shares no cookies, storage or
// authenticators with the others. It is not for several goroutines.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu      sync.Mutex
	console []string
}

// Open opens an address in a new tab and waits until it has loaded. Passkeys
// need a secure context: "http://localhost:<port>", not "http://127.0.0.1".
func (b *Browser) Open(url string) *Page {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(cancel)
	p := &Page{t: b.t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		b.t.Fatalf("Chromium: no new tab: %v", err)
	}
	// Chromium asks for a passkey only in the tab that has the focus.
	command(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	command(p, log.Enable, struct{}{})
	p.Goto(url)
	return p
}

// Goto leads the tab to another address and waits until it has loaded.
func (p *Page) Goto(url string) {
	p.t.Helper()
	if _, err := act(p, chromedp.Navigate(url)); err != nil {
		p.t.Fatalf("Chromium: %s: %v", url, err)
	}
}

// hear keeps what the page's console says.
func (p *Page) hear(event any) {
	var line string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		line = fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		line = "error: " + exception(e.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		line = fmt.Sprintf("%s: %s", e.Type, strings.Join(words, " "))
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.console = append(p.console, line)
}

// Console gives what the tab's console has said, "level: text": uncaught
// exceptions and breaches of the Content Security Policy are errors.
func (p *Page) Console() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.console)
}

// Eval evaluates a JavaScript expression in the page, waits for the promise that
// it may be, and decodes the value's JSON into into; nil drops it. What the
// script throws fails the test.
func (p *Page) Eval(expression string, into any) {
	p.t.Helper()
	if err := p.Try(expression, into); err != nil {
		p.t.Fatalf("Chromium: %v", err)
	}
}

// Call calls a JavaScript function (its text) with arguments that JSON can
// tell, and decodes what it returns, as Eval does.
func (p *Page) Call(function string, into any, args ...any) {
	p.t.Helper()
	p.Eval(call(p.t, function, args), into)
}

// Try is Eval for scripts that may throw: the error is a *Thrown then.
func (p *Page) Try(expression string, into any) error {
	raw, err := act(p, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	var thrown *chromedp.ExceptionError
	switch {
	case errors.As(err, &thrown):
		return &Thrown{exception(thrown.ExceptionDetails)}
	case err != nil:
		return err
	case into == nil || len(raw) == 0:
		return nil
	default:
		return json.Unmarshal(raw, into)
	}
}

// TryCall is Call for functions that may throw: the error is a *Thrown then.
func (p *Page) TryCall(function string, into any, args ...any) error {
	p.t.Helper()
	return p.Try(call(p.t, function, args), into)
}

// Until waits until a JavaScript expression is true.
func (p *Page) Until(expression string) {
	p.t.Helper()
	_, err := act(p, chromedp.Poll[chromedp.Void](expression))
	// A page that goes elsewhere meanwhile is looked at again there.
	for range 5 {
		if err == nil || !strings.Contains(err.Error(), "navigated") && !strings.Contains(err.Error(), "find context") {
			break
		}
		_, err = act(p, chromedp.Poll[chromedp.Void](expression))
	}
	if err != nil {
		var text string
		_ = p.Try(`document.body?.innerText`, &text) // for the message only
		p.t.Fatalf("Chromium: %s does not come true: %v\n%s\n%s", expression, err, strings.Join(p.Console(), "\n"), text)
	}
}

// Thrown is what a script threw.
type Thrown struct{ Text string }

// Error is the exception as the browser tells it, "NotAllowedError: ...".
func (e *Thrown) Error() string { return e.Text }

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception == nil || d.Exception.Description == "" {
		return d.Text
	}
	return d.Exception.Description
}

func call(t testing.TB, function string, args []any) string {
	t.Helper()
	if args == nil {
		args = []any{}
	}
	b, err := json.Marshal(args)
	if err != nil {
		t.Fatalf("Chromium: arguments: %v", err)
	}
	return "(" + function + ")(..." + string(b) + ")"
}

// act runs one act in the tab within its time.
func act[T any](p *Page, a chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, browserAct)
	defer cancel()
	return chromedp.Run(ctx, a)
}
