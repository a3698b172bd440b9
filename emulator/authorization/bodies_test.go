package authorization

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// allPowers is somebody who may do everything: what is tried here gets past every
// door.
func (h *hub) allPowers(t testing.TB) (token string) {
	t.Helper()
	p := person{"controlled", "all"}
	h.putPerson(t, p)
	a := account(p)
	a.AdminRoles = a.AdminRoles[:0]
	for _, role := range adminRoles[1:] {
		a.AdminRoles = append(a.AdminRoles, asRole(role))
	}
	h.put(t, "accounts", p.uid(), a)
	for _, tier := range workspaceTiers {
		name := workspaceID(tier, "owner")
		snap, err := h.client.Collection("workspaces").Doc(name).Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := snap.Ref.Update(t.Context(), updates("members."+p.uid(), "owner")); err != nil {
			t.Fatal(err)
		}
	}
	return h.token(p.uid(), "level2")
}

// unsized hides a body's length, so that only reading it tells.
type unsized struct{ io.Reader }

// A body over a route's bound is refused, whether or not its length was told.
func TestBodiesOverTheBoundAreRefused(t *testing.T) {
	h := open(t)
	h.settle(t)
	token := h.allPowers(t)
	n := 0
	for _, r := range h.routes {
		if !r.takesBody() || !r.Built || r.Raw != "" || !h.hasBody(t, r) {
			continue
		}
		n++
		if r.MaxBodyBytes < 1 || r.MaxBodyBytes > 8<<20 {
			t.Errorf("%s takes %d bytes", r.name(), r.MaxBodyBytes)
			continue
		}
		over := bytes.Repeat([]byte(" "), int(r.MaxBodyBytes)+1)
		for _, body := range []io.Reader{bytes.NewReader(over), unsized{bytes.NewReader(over)}} {
			req := httptest.NewRequestWithContext(t.Context(), r.Method, r.at(h.places()), body)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			h.handlers[r.function].ServeHTTP(w, req)
			if w.Code != http.StatusRequestEntityTooLarge {
				t.Errorf("%s with %d bytes: %d %s", r.name(), len(over), w.Code, w.Body)
			}
		}
	}
	if n < 15 {
		t.Errorf("%d routes with bodies", n)
	}
}

// marker stands for what a caller would not like to see again.
const marker = "s3cr3t-7f3a"

// seeds are bodies that no route takes, and some that a careless one would choke
// on. Each value that is wrong holds the marker.
func seeds() [][]byte {
	deep := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	wide := "[" + strings.Repeat(`"`+marker+`",`, 5000) + `"x"]`
	list := []string{
		"", " ", "null", "true", "1", `"` + marker + `"`, "[]", "{}", "[{}]", "[[[[]]]]",
		"{", "}", `{"name":`, `{"name":"` + marker, `{"name":"` + marker + `"`, `{"name":"` + marker + `"}}`, `{name:` + marker + `}`,
		`{"name":"` + marker + `","name":1}`, "{\"name\":\"\xff\xfe" + marker + "\"}", "\xef\xbb\xbf{}", "\x00", "{\"name\":\"\x00" + marker + "\"}",
		`{"name":"\ud800` + marker + `"}`, `{"name":"` + strings.Repeat(marker, 5000) + `"}`, `{"name":1e999}`, `{"name":-1}`, `{"name":{"` + marker + `":1}}`,
		`{"code":"` + marker + `","recoveryCode":"` + marker + `","challengeId":"` + marker + `","credential":"` + marker + `"}`,
		`{"credential":{"id":"` + marker + `","rawId":"` + marker + `","type":"public-key","response":{"clientDataJSON":"` + marker + `"}}}`,
		`{"email":"` + marker + `@@","password":"` + marker + `"}`, `{"email":"` + marker + `","password":""}`,
		`{"act":"` + marker + `","reason":"` + marker + `"}`, `{"roles":["` + marker + `"],"reason":"` + marker + `"}`,
		`{"definition":{"PrimaryCriteria":"` + marker + `"},"name":"` + marker + `"}`, `{"sql":"SELECT '` + marker + `"}`,
		`{"amount":{"value":"` + marker + `","currency":"` + marker + `"}}`, `{"version":"` + marker + `","fullName":"` + marker + `"}`,
		`{"constructor":{"prototype":{}},"__proto__":{"tier":"controlled"}}`, `<a>` + marker + `</a>`, "name=" + marker, deep, wide,
		`{"message":{"data":"!` + marker + `","messageId":"1"},"subscription":"x"}`, `{"message":{"data":"e30=","messageId":"1"},"subscription":"x"}`,
	}
	out := make([][]byte, len(list))
	for i, s := range list {
		out[i] = []byte(s)
	}
	return out
}

// knockWith sends a body to a route and says what is wrong with the answer.
func (h *hub) knockWith(t testing.TB, r route, token, contentType string, body []byte) string {
	a := h.send(t, request{method: r.Method, path: r.at(h.places()), token: token, contentType: contentType, body: body})
	switch {
	case !r.Built && a.status == http.StatusNotImplemented:
	case a.status >= http.StatusInternalServerError:
		return "it fails"
	case a.status >= http.StatusBadRequest && bytes.Contains(body, []byte(marker)) && echoes(a):
		return "it repeats what it refuses: " + string(a.body)
	case r.Raw == "" && r.Built && a.status >= http.StatusBadRequest && a.code == "":
		return "no problem details: " + string(a.body)
	}
	return ""
}

// locations are the names of fields in a refusal.
var locations = regexp.MustCompile(`"location":"[^"]*"`)

// echoes reports whether a refusal repeats a value that was sent. The name of a
// field that it does not know is told, so that the caller finds it.
func echoes(a answer) bool {
	return bytes.Contains(locations.ReplaceAll(a.body, nil), []byte(marker))
}

// knocked are the routes that take bodies, raw ones included.
func (h *hub) knocked() []route {
	var list []route
	for _, r := range h.routes {
		if r.takesBody() {
			list = append(list, r)
		}
	}
	return list
}

// FuzzBodies throws bodies at every route as somebody who may do everything. As a
// plain test it sends the seeds to each route; the fuzzer invents more.
func FuzzBodies(f *testing.F) {
	h := open(f)
	h.settle(f)
	token := h.allPowers(f)
	routes := h.knocked()
	for _, body := range seeds() {
		f.Add(uint16(0), true, body)
	}
	all := true // the seeds go everywhere, what is invented to one route each
	f.Fuzz(func(t *testing.T, which uint16, asJSON bool, body []byte) {
		contentType := "application/json"
		if !asJSON {
			contentType = "text/plain"
		}
		to := routes[int(which)%len(routes):][:1]
		if all && which == 0 {
			to = routes
		}
		for _, r := range to {
			if wrong := h.knockWith(t, r, token, contentType, body); wrong != "" {
				t.Errorf("%s with %.200q: %s", r.name(), body, wrong)
			}
		}
	})
}
