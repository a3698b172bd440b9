package session

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
)

// Collection holds one record per account, named by the uid.
const Collection = "sessions"

// maxEntries bounds a record: more sessions than that, of one account, within
// the longest idle limit, are nobody's browsers.
const maxEntries = 200

// touchEvery is how often the use of a session is written down: a document takes
// about one write a second. So a session may be found idle up to a minute before
// its limit, and never after it.
const touchEvery = time.Minute

// Record is what is kept about the sessions of one account. It holds nothing
// that lets anybody in: neither a token nor a part of one.
//
// One rule decides: a session that is on record counts until it is ended or has
// been idle for too long; one that is not counts only if it began after
// NotBefore. Whatever is taken off the record raises NotBefore to its beginning,
// so that nothing comes back by being forgotten.
type Record struct {
	UID string `firestore:"uid"`
	// NotBefore is what a session that is not on record must have begun after.
	NotBefore time.Time `firestore:"notBefore"`
	// Sessions are those in use and those lately ended, by their identifier.
	Sessions map[string]Entry `firestore:"sessions"`
	// GoneFactors are the second factors lately removed, with the time: a session
	// that verified one just before it went must not be raised after.
	GoneFactors   map[string]time.Time `firestore:"goneFactors"`
	SchemaVersion int                  `firestore:"schemaVersion"`
}

// Entry is one session: one primary sign-in and what it has proved since.
type Entry struct {
	StartedAt  time.Time `firestore:"startedAt"`
	LastUsedAt time.Time `firestore:"lastUsedAt"`
	// Level is what the session has proved.
	Level Level `firestore:"level"`
	// Methods says how, by RFC 8176's names.
	Methods []string `firestore:"methods"`
	// FactorID is the second factor that raised it, "" for none of ours.
	FactorID string `firestore:"factorId"`
	// Device is where it was begun, as the caller told it: shown, never judged by.
	Device Device `firestore:"device"`
	// EndedAt is zero while the session counts; EndedBy is a uid, or ByIdleness.
	EndedAt time.Time `firestore:"endedAt"`
	EndedBy string    `firestore:"endedBy"`
}

// ByIdleness is what ended a session that was not used for too long.
const ByIdleness = "idle"

// ended reports whether somebody or the idle limit ended the session.
func (e Entry) ended() bool { return !e.EndedAt.IsZero() }

// Named is a session with its identifier.
type Named struct {
	ID string
	Entry
}

// IDOf is the identifier of the session that a plain primary sign-in began. Two
// of one account in the same second are one session, since Firebase's auth_time
// has seconds: ending it ends both.
func IDOf(uid string, authTime time.Time) string { return id.Derived(id.Session, authTime, uid) }

// errEnded is what the holder of a session that counts no more hears.
func errEnded() error {
	return fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
}

// standing is the entry that speaks for the principal's session, false where
// none does. A raised session, whose identifier came by a custom token, was on
// record before its token was made: one that is not was ended.
func (r Record) standing(p Principal, raised bool) (Entry, bool) {
	e, known := r.Sessions[p.Session]
	switch {
	case known:
		return e, !e.ended()
	case raised || !p.StartedAt.After(r.NotBefore):
		return Entry{}, false
	default:
		return begun(p), true
	}
}

// begun is the entry of a session that is not on record yet: it was last used
// when it began, as far as anybody knows.
func begun(p Principal) Entry {
	return Entry{StartedAt: p.StartedAt, LastUsedAt: p.StartedAt, Level: p.Level, Methods: p.Methods}
}

// observe writes down that the session is used now, and where it was begun when
// it was not known; false where that need not be written. It never brings an
// ended session back.
func (r *Record) observe(p Principal, d Device, now time.Time) bool {
	e, known := r.Sessions[p.Session]
	switch {
	case known && (e.ended() || now.Sub(e.LastUsedAt) < touchEvery):
		return false
	case !known:
		e = begun(p)
		e.Device = d
	}
	e.LastUsedAt = now
	r.put(p.Session, e)
	return true
}

// Raise writes down that a second factor was verified in the caller's session at
// that time.
// One that was ended in the meantime, or whose factor was removed, is refused.
// A session that is not on record begins with it: a sign-in by the factor itself.
func (r *Record) Raise(p Principal, factorID string, methods []string, d Device, at, now time.Time) error {
	// A factor of ours never comes back; recovery codes do, as new ones.
	if gone, ok := r.GoneFactors[factorID]; ok && (id.Check(id.Factor, factorID) == nil || !at.After(gone)) {
		return fault.New(fault.Conflict, "This second factor was removed in the meantime. Use another one.")
	}
	e, ok := r.standing(p, false)
	if !ok {
		return errEnded()
	}
	if _, known := r.Sessions[p.Session]; !known {
		e.Device = d
	}
	e.Level, e.Methods, e.FactorID = SecondFactor, methods, factorID
	e.LastUsedAt = now
	r.put(p.Session, e)
	return nil
}

