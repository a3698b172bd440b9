package browser

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

func get(t *testing.T, h http.Handler, path string) (*http.Response, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	res := rec.Result()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func handler(s *service) http.Handler {
	return newAPI(s, api.Options{Log: slog.New(slog.DiscardHandler)}).Handler()
}

func TestRoutes(t *testing.T) {
	s, _ := serviceOn(&fake{releases: twoReleases()})
	h := handler(s)
	for _, c := range []struct {
		path   string
		status int
		keep   string
		has    string
	}{
		{"/releases", 200, keepNewest, `{"items":[{"id":"new","title":"Release new","cdmVersion":"","vocabularyVersion":"","participants":{"value":1240,"hidden":false,"text":"1240"}`},
		{"/domains", 200, keepNewest, `{"release":"new","items":[{"domain":"Condition","concepts":4},{"domain":"Drug","concepts":1}]}`},
		{"/domains?release=old", 200, keepNamed, `{"release":"old"`},
		{"/concepts?query=metformin", 200, keepNewest, `{"release":"new","items":[{"conceptId":4,"name":"Metformin","domain":"Drug","vocabulary":"RxNorm","code":"6809","participants":{"value":40,"hidden":false,"text":"40"},"participantsWithDescendants":{"value":40,"hidden":false,"text":"40"}}]}`},
		{"/concepts?limit=2&cursor=2&release=old", 200, keepNamed, `"next":"4"`},
		{"/concepts?query=nothing", 200, keepNewest, `"items":[]`},
		{"/concepts/5", 200, keepNewest, `"participants":{"value":20,"hidden":true,"text":"≤ 20"}`},
		{"/concepts/6", 404, "no-store", `No participant of this release`},
		{"/concepts/x", 422, "no-store", `invalid`},
		{"/concepts?release=none", 404, "no-store", `There is no such published release`},
		{"/concepts?release=d%60%3B--", 404, "no-store", `There is no such published release`},
		{"/concepts?limit=101", 422, "no-store", `invalid`},
		{"/concepts?cursor=-1", 422, "no-store", `invalid`},
		{"/concepts?query=" + strings.Repeat("x", 101), 422, "no-store", `invalid`},
		{"/surveys", 501, "no-store", `notBuilt`},
		{"/concepts/5/ages", 501, "no-store", `notBuilt`},
	} {
		res, body := get(t, h, "/browser/v1"+c.path)
		if res.StatusCode != c.status || res.Header.Get("Cache-Control") != c.keep || !strings.Contains(body, c.has) {
			t.Errorf("%s: %d, %q, %s\nwant %d, %q, %s", c.path, res.StatusCode, res.Header.Get("Cache-Control"), body, c.status, c.keep, c.has)
		}
		if !json.Valid([]byte(body)) {
			t.Errorf("%s: no JSON", c.path)
		}
	}
}

func TestRoutesArePublic(t *testing.T) {
	for _, r := range newAPI(&service{}, api.Options{}).Routes() {
		if r.Access != session.Public {
			t.Errorf("%s has access level %d", r.Path, r.Access)
		}
	}
}

// TestNoRawCountIsShown looks for every raw count in every answer.
func TestNoRawCountIsShown(t *testing.T) {
	s, _ := serviceOn(&fake{releases: twoReleases()})
	_, body := get(t, handler(s), "/browser/v1/concepts?limit=100")
	for _, raw := range []string{`"value":1,`, `"value":3,`, `"value":21,`, `"value":101,`, `"value":119,`, "1234"} {
		if strings.Contains(body, raw) {
			t.Errorf("%s is shown in %s", raw, body)
		}
	}
}
