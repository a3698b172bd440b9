package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// sample is a concept to search for.
type sample struct {
	id                  int64
	name, code, synonym string
}

// samples are some hundred concepts of a release, one in so many.
func (b *bench) samples(ctx context.Context, data omop.Dataset) ([]sample, error) {
	job, err := bigqueryx.Run(ctx, b.bq, bigqueryx.Job{MaxBytesBilled: 1 << 34, Statement: statement.Statement{SQL: "SELECT c.concept_id, c.concept_name, c.concept_code, s.name\nFROM " +
		data.Table("concept") + " AS c LEFT JOIN (SELECT concept_id, MIN(concept_synonym_name) AS name FROM " + data.Table("concept_synonym") +
		" GROUP BY concept_id) AS s ON s.concept_id = c.concept_id WHERE c.concept_id > 0 ORDER BY MOD(c.concept_id * 7919, 100003), c.concept_id LIMIT 300"}})
	if err != nil {
		return nil, err
	}
	it, err := job.Read(ctx)
	if err != nil {
		return nil, err
	}
	var list []sample
	for {
		var v []bigquery.Value
		if err := it.Next(&v); errors.Is(err, iterator.Done) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		s := sample{}
		s.id, _ = v[0].(int64)
		s.name, _ = v[1].(string)
		s.code, _ = v[2].(string)
		s.synonym, _ = v[3].(string)
		list = append(list, s)
	}
}

// kind is a way of searching.
type kind struct {
	name string
	// query makes a search of a sample.
	query func(r *rand.Rand, s sample) url.Values
}

func text(s string) url.Values {
	if len(s) > 90 {
		s = strings.ToValidUTF8(s[:90], "")
	}
	return url.Values{"query": {s}}
}

// word is one of a name's words, and its beginning as it is typed.
func word(r *rand.Rand, name string) string {
	list := strings.Fields(name)
	return list[r.IntN(len(list))]
}

func beginning(r *rand.Rand, w string) string {
	n := min(len(w), 3+r.IntN(5))
	return strings.ToValidUTF8(w[:n], "")
}

var kinds = []kind{
	{"a word", func(r *rand.Rand, s sample) url.Values { return text(word(r, s.name)) }},
	{"typing", func(r *rand.Rand, s sample) url.Values { return text(beginning(r, word(r, s.name))) }},
	{"two words", func(r *rand.Rand, s sample) url.Values { return text(word(r, s.name) + " " + word(r, s.name)) }},
	{"a whole name", func(_ *rand.Rand, s sample) url.Values {
		list := strings.Fields(s.name)
		return text(strings.Join(list[:min(len(list), 8)], " "))
	}},
	{"a frequent word", func(r *rand.Rand, _ sample) url.Values { return text(frequent[r.IntN(len(frequent))]) }},
	{"two letters", func(r *rand.Rand, s sample) url.Values {
		return text(strings.ToValidUTF8(s.name[:min(2, len(s.name))], ""))
	}},
	{"a code", func(_ *rand.Rand, s sample) url.Values { return text(s.code) }},
	{"an id", func(_ *rand.Rand, s sample) url.Values { return text(strconv.FormatInt(s.id, 10)) }},
	{"a synonym", func(r *rand.Rand, s sample) url.Values {
		if s.synonym == "" {
			return text(word(r, s.name))
		}
		list := strings.Fields(s.synonym)
		return text(strings.Join(list[:min(len(list), 8)], " "))
	}},
	{"filters, facets", func(r *rand.Rand, s sample) url.Values {
		v := text(beginning(r, word(r, s.name)))
		v["domain"], v["standard"], v["validity"], v["facets"] = []string{"Condition", "Drug"}, []string{"standard"}, []string{"valid"}, []string{"true"}
		return v
	}},
	{"a hyphened word", func(r *rand.Rand, s sample) url.Values { return text(word(r, s.name) + "-" + word(r, s.name)) }},
	{"nothing", func(r *rand.Rand, _ sample) url.Values { return text("zq" + strconv.Itoa(r.IntN(1000)) + "x") }},
	{"second page", nil},
}

// times are the quantiles of what was measured.
type times struct{ p50, p95 time.Duration }

func quantiles(list []time.Duration) times {
	slices.Sort(list)
	return times{list[len(list)/2], list[len(list)*95/100]}
}

