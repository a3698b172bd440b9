package testkit

import (
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// For is the browser in a subtest: what fails there fails the subtest, and its
// tabs are closed at its end.
func (b *Browser) For(t testing.TB) *Browser { return &Browser{t: t, ctx: b.ctx} }

// Click presses the mouse on the first element that a CSS selector finds, once
// it can be seen.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.seen(selector)
	if _, err := act(p, chromedp.Click(chromedp.CSS(selector))); err != nil {
		p.t.Fatalf("Chromium: click %s: %v", selector, err)
	}
}

// Type types a text into a field in place of what is there.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.seen(selector)
	p.Call(`(selector) => { const it = document.querySelector(selector); it.focus(); it.select?.(); }`, nil, selector)
	command(p, input.InsertText, input.InsertTextParams{Text: text})
}

// Press presses a key of the keyboard: "Tab", "Enter", "Escape".
func (p *Page) Press(key string) {
	p.t.Helper()
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Code: key}
	switch key {
	case "Tab":
		down.WindowsVirtualKeyCode = 9
	case "Enter":
		down.WindowsVirtualKeyCode, down.Text = 13, "\r"
	case "Escape":
		down.WindowsVirtualKeyCode = 27
	}
	command(p, input.DispatchKeyEvent, down)
	up := down
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	command(p, input.DispatchKeyEvent, up)
}

// seen waits until an element can be seen.
func (p *Page) seen(selector string) {
	p.t.Helper()
	p.Until(`document.querySelector(` + quoted(p.t, selector) + `)?.checkVisibility()`)
}

// Shows waits until the page's visible text has what is asked for.
func (p *Page) Shows(text string) {
	p.t.Helper()
	p.Until(`document.body.innerText.includes(` + quoted(p.t, text) + `)`)
}

// Size gives the page a window of that many CSS pixels.
func (p *Page) Size(width, height int64) {
	p.t.Helper()
	command(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
}

// Screenshot is a picture of the whole page, PNG.
func (p *Page) Screenshot() []byte {
	p.t.Helper()
	png, err := act(p, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("Chromium: screenshot: %v", err)
	}
	return png
}

// quoted is a text as JavaScript writes it.
func quoted(t testing.TB, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatalf("Chromium: %v", err)
	}
	return string(b)
}
