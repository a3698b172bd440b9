package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"time"
)

// summary is what is said of a list of ratios.
type summary struct{ n, geomean, low, high float64 }

func summarise(all []measured) summary {
	s := summary{low: math.Inf(1), high: math.Inf(-1)}
	sum := 0.0
	for _, m := range all {
		r := m.ratio()
		sum += math.Log(r)
		s.n++
		s.low, s.high = min(s.low, r), max(s.high, r)
	}
	s.geomean = math.Exp(sum / s.n)
	return s
}

func (s summary) String() string {
	if s.n == 0 {
		return "geomean=0 min=0 max=0"
	}
	return fmt.Sprintf("geomean=%.2f min=%.2f max=%.2f", s.geomean, s.low, s.high)
}

// report prints the ratios by feature, the lowest ones by name, what all took
// together and, last, the summary.
func report(out io.Writer, all []measured, slowest int) {
	features := map[string][]measured{}
	var theirs, ours, apart time.Duration
	for _, m := range all {
		for _, f := range m.Features {
			features[f] = append(features[f], m)
		}
		theirs, ours, apart = theirs+m.theirs, ours+m.ours, apart+m.apart
	}
	for _, f := range slices.Sorted(maps.Keys(features)) {
		s := summarise(features[f])
		fmt.Fprintf(out, "%-45s n=%-5.0f %s\n", f, s.n, s)
	}
	slices.SortFunc(all, func(a, b measured) int {
		if a.ratio() < b.ratio() {
			return -1
		}
		return 1
	})
	fmt.Fprintln(out, "\nthe lowest ratios (OHDSI ms / ours ms):")
	for _, m := range all[:min(slowest, len(all))] {
		fmt.Fprintf(out, "%6.2f  %8.2f / %8.2f  translation %6.2f  rows %-7d %s/%s %s\n", m.ratio(), ms(m.theirs), ms(m.ours), ms(m.apart), m.Rows, m.ID, m.Dataset, m.Name)
	}
	fmt.Fprintf(out, "\n%d answers: OHDSI %.0f ms, ours %.0f ms (compilation, analysis and translation apart: %.0f ms, %.1f each)\n",
		len(all), ms(theirs), ms(ours), ms(apart), ms(apart)/float64(max(1, len(all))))
	fmt.Fprintln(out, "ratio = OHDSI ms / ours ms")
	fmt.Fprintln(out, summarise(all))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
