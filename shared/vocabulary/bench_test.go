package vocabulary

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// madeUp are the names of so many concepts, of few frequent and many rare words.
func madeUp(n int) []string {
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.1, 20, 30_000)
	names := make([]string, n)
	for i := range names {
		var words []string
		for range 2 + r.IntN(8) {
			words = append(words, fmt.Sprintf("word%dly", zipf.Uint64()))
		}
		names[i] = strings.Join(words, " ")
	}
	return names
}

// BenchmarkSearch searches half a million concepts for what finds nearly none, a
// fifth of them, and all.
func BenchmarkSearch(b *testing.B) {
	build := &Builder{Shown: twenties}
	for i, n := range madeUp(500_000) {
		if err := build.Add(Concept{ID: int64(i), Name: n, Code: fmt.Sprint("C", i), Domain: []string{"Condition", "Drug"}[i%2], PersonsWithDescendants: int64(i % 977)}); err != nil {
			b.Fatal(err)
		}
	}
	x := build.Build()
	for name, q := range map[string]Query{"rare": {Text: "word29999ly"}, "typing": {Text: "word1"}, "two words": {Text: "word1 word20ly"}, "all": {Text: "wo"},
		"facets": {Text: "word1", Facets: true, Domains: []string{"Drug"}}, "no text": {}, "literal": {Text: "word1-word"}} {
		q.Limit = 20
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				x.Search(q)
			}
		})
	}
}

// BenchmarkBuild builds the index of a hundred thousand concepts.
func BenchmarkBuild(b *testing.B) {
	names := madeUp(100_000)
	for b.Loop() {
		x := &Builder{}
		for i, n := range names {
			if err := x.Add(Concept{ID: int64(i), Name: n, Code: n[4:8]}); err != nil {
				b.Fatal(err)
			}
		}
		if x.Build().Len() != len(names) {
			b.Fatal("concepts are lost")
		}
	}
}
