package circe

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// wide gives a definition with a concept set of n concepts, and their ids.
func wide(tb testing.TB, n int) ([]byte, map[int64][]int64) {
	tb.Helper()
	items := make([]any, n)
	ids := make([]int64, n)
	for i := range items {
		ids[i] = int64(4_000_000 + i)
		items[i] = map[string]any{"concept": map[string]any{"CONCEPT_ID": ids[i], "CONCEPT_NAME": fmt.Sprintf("the name of concept %d", i), "DOMAIN_ID": "Condition",
			"VOCABULARY_ID": "SNOMED", "CONCEPT_CODE": fmt.Sprint(ids[i])}, "includeDescendants": i%2 == 0}
	}
	raw, err := json.Marshal(map[string]any{"ConceptSets": []any{map[string]any{"id": 0, "name": "wide", "expression": map[string]any{"items": items}}},
		"PrimaryCriteria": map[string]any{"CriteriaList": []any{map[string]any{"ConditionOccurrence": map[string]any{"CodesetId": 0}}}, "PrimaryCriteriaLimit": map[string]any{"Type": "All"}}})
	if err != nil {
		tb.Fatal(err)
	}
	return raw, map[int64][]int64{0: ids}
}

// BenchmarkCompile compiles definitions that have been read, as a count does,
// and reports the median beside the mean; read is what reading one costs.
func BenchmarkCompile(b *testing.B) {
	for _, c := range []struct {
		name string
		raw  []byte
		sets map[int64][]int64
	}{{name: "everything", raw: []byte(definition(b, "everything.json")), sets: testOptions.Sets}, {name: "concepts=1600"}} {
		if c.raw == nil {
			c.raw, c.sets = wide(b, 1600)
		}
		median := func(b *testing.B, once func()) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				once()
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		}
		d, err := Parse(c.raw)
		if err != nil {
			b.Fatal(err)
		}
		o := testOptions
		o.Sets = c.sets
		b.Run(c.name+"/compile", func(b *testing.B) {
			median(b, func() {
				if _, err := d.Compile(o); err != nil {
					b.Fatal(err)
				}
			})
		})
		b.Run(c.name+"/read", func(b *testing.B) {
			median(b, func() {
				if _, err := Parse(c.raw); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
