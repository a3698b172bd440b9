package directory

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/project"
)

// Freshness is how the index keeps up with the records.
type Freshness struct {
	// Refresh is the age from which an answer first asks for what has changed.
	Refresh time.Duration `env:"HUB_DIRECTORY_REFRESH, default=5s"`
	// Check is how often the index is held against the number of records, Rebuild
	// how often it is made anew whatever the check says.
	Check   time.Duration `env:"HUB_DIRECTORY_CHECK, default=15m"`
	Rebuild time.Duration `env:"HUB_DIRECTORY_REBUILD, default=24h"`
	// Stale is how old an index may get while the store does not answer.
	Stale time.Duration `env:"HUB_DIRECTORY_STALE, default=5m"`
	// MaxProjects bounds the index and so the memory; the newest are kept.
	MaxProjects int `env:"HUB_DIRECTORY_MAX_PROJECTS, default=50000"`
}

// patience is how long a request waits for changes that do not come, before it is
// answered from what is known.
const patience = 500 * time.Millisecond

// longest is how long a round may take; the first reads everything.
const longest = 5 * time.Minute

// change is one record as it is now.
type change struct {
	project.Project
	version time.Time
	// gone is true for a record that was deleted in that version.
	gone bool
}

// source are the records.
type source interface {
	// All gives every record, the newest first, by pages, and a moment of the store
	// from which changes are still to be asked for.
	All(ctx context.Context, each func([]change)) (time.Time, error)
	// Since gives what has changed from a moment of the store on, and the moment
	// from which to ask next. It may give a change again.
	Since(ctx context.Context, from time.Time, each func([]change)) (time.Time, error)
	// Count is how many records there are.
	Count(ctx context.Context) (int, error)
}

// mirror keeps an index of the records. Every instance has one of its own.
type mirror struct {
	source source
	rules  Freshness
	clock  clock.Clock
	log    *slog.Logger
	one    singleflight.Group

	mu    sync.RWMutex
	index *index
	// next is the moment of the store to ask from, latest that of the last change.
	next, latest time.Time
	// synced, checked and built are moments of the clock.
	synced, checked, built time.Time
	// partial is true while there are more records than MaxProjects.
	partial bool
}

// state is the index for one search, and what goes with it.
type state struct {
	*index
	// generation tells one state of the records from another, on every instance.
	generation string
	partial    bool
}

// view runs f with the index, which f must not keep or change. The index knows
// every change that was made Refresh ago or earlier, but for a round of reading
// changes that takes longer than patience; where the store does not answer, every
// change that was made Stale ago.
func (m *mirror) view(ctx context.Context, f func(state)) error {
	if err := m.keepUp(ctx); err != nil {
		return err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	f(state{m.index, generation(m.index.len(), m.latest), m.partial})
	return nil
}

// keepUp brings the index up to date where it is due, once for all who wait.
func (m *mirror) keepUp(ctx context.Context) error {
	now := m.clock.Now()
	m.mu.RLock()
	age, built := now.Sub(m.synced), m.index != nil
	m.mu.RUnlock()
	if built && age < m.rules.Refresh {
		return nil
	}
	// The work goes on when this request is given up: others wait for it.
	done := m.one.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
		defer cancel()
		return nil, m.sync(ctx)
	})
	wait := ctx
	if built {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	var err error
	select {
	case r := <-done:
		err = r.Err
	case <-wait.Done():
		err = wait.Err()
	}
	if err == nil {
		return nil
	}
	if built && age < m.rules.Stale {
		m.log.WarnContext(ctx, "the directory's index is behind", "age", age.String(), "error", err.Error())
		return nil
	}
	return fault.Because(fault.Unavailable, err, "The directory cannot be searched right now. Try again in a minute.")
}

// sync does one round: the first builds the index, later ones bring the changes,
// and now and then the whole is checked.
func (m *mirror) sync(ctx context.Context) error {
	now := m.clock.Now()
	if m.index == nil || now.Sub(m.built) >= m.rules.Rebuild {
		return m.build(ctx, now)
	}
	if err := m.catchUp(ctx, now); err != nil {
		return err
	}
	if now.Sub(m.checked) < m.rules.Check {
		return nil
	}
	return m.check(ctx, now)
}

// BuiltMessage is the log's when the whole index was made, with how long it took
// and how much of that was not reading.
const BuiltMessage = "the directory's index is built"

// build reads every record into a new index, which then takes the old one's place.
func (m *mirror) build(ctx context.Context, now time.Time) error {
	x, partial := newIndex(), false
	var latest time.Time
	var indexing time.Duration
	began := time.Now()
	next, err := m.source.All(ctx, func(list []change) {
		since := time.Now()
		defer func() { indexing += time.Since(since) }()
		for _, c := range list {
			if x.len() >= m.rules.MaxProjects {
				partial = true
				return
			}
			x.put(c.Project, c.version)
			latest = later(latest, c.version)
		}
	})
	if err != nil {
		return fault.Wrap("directory.build", err)
	}
	x.sort()
	m.mu.Lock()
	m.index, m.next, m.latest, m.partial = x, next, latest, partial
	// What was read is of now or later, so answers may be given from it.
	m.built, m.checked, m.synced = now, now, now
	m.mu.Unlock()
	m.log.InfoContext(ctx, BuiltMessage, "projects", x.len(), "words", len(x.texts), "ms", time.Since(began).Milliseconds(), "indexingMs", indexing.Milliseconds())
	if partial {
		m.log.ErrorContext(ctx, "not every project is in the directory's index: raise HUB_DIRECTORY_MAX_PROJECTS and the memory with it", "projects", x.len())
	}
	// What was written while it was being read.
	return m.catchUp(ctx, now)
}

// catchUp applies what has changed since the last round. A change that comes
// twice or out of order does no harm: versions are compared.
func (m *mirror) catchUp(ctx context.Context, now time.Time) error {
	next, err := m.source.Since(ctx, m.next, func(list []change) {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, c := range list {
			m.apply(c)
		}
		m.index.sort()
	})
	if err != nil {
		return fault.Wrap("directory.catchUp", err)
	}
	m.mu.Lock()
	m.next, m.synced = next, now
	m.mu.Unlock()
	return nil
}

func (m *mirror) apply(c change) {
	known := m.index.get(c.ID)
	switch {
	case known != nil && !c.version.After(known.version), known == nil && c.gone:
		return
	case c.gone:
		m.index.remove(c.ID)
	case known == nil && m.index.len() >= m.rules.MaxProjects:
		m.partial = true
		return
	default:
		m.index.put(c.Project, c.version)
	}
	m.latest = later(m.latest, c.version)
}

// check compares the number of records with the index's. The index has every
// record, because each write of one is a change; so it can only have too many, and
// equal numbers mean the same records.
func (m *mirror) check(ctx context.Context, now time.Time) error {
	for range 2 {
		n, err := m.source.Count(ctx)
		if err != nil {
			return fault.Wrap("directory.check", err)
		}
		if n == m.index.len() || m.partial && n > m.index.len() {
			m.mu.Lock()
			m.checked = now
			m.mu.Unlock()
			return nil
		}
		// One may have come or gone between the two.
		if err := m.catchUp(ctx, now); err != nil {
			return err
		}
	}
	m.log.WarnContext(ctx, "the directory's index does not agree with the records and is built anew")
	return m.build(ctx, now)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
