package bigquery_test

import (
	"testing"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// TestDivisionForms compares the forms of DIV, MOD and EXTRACT that are written
// for constants with those that are not.
func TestDivisionForms(t *testing.T) {
	c, _ := bqtest.Start(t)
	got := evaluate(t, c, `SELECT COUNT(*) FROM UNNEST([0, 1, -1, 7, -7, 8, -8, 9223372036854775807, -9223372036854775807, -9223372036854775808, NULL]) AS x,
		UNNEST([3]) AS three, UNNEST([-3]) AS minus
		WHERE DIV(x, 3) IS DISTINCT FROM DIV(x, three) OR DIV(x, -3) IS DISTINCT FROM DIV(x, minus)
		OR MOD(x, 3) IS DISTINCT FROM MOD(x, three) OR MOD(x, -3) IS DISTINCT FROM MOD(x, minus)`)
	if got != "0" {
		t.Errorf("%s values are divided otherwise by a constant", got)
	}
	if got := evaluate(t, c, "SELECT CONCAT(CAST(DIV(x, -3) AS STRING), ' ', CAST(MOD(x, -3) AS STRING), ' ', CAST(MOD(x, 3) AS STRING)) FROM UNNEST([-7]) AS x"); got != "2 -1 -1" {
		t.Errorf("DIV and MOD of -7: got %s", got)
	}
	got = evaluate(t, c, `SELECT COUNT(*) FROM UNNEST([DATE '0001-01-01', DATE '1969-12-31', DATE '1972-02-29', DATE '2024-12-31', DATE '9999-12-31']) AS d
		WHERE EXTRACT(YEAR FROM d) != EXTRACT(YEAR FROM DATETIME(d)) OR EXTRACT(QUARTER FROM d) != EXTRACT(QUARTER FROM DATETIME(d))
		OR EXTRACT(MONTH FROM d) != EXTRACT(MONTH FROM DATETIME(d)) OR EXTRACT(DAY FROM d) != EXTRACT(DAY FROM DATETIME(d))
		OR EXTRACT(DAYOFYEAR FROM d) != EXTRACT(DAYOFYEAR FROM DATETIME(d))`)
	if got != "0" {
		t.Errorf("%s dates have other parts than their DATETIMEs", got)
	}
}
