package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"time"

	"firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit/issuer"
)

// verified is what verification adds to a request, and asking adds to that.
type verified struct{ verify, revocation time.Duration }

// signature is the local half of verification alone: signature, project, times.
type signature struct{ client *auth.Client }

func (s signature) Verify(ctx context.Context, raw string) (session.Principal, error) {
	tok, err := s.client.VerifyIDToken(ctx, raw)
	if err != nil {
		return session.Principal{}, err
	}
	return session.Principal{UID: tok.UID, Level: session.SignedIn}, nil
}

// everybody lets every principal through: rules are not what is measured.
type everybody struct{}

func (everybody) Authorize(ctx context.Context, _ session.Principal, _ session.Level, _ access.Rule, _ string) (context.Context, error) {
	return ctx, nil
}

// trivial is the front door with two routes that do nothing.
func trivial(v session.Verifier) http.Handler {
	type out struct {
		Body struct {
			OK bool `json:"ok"`
		}
	}
	answer := func(context.Context, *struct{}) (*out, error) {
		o := &out{}
		o.Body.OK = true
		return o, nil
	}
	a := api.New(api.Options{Function: "bench", Title: "Bench", Verifier: v, Authorizer: everybody{}, Log: slog.New(slog.DiscardHandler)})
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/public", ID: "public", Summary: "Public", Access: api.Public, Rule: access.Anyone}, answer)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/signed", ID: "signed", Summary: "Signed in", Access: api.SignedIn, Rule: access.Own}, answer)
	return a.Handler()
}

func verification(ctx context.Context, c *cloud, requests int) (verified, error) {
	uid, _, err := c.signUp(ctx, "reader@university.example")
	if err != nil {
		return verified{}, err
	}
	if err := os.Unsetenv("FIREBASE_AUTH_EMULATOR_HOST"); err != nil { // there tokens are unsigned
		return verified{}, fmt.Errorf("unset: %w", err)
	}
	i, err := issuer.New(ctx, project, c.lookUp())
	if err != nil {
		return verified{}, err
	}
	restore, err := i.Install(c.dir)
	if err != nil {
		return verified{}, err
	}
	defer restore()
	client, err := session.NewAdmin(ctx, project)
	if err != nil {
		return verified{}, err
	}
	gate := &access.Gate{Client: c.store, Rules: access.DefaultRules(), Clock: clock.System{}}
	whole, err := gate.Verifier(ctx, project)
	if err != nil {
		return verified{}, err
	}
	token := i.Token(i.Claims(uid, time.Now()))
	local, asking := trivial(signature{client}), trivial(whole)

	kinds := []struct {
		name, path, token string
		handler           http.Handler
		took              []time.Duration
	}{
		{"public", "/bench/v1/public", "", local, nil},
		{"signature", "/bench/v1/signed", token, local, nil},
		{"and asking", "/bench/v1/signed", token, asking, nil},
	}
	// By turns, so that what else the machine does falls on all alike.
	for n := range requests + requests/10 {
		for k := range kinds {
			kind := &kinds[k]
			took, err := ask(ctx, kind.handler, kind.path, kind.token)
			if err != nil {
				return verified{}, fmt.Errorf("%s: %w", kind.name, err)
			}
			if n >= requests/10 { // those before warm the caches
				kind.took = append(kind.took, took)
			}
		}
	}
	// A measurement of something that lets everybody in is worth nothing.
	if w := get(ctx, local, "/bench/v1/signed", token+"x"); w.Code != http.StatusInternalServerError && w.Code != http.StatusUnauthorized {
		return verified{}, fmt.Errorf("a broken signature was answered with %d", w.Code)
	}
	if n := i.Fetched.Load(); n > 2 { // one per client
		return verified{}, fmt.Errorf("the keys were fetched %d times: they are not cached", n)
	}
	fmt.Printf("%-12s %10s %10s %10s   (of %d requests, in milliseconds)\n", "", "p50", "p95", "p99", requests)
	for _, kind := range kinds {
		fmt.Printf("%-12s %10.3f %10.3f %10.3f\n", kind.name, ms(quantile(kind.took, 0.5)), ms(quantile(kind.took, 0.95)), ms(quantile(kind.took, 0.99)))
	}
	p50 := func(k int) time.Duration { return quantile(kinds[k].took, 0.5) }
	return verified{p50(1) - p50(0), p50(2) - p50(1)}, nil
}

// lookUp answers the SDK's question for an account with the Auth emulator's word.
func (c *cloud) lookUp() http.Handler {
	to := &url.URL{Scheme: "http", Host: c.authHost, Path: "/identitytoolkit.googleapis.com"}
	return &httputil.ReverseProxy{
		Transport: http.DefaultTransport.(*http.Transport).Clone(),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Set("Authorization", "Bearer owner")
		},
	}
}

func get(ctx context.Context, h http.Handler, path, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func ask(ctx context.Context, h http.Handler, path, token string) (time.Duration, error) {
	began := time.Now()
	w := get(ctx, h, path, token)
	took := time.Since(began)
	if w.Code != http.StatusOK {
		return 0, fmt.Errorf("status %d: %s", w.Code, w.Body)
	}
	return took, nil
}

// quantile is the value below which that part of the durations lies.
func quantile(d []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[int(q*float64(len(sorted)-1))]
}
