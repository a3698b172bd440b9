package rest

import (
	"sync"
	"time"

	"researchhub.example/hub/emulator/bigquery/store"
)

const (
	// insertLife is how long an insertId is known. BigQuery's best effort is at
	// least one minute.
	insertLife = 2 * time.Minute
	// maxInsertIDs bounds the ids that are known; the oldest go first.
	maxInsertIDs = 500_000
	// maxInsertID is the longest insertId.
	maxInsertID = 128
)

// insertKey names a row of a table; one that was made anew is another table.
type insertKey struct {
	table   store.Key
	created int64
	id      string
}

func keyOf(t *store.Table, id string) insertKey { return insertKey{t.Key, t.Meta.CreationTime, id} }

type insertEntry struct {
	key insertKey
	at  time.Time
}

// insertIDs are the insertIds of rows written a short while ago. A restart forgets
// them, which BigQuery's best effort allows.
type insertIDs struct {
	mu    sync.Mutex
	at    map[insertKey]time.Time
	order []insertEntry
}

// known tells whether a row of the id was written.
func (s *insertIDs) known(t *store.Table, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.at[keyOf(t, id)]
	return ok
}

// add notes a row, and drops what is too old or too much.
func (s *insertIDs) add(t *store.Table, id string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[insertKey]time.Time{}
	}
	k := keyOf(t, id)
	s.at[k] = now
	s.order = append(s.order, insertEntry{k, now})
	for len(s.order) > 0 && (len(s.order) > maxInsertIDs || now.Sub(s.order[0].at) > insertLife) {
		first := s.order[0]
		s.order = s.order[1:]
		if s.at[first.key].Equal(first.at) {
			delete(s.at, first.key)
		}
	}
}

// forget takes back ids whose rows were not written after all.
func (s *insertIDs) forget(t *store.Table, ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.at, keyOf(t, id))
	}
}