// measure searches a release.
func (b *bench) measure(ctx context.Context, l loaded, runs int) (times, error) {
	began := time.Now()
	if err := b.first(ctx, l); err != nil {
		return times{}, err
	}
	fmt.Printf("%s: the first search, which reads the vocabulary, took %.1f s\n", l.id, time.Since(began).Seconds())
	r := rand.New(rand.NewPCG(3, 3)) //nolint:gosec // the same searches each time
	byKind := map[string][]time.Duration{}
	var all []time.Duration
	for i := -runs / 10; i < runs; i++ {
		k, s := kinds[(i+runs)%len(kinds)], l.samples[r.IntN(len(l.samples))]
		var q url.Values
		if k.query != nil {
			q = k.query(r, s)
		} else {
			q = text(frequent[r.IntN(len(frequent))])
			a, err := b.search(ctx, l, i+runs, q)
			if err != nil {
				return times{}, err
			}
			if a.Next != "" {
				q.Set("cursor", a.Next)
			}
		}
		began := time.Now()
		a, err := b.search(ctx, l, i+runs, q)
		took := time.Since(began)
		if err != nil {
			return times{}, err
		}
		if (k.name == "an id" || k.name == "a code") && len(a.Items) == 0 {
			return times{}, fmt.Errorf("%s of %d finds nothing", k.name, s.id)
		}
		if i >= 0 {
			all, byKind[k.name] = append(all, took), append(byKind[k.name], took)
		}
	}
	for _, k := range kinds {
		t := quantiles(byKind[k.name])
		fmt.Printf("%s: %-16s p50 %6.1f ms, p95 %6.1f ms\n", l.id, k.name, ms(t.p50), ms(t.p95))
	}
	t := quantiles(all)
	q, err := b.byQuery(ctx, l, r)
	fmt.Printf("%s: in memory        p50 %6.1f ms, p95 %6.1f ms; by a query job p50 %.1f ms, p95 %.1f ms (no ranking, no synonyms, no facets)\n",
		l.id, ms(t.p50), ms(t.p95), ms(q.p50), ms(q.p95))
	return t, err
}

// first waits for the vocabulary, asking again as a client does while it is read.
func (b *bench) first(ctx context.Context, l loaded) error {
	for {
		_, err := b.search(ctx, l, 0, text("first"))
		if !errors.Is(err, errReading) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// errReading is the answer of a function that still reads the vocabulary. It has
// waited for long before, so who hears it asks again at once.
var errReading = errors.New("the vocabulary is being read")

type answer struct {
	Items []json.RawMessage `json:"items"`
	Next  string            `json:"next"`
	Total int               `json:"total"`
}

// search asks the function.
func (b *bench) search(ctx context.Context, l loaded, i int, q url.Values) (answer, error) {
	q.Set("release", l.id)
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/cohort/v1/vocabulary?"+q.Encode(), http.NoBody)
	req.Header.Set("Authorization", "Bearer "+caller(i))
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, req)
	var a answer
	if w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") != "" {
		return a, errReading
	}
	if w.Code != http.StatusOK {
		return a, fmt.Errorf("search %v: %d %s", q, w.Code, w.Body)
	}
	err := json.Unmarshal(w.Body.Bytes(), &a)
	return a, err
}

// byQuery searches for words as a query job does it, the client's calls included.
func (b *bench) byQuery(ctx context.Context, l loaded, r *rand.Rand) (times, error) {
	var took []time.Duration
	for i := range 25 {
		w := strings.ToLower(word(r, l.samples[r.IntN(len(l.samples))].name))
		began := time.Now()
		job, err := bigqueryx.Run(ctx, b.bq, bigqueryx.Job{MaxBytesBilled: 1 << 34, Statement: statement.Statement{
			SQL: "SELECT concept_id, concept_name, domain_id, vocabulary_id, persons_with_descendants FROM " + l.data.Table("hub_concept") +
				" WHERE STRPOS(LOWER(concept_name), @w) > 0 OR LOWER(concept_code) = @w ORDER BY persons_with_descendants DESC, concept_id LIMIT 21",
			Params: []statement.Param{statement.TextParam("w", w)}}})
		if err != nil {
			return times{}, err
		}
		it, err := job.Read(ctx)
		if err != nil {
			return times{}, err
		}
		for {
			var v []bigquery.Value
			if err := it.Next(&v); errors.Is(err, iterator.Done) {
				break
			} else if err != nil {
				return times{}, err
			}
		}
		if i > 4 {
			took = append(took, time.Since(began))
		}
	}
	return quantiles(took), nil
}
