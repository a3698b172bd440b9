package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// limitsCollection counts how often something was asked for: one record per
// limit, key and window. It is Firestore that counts, so that the limits hold
// over all instances of the function.
const limitsCollection = "limits"

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
	// X-Forwarded-For, the client's included: 0 takes the connection's own, 2
	// are appended by Google's external Application Load Balancer (the client's
	// and its own). What stands further to the left was written by the client.
	ForwardedHops int `env:"HUB_FORWARDED_HOPS, default=0"`
}

// defaultLimitRules are the programme's numbers.
func defaultLimitRules() limitRules {
	return limitRules{MailWindow: time.Hour, MailAddress: 5, MailNetwork: 100, LookWindow: 10 * time.Minute, LookNetwork: 300}
}

// of gives how many of these are let through in one window.
func (r limitRules) of(what limited) (most int, window time.Duration) {
	switch what {
	case limitSignUpAddress, limitResetAddress:
		return r.MailAddress, r.MailWindow
	case limitSignUpNetwork, limitResetNetwork:
		return r.MailNetwork, r.MailWindow
	default:
		return r.LookNetwork, r.LookWindow
	}
}

// limiter counts in fixed windows.
type limiter struct {
	client *firestore.Client
	clock  clock.Clock
	rules  limitRules
	// turns has the requests of this instance count one after the other: many
	// transactions on one counter would have each other begin again.
	turns turns
}

// newLimiter makes a limiter. A counter is written in some ten milliseconds: who
// would wait for longer than counting is sent away at once.
func newLimiter(client *firestore.Client, c clock.Clock, rules limitRules) *limiter {
	return &limiter{client: client, clock: c, rules: rules, turns: turns{most: 200}}
}

// tally is one window's count.
type tally struct {
	Count int `firestore:"count"`
	// ExpireAt is when Firestore's time-to-live policy may remove the record.
	ExpireAt      time.Time `firestore:"expireAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// counting bounds the wait for a counter that many ask for at once.
const counting = 5 * time.Second

// allow counts one more of these for the key and lets it through, or is
// fault.Limited and says when the next is. A key is an e-mail address or a
// network; the record's name is a hash of it, so that the counters list nobody.
// Where so many ask at once that the counter cannot be had, it refuses.
func (l *limiter) allow(ctx context.Context, what limited, key string) error {
	most, window := l.rules.of(what)
	now := l.clock.Now()
	start := now.Truncate(window)
	ref := l.client.Collection(limitsCollection).Doc(tallyID(what, key, start))
	ctx, cancel := context.WithTimeout(ctx, counting)
	defer cancel()
	// What is over the limit costs one read and takes no lock from the others.
	var seen tally
	if snap, err := ref.Get(ctx); err == nil {
		if err := snap.DataTo(&seen); err != nil {
			return fault.Wrap("limit", err)
		}
		if seen.Count >= most {
			return errLimited(start.Add(window), now)
		}
	}
	done, err := l.turns.take(ctx, ref.ID)
	if err != nil {
		return errLimited(now.Add(counting), now)
	}
	defer done()
	err = l.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		var t tally
		snap, err := tx.Get(ref)
		if f := firestorex.Fault("limit", err); f != nil && !fault.Is(f, fault.NotFound) {
			return err
		}
		if err == nil {
			if err := snap.DataTo(&t); err != nil {
				return fault.Wrap("limit", err)
			}
		}
		if t.Count >= most {
			return errLimited(start.Add(window), now)
		}
		return tx.Set(ref, tally{t.Count + 1, start.Add(2 * window), 1})
	})
	if status.Code(err) == codes.Aborted {
		return errLimited(now.Add(counting), now)
	}
	return firestorex.Fault("limit", err)
}

// tallyID names a record: what, whose, and which window.
func tallyID(what limited, key string, start time.Time) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(what), strconv.FormatInt(start.Unix(), 10), key}, "\n")))
	return hex.EncodeToString(sum[:])
}

func errLimited(again, now time.Time) error {
	f := fault.New(fault.Limited, "Too many requests of this kind. Try again at %s.", again.UTC().Format(time.RFC3339))
	f.RetryAfter = again.Sub(now)
	return f
}
