package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
)

// oidcTimeout bounds one call of the OpenID provider.
const oidcTimeout = 10 * time.Second

// oidcProvider verifies identities at an OpenID provider by the authorization
// code flow (OpenID Connect Core 1.0, section 3.1) with PKCE (RFC 7636): the ID
// token's signature, issuer, audience, expiry and nonce are checked, and that its
// acr is one that is high enough.
type oidcProvider struct {
	issuer string
	levels []string
	clock  clock.Clock
	http   *http.Client
	oauth  oauth2.Config

	mu       sync.Mutex
	provider *oidc.Provider
}

func newOIDC(cfg identityConfig, redirect string, now clock.Clock) *oidcProvider {
	return &oidcProvider{
		issuer: cfg.Issuer, levels: cfg.Levels, clock: now,
		http: &http.Client{Timeout: oidcTimeout},
		oauth: oauth2.Config{ClientID: cfg.ClientID, ClientSecret: string(cfg.ClientSecret), RedirectURL: redirect,
			Scopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile}},
	}
}

// Name is the issuer.
func (o *oidcProvider) Name() string { return o.issuer }

// discover reads the provider's metadata at the first need, so that the function
// starts while the provider is away; a failure is tried again by the next caller.
func (o *oidcProvider) discover() (*oidc.Provider, oauth2.Config, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		// The provider keeps this context for fetching keys: it must outlive the request.
		p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), o.http), o.issuer)
		if err != nil {
			return nil, oauth2.Config{}, errProvider(err)
		}
		o.provider = p
	}
	cfg := o.oauth
	cfg.Endpoint = o.provider.Endpoint()
	return o.provider, cfg, nil
}

func errProvider(cause error) error {
	return fault.Because(fault.Unavailable, cause, "The identity provider does not answer right now. Try again.")
}

// Start gives the provider's address for an attempt.
func (o *oidcProvider) Start(_ context.Context, a identityAttempt) (string, error) {
	_, cfg, err := o.discover()
	if err != nil {
		return "", err
	}
	return cfg.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier),
		oauth2.SetAuthURLParam("acr_values", strings.Join(o.levels, " "))), nil
}

// oidcClaims are those that are looked at beside the standard ones.
type oidcClaims struct {
	ACR        string `json:"acr"`
	Name       string `json:"name"`
	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
	VerifiedAt int64  `json:"verified_at"`
	AuthTime   int64  `json:"auth_time"`
	ID         string `json:"jti"`
}

// Result exchanges the code and checks the ID token that comes for it.
func (o *oidcProvider) Result(ctx context.Context, a identityAttempt, code string) (identityResult, error) {
	provider, cfg, err := o.discover()
	if err != nil {
		return identityResult{}, err
	}
	ctx = oidc.ClientContext(ctx, o.http)
	answer, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError:
		return identityResult{}, errUnproved(fmt.Errorf("the code was refused: %s", refused.ErrorCode))
	case err != nil:
		return identityResult{}, errProvider(err)
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return identityResult{}, errUnproved(errors.New("no ID token came for the code"))
	}
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: cfg.ClientID, Now: o.clock.Now}).Verify(ctx, raw)
	if err != nil {
		return identityResult{}, errUnproved(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1 {
		return identityResult{}, errUnproved(errors.New("the ID token's nonce is not the attempt's"))
	}
	var c oidcClaims
	if err := token.Claims(&c); err != nil {
		return identityResult{}, errUnproved(err)
	}
	if !slices.Contains(o.levels, c.ACR) {
		return identityResult{}, fault.New(fault.Denied, "The identity provider has verified your identity at a lower level than this programme needs. Complete the provider's identity check, then begin again.")
	}
	return c.result(token), nil
}

// result is what the ID token says, in the hub's terms.
func (c oidcClaims) result(token *oidc.IDToken) identityResult {
	r := identityResult{Subject: token.Subject, Level: c.ACR, Name: c.Name, VerifiedAt: token.IssuedAt.UTC(), Reference: c.ID}
	if r.Name == "" {
		r.Name = strings.TrimSpace(c.GivenName + " " + c.FamilyName)
	}
	for _, at := range []int64{c.VerifiedAt, c.AuthTime} {
		if at > 0 {
			r.VerifiedAt = time.Unix(at, 0).UTC()
			break
		}
	}
	return r
}

// errUnproved is one answer for everything that is wrong with what the provider
// sent.
func errUnproved(cause error) error {
	return fault.Because(fault.Denied, cause, "The identity provider's answer does not prove an identity. Begin again.")
}
