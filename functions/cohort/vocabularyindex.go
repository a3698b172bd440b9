package cohort

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/singleflight"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/vocabulary"
)

// shelf holds the vocabularies that this instance has read into memory, one for
// each dataset. A dataset never changes once its release names it (each load makes
// its own), so what is on the shelf is never stale: a release that moves names
// another dataset.
//
// Uses golang.org/x/sync/singleflight: many first callers wait for one reading.
type shelf struct {
	desk   *metered.Desk
	policy disclosure.Policy
	// maxBytes caps one query; the hub pays for it.
	maxBytes int64
	// most bounds the texts of all vocabularies together.
	most int

	// links and beside are what was read of single concepts lately.
	links  lately[links]
	beside lately[[]sibling]

	flight singleflight.Group
	mu     sync.Mutex
	kept   []*catalogue // the most recently used last
	failed map[string]failure
}

// catalogue is one dataset's vocabulary.
type catalogue struct {
	*vocabulary.Index
	data omop.Dataset
	// partial says that the release has more concepts than are held.
	partial bool
}

// failure keeps others from trying at once what has just failed.
type failure struct {
	at  time.Time
	err error
}

const (
	// defaultVocabularyMost is Config.VocabularyMost's.
	defaultVocabularyMost = 1_500_000
	// readTimeout bounds the reading of a vocabulary. It goes on when the caller who
	// began it leaves: others wait for it.
	readTimeout = 3 * time.Minute
	// readWait is how long a caller waits for it.
	readWait = 40 * time.Second
	// readAgain is how long after a failure the next try is made.
	readAgain = 10 * time.Second
)

// of gives the vocabulary of a release's dataset, read now if it is not held yet.
func (s *shelf) of(ctx context.Context, data release.Data) (*catalogue, error) {
	c, err := s.held(data.Dataset)
	if c != nil || err != nil {
		return c, err
	}
	ch := s.flight.DoChan(data.Dataset.ID, func() (any, error) {
		if c, err := s.held(data.Dataset); c != nil || err != nil {
			return c, err
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		c, err := s.read(ctx, data)
		if err != nil {
			s.note(data.Dataset, err)
			return nil, err
		}
		s.put(c)
		return c, nil
	})
	wait := time.NewTimer(readWait)
	defer wait.Stop()
	select {
	case r := <-ch:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*catalogue), nil //nolint:forcetypeassert // it is what the flight gives
	case <-wait.C:
	case <-ctx.Done():
	}
	f := fault.New(fault.Unavailable, "The vocabulary of this release is being read. Try again in a moment.")
	f.RetryAfter = readAgain
	return nil, f
}

// held gives what is on the shelf, or the error of a reading that failed a moment
// ago, or neither.
func (s *shelf) held(data omop.Dataset) (*catalogue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.kept, func(c *catalogue) bool { return c.data == data }); i >= 0 {
		c := s.kept[i]
		s.kept = append(slices.Delete(s.kept, i, i+1), c)
		return c, nil
	}
	if f, found := s.failed[data.ID]; found && s.desk.Clock.Now().Sub(f.at) < readAgain {
		return nil, f.err
	}
	return nil, nil
}

// put keeps a vocabulary and lets the least recently used go where they are more
// than fit.
func (s *shelf) put(c *catalogue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failed, c.data.ID)
	s.kept = append(s.kept, c)
	sum := 0
	for _, k := range s.kept {
		sum += k.Texts()
	}
	for sum > s.most && len(s.kept) > 1 {
		sum -= s.kept[0].Texts()
		s.kept = slices.Delete(s.kept, 0, 1)
	}
}

// maxFailures bounds the memory of failures: dataset ids come from release
// records, so there are few.
const maxFailures = 100

func (s *shelf) note(data omop.Dataset, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil || len(s.failed) >= maxFailures {
		s.failed = map[string]failure{}
	}
	s.failed[data.ID] = failure{s.desk.Clock.Now(), err}
}

// read makes the index of a dataset's vocabulary from its concept index, which has
// the concepts with their counts, and from CONCEPT and CONCEPT_SYNONYM.
func (s *shelf) read(ctx context.Context, data release.Data) (*catalogue, error) {
	c := &catalogue{data: data.Dataset}
	shown := countPolicy(s.policy)
	b := &vocabulary.Builder{Most: s.most, Shown: func(n int64) int64 { return shown.ShowPublic(n).Value }}
	full := false
	var broken error
	take := func(err error) error {
		if full = full || errors.Is(err, vocabulary.ErrFull); full {
			return errEnough
		}
		broken = err
		return err
	}
	err := s.packed(ctx, conceptsStatement(data.Dataset, s.most), conceptFields, func(f []string) error { return take(b.Add(packedConcept(f))) })
	if err == nil && !full {
		err = s.packed(ctx, synonymsStatement(data.Dataset), 2, func(f []string) error { return take(b.Synonym(number(f[0]), f[1])) })
	}
	if broken != nil {
		// Two concepts of one id: the release's fault, and not the caller's.
		err = fault.Because(fault.Internal, broken, "")
	}
	if err != nil {
		return nil, fault.Wrap("vocabulary.read", err)
	}
	c.Index, c.partial = b.Build(), full
	return c, nil
}

// conceptColumns are the columns of conceptOf, of the aliases h (the concept
// index) and c (CONCEPT).
const conceptColumns = "h.concept_id AS concept_id, h.concept_name AS concept_name, h.domain_id AS domain_id, h.vocabulary_id AS vocabulary_id, " +
	"h.concept_class_id AS concept_class_id, h.standard_concept AS standard_concept, h.concept_code AS concept_code, " +
	"c.invalid_reason AS invalid_reason, h.persons AS persons, h.persons_with_descendants AS persons_with_descendants"

func conceptTables(data omop.Dataset) string {
	return data.Table("hub_concept") + " AS h\nLEFT JOIN " + data.Table("concept") + " AS c ON c.concept_id = h.concept_id"
}

func conceptOf(v []bigquery.Value) vocabulary.Concept {
	n := func(i int) int64 { x, _ := v[i].(int64); return x }
	return vocabulary.Concept{ID: n(0), Name: textOf(v[1]), Domain: textOf(v[2]), Vocabulary: textOf(v[3]), Class: textOf(v[4]),
		Standard: textOf(v[5]), Code: textOf(v[6]), Invalid: textOf(v[7]), Persons: n(8), PersonsWithDescendants: n(9)}
}

// textOf is a text, "" where it is NULL.
func textOf(v bigquery.Value) string {
	s, _ := v.(string)
	return s
}

// errEnough ends a reading that has what it needs.
var errEnough = errors.New("enough")

// rows runs a query that the hub pays for and reads its rows until each has enough.
func (s *shelf) rows(ctx context.Context, st statement.Statement, each func([]bigquery.Value) error) error {
	job, err := bigqueryx.Run(ctx, s.desk.BigQuery, bigqueryx.Job{Statement: st, MaxBytesBilled: s.maxBytes, Timeout: readTimeout,
		Labels: map[string]string{"purpose": "vocabulary"}})
	if err != nil {
		return err
	}
	it, err := job.Read(ctx)
	if err != nil {
		return bigqueryx.Fault("vocabulary.rows", err)
	}
	it.PageInfo().MaxSize = pageRows
	for {
		var v []bigquery.Value
		err := it.Next(&v)
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return bigqueryx.Fault("vocabulary.rows", err)
		}
		if err := each(v); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// pageRows is how many rows come with one call; BigQuery ends a page at some 10 MB.
const pageRows = 50_000
