package session

import (
	"net/http"
	"strings"
	"testing"
)

func TestDeviceOf(t *testing.T) {
	for _, c := range []struct{ agent, remote, forwarded, program, network string }{
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "203.0.113.7:4000", "", "Firefox on Linux", "203.0.113.0/24"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0", "10.0.0.1:1", "198.51.100.9, 35.1.1.1", "Edge on Windows", "198.51.100.0/24"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "10.0.0.1:1", "1.1.1.1, 198.51.100.9, 35.1.1.1", "Safari on macOS", "198.51.100.0/24"},
		{"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36", "[2001:db8:1:2::3]:1", "", "Chrome on Android", "2001:db8:1::/48"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 CriOS/141.0 Safari/604", "[::ffff:203.0.113.7]:1", "", "Chrome on iOS", "203.0.113.0/24"},
		{"python-requests/2.32", "x", "203.0.113.7", "Python", "203.0.113.0/24"},
		{"curl/8.0", "10.0.0.1:1", "unknown", "curl", ""},
		{"<script>alert(1)</script>", "", "", "An unknown program", ""},
		{"", "10.0.0.1:1", ",", "An unknown program", ""},
		{strings.Repeat("x", maxUserAgent) + "Firefox/1", "@", "", "An unknown program", ""},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"User-Agent": {c.agent}}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := DeviceOf(r); got != (Device{c.program, c.network}) {
			t.Errorf("%.80q from %s for %s: %+v", c.agent, c.remote, c.forwarded, got)
		}
	}
}
