package auth

import (
	"context"
	"net/http"
	"os"

	"github.com/go-webauthn/webauthn/webauthn"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/seal"
	"researchhub.example/hub/shared/session"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access  access.Rules
	Factors factorRules
	Limits  limitRules
	SignUps signUpRules
	Seal    seal.Config
	// Training are the secrets of the training provider's webhook, separated by
	// commas, each of 32 characters or more; none closes the route.
	Training webhookSecrets `env:"HUB_TRAINING_WEBHOOK_SECRETS"`
	Identity identityConfig
	// BaseURL is where the hub is reached: passkeys are bound to it.
	BaseURL string `env:"HUB_BASE_URL, required"`
}

func init() { fn.Register(fn.Function{Name: "auth", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	identities, err := newIdentityProvider(cfg.Identity, clock.System{}, os.Getenv)
	if err != nil {
		return nil, err
	}
	party, err := newRelyingParty(cfg.BaseURL, cfg.Factors.Issuer, cfg.Factors.ChallengeFor)
	if err != nil {
		return nil, err
	}
	sealer, err := seal.Open(ctx, cfg.Seal)
	if err != nil {
		return nil, err
	}
	admin, err := session.NewAdmin(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	client, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	publisher, err := pubsubx.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	log := o11y.NewLogger(os.Stderr, "auth", cfg.Project)
	s := &service{
		gate:    access.Gate{Client: client, Rules: cfg.Access, Clock: clock.System{}},
		events:  outbox.Sender{Client: client, Publisher: publisher, Log: log, Clock: clock.System{}},
		sealer:  sealer,
		tokens:  admin,
		users:   admin,
		limits:  newLimiter(client, clock.System{}, cfg.Limits),
		signUps: cfg.SignUps,
		factors: cfg.Factors,
		turns:   limit.Turns{Busy: "Codes of this account are being checked. Wait for the answer, then send one."},

		signIns:    firebaseSignIns{admin},
		training:   cfg.Training,
		identities: identities,
		party:      party,
	}
	verifier, err := s.gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	return newAPI(s, api.Options{Verifier: verifier, Log: log, MaxBodyBytes: cfg.MaxBodyBytes}).Handler(), nil
}

// sessions is what the function needs of Firebase's Admin SDK.
type sessions interface {
	// CustomTokenWithClaims mints a token that a client signs in with.
	CustomTokenWithClaims(ctx context.Context, uid string, claims map[string]any) (string, error)
	// RevokeRefreshTokens ends every session of an account.
	RevokeRefreshTokens(ctx context.Context, uid string) error
}

// service does what the routes ask for.
type service struct {
	gate    access.Gate
	events  outbox.Sender
	sealer  *seal.Sealer
	tokens  sessions
	users   users
	limits  *limiter
	signUps signUpRules
	factors factorRules
	party   *webauthn.WebAuthn
	turns   limit.Turns

	signIns signIns
	// training are the secrets of the training provider's webhook, none for no webhook.
	training webhookSecrets
	// identities verifies identities; nil where no provider is set up.
	identities identityProvider
}
