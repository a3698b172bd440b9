package circe

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"researchhub.example/hub/shared/testkit"
)

// wide gives a definition with a concept set of n concepts, described to people
// as ATLAS does.
func wide(tb testing.TB, n int) []byte {
	tb.Helper()
	items := make([]any, n)
	for i := range items {
		id := int64(4_000_000 + i)
		items[i] = map[string]any{"concept": map[string]any{"CONCEPT_ID": id, "CONCEPT_NAME": fmt.Sprintf("the name of concept %d, as long as names are", i),
			"DOMAIN_ID": "Condition", "VOCABULARY_ID": "SNOMED", "CONCEPT_CLASS_ID": "Clinical Finding", "CONCEPT_CODE": fmt.Sprint(id), "STANDARD_CONCEPT": "S",
			"STANDARD_CONCEPT_CAPTION": "Standard", "INVALID_REASON": "V", "INVALID_REASON_CAPTION": "Valid"},
			"isExcluded": i%5 == 0, "includeDescendants": i%2 == 0, "includeMapped": false}
	}
	raw, err := json.Marshal(map[string]any{"ConceptSets": []any{map[string]any{"id": 0, "name": "wide", "expression": map[string]any{"items": items}}},
		"PrimaryCriteria": map[string]any{"CriteriaList": []any{map[string]any{"ConditionOccurrence": map[string]any{"CodesetId": 0}}}, "PrimaryCriteriaLimit": map[string]any{"Type": "All"}}})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// steps are what a stored definition goes through before BigQuery sees it, but
// for the look at the vocabulary: every named concept stands for itself.
func steps(tb testing.TB, raw []byte) (all map[string]func()) {
	d, err := Parse(raw)
	if err != nil {
		return nil
	}
	o := testOptions
	o.Legacy = true
	o.Sets = map[int64][]int64{}
	for _, s := range d.ConceptSets {
		for _, it := range s.Items {
			o.Sets[s.ID] = append(o.Sets[s.ID], it.ConceptID)
		}
	}
	whole := func(hash, compile bool) func() {
		return func() {
			d, err := Parse(raw)
			if err == nil && hash {
				d.Hash()
			}
			if err == nil && compile {
				_, err = d.Compile(o)
			}
			if err != nil {
				tb.Fatal(err)
			}
		}
	}
	return map[string]func(){"parse": whole(false, false), "parse+hash": whole(true, false), "parse+hash+compile": whole(true, true),
		"compile": func() {
			if _, err := d.Compile(o); err != nil {
				tb.Fatal(err)
			}
		}}
}

func report(b *testing.B, name string, took []time.Duration, place float64) {
	slices.Sort(took)
	b.ReportMetric(float64(took[int(float64(len(took)-1)*place)].Microseconds())/1000, name)
}

// BenchmarkCompile takes definitions one by one and reports the median beside the
// mean.
func BenchmarkCompile(b *testing.B) {
	for _, c := range []struct {
		name string
		raw  []byte
	}{{"drug_after_condition", []byte(definition(b, "drug_after_condition.json"))}, {"dates", []byte(definition(b, "dates.json"))},
		{"everything", []byte(definition(b, "everything.json"))}, {"concepts=1600", wide(b, 1600)}} {
		all := steps(b, c.raw)
		for _, step := range []string{"parse", "parse+hash", "parse+hash+compile", "compile"} {
			b.Run(c.name+"/"+step, func(b *testing.B) {
				b.ReportAllocs()
				var took []time.Duration
				for b.Loop() {
					start := time.Now()
					all[step]()
					took = append(took, time.Since(start))
				}
				report(b, "p50-ms", took, 0.5)
			})
		}
	}
}

// BenchmarkSuite takes every definition of OHDSI's library and of the wide one
// through all steps, three times at least, and reports over the medians of each.
func BenchmarkSuite(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(testkit.TestData(b, "circe"), "definitions", "*.json"))
	if err != nil {
		b.Fatal(err)
	}
	runs := []func(){steps(b, wide(b, 1600))["parse+hash+compile"]}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		if all := steps(b, raw); all != nil {
			runs = append(runs, all["parse+hash+compile"])
		}
	}
	took := make([][]time.Duration, len(runs))
	for b.Loop() {
		for i, run := range runs {
			for range 3 {
				start := time.Now()
				run()
				took[i] = append(took[i], time.Since(start))
			}
		}
	}
	medians := make([]time.Duration, len(runs))
	for i, t := range took {
		slices.Sort(t)
		medians[i] = t[len(t)/2]
	}
	b.ReportMetric(float64(len(runs)), "definitions")
	b.ReportMetric(float64(medians[0].Microseconds())/1000, "wide-p50-ms")
	report(b, "p50-ms", medians, 0.5)
	report(b, "p99-ms", medians, 0.99)
	report(b, "worst-p50-ms", medians, 1)
}
