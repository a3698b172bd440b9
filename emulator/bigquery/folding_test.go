package bigquery_test

import (
	"testing"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// TestFoldedAndComputedAgree compares casts that the analyzer folds, with
// GoogleSQL's own code, with the same casts done by the emulator.
func TestFoldedAndComputedAgree(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, tc := range []struct{ literal, target string }{
		{"CAST('nan' AS FLOAT64)", "STRING"}, {"CAST('-inf' AS FLOAT64)", "STRING"}, {"1e15", "STRING"}, {"1e14", "STRING"}, {"123456789012345680.0", "STRING"},
		{"0.1", "STRING"}, {"1e-7", "STRING"}, {"5e-324", "STRING"}, {"1.7976931348623157e308", "STRING"}, {"100.0", "STRING"}, {"0.30000000000000004", "STRING"},
		{"1.5", "INT64"}, {"-0.5", "INT64"}, {"0.49999999999999994", "INT64"}, {"'  12'", "INT64"}, {"'+7'", "INT64"}, {"'-0x1f'", "INT64"}, {"'1.25'", "FLOAT64"}, {"'1e-3'", "FLOAT64"},
		{"'tRuE'", "BOOL"}, {"'2020-1-2'", "DATE"}, {"'2020-01-02 3:4:5.6'", "DATETIME"}, {"'2020-01-02T03:04:05'", "DATETIME"}, {"'2020-01-02'", "DATETIME"},
		{"'2020-01-02 03:04:05+05:30'", "TIMESTAMP"}, {"'2020-01-02 03:04:05 UTC'", "TIMESTAMP"}, {"'2020-01-02T03:04:05Z'", "TIMESTAMP"}, {"'2020-01-02'", "TIMESTAMP"},
		{"DATE '0009-01-02'", "STRING"}, {"TIMESTAMP '2020-01-02 03:04:05.1'", "STRING"}, {"TIMESTAMP '2020-01-02 03:04:05.120001'", "STRING"}, {"TIMESTAMP '2020-01-02 03:04:05'", "STRING"},
		{"DATETIME '2020-01-02 03:04:05.12'", "STRING"}, {"TIMESTAMP '1960-01-02 03:04:05'", "DATE"}, {"DATETIME '1960-01-02 03:04:05'", "TIMESTAMP"}, {"NUMERIC '-1.500'", "STRING"},
		{"NUMERIC '2.5'", "INT64"}, {"NUMERIC '-2.5'", "INT64"}, {"NUMERIC '0.1'", "FLOAT64"}, {"NUMERIC '100'", "STRING"}, {"9007199254740993", "FLOAT64"}, {"DATE '2020-01-02'", "TIMESTAMP"},
	} {
		folded := evaluate(t, c, "SELECT CAST("+tc.literal+" AS "+tc.target+")")
		computed := evaluate(t, c, "SELECT CAST(x AS "+tc.target+") FROM (SELECT "+tc.literal+" AS x FROM UNNEST([1, 2]))")
		if folded != computed {
			t.Errorf("CAST(%s AS %s): GoogleSQL has %s, the emulator %s", tc.literal, tc.target, folded, computed)
		}
	}
}
