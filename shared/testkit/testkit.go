// Package testkit gives tests the real emulators, one per test binary, started
// when the first test asks and gone with the binary; test data; and goldens. Pages
// are opened in a real Chromium, one per test.
//
// It borrows the launchers of the local cloud (emulator/firestore,
// emulator/auth), so that tests and `make run` start the same programs the same
// way. It links neither DuckDB nor the GoogleSQL analyzer.
//
// Uses github.com/chromedp/chromedp (with its cdproto): it starts the Chromium
// that is installed and speaks its DevTools protocol, virtual authenticators
// included, without Node or a driver beside it.
package testkit

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

// Unavailable ends a test whose emulator cannot be had: with CI set it fails,
// otherwise it is skipped. Either way it says why and how to get it.
func Unavailable(t testing.TB, what string, reason error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s cannot be had, and with CI set no test may be skipped for that: %v", what, reason)
	}
	t.Skipf("%s cannot be had: %v", what, reason)
}

// Project gives a project id that no other test has: emulators keep projects
// apart, so that tests share one emulator without seeing each other.
func Project(t testing.TB) string {
	t.Helper()
	// Begins with "demo-": Google's emulators and clients never reach the
	// network for such a project.
	return "demo-" + strings.ToLower(ulid.MustNew(ulid.Timestamp(time.Now()), rand.Reader).String())
}
