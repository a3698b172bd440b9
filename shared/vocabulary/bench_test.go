package vocabulary

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkBuild builds the index of a hundred thousand concepts.
func BenchmarkBuild(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.1, 20, 30_000)
	names := make([]string, 100_000)
	for i := range names {
		var words []string
		for range 2 + r.IntN(8) {
			words = append(words, fmt.Sprintf("word%dly", zipf.Uint64()))
		}
		names[i] = strings.Join(words, " ")
	}
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
