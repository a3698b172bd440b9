package limit

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

// Network is the client's network, such as "203.0.113.0/24". hops is how many
// addresses the platform appends to X-Forwarded-For, the client's included: 0
// takes the connection's own, 2 are appended by Google's external Application
// Load Balancer (the client's and its own). What stands further to the left was
// written by the client.
func (c Caller) Network(hops int) string {
	text := c.remote
	if hops > 0 {
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
