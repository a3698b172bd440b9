package session

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// Device is where a session was begun, as the request told it: so that people
// recognise their sessions. A caller can claim anything in it; no decision rests
// on it. The program is one of a few names, never the caller's own text.
type Device struct {
	// Program is such as "Firefox on Linux".
	Program string `firestore:"program"`
	// Network is the caller's address cut to its network: a /24 of IPv4, a /48 of
	// IPv6; "" where the request does not say.
	Network string `firestore:"network"`
}

type deviceKey struct{}

// WithDevice puts the caller's device into the context.
func WithDevice(ctx context.Context, d Device) context.Context {
	return context.WithValue(ctx, deviceKey{}, d)
}

// DeviceFrom is the device of the request that ctx belongs to.
func DeviceFrom(ctx context.Context) Device {
	d, _ := ctx.Value(deviceKey{}).(Device)
	return d
}

// DeviceOf reads the device off a request.
func DeviceOf(r *http.Request) Device {
	return Device{Program: program(r.UserAgent()), Network: network(r)}
}

// mark is a name and what gives it away in a User-Agent.
type mark struct{ text, name string }

// The first that is found wins: each browser also claims to be those below it.
var (
	programs = []mark{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"}, {"Safari/", "Safari"},
		{"curl/", "curl"}, {"python-requests/", "Python"}, {"Python", "Python"},
		{"okhttp/", "an Android app"}, {"Go-http-client/", "a Go program"}, {"node", "Node.js"},
	}
	systems = []mark{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iPadOS"},
		{"CrOS", "ChromeOS"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

// maxUserAgent bounds what of a User-Agent is looked at, in bytes.
const maxUserAgent = 512

func program(agent string) string {
	agent = agent[:min(len(agent), maxUserAgent)]
	name := first(programs, agent)
	if name == "" {
		name = "An unknown program"
	}
	if system := first(systems, agent); system != "" {
		name += " on " + system
	}
	return name
}

func first(marks []mark, agent string) string {
	for _, m := range marks {
		if strings.Contains(agent, m.text) {
			return m.name
		}
	}
	return ""
}

// network is the caller's network. Google's load balancer appends the caller's
// address and its own to X-Forwarded-For
// (https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header):
// what stands before them is the caller's own claim.
func network(r *http.Request) string {
	from := r.RemoteAddr
	if list := r.Header.Values("X-Forwarded-For"); len(list) > 0 {
		hops := strings.Split(list[len(list)-1], ",")
		from = hops[max(0, len(hops)-2)]
	}
	from = strings.TrimSpace(from)
	addr, err := netip.ParseAddr(from)
	if err != nil {
		withPort, err := netip.ParseAddrPort(from)
		if err != nil {
			return ""
		}
		addr = withPort.Addr()
	}
	addr = addr.Unmap().WithZone("")
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
