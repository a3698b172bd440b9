package auth

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/limit"
)

// limited names what is limited, and by what.
type limited string

// The limits. Those by address count whether or not the address has an account.
const (
	limitSignUpAddress    limited = "signUp.address"
	limitSignUpNetwork    limited = "signUp.network"
	limitResetAddress     limited = "passwordReset.address"
	limitResetNetwork     limited = "passwordReset.network"
	limitMatchNetwork     limited = "institutionMatch.network"
	limitPasskeyChallenge limited = "passkeyChallenge.network"
)

// limitRules are the numbers of the limits: how many in one window.
type limitRules struct {
	// MailWindow is the window of what sends mail.
	MailWindow time.Duration `env:"HUB_LIMIT_MAIL_WINDOW, default=1h"`
	// MailAddress bounds the mails that strangers can have sent to one address.
	MailAddress int `env:"HUB_LIMIT_MAIL_ADDRESS, default=5"`
	// MailNetwork is for a whole campus, which may come from one network.
	MailNetwork int `env:"HUB_LIMIT_MAIL_NETWORK, default=100"`
	// LookWindow is the window of what only looks something up.
	LookWindow time.Duration `env:"HUB_LIMIT_LOOK_WINDOW, default=10m"`
	// LookNetwork bounds guessing from one network.
	LookNetwork int `env:"HUB_LIMIT_LOOK_NETWORK, default=300"`
	// ForwardedHops is how many addresses the platform appends to
	// X-Forwarded-For (see limit.Caller).
	ForwardedHops int `env:"HUB_FORWARDED_HOPS, default=0"`
}

// defaultLimitRules are the programme's numbers.
func defaultLimitRules() limitRules {
	return limitRules{MailWindow: time.Hour, MailAddress: 5, MailNetwork: 100, LookWindow: 10 * time.Minute, LookNetwork: 300}
}

// of gives how many of these are let through in one window.
func (r limitRules) of(what limited) limit.Rule {
	rule := limit.Rule{Name: string(what)}
	switch what {
	case limitSignUpAddress, limitResetAddress:
		rule.Most, rule.Window = r.MailAddress, r.MailWindow
	case limitSignUpNetwork, limitResetNetwork:
		rule.Most, rule.Window = r.MailNetwork, r.MailWindow
	default:
		rule.Most, rule.Window = r.LookNetwork, r.LookWindow
	}
	return rule
}

// limiter bounds what strangers and programs can ask for.
type limiter struct {
	counter *limit.Limiter
	rules   limitRules
}

func newLimiter(client *firestore.Client, c clock.Clock, rules limitRules) *limiter {
	return &limiter{limit.New(client, c), rules}
}

// allow counts one more of these for the key, an e-mail address or a network, and
// lets it through, or is fault.Limited.
func (l *limiter) allow(ctx context.Context, what limited, key string) error {
	return l.counter.Allow(ctx, l.rules.of(what), key)
}

// network is the caller's network.
func (l *limiter) network(c limit.Caller) string { return c.Network(l.rules.ForwardedHops) }
