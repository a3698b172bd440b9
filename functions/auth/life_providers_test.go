package auth

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"researchhub.example/hub/shared/access"
)

// trained has the training provider report a completion of now, by its signed
// webhook; a second report of the same completion has the same answer.
func (l *life) trained(p *person, m access.Module) {
	l.t.Helper()
	now := l.room.clock.Now()
	body := fmt.Sprintf(`{"completionId":"%s-%d","learner":%q,"module":%q,"completedAt":%q,"course":"Responsible conduct"}`,
		m, now.UnixNano(), p.uid, m, now.UTC().Format(time.RFC3339Nano))
	send := func(secret string, at time.Time) int {
		req := httptest.NewRequestWithContext(l.t.Context(), "POST", "/auth/v1/training/completions", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Hub-Signature", signedAt(at, body, secret))
		w := httptest.NewRecorder()
		l.one.ServeHTTP(w, req)
		return w.Code
	}
	if got := send("not the secret that the provider has", now); got != 401 {
		l.t.Fatalf("a report that somebody else signed: %d", got)
	}
	if got := send(testSecret, now.Add(-6*time.Minute)); got != 401 {
		l.t.Fatalf("a report that was signed six minutes ago: %d", got)
	}
	for range 2 {
		if got := send(testSecret, now); got != 200 {
			l.t.Fatalf("the training provider's report: %d", got)
		}
	}
}

// identified goes to the identity provider's page and comes back.
func (l *life) identified(p *person) {
	l.t.Helper()
	start := p.want(200, "POST", "/v1/modules/identity/start", map[string]any{})["url"].(string)
	at, err := url.Parse(start)
	if err != nil {
		l.t.Fatal(err)
	}
	if page := l.get(at.Path, at.Query()); page.Code != 200 {
		l.t.Fatalf("the provider's page: %d %s", page.Code, page.Body)
	}
	back := l.get("/auth/v1/identity/callback", url.Values{"state": at.Query()["state"], "code": at.Query()["subject"]})
	_, fragment, _ := strings.Cut(back.Header().Get("Location"), "#identity?")
	result, err := url.ParseQuery(fragment)
	if err != nil || back.Code != http.StatusSeeOther || result.Get("state") == "" {
		l.t.Fatalf("the way back: %d to %q", back.Code, back.Header().Get("Location"))
	}
	proof := map[string]any{"state": result.Get("state"), "code": result.Get("code")}
	p.want(200, "POST", "/v1/modules/identity/result", proof)
	p.want(403, "POST", "/v1/modules/identity/result", proof) // it counts once
}

func (l *life) get(path string, q url.Values) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	l.one.ServeHTTP(w, httptest.NewRequestWithContext(l.t.Context(), "GET", path+"?"+q.Encode(), nil))
	return w
}
