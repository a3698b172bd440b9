package portal

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

// tokens takes an account's name for its token: "u" has a session of level 2,
// "u1" is u at level 1.
type tokens struct{}

func (tokens) Verify(_ context.Context, raw string) (session.Principal, error) {
	if raw == "bad" {
		return session.Principal{}, fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
	}
	p := session.Principal{UID: raw, Level: session.SecondFactor, SecondFactorAt: now, EmailVerified: true}
	if uid, one := strings.CutSuffix(raw, "1"); one {
		p.UID, p.Level, p.SecondFactorAt = uid, session.SignedIn, time.Time{}
	}
	return p, nil
}

func newService(client *firestore.Client, s signIn) *service {
	clk := clock.NewManual(now)
	return &service{
		gate:    &access.Gate{Client: client, Rules: access.DefaultRules(), Clock: clk},
		credits: &credits.Store{Client: client, Rules: credits.DefaultRules(), Clock: clk},
		client:  client, signIn: s,
	}
}

func handler(t *testing.T, s *service) http.Handler {
	t.Helper()
	h, err := newHandler(s, api.Options{Verifier: tokens{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// call sends one request as the holder of a token and gives the answer.
func call(t *testing.T, h http.Handler, token, method, path string) (*http.Response, string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(""))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	res := rec.Result()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}
