package session

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/testkit"
)

func TestCheckTable(t *testing.T) {
	for _, c := range []struct {
		name     string
		have     Level
		signedIn bool
		need     Level
		want     fault.Kind
	}{
		{"public route, nobody", Public, false, Public, ""},
		{"level 1 route, nobody", Public, false, SignedIn, fault.Unauthenticated},
		{"level 2 route, nobody", Public, false, SecondFactor, fault.Unauthenticated},
		{"level 1 route, level 1", SignedIn, true, SignedIn, ""},
		{"level 2 route, level 1", SignedIn, true, SecondFactor, fault.Assurance},
		{"level 2 route, level 2", SecondFactor, true, SecondFactor, ""},
		{"level 1 route, level 2", SecondFactor, true, SignedIn, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fault.KindOf(Check(Principal{Level: c.have}, c.signedIn, c.need)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The table whole: nobody gets more than they have proved, and a level that does
// not exist opens nothing.
func TestCheckEveryCase(t *testing.T) {
	for have := Level(-1); have <= 3; have++ {
		for need := Level(-1); need <= 3; need++ {
			for _, signedIn := range []bool{false, true} {
				want := fault.Kind("")
				switch {
				case need <= Public:
				case !signedIn:
					want = fault.Unauthenticated
				case have < need:
					want = fault.Assurance
				}
				if got := fault.KindOf(Check(Principal{Level: have}, signedIn, need)); got != want {
					t.Errorf("level %d, signed in %v, for a route of level %d: %q, want %q", have, signedIn, need, got, want)
				}
			}
		}
	}
}

func TestBearer(t *testing.T) {
	for v, ok := range map[string]bool{
		"": true, "Bearer abc": true, "bearer abc": true,
		"abc": false, "Basic abc": false, "Bearer ": false, "Bearer " + strings.Repeat("x", maxTokenBytes+1): false,
	} {
		h := http.Header{}
		if v != "" {
			h.Set("Authorization", v)
		}
		if _, err := Bearer(h); (err == nil) != ok {
			t.Errorf("%.20q: err %v, want ok %v", v, err, ok)
		}
	}
}

type fakeTokens struct {
	token *auth.Token
	user  *auth.UserRecord
	err   error
}

func (f fakeTokens) VerifyIDToken(context.Context, string) (*auth.Token, error) {
	return f.token, f.err
}
func (f fakeTokens) GetUser(context.Context, string) (*auth.UserRecord, error) { return f.user, nil }

func TestVerify(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	token := func(claims map[string]any) *auth.Token {
		return &auth.Token{UID: "u1", AuthTime: at.Unix(), Claims: claims}
	}
	user := func(change func(*auth.UserRecord)) *auth.UserRecord {
		u := &auth.UserRecord{UserInfo: &auth.UserInfo{UID: "u1", Email: "a@b.example"}, EmailVerified: true,
			TokensValidAfterMillis: at.UnixMilli()}
		if change != nil {
			change(u)
		}
		return u
	}
	raised, lower := IDOf("u1", at), IDOf("u1", at.Add(time.Second))
	aal2 := map[string]any{"sid": raised, "aal": 2.0, "aam": []any{"pwd", "otp"}, "aat": float64(at.Add(time.Minute).Unix())}
	record := Record{UID: "u1", Sessions: map[string]Entry{
		raised: {StartedAt: at, LastUsedAt: at, Level: SecondFactor}, lower: {StartedAt: at, LastUsedAt: at, Level: SignedIn}}}
	for _, c := range []struct {
		name string
		fake fakeTokens
		want Level
		kind fault.Kind
	}{
		{"plain", fakeTokens{token: token(nil), user: user(nil)}, SignedIn, ""},
		{"second factor in the session", fakeTokens{token: token(aal2), user: user(nil)}, SecondFactor, ""},
		{"second factor in a session that is on record without one", fakeTokens{token: token(map[string]any{"sid": lower, "aal": 2.0}), user: user(nil)}, SignedIn, ""},
		{"a session on record with a second factor, and a token without", fakeTokens{token: token(map[string]any{"sid": raised}), user: user(nil)}, SignedIn, ""},
		{"a level higher than there is", fakeTokens{token: token(map[string]any{"sid": raised, "aal": 3.0}), user: user(nil)}, SignedIn, ""},
		{"aal of another type", fakeTokens{token: token(map[string]any{"aal": "2"}), user: user(nil)}, SignedIn, ""},
		{"a level and no session", fakeTokens{token: token(map[string]any{"aal": 2.0}), user: user(nil)}, 0, fault.Unauthenticated},
		{"a level and a session of another type", fakeTokens{token: token(map[string]any{"aal": 2.0, "sid": 1.0}), user: user(nil)}, 0, fault.Unauthenticated},
		{"a level and a session that is none", fakeTokens{token: token(map[string]any{"aal": 2.0, "sid": "x/y"}), user: user(nil)}, 0, fault.Unauthenticated},
		{"a level and a session that is not on record", fakeTokens{token: token(map[string]any{"aal": 2.0, "sid": IDOf("u2", at)}), user: user(nil)}, 0, fault.Unauthenticated},
		{"Identity Platform's factor", fakeTokens{token: token(map[string]any{"firebase": map[string]any{"sign_in_second_factor": "totp"}}), user: user(nil)}, SecondFactor, ""},
		{"bad token", fakeTokens{err: errors.New("bad signature")}, 0, fault.Unauthenticated},
		{"disabled", fakeTokens{token: token(aal2), user: user(func(u *auth.UserRecord) { u.Disabled = true })}, 0, fault.Unauthenticated},
		{"signed out everywhere", fakeTokens{token: token(aal2), user: user(func(u *auth.UserRecord) { u.TokensValidAfterMillis += 1000 })}, 0, fault.Unauthenticated},
		{"assurance at user level", fakeTokens{token: token(aal2), user: user(func(u *auth.UserRecord) { u.CustomClaims = map[string]any{"aal": 2} })}, 0, fault.Unauthenticated},
		{"a session at user level", fakeTokens{token: token(aal2), user: user(func(u *auth.UserRecord) { u.CustomClaims = map[string]any{"sid": raised} })}, 0, fault.Unauthenticated},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := &Store{Client: testkit.Firestore(t), Longest: 12 * time.Hour}
			if err := store.save(t.Context(), record, time.Time{}, at); err != nil {
				t.Fatal(err)
			}
			p, err := (&Firebase{c.fake, Options{Sessions: store, Clock: clock.NewManual(at.Add(2 * time.Minute)),
				Idle: Idle{Shortest: 6 * time.Hour, Longest: 12 * time.Hour}}}).Verify(t.Context(), "raw")
			if fault.KindOf(err) != c.kind || p.Level != c.want {
				t.Errorf("level %d, error %v; want level %d, kind %q", p.Level, err, c.want, c.kind)
			}
		})
	}
}
