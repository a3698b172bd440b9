package session

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"firebase.google.com/go/v4/auth"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/testkit"
)

// bearer is a token whose signature is right, by what it says.
type bearer struct{ tokens map[string]*auth.Token }

func (b bearer) VerifyIDToken(_ context.Context, raw string) (*auth.Token, error) {
	if tok, ok := b.tokens[raw]; ok {
		return tok, nil
	}
	return nil, errors.New("bad signature")
}

func (b bearer) GetUser(_ context.Context, uid string) (*auth.UserRecord, error) {
	return &auth.UserRecord{UserInfo: &auth.UserInfo{UID: uid}}, nil
}

// instances are verifiers on one store with one clock.
type instances struct {
	one, two *Firebase
	store    *Store
	clock    *clock.Manual
	limit    time.Duration
	lookups  int
	failing  bool
}

// newInstances knows the tokens "a" and "b", of sign-ins at dawn and a second later.
func newInstances(t *testing.T) *instances {
	t.Helper()
	s := &instances{store: &Store{Client: testkit.Firestore(t), Longest: longest}, clock: clock.NewManual(dawn), limit: idleLimit}
	tokens := bearer{map[string]*auth.Token{
		"a": {UID: "u", AuthTime: dawn.Unix()},
		"b": {UID: "u", AuthTime: dawn.Unix() + 1},
	}}
	instance := func() *Firebase {
		return &Firebase{tokens, Options{Sessions: s.store, Clock: s.clock, Idle: Idle{Shortest: idleLimit, Longest: longest,
			Of: func(context.Context, string) (time.Duration, error) {
				if s.lookups++; s.failing {
					return 0, errors.New("away")
				}
				return s.limit, nil
			}}}}
	}
	s.one, s.two = instance(), instance()
	return s
}

func (s *instances) record(t *testing.T) (Record, time.Time) {
	t.Helper()
	r, written, err := s.store.get(t.Context(), "u")
	if err != nil {
		t.Fatal(err)
	}
	return r, written
}

// Two instances see one new session, and two, at the same moment.
func TestTwoInstancesSeeANewSessionAtOnce(t *testing.T) {
	s := newInstances(t)
	for _, tokens := range [][2]string{{"a", "a"}, {"a", "b"}} {
		var wg sync.WaitGroup
		var errs [2]error
		for i, f := range []*Firebase{s.one, s.two} {
			wg.Go(func() { _, errs[i] = f.Verify(t.Context(), tokens[i]) })
		}
		wg.Wait()
		if errs[0] != nil || errs[1] != nil {
			t.Errorf("%v: %v", tokens, errs)
		}
	}
	// Whoever was not written down then is now.
	if _, err := s.two.Verify(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	r, _ := s.record(t)
	if d := cmp.Diff([]string{IDOf("u", dawn.Add(time.Second)), IDOf("u", dawn)}, names(r.Live(dawn, idleLimit))); d != "" {
		t.Errorf("on record: %s", d)
	}
}

func TestAUseIsWrittenOncePerMinute(t *testing.T) {
	s := newInstances(t)
	ctx := WithDevice(t.Context(), Device{"Firefox on Linux", "192.0.2.0/24"})
	use := func(ctx context.Context, f *Firebase) time.Time {
		t.Helper()
		if _, err := f.Verify(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		_, written := s.record(t)
		return written
	}
	first := use(ctx, s.one)
	s.clock.Advance(touchEvery - time.Second)
	if again := use(ctx, s.two); !again.Equal(first) {
		t.Error("written again within the minute")
	}
	s.clock.Advance(time.Second)
	if later := use(WithDevice(ctx, Device{"curl", ""}), s.two); !later.After(first) {
		t.Error("not written after a minute")
	}
	r, _ := s.record(t)
	want := Record{UID: "u", SchemaVersion: 1, Sessions: map[string]Entry{IDOf("u", dawn): {
		StartedAt: dawn, LastUsedAt: dawn.Add(touchEvery), Level: SignedIn, Device: Device{"Firefox on Linux", "192.0.2.0/24"}}}}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
}

// The limit is looked up only where it matters, and an idle session is over, also
// for a tier that is reached later.
func TestIdleLimits(t *testing.T) {
	for _, c := range []struct {
		name    string
		idle    time.Duration
		limit   time.Duration
		ok      bool
		lookups int
	}{
		{"within the shorter one", idleLimit, idleLimit, true, 0},
		{"over the shorter one", idleLimit + time.Second, idleLimit, false, 1},
		{"over the shorter one, with the longer", idleLimit + time.Second, longest, true, 1},
		{"at the longer one", longest, longest, true, 1},
		{"over the longer one", longest + time.Second, longest, false, 0},
	} {
		for _, seen := range []bool{true, false} {
			s := newInstances(t)
			s.limit = c.limit
			if seen {
				if _, err := s.one.Verify(t.Context(), "a"); err != nil {
					t.Fatal(err)
				}
			}
			s.clock.Advance(c.idle)
			p, err := s.two.Verify(t.Context(), "a")
			if c.ok && (err != nil || !p.StartedAt.Equal(dawn)) || !c.ok && !fault.Is(err, fault.Unauthenticated) || s.lookups != c.lookups {
				t.Errorf("%s, seen before %v: %+v, %v after %d look-ups", c.name, seen, p, err, s.lookups)
			}
			if c.ok {
				continue
			}
			s.limit = longest
			if _, err := s.one.Verify(t.Context(), "a"); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s, seen before %v: with a longer limit it came back: %v", c.name, seen, err)
			}
		}
	}
}

// Nobody comes in whose session cannot be checked.
func TestWithoutTheStoreNobodyComesIn(t *testing.T) {
	s := newInstances(t)
	if _, err := s.one.Verify(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(idleLimit + time.Minute)
	s.failing = true
	if p, err := s.one.Verify(t.Context(), "a"); !fault.Is(err, fault.Unavailable) || p.UID != "" {
		t.Errorf("without the tier: %+v, %v", p, err)
	}
	if err := s.store.Client.Close(); err != nil {
		t.Fatal(err)
	}
	if p, err := s.two.Verify(t.Context(), "a"); !fault.Is(err, fault.Unavailable) || p.UID != "" {
		t.Errorf("without the record: %+v, %v", p, err)
	}
}

// A use that was read before the end and is written after it changes nothing.
func TestAUseDoesNotUndoAnEnd(t *testing.T) {
	s := newInstances(t)
	p, err := s.one.Verify(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	stale, written := s.record(t)
	ended, _ := s.record(t)
	ended.End(p.Session, "u", s.clock.Now())
	if err := s.store.save(t.Context(), ended, written, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(2 * touchEvery)
	if _, err := s.one.inSession(t.Context(), p, false, stale, written); err != nil {
		t.Errorf("the request that was under way: %v", err)
	}
	for _, f := range []*Firebase{s.one, s.two} {
		if _, err := f.Verify(t.Context(), "a"); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the next request: %v", err)
		}
	}
	// And a record that nobody had when it was read.
	if _, err := s.one.inSession(t.Context(), p, false, Record{UID: "u"}, time.Time{}); err != nil {
		t.Error(err)
	}
	if _, err := s.two.Verify(t.Context(), "a"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("after a record was made twice: %v", err)
	}
}
