package circe

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/statement"
)

// TestEqualTextsOfFilters compares by one text twice, with a date between and with
// a backslash that LIKE takes for its own and = does not: no parameter takes the
// value of another.
func TestEqualTextsOfFilters(t *testing.T) {
	raw := func(op string) string {
		return `{"PrimaryCriteria":{"CriteriaList":[{"DrugExposure":{"LotNumber":{"Text":"a\\b","Op":"` + op + `"},` +
			`"OccurrenceStartDate":{"Value":"2010-01-01","Op":"gt"},"StopReason":{"Text":"a\\b","Op":"contains"}}}]}}`
	}
	for op, want := range map[string][]string{"contains": {`a\\b`, "2010-01-01"}, "eq": {`a\b`, "2010-01-01", `a\\b`}} {
		d, err := Parse([]byte(raw(op)))
		if err != nil {
			t.Fatal(err)
		}
		o := testOptions
		o.Compatible = true
		st, err := d.Compile(o)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range st.Params {
			if p.Kind == statement.String || p.Kind == statement.Date {
				got = append(got, p.Text)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s\n%s", op, diff, st.SQL)
		}
	}
}
