// Package functions holds GoogleSQL's functions that DuckDB lacks or computes
// differently, written in Go and registered with it. Each file is one area's
// list, thin; what a function means is in the packages below this one, which
// know nothing of DuckDB.
package functions

import (
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
)

// All are the functions of every area.
func All() []duck.Scalar {
	return slices.Concat(
		numbers, dates, strings, json, aggregates, percentiles, sketchFunctions, arrays,
	)
}
