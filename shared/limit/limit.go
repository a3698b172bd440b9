// Package limit bounds how often something can be asked for: per address, per
// network, per record, over all instances of a function. Firestore counts, in
// fixed windows; Turns keeps a crowd in one instance from the same document.
package limit

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

// Collection counts how often something was asked for: one record per limit, key
// and window.
const Collection = "limits"

// Rule is one limit.
type Rule struct {
	// Name says what is limited, and by what, such as "signUp.address".
	Name string
	// Most is how many are let through in one Window.
	Most   int
	Window time.Duration
}

// Limiter counts in fixed windows.
type Limiter struct {
	client *firestore.Client
	clock  clock.Clock
	// turns has the requests of this instance count one after the other: many
	// transactions on one counter would have each other begin again.
	turns Turns
}

// New makes a limiter. A counter is written in some ten milliseconds: who would
// wait for longer than counting is sent away at once.
func New(client *firestore.Client, c clock.Clock) *Limiter {
	return &Limiter{client: client, clock: c, turns: Turns{Most: 200}}
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

// Allow counts one more of these for the key and lets it through, or is
// fault.Limited and says when the next is. A key is an e-mail address, a network
// or a record; the counter's name is a hash of it, so that the counters list
// nobody. Where so many ask at once that the counter cannot be had, it refuses.
func (l *Limiter) Allow(ctx context.Context, rule Rule, key string) error {
	now := l.clock.Now()
	start := now.Truncate(rule.Window)
	ref := l.client.Collection(Collection).Doc(tallyID(rule.Name, key, start))
	ctx, cancel := context.WithTimeout(ctx, counting)
	defer cancel()
	// What is over the limit costs one read and takes no lock from the others.
	var seen tally
	if snap, err := ref.Get(ctx); err == nil {
		if err := snap.DataTo(&seen); err != nil {
			return fault.Wrap("limit", err)
		}
		if seen.Count >= rule.Most {
			return errLimited(start.Add(rule.Window), now)
		}
	}
	done, err := l.turns.Take(ctx, ref.ID)
	if err != nil {
		return errLimited(now.Add(counting), now)
	}
	defer done()
	err = l.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(ref)
		t, _, err := firestorex.Decode[tally]("limit", snap, err)
		if err != nil {
			return err
		}
		if t.Count >= rule.Most {
			return errLimited(start.Add(rule.Window), now)
		}
		return tx.Set(ref, tally{t.Count + 1, start.Add(2 * rule.Window), 1})
	})
	if status.Code(err) == codes.Aborted {
		return errLimited(now.Add(counting), now)
	}
	return firestorex.Fault("limit", err)
}

// tallyID names a record: what, whose, and which window.
func tallyID(what, key string, start time.Time) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{what, strconv.FormatInt(start.Unix(), 10), key}, "\n")))
	return hex.EncodeToString(sum[:])
}

func errLimited(again, now time.Time) error {
	f := fault.New(fault.Limited, "Too many requests of this kind. Try again at %s.", again.UTC().Format(time.RFC3339))
	f.RetryAfter = again.Sub(now)
	return f
}
