package authorization

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// nasty are values that a field may not take, or that a careless reader of it
// would choke on.
func nasty() []any {
	return []any{
		nil, true, 0, -1, 1 << 53, 1e300, 0.5, "", " ", marker, strings.Repeat(marker, 2000), "\x00" + marker, "\u202e" + marker, "..%2f../" + marker,
		"__proto__", "2026-02-30", "9999-99-99T99:99:99Z", "-0", "1e999", "$ref", "${jndi:" + marker + "}", "'; DROP TABLE person; --" + marker,
		"=cmd|' /C " + marker + "'!A0", "<script>" + marker + "</script>", "http://169.254.169.254/" + marker, "javascript:" + marker,
		[]any{}, []any{nil}, []any{marker, 1, []any{}}, map[string]any{}, map[string]any{"k": marker}, map[string]any{"": nil},
	}
}

// example is a body that a schema takes, or nearly: what goes beyond types, such
// as a pattern, is not looked at.
func (d document) example(s *schema, depth int) any {
	s = d.resolve(s)
	if s == nil || depth > 6 {
		return map[string]any{}
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	switch kindOf(s) {
	case "object":
		all := map[string]any{}
		for name, p := range s.Properties {
			all[name] = d.example(p, depth+1)
		}
		return all
	case "array":
		return []any{d.example(s.Items, depth+1)}
	case "string":
		return strings.Repeat("a", max(1, s.MinLength))
	case "integer", "number":
		return max(1, s.Minimum)
	case "boolean":
		return true
	default:
		return map[string]any{}
	}
}

// kindOf is the type of a schema; of several, the first that is not null.
func kindOf(s *schema) string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if name, ok := one.(string); ok && name != "null" {
				return name
			}
		}
	}
	return ""
}

// Bodies that are nearly right get past the first checks: each has one field that
// is not.
func TestInventedBodies(t *testing.T) {
	h := open(t)
	h.settle(t)
	token := h.allPowers(t)
	type sent struct {
		route route
		body  []byte
	}
	var all []sent
	for _, r := range h.routes {
		d := h.document(t, r.function)
		body := d.body(r)
		if body == nil || !r.Built {
			continue
		}
		whole, _ := d.example(body, 0).(map[string]any)
		for _, name := range append(slices.Sorted(maps.Keys(body.Properties)), "") {
			for _, value := range nasty() {
				one := maps.Clone(whole)
				if name != "" {
					one[name] = value
				}
				b, err := json.Marshal(one)
				if err != nil {
					t.Fatal(err)
				}
				if all = append(all, sent{r, b}); name == "" {
					break
				}
			}
		}
	}
	if len(all) < 1000 {
		t.Errorf("%d bodies", len(all))
	}
	f := newFailures(t)
	reached := map[bool]int{}
	for _, s := range all {
		a := h.send(t, request{method: s.route.Method, path: s.route.at(h.places()), token: token, ifMatch: `"2026-01-01T00:00:00Z"`, body: s.body})
		reached[a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest]++
		switch {
		case a.status >= http.StatusInternalServerError && a.status != http.StatusNotImplemented:
			f.say(s.route.name(), "somebody who may, with %.300s: %d %s", s.body, a.status, a.body)
		case a.status >= http.StatusBadRequest && echoes(a):
			f.say(s.route.name(), "somebody who may, with %.300s: it repeats what it refuses: %s", s.body, a.body)
		case s.route.Access > 0 && a.status == http.StatusUnauthorized, a.status == http.StatusForbidden && a.code == "assurance":
			f.say(s.route.name(), "somebody who may, with %.300s: the session is gone: %d %s", s.body, a.status, a.body)
		}
	}
	t.Logf("%d bodies, %d of them past the first checks", len(all), reached[true])
	for _, line := range h.faults(t) {
		t.Errorf("a function failed: %s", line)
	}
}
