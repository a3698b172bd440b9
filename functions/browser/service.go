package browser

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
)

// service answers from what this instance has loaded.
//
// Uses golang.org/x/sync/singleflight: many first callers wait for one load.
type service struct {
	source source
	policy disclosure.Policy
	limits limits
	clock  clock.Clock
	flight singleflight.Group

	mu         sync.Mutex
	releases   []omop.Release
	releasesAt time.Time
	shelf      []shelved // most recently used last
	waits      map[string]wait
}

// shelved is a catalogue that is kept.
type shelved struct {
	key       string
	catalogue *Catalogue
}

// wait is until when a catalogue is not read again, and what callers hear who
// find it not kept.
type wait struct {
	until time.Time
	err   error
}

func newService(src source, policy disclosure.Policy, l limits, c clock.Clock) *service {
	return &service{source: src, policy: policy, limits: l, clock: c, waits: map[string]wait{}}
}

// loadTimeout bounds a load. It goes on when the caller who began it leaves:
// others wait for it.
const loadTimeout = 50 * time.Second

// Releases gives the published releases, newest first.
func (s *service) Releases(ctx context.Context) ([]omop.Release, error) {
	s.mu.Lock()
	list, at := s.releases, s.releasesAt
	s.mu.Unlock()
	if !at.IsZero() && s.clock.Now().Sub(at) < s.limits.ReleasesAge {
		return list, nil
	}
	v, err := s.share(ctx, "releases", func(ctx context.Context) (any, error) {
		list, err := s.source.Releases(ctx)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(list, func(a, b omop.Release) int {
			return cmp.Or(b.LoadedAt.Compare(a.LoadedAt), strings.Compare(b.ID, a.ID))
		})
		s.mu.Lock()
		defer s.mu.Unlock()
		s.releases, s.releasesAt = list, s.clock.Now()
		return list, nil
	})
	if err != nil {
		return nil, err
	}
	return v.([]omop.Release), nil
}

// Catalogue gives the concepts of a release; "" is the newest one.
func (s *service) Catalogue(ctx context.Context, releaseID string) (omop.Release, *Catalogue, error) {
	list, err := s.Releases(ctx)
	if err != nil {
		return omop.Release{}, nil, err
	}
	i := slices.IndexFunc(list, func(r omop.Release) bool { return releaseID == "" || r.ID == releaseID })
	if i < 0 {
		return omop.Release{}, nil, fault.New(fault.NotFound, "There is no such published release. The releases are listed at /browser/v1/releases.")
	}
	release := list[i]
	// The public sees the registered tier's counts, rounded.
	dataset, err := release.Dataset(omop.TierRegistered)
	if err != nil {
		return release, nil, fault.Because(fault.NotFound, err, "This release has no data for the public.")
	}
	// A release that was loaded anew has another dataset.
	key := release.ID + "/" + dataset
	if have, err := s.shelved(key); have != nil || err != nil {
		return release, have, err
	}
	v, err := s.share(ctx, key, func(ctx context.Context) (any, error) { return s.load(ctx, key, dataset) })
	if err != nil {
		return release, nil, err
	}
	return release, v.(*Catalogue), nil
}

// load reads a catalogue and keeps it. It runs once at a time for a key, and
// looks again first: another load may have ended since the caller looked.
func (s *service) load(ctx context.Context, key, dataset string) (*Catalogue, error) {
	if have, err := s.shelved(key); have != nil || err != nil {
		return have, err
	}
	began := s.clock.Now()
	rows, err := s.source.Concepts(ctx, dataset)
	if err != nil {
		err = unavailable(err)
		s.hold(key, wait{s.clock.Now().Add(s.limits.RetryAfter), err})
		return nil, err
	}
	c := newCatalogue(rows, s.policy)
	s.hold(key, wait{began.Add(s.limits.LoadEvery), errBusy})
	s.put(shelved{key, c})
	return c, nil
}

// errBusy is for a release that was read and then made room for others. Reading
// it again for every caller would let anybody spend by asking for more releases
// in turn than are kept.
var errBusy = fault.New(fault.Unavailable, "Several releases are being looked at, and this one is not at hand. Try again later, or look at another release.")

// unavailable keeps what BigQuery says of our own statement from the public.
func unavailable(err error) error {
	return fault.Because(fault.Unavailable, err, "The concepts of this release cannot be read right now. Try again in a minute.")
}

// share runs f once for all callers of a key and lets a caller leave early.
func (s *service) share(ctx context.Context, key string, f func(context.Context) (any, error)) (any, error) {
	result := s.flight.DoChan(key, func() (any, error) {
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		return f(work)
	})
	select {
	case r := <-result:
		return r.Val, r.Err
	case <-ctx.Done():
		return nil, fault.Because(fault.Unavailable, ctx.Err(), "The concepts are still being read. Try again in a minute.")
	}
}

// shelved finds a catalogue and marks it as used. It gives an error where there
// is none and none may be read yet, and nothing where one is to be read.
func (s *service) shelved(key string) (*Catalogue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.shelf, func(one shelved) bool { return one.key == key })
	if i < 0 {
		if w := s.waits[key]; s.clock.Now().Before(w.until) {
			return nil, w.err
		}
		return nil, nil
	}
	have := s.shelf[i]
	s.shelf = append(slices.Delete(s.shelf, i, i+1), have)
	return have.catalogue, nil
}

// hold notes until when a key is not read again, and forgets what is over: so
// the notes are no more than the loads of one interval.
func (s *service) hold(key string, w wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	maps.DeleteFunc(s.waits, func(_ string, old wait) bool { return !now.Before(old.until) })
	s.waits[key] = w
}

// put keeps a catalogue and lets go of the one used longest ago.
func (s *service) put(one shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shelf = slices.DeleteFunc(s.shelf, func(other shelved) bool { return other.key == one.key })
	s.shelf = append(s.shelf, one)
	if over := len(s.shelf) - max(s.limits.Catalogues, 1); over > 0 {
		s.shelf = slices.Delete(s.shelf, 0, over)
	}
}
