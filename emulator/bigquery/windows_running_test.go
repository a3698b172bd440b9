package bigquery_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// keyed are rows of partitions p and d, with keys and dates at the edges of their
// types, ordered by q and id.
const keyed = `WITH t AS (SELECT p, q, d, id FROM UNNEST([
	STRUCT(1 AS p, DATE '2020-01-01' AS q, DATE '2020-02-01' AS d, 1 AS id), (1, DATE '2020-01-01', NULL, 2), (1, DATE '2020-01-02', DATE '2019-01-01', 3),
	(-9223372036854775808, DATE '0001-01-01', DATE '0001-01-01', 4), (-9223372036854775808, DATE '0001-01-02', DATE '9999-12-31', 5),
	(9223372036854775807, DATE '9999-12-31', NULL, 6), (9223372036854775807, DATE '9999-12-31', DATE '9999-12-31', 7), (9223372036854775807, DATE '2000-01-01', DATE '0001-01-01', 8),
	(NULL, DATE '2020-01-01', DATE '2020-01-05', 9), (NULL, DATE '2020-01-01', DATE '2020-01-04', 10), (NULL, DATE '2020-03-01', NULL, 11), (NULL, DATE '2020-04-01', NULL, 16),
	(2, DATE '2020-01-01', NULL, 12), (-1, DATE '1969-12-31', DATE '1969-12-31', 13), (0, DATE '1970-01-01', NULL, 14), (0, DATE '1970-01-01', DATE '1970-01-01', 15)])) `

// sooner are the conditions for a row b to come before a.
func sooner(order, before string) string {
	if order == "q, id" {
		return "(b.q < a.q OR b.q = a.q AND b.id " + before + " a.id)"
	}
	return "(b.q > a.q OR b.q = a.q AND b.id " + strings.ReplaceAll(before, "<", ">") + " a.id)"
}

// TestRunningNumber compares the numbers of a partition's rows with how many there
// are up to each, counted by a sub-query.
func TestRunningNumber(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, order := range []string{"q, id", "q DESC, id DESC"} {
		for partition, same := range map[string]string{
			"p":    "(a.p = b.p OR a.p IS NULL AND b.p IS NULL)",
			"p, d": "(a.p = b.p OR a.p IS NULL AND b.p IS NULL) AND (a.d = b.d OR a.d IS NULL AND b.d IS NULL)",
		} {
			t.Run(partition+" by "+order, func(t *testing.T) {
				got := table(t, c, keyed+"SELECT id, ROW_NUMBER() OVER (PARTITION BY "+partition+" ORDER BY "+order+") FROM t ORDER BY id")
				want := table(t, c, keyed+"SELECT a.id, (SELECT COUNT(*) FROM t AS b WHERE "+same+" AND "+sooner(order, "<=")+") FROM t AS a ORDER BY id")
				if diff := cmp.Diff(want, got); diff != "" || len(want) != 16 {
					t.Error(diff)
				}
			})
		}
	}
}

// TestRunningMax compares the greatest date so far of each partition with the same
// written as a sub-query.
func TestRunningMax(t *testing.T) {
	c, _ := bqtest.Start(t)
	for frame, before := range map[string]string{"CURRENT ROW": "<=", "1 PRECEDING": "<"} {
		for _, order := range []string{"q, id", "q DESC, id DESC"} {
			t.Run(frame+" by "+order, func(t *testing.T) {
				got := table(t, c, keyed+"SELECT id, MAX(d) OVER (PARTITION BY p ORDER BY "+order+" ROWS BETWEEN UNBOUNDED PRECEDING AND "+frame+") FROM t ORDER BY id")
				want := table(t, c, keyed+"SELECT a.id, (SELECT MAX(b.d) FROM t AS b WHERE (a.p = b.p OR a.p IS NULL AND b.p IS NULL) AND "+sooner(order, before)+") FROM t AS a ORDER BY id")
				if diff := cmp.Diff(want, got); diff != "" || len(want) != 16 {
					t.Error(diff)
				}
			})
		}
	}
}

// TestRunningMaxOfManyRows has more rows than DuckDB looks at in one go, read by
// several threads, and two of these windows above each other.
func TestRunningMaxOfManyRows(t *testing.T) {
	c, _ := bqtest.Start(t)
	const persons, each = 5_000, 60
	loadPeriods(t, c, persons, each)
	got := map[int64][]string{}
	it, err := c.Query(`WITH a AS (SELECT p, UNIX_DATE(s) AS s, DATE_ADD(s, INTERVAL days DAY) AS e, s AS d FROM w.t),
		b AS (SELECT p, d, e, MAX(e) OVER (PARTITION BY p ORDER BY d, e ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach FROM a),
		o AS (SELECT p, e, MAX(IF(reach >= d, NULL, d)) OVER (PARTITION BY p ORDER BY d, reach ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS opening FROM b)
		SELECT p, UNIX_DATE(opening), UNIX_DATE(MAX(e)) FROM o GROUP BY p, opening ORDER BY 1, 2`).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for {
		var row []bq.Value
		if it.Next(&row) != nil {
			break
		}
		p, _ := row[0].(int64)
		got[p] = append(got[p], fmt.Sprint(row[1], row[2]))
	}
	for p := int64(1); p <= persons; p++ {
		if want := islands(p, each); !slices.Equal(want, got[p]) {
			t.Fatalf("person %d: %v, want %v", p, got[p], want)
		}
	}
}

