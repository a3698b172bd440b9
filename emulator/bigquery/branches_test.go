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

// TestOverflowBesideConstants sees that sums and products overflow although a
// comparison or an aggregate could do without them.
func TestOverflowBesideConstants(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, sql := range []string{
		"SELECT x + 9223372036854775807 > 0 FROM UNNEST([10]) AS x",
		"SELECT COUNT(*) FROM UNNEST([10]) AS x WHERE 9223372036854775807 + x = 5",
		"SELECT x - 9223372036854775807 = 5 FROM UNNEST([-10]) AS x",
		"SELECT COUNT(*) FROM UNNEST([9223372036854775807]) AS x WHERE 4 * x = 8",
		"SELECT SUM(x + 1) - SUM(y) FROM UNNEST([STRUCT(9223372036854775807 AS x, 3 AS y), (-5, 0)])",
	} {
		if got := evaluate(t, c, sql); !strings.HasPrefix(got, "!invalidQuery") || !strings.Contains(strings.ToLower(got), "overflow") {
			t.Errorf("%s: got %s, want an overflow", sql, got)
		}
	}
}
