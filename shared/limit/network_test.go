package limit

import "testing"

func TestTheClientsNetwork(t *testing.T) {
	for name, c := range map[string]struct {
		hops   int
		remote string
		lines  []string
		want   string
	}{
		"the connection's own":                  {0, "203.0.113.77:4711", nil, "203.0.113.0/24"},
		"what a client says counts for nothing": {0, "203.0.113.77:4711", []string{"198.51.100.1"}, "203.0.113.0/24"},
		"IPv6":                                  {0, "[2001:db8:1:2::3]:4711", nil, "2001:db8:1::/48"},
		"IPv4 in IPv6":                          {0, "[::ffff:203.0.113.77]:4711", nil, "203.0.113.0/24"},
		"a zone":                                {0, "[fe80::1%eth0]:1", nil, "fe80::/48"},
		"behind the load balancer":              {2, "10.0.0.1:1", []string{"203.0.113.77, 35.191.0.1"}, "203.0.113.0/24"},
		"behind it, with lies before":           {2, "10.0.0.1:1", []string{"198.51.100.1, 192.0.2.1,203.0.113.77,35.191.0.1"}, "203.0.113.0/24"},
		"lies on a line of their own":           {2, "10.0.0.1:1", []string{"198.51.100.1", "203.0.113.77, 35.191.0.1"}, "203.0.113.0/24"},
		"past the load balancer":                {2, "10.0.0.1:1", nil, unknownNetwork},
		"nonsense":                              {2, "10.0.0.1:1", []string{"drop table, x"}, unknownNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			caller := Caller{remote: c.remote}
			for _, line := range c.lines {
				caller.add("X-Forwarded-For", line)
			}
			if got := caller.Network(c.hops); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