// loadPeriods makes table w.t: each person's periods, of a start and some days.
func loadPeriods(t *testing.T, c *bq.Client, persons, each int) {
	t.Helper()
	load := c.Query(fmt.Sprintf(`SELECT p, DATE_ADD(DATE '2000-01-01', INTERVAL MOD(p * 7919 + i * 104729, 5000) DAY) AS s,
		MOD(p * 31 + i * 17, 90) AS days, i FROM UNNEST(GENERATE_ARRAY(1, %d)) AS p, UNNEST(GENERATE_ARRAY(1, %d)) AS i`, persons, each))
	if err := c.Dataset("w").Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	load.Dst = c.Dataset("w").Table("t")
	if _, err := load.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestRunningInOtherQueries has the windows in correlated subqueries, read twice, and
// with limits above and below, each compared with one that is DuckDB's own.
func TestRunningInOtherQueries(t *testing.T) {
	c, _ := bqtest.Start(t)
	loadPeriods(t, c, 3_000, 60)
	asNumbers := strings.NewReplacer("UNIX_DATE(m)", "m", "UNIX_DATE(x.m)", "x.m", "UNIX_DATE(y.m)", "y.m")
	const over, to = " OVER (PARTITION BY p ORDER BY s, i", " ROWS BETWEEN UNBOUNDED PRECEDING AND "
	for what, of := range map[string]struct{ dates, numbers string }{
		"the greatest to here":   {"MAX(DATE_ADD(s, INTERVAL days DAY))" + over + to + "CURRENT ROW)", "MAX(UNIX_DATE(s) + days)" + over + to + "CURRENT ROW)"},
		"the greatest before":    {"MAX(DATE_ADD(s, INTERVAL days DAY))" + over + to + "1 PRECEDING)", "MAX(UNIX_DATE(s) + days)" + over + to + "1 PRECEDING)"},
		"the number of each row": {"DATE_ADD(s, INTERVAL i * ROW_NUMBER()" + over + ") DAY)", "UNIX_DATE(s) + i * COUNT(*)" + over + to + "CURRENT ROW)"},
	} {
		for name, sql := range map[string]string{
			"a correlated subquery": "SELECT k, (SELECT SUM(UNIX_DATE(m)) FROM (SELECT %s AS m FROM w.t AS t WHERE MOD(t.p, 9) = k)) FROM UNNEST(GENERATE_ARRAY(0, 8)) AS k ORDER BY k",
			"a correlated array":    "SELECT k, SUM(UNIX_DATE(m)) FROM UNNEST(GENERATE_ARRAY(0, 8)) AS k, UNNEST(ARRAY(SELECT %s AS m FROM w.t AS t WHERE MOD(t.p, 9) = k)) AS m GROUP BY k ORDER BY k",
			"read twice":            "WITH a AS (SELECT p, i, %s AS m FROM w.t) SELECT MOD(x.p, 9) AS k, SUM(UNIX_DATE(x.m)), SUM(UNIX_DATE(y.m)) FROM a AS x JOIN a AS y USING (p, i) GROUP BY k ORDER BY k",
			"some of it":            "SELECT p, i, UNIX_DATE(m) FROM (SELECT *, %s AS m FROM w.t) WHERE p = 1234 OR s = DATE '2005-01-01' ORDER BY p, i",
			"a limit above":         "SELECT p, i, UNIX_DATE(m) FROM (SELECT *, %s AS m FROM w.t) ORDER BY s DESC, p, i LIMIT 500",
			"a limit below":         "SELECT SUM(UNIX_DATE(m)) FROM (SELECT %s AS m FROM (SELECT * FROM w.t ORDER BY i, p LIMIT 7000))",
		} {
			got, want := table(t, c, fmt.Sprintf(sql, of.dates)), table(t, c, asNumbers.Replace(fmt.Sprintf(sql, of.numbers)))
			if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
				t.Errorf("%s in %s (-want +got):\n%s", what, name, diff)
			}
		}
	}
}

// islands merges a person's periods by hand.
func islands(p, each int64) []string {
	const first = 10_957 // 2000-01-01
	var periods [][2]int64
	for i := int64(1); i <= each; i++ {
		s := first + (p*7919+i*104729)%5000
		periods = append(periods, [2]int64{s, s + (p*31+i*17)%90})
	}
	slices.SortFunc(periods, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	var out []string
	from, to := periods[0][0], periods[0][1]
	for _, q := range periods[1:] {
		if q[0] <= to {
			to = max(to, q[1])
			continue
		}
		out = append(out, fmt.Sprint(from, to))
		from, to = q[0], q[1]
	}
	return append(out, fmt.Sprint(from, to))
}

// table gives a query's rows as text.
func table(t *testing.T, c *bq.Client, sql string) []string {
	t.Helper()
	it, err := c.Query(sql).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for {
		var row []bq.Value
		if err := it.Next(&row); errors.Is(err, iterator.Done) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(row))
	}
}
