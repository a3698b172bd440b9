package session

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
)

var dawn = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

const (
	idleLimit = 6 * time.Hour
	longest   = 12 * time.Hour
)

// signIn is the principal of a plain sign-in at that time.
func signIn(at time.Time) Principal {
	at = at.Truncate(time.Second)
	return Principal{UID: "u", Level: SignedIn, AuthTime: at, StartedAt: at, Session: IDOf("u", at)}
}

// use is what the verifier does with the record for one request.
func use(r *Record, p Principal, raised bool, now time.Time, limit time.Duration) bool {
	e, ok := r.standing(p, raised)
	if !ok {
		return false
	}
	if now.Sub(e.LastUsedAt) > limit {
		r.endIdle(p, now)
		r.tidy(now, longest)
		return false
	}
	r.observe(p, Device{}, now)
	r.tidy(now, longest)
	return true
}

// model is what a session should be, by the acts alone.
type model struct {
	p      Principal
	raised bool
	used   time.Time // last use, or the beginning
	ended  bool
}

// Random sequences of sign-ins, uses, ends and time: an ended session is never
// accepted again, however much the record has forgotten, and a live one is never
// refused before its idle limit (to the minute to which use is known).
func TestNothingComesBackAndNothingIsLost(t *testing.T) {
	refused, accepted := 0, 0
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		now := dawn
		r := Record{UID: "u"}
		var all []*model
		limit := idleLimit
		log := []string{}
		note := func(format string, args ...any) {
			log = append(log, now.Format("2 15:04:05.0 ")+fmt.Sprintf(format, args...))
		}
		// try is one request in a session, judged by the acts alone.
		try := func(n int) bool {
			m := all[n]
			got := use(&r, m.p, m.raised, now, limit)
			note("use %d: %v", n, got)
			idle := now.Sub(m.used)
			switch {
			case m.ended && got:
				t.Fatalf("seed %d: session %d came back\n%v", seed, n, log)
			case !m.ended && idle > limit && got:
				t.Fatalf("seed %d: session %d counts after %s\n%v", seed, n, idle, log)
			case !m.ended && idle <= limit-touchEvery && !got:
				t.Fatalf("seed %d: session %d was refused after %s\n%v", seed, n, idle, log)
			}
			if got {
				accepted++
				m.used = now
			} else {
				refused++
				m.ended = true
			}
			return got
		}
		for range 120 {
			now = now.Add(time.Duration(rnd.Int64N(int64(40*time.Minute))) + time.Second)
			if rnd.IntN(20) == 0 {
				now = now.Add(time.Duration(rnd.Int64N(int64(14 * time.Hour))))
			}
			switch act := rnd.IntN(12); {
			case act <= 1 || len(all) == 0:
				p := signIn(now)
				all = append(all, &model{p: p, used: p.StartedAt})
				note("sign in %d", len(all)-1)
			case act <= 7:
				try(rnd.IntN(len(all)))
			case act == 8:
				n := rnd.IntN(len(all))
				m := all[n]
				if err := r.Hold(m.p, Device{}, now); (err == nil) == m.ended && now.Sub(m.used) <= limit {
					t.Fatalf("seed %d: session %d, ended %v, is held: %v\n%v", seed, n, m.ended, err, log)
				}
				note("end %d: %v", n, r.End(m.p.Session, "u", now))
				r.tidy(now, longest)
				m.ended = true
			case act == 9 && rnd.IntN(4) == 0:
				keep := ""
				n := -1
				if rnd.IntN(2) == 0 {
					n = rnd.IntN(len(all))
					if try(n) {
						keep = all[n].p.Session
					}
				}
				note("end all but %d", n)
				r.EndAll(keep, now)
				r.tidy(now, longest)
				for _, m := range all {
					m.ended = m.ended || m.p.Session != keep
				}
			case act == 10:
				n := rnd.IntN(len(all))
				if m := all[n]; try(n) {
					if err := r.Raise(m.p, "", []string{"pwd", "otp"}, Device{}, now, now); err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
					m.raised = true
					note("raise %s", m.p.Session)
				}
			case act == 11 && rnd.IntN(6) == 0:
				limit = []time.Duration{idleLimit, longest}[rnd.IntN(2)] // the tier changes
				note("limit %s", limit)
			}
		}
		if len(r.Sessions) > maxEntries {
			t.Fatalf("%d entries", len(r.Sessions))
		}
	}
	if accepted < 1000 || refused < 1000 {
		t.Errorf("the sequences prove little: %d accepted, %d refused", accepted, refused)
	}
}

// The record is bounded; what it drops for that is ended, the least used first.
func TestTheRecordIsBounded(t *testing.T) {
	r := Record{UID: "u"}
	var all []Principal
	now := dawn
	for range 3 * maxEntries {
		now = now.Add(2 * time.Second)
		p := signIn(now)
		if !use(&r, p, false, now, longest) {
			t.Fatal("a new session was refused")
		}
		all = append(all, p)
	}
	if len(r.Sessions) != maxEntries {
		t.Errorf("%d entries", len(r.Sessions))
	}
	for i, p := range all {
		if _, ok := r.standing(p, false); ok != (i >= 2*maxEntries) {
			t.Fatalf("session %d of %d counts: %v", i, len(all), ok)
		}
	}
	// Ended ones go first, and stay ended.
	ended, oldest := all[len(all)-2], all[2*maxEntries]
	r.End(ended.Session, "u", now)
	now = now.Add(2 * time.Second)
	use(&r, signIn(now), false, now, longest)
	if _, kept := r.Sessions[ended.Session]; kept {
		t.Error("an ended session keeps its place before a live one")
	}
	if _, ok := r.standing(ended, false); ok {
		t.Error("an ended session came back for want of room")
	}
	if _, ok := r.standing(oldest, false); !ok {
		t.Error("a live session was dropped for an ended one")
	}
}

