package portal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// tab is one page of the browser.
type tab struct {
	*testkit.Page
	t *testing.T
}

// open opens an address in a tab of its own, and holds its console to silence
// at the end: no exception, nothing that the page's policy refused.
func open(t *testing.T, browser *testkit.Browser, url string) *tab {
	t.Helper()
	b := &tab{browser.For(t).Open(url), t}
	b.Size(1200, 1000)
	t.Cleanup(func() {
		for _, line := range b.Console() {
			// Answers with an error status are what tests ask for.
			if strings.HasPrefix(line, "error: Failed to load resource") {
				continue
			}
			if level, _, _ := strings.Cut(line, ":"); level == "error" || level == "warning" || level == "assert" {
				t.Errorf("the console says: %s", line)
			}
		}
	})
	return b
}

// there waits for elements that can be seen.
func (b *tab) there(selectors ...string) {
	b.t.Helper()
	for _, one := range selectors {
		b.Until("document.querySelector(`" + one + "`)?.checkVisibility()")
	}
}

// text gives what an expression of the page comes to.
func (b *tab) text(expression string) string {
	b.t.Helper()
	var s string
	b.Eval("String("+expression+")", &s)
	return s
}

// choose picks an option of a list, as a person does.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	b.there(selector)
	b.Call(`(selector, value) => { const it = document.querySelector(selector); it.value = value; it.dispatchEvent(new Event("change", {bubbles: true})); }`, nil, selector, value)
}

// focused waits until the focus is in what a selector finds.
func (b *tab) focused(selector string) {
	b.t.Helper()
	b.Until("document.activeElement?.matches(`" + selector + "`)")
}

// shot leaves a picture of the whole page in the folder that HUB_SCREENSHOTS
// names, for people to look at.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("HUB_SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), b.Screenshot(), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// narrow makes the page 320 CSS pixels wide, as WCAG 2.2's reflow (1.4.10) asks
// for, and says what sticks out.
func (b *tab) narrow(name string) {
	b.t.Helper()
	b.Size(320, 800)
	if got := b.text("document.documentElement.scrollWidth - document.body.offsetWidth"); got != "0" {
		b.t.Errorf("%s is %s px too wide for a screen of 320: %s", name, got,
			b.text("[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > document.body.offsetWidth && !one.closest('.wide')).map((one) => one.tagName + '.' + one.className + '#' + one.id).slice(0, 8).join(' ')"))
	}
	b.shot(name + "-320")
	b.Size(1200, 1000)
}

// accessible holds the page's elements to what a screen reader needs.
func (b *tab) accessible(name string) {
	b.t.Helper()
	faults := b.text(`(() => {
const faults = [];
const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) faults.push("two elements have the id " + id);
for (const one of document.querySelectorAll("input, select, textarea"))
  if (!one.labels?.length && !one.getAttribute("aria-label")) faults.push("no label: " + one.outerHTML);
for (const one of document.querySelectorAll("button, a, summary"))
  if (!one.textContent.trim() && !one.getAttribute("aria-label")) faults.push("no name: " + one.outerHTML);
for (const name of ["aria-describedby", "aria-labelledby", "for"])
  for (const one of document.querySelectorAll("[" + name + "]"))
    for (const id of one.getAttribute(name).split(" ")) if (!document.getElementById(id)) faults.push(name + " names nothing: " + id);
for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) faults.push("tabindex above 0: " + one.outerHTML);
const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]));
levels.forEach((level, i) => { if (level > (levels[i - 1] || 0) + 1) faults.push("a heading of level " + level + " after " + (levels[i - 1] || 0)); });
if (levels.filter((level) => level === 1).length !== 1) faults.push("not one h1");
if (!document.documentElement.lang) faults.push("no language");
return faults.join("\n");
})()`)
	if faults != "" {
		b.t.Errorf("%s: %s", name, strings.ReplaceAll(faults, "\n", "\n\t"))
	}
}

// narrowAndAccessible holds a page to both.
func (b *tab) narrowAndAccessible(name string) {
	b.t.Helper()
	b.accessible(name)
	b.narrow(name)
}
