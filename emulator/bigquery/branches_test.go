package bigquery_test

import (
	"strings"
	"testing"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// TestConstantsThatFail sees that a constant's error in a branch that is not
// taken is not reported as the statement's own.
func TestConstantsThatFail(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, tc := range []struct{ sql, want string }{
		{"SELECT IF(x > 5, DIV(1, 0), 3) FROM UNNEST([1]) AS x", "3"},
		{"SELECT DIV(1, 0) FROM UNNEST([1]) AS x", "!invalidQuery"},
		{"SELECT IF(x > 5, IF(1 / 0 > 1, 1, 2), 3) FROM UNNEST([1]) AS x", "!notImplemented"},
		{"SELECT CASE WHEN x = 1 THEN 1 WHEN 1 / 0 > 1 THEN 2 END FROM UNNEST([1]) AS x", "!notImplemented"},
		{"SELECT x = 1 OR 1 / 0 > 1 FROM UNNEST([1]) AS x", "!notImplemented"},
		{"SELECT IF(x > 5, GREATEST(DIV(1, 0), x), 3) FROM UNNEST([1]) AS x", "!notImplemented"},
		{"SELECT x FROM (SELECT x FROM UNNEST([1]) AS x WHERE x > 5) WHERE 1 / 0 > 1", "!notImplemented"},
	} {
		if got := evaluate(t, c, tc.sql); got != tc.want && (tc.want[0] != '!' || !strings.HasPrefix(got, tc.want)) {
			t.Errorf("%s: got %s, want %s", tc.sql, got, tc.want)
		}
	}
}