func TestRaiseTable(t *testing.T) {
	p := signIn(dawn)
	other := signIn(dawn.Add(time.Hour))
	factor := id.New(id.Factor, dawn)
	at := dawn.Add(2 * time.Hour)
	for _, c := range []struct {
		name   string
		before func(*Record)
		factor string
		p      Principal
		want   fault.Kind
	}{
		{"on record", func(*Record) {}, factor, p, ""},
		{"not on record yet", func(*Record) {}, factor, other, ""},
		{"a session that begins with it", func(*Record) {}, factor, Principal{UID: "u", Session: id.New(id.Session, at), StartedAt: at}, ""},
		{"ended in the meantime", func(r *Record) { r.End(p.Session, "u", at) }, factor, p, fault.Unauthenticated},
		{"all ended in the meantime", func(r *Record) { r.EndAll("", at) }, factor, p, fault.Unauthenticated},
		{"all ended, and it begins with a factor verified before", func(r *Record) { r.EndAll("", at.Add(time.Second)) }, factor,
			Principal{UID: "u", Session: id.New(id.Session, at), StartedAt: at}, fault.Unauthenticated},
		{"kept while all others ended", func(r *Record) { r.EndAll(p.Session, at) }, factor, p, ""},
		{"the factor was removed", func(r *Record) { r.EndByFactor(factor, "", "u", at) }, factor, p, fault.Conflict},
		{"the factor was removed long ago by another's clock", func(r *Record) { r.EndByFactor(factor, "", "u", at.Add(-time.Minute)) }, factor, p, fault.Conflict},
		{"another factor was removed", func(r *Record) { r.EndByFactor(id.New(id.Factor, at), "", "u", at) }, factor, p, ""},
		{"a code of before the new codes", func(r *Record) { r.EndByFactor("recovery", "", "u", at) }, "recovery", p, fault.Conflict},
		{"a new code", func(r *Record) { r.EndByFactor("recovery", "", "u", at.Add(-time.Second)) }, "recovery", p, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record{UID: "u"}
			r.observe(p, Device{"Firefox on Linux", ""}, dawn.Add(time.Minute))
			c.before(&r)
			err := r.Raise(c.p, c.factor, []string{"pwd", "otp"}, Device{"curl", ""}, at, at)
			if fault.KindOf(err) != c.want {
				t.Fatalf("%v, want %q", err, c.want)
			}
			e := r.Sessions[c.p.Session]
			if (err == nil) != (e.Level == SecondFactor && e.FactorID == c.factor && !e.ended()) {
				t.Errorf("%v, and on record is %+v", err, e)
			}
			if err == nil && c.p.Session == p.Session && e.Device.Program != "Firefox on Linux" {
				t.Errorf("raising moved the session to %+v", e.Device)
			}
		})
	}
}

// A removed factor takes its sessions with it, but for the one that removed it.
func TestEndByFactor(t *testing.T) {
	r := Record{UID: "u"}
	var p [4]Principal
	factors := []string{"a", "a", "b", ""}
	for i := range p {
		p[i] = signIn(dawn.Add(time.Duration(i) * time.Minute))
		r.observe(p[i], Device{}, p[i].StartedAt)
		if factors[i] != "" {
			if err := r.Raise(p[i], factors[i], nil, Device{}, p[i].StartedAt, p[i].StartedAt); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := r.EndByFactor("a", p[1].Session, "u", dawn.Add(time.Hour)); n != 1 {
		t.Errorf("%d ended", n)
	}
	var live []bool
	for i := range p {
		_, ok := r.standing(p[i], factors[i] != "")
		live = append(live, ok)
	}
	if d := cmp.Diff([]bool{false, true, true, true}, live); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{p[3].Session, p[2].Session, p[1].Session}, names(r.Live(dawn.Add(time.Hour), idleLimit))); d != "" {
		t.Errorf("listed: %s", d)
	}
	if d := cmp.Diff([]string{}, names(r.Live(dawn.Add(7*time.Hour), idleLimit))); d != "" {
		t.Errorf("listed when idle: %s", d)
	}
}

func names(list []Named) []string {
	ids := []string{}
	for _, n := range list {
		ids = append(ids, n.ID)
	}
	return ids
}

// An identifier says who and when, and nothing else.
func TestIDOf(t *testing.T) {
	if once, again := IDOf("u", dawn), IDOf("u", dawn); once != again {
		t.Error("the same sign-in has two identifiers")
	}
	if IDOf("u", dawn) == IDOf("v", dawn) || IDOf("u", dawn) == IDOf("u", dawn.Add(time.Second)) {
		t.Error("two sign-ins have one identifier")
	}
	if err := id.Check(id.Session, IDOf("u", dawn)); err != nil {
		t.Error(err)
	}
}
