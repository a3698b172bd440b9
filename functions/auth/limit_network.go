package auth

import (
	"net"
	"net/netip"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Caller is from where a request came. An operation's input embeds it; the
// framework fills it in.
type Caller struct {
	remote    string
	forwarded []string
}

// Resolve takes the addresses from the request: the connection's, and all that
// is said in X-Forwarded-For, however many lines it has.
func (c *Caller) Resolve(ctx huma.Context) []error {
	c.remote = ctx.RemoteAddr()
	ctx.EachHeader(c.add)
	return nil
}

func (c *Caller) add(header, value string) {
	if strings.EqualFold(header, "X-Forwarded-For") {
		c.forwarded = append(c.forwarded, strings.Split(value, ",")...)
	}
}

// The prefixes that count as one network: what one site usually has (RFC 6177
// for IPv6).
const (
	network4 = 24
	network6 = 48
)

// unknownNetwork is one network for all whose address cannot be told.
const unknownNetwork = "unknown"

// network is the client's network, such as "203.0.113.0/24".
func (l *limiter) network(c Caller) string {
	text := c.remote
	if hops := l.rules.ForwardedHops; hops > 0 {
		if len(c.forwarded) < hops {
			return unknownNetwork // nobody comes past the load balancer
		}
		text = c.forwarded[len(c.forwarded)-hops]
	}
	text = strings.TrimSpace(text)
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return unknownNetwork
	}
	addr = addr.Unmap().WithZone("")
	bits := network4
	if addr.Is6() {
		bits = network6
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return unknownNetwork
	}
	return prefix.String()
}