// Hold puts the caller's session on record where it is not: before something is
// done to all the others. One that was ended since its request was let in is
// refused: it does not come back, and it ends nobody.
func (r *Record) Hold(p Principal, d Device, now time.Time) error {
	if p.Session == "" { // no token of ours or Firebase's: the verifier names them all
		return nil
	}
	if _, ok := r.standing(p, false); !ok {
		return errEnded()
	}
	if _, known := r.Sessions[p.Session]; !known {
		r.observe(p, d, now)
	}
	return nil
}

// End ends one session; false where there is none to end.
func (r *Record) End(sid, by string, now time.Time) bool {
	e, known := r.Sessions[sid]
	if !known || e.ended() {
		return false
	}
	e.EndedAt, e.EndedBy = now, by
	r.put(sid, e)
	return true
}

// endIdle ends a session that was not used for too long, known or not.
func (r *Record) endIdle(p Principal, now time.Time) bool {
	if _, known := r.Sessions[p.Session]; !known {
		r.put(p.Session, begun(p))
	}
	return r.End(p.Session, ByIdleness, now)
}

// EndAll ends every session but the one to keep ("" for none), those that nobody
// has seen yet included, and says how many of the known ones that were.
func (r *Record) EndAll(keep string, now time.Time) int {
	n := 0
	for sid, e := range r.Sessions {
		if sid == keep && !e.ended() {
			continue
		}
		if !e.ended() {
			n++
		}
		r.forget(sid)
	}
	r.raiseNotBefore(now)
	return n
}

// EndByFactor ends the sessions that the factor raised, but for the one to keep,
// and remembers that the factor is gone; it says how many it ended.
func (r *Record) EndByFactor(factorID, keep, by string, now time.Time) int {
	n := 0
	for sid, e := range r.Sessions {
		if e.FactorID == factorID && sid != keep && r.End(sid, by, now) {
			n++
		}
	}
	if r.GoneFactors == nil {
		r.GoneFactors = map[string]time.Time{}
	}
	r.GoneFactors[factorID] = now
	return n
}

// Live lists the sessions that count at that moment, the last used one first.
func (r Record) Live(now time.Time, idle time.Duration) []Named {
	list := make([]Named, 0, len(r.Sessions))
	for sid, e := range r.Sessions {
		if !e.ended() && now.Sub(e.LastUsedAt) <= idle {
			list = append(list, Named{sid, e})
		}
	}
	slices.SortFunc(list, func(a, b Named) int {
		return cmp.Or(b.LastUsedAt.Compare(a.LastUsedAt), cmp.Compare(b.ID, a.ID))
	})
	return list
}

// tidy takes off the record what nobody can use any more (longest is the longest
// idle limit), and, over the bound, the ended sessions and then those not used
// for longest.
func (r *Record) tidy(now time.Time, longest time.Duration) {
	for sid, e := range r.Sessions {
		last := e.LastUsedAt
		if e.ended() {
			// The token of an ended session may come with the first sign-in's time.
			last = e.StartedAt
		}
		if now.Sub(last) > longest {
			r.forget(sid)
		}
	}
	for factorID, at := range r.GoneFactors {
		if now.Sub(at) > longest {
			delete(r.GoneFactors, factorID)
		}
	}
	if over := len(r.Sessions) - maxEntries; over > 0 {
		first := slices.SortedFunc(maps.Keys(r.Sessions), func(a, b string) int {
			x, y := r.Sessions[a], r.Sessions[b]
			if x.ended() != y.ended() {
				if x.ended() {
					return -1
				}
				return 1
			}
			return cmp.Or(x.LastUsedAt.Compare(y.LastUsedAt), cmp.Compare(a, b))
		})
		for _, sid := range first[:over] {
			r.forget(sid)
		}
	}
}

// forget takes a session off the record for good.
func (r *Record) forget(sid string) {
	r.raiseNotBefore(r.Sessions[sid].StartedAt)
	delete(r.Sessions, sid)
}

func (r *Record) raiseNotBefore(t time.Time) {
	if t.After(r.NotBefore) {
		r.NotBefore = t
	}
}

func (r *Record) put(sid string, e Entry) {
	if r.Sessions == nil {
		r.Sessions = map[string]Entry{}
	}
	r.Sessions[sid] = e
}
