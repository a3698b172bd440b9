package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"researchhub.example/hub/shared/clock"
)

// The providers of the identity module.
const (
	localIdentity = "local"
	oidcIdentity  = "oidc"
)

// identityConfig says who verifies identities.
type identityConfig struct {
	// Provider is "oidc", "local" (the local cloud only) or nothing: then an
	// access admin enters identities with evidence.
	Provider string `env:"HUB_IDENTITY_PROVIDER"`
	// BaseURL is where the hub is: the provider sends people back there.
	BaseURL string `env:"HUB_BASE_URL"`
	// Issuer is the OpenID provider's, as its discovery document says it.
	Issuer string `env:"HUB_OIDC_ISSUER"`
	// ClientID and ClientSecret are the hub's at the provider.
	ClientID     string       `env:"HUB_OIDC_CLIENT_ID"`
	ClientSecret clientSecret `env:"HUB_OIDC_CLIENT_SECRET"`
	// Levels are the values of the claim acr that are high enough, separated by
	// commas, such as http://idmanagement.gov/ns/assurance/ial/2.
	Levels []string `env:"HUB_OIDC_ACR"`
}

// clientSecret is a text that no log shows.
type clientSecret string

// String hides the secret from fmt.
func (clientSecret) String() string { return "[hidden]" }

// GoString hides it from %#v.
func (clientSecret) GoString() string { return "[hidden]" }

// MarshalText hides it from JSON.
func (clientSecret) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// LogValue hides it from slog.
func (clientSecret) LogValue() slog.Value { return slog.StringValue("[hidden]") }

// callbackPath is where a provider sends people back to.
const callbackPath = "/auth/v1/identity/callback"

// newIdentityProvider builds the provider of the configuration; nil for none.
// The local one believes everybody, so it is refused in the cloud, where the
// platform sets K_SERVICE.
func newIdentityProvider(cfg identityConfig, now clock.Clock, getenv func(string) string) (identityProvider, error) {
	switch cfg.Provider {
	case "":
		return nil, nil
	case localIdentity:
		if getenv("K_SERVICE") != "" {
			return nil, errors.New("HUB_IDENTITY_PROVIDER=local is set in the cloud: it verifies everybody; set oidc, or nothing")
		}
		return localProvider{clock: now}, nil
	case oidcIdentity:
		if err := cfg.check(); err != nil {
			return nil, err
		}
		return newOIDC(cfg, strings.TrimSuffix(cfg.BaseURL, "/")+callbackPath, now), nil
	default:
		return nil, errors.New("HUB_IDENTITY_PROVIDER is oidc, local or nothing")
	}
}

// check refuses a half-set provider, and one whose keys would come unprotected.
func (cfg identityConfig) check() error {
	for name, value := range map[string]string{"HUB_BASE_URL": cfg.BaseURL, "HUB_OIDC_ISSUER": cfg.Issuer,
		"HUB_OIDC_CLIENT_ID": cfg.ClientID, "HUB_OIDC_CLIENT_SECRET": string(cfg.ClientSecret), "HUB_OIDC_ACR": strings.Join(cfg.Levels, "")} {
		if value == "" {
			return fmt.Errorf("HUB_IDENTITY_PROVIDER=oidc needs %s", name)
		}
	}
	u, err := url.Parse(cfg.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, u.Hostname())) {
		return errors.New("HUB_OIDC_ISSUER is an https address")
	}
	return nil
}
