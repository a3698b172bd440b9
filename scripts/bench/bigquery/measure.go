package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	bq "cloud.google.com/go/bigquery"
)

// question is asked of both.
type question struct {
	name         string
	google, duck string
	params       []bq.QueryParameter
	// ints marks the columns of INT64, by bit, which are summed up to compare the
	// answers.
	ints uint
}

// answer is what is compared of two answers.
type answer struct{ rows, sum int64 }

func (a *answer) add(cols int, value func(int) int64) {
	a.rows++
	for i := range cols {
		// The place counts, so that exchanged columns show.
		a.sum += value(i) * int64(i+1)
	}
}

const manyRows = "100,000 rows"

var questions = []question{
	{name: "SELECT 1", google: "SELECT 1", duck: "SELECT CAST(1 AS BIGINT)", ints: 1},
	{name: "count", ints: 3,
		google: "SELECT COUNT(*) AS n, COUNT(DISTINCT person_id) AS persons FROM bench.events WHERE concept_id BETWEEN 1100 AND 1300",
		duck:   "SELECT count(*), count(DISTINCT person_id) FROM events WHERE concept_id BETWEEN 1100 AND 1300"},
	{name: "set operation", ints: 1,
		google: `SELECT COUNT(*) FROM (
			(SELECT person_id FROM bench.events WHERE concept_id BETWEEN 1000 AND 1099 INTERSECT DISTINCT
			 SELECT person_id FROM bench.events WHERE concept_id BETWEEN 1200 AND 1299) EXCEPT DISTINCT
			SELECT person_id FROM bench.events WHERE concept_id BETWEEN 1400 AND 1410)`,
		duck: `SELECT count(*) FROM (
			(SELECT person_id FROM events WHERE concept_id BETWEEN 1000 AND 1099 INTERSECT
			 SELECT person_id FROM events WHERE concept_id BETWEEN 1200 AND 1299) EXCEPT
			SELECT person_id FROM events WHERE concept_id BETWEEN 1400 AND 1410)`},
	{name: "occurrence", ints: 1,
		google: "SELECT COUNT(*) FROM (SELECT person_id FROM bench.events WHERE concept_id IN UNNEST(@concepts) GROUP BY person_id HAVING COUNT(*) >= 2)",
		duck:   "SELECT count(*) FROM (SELECT person_id FROM events WHERE concept_id IN (" + conceptList() + ") GROUP BY person_id HAVING count(*) >= 2)",
		params: []bq.QueryParameter{{Name: "concepts", Value: concepts()}}},
	{name: "temporal", ints: 1,
		google: `SELECT COUNT(DISTINCT a.person_id) FROM
			(SELECT person_id, MIN(start_date) AS first FROM bench.events WHERE concept_id BETWEEN 1000 AND 1099 GROUP BY person_id) AS a
			JOIN bench.events AS b ON b.person_id = a.person_id AND b.concept_id BETWEEN 1500 AND 1699
			AND b.start_date BETWEEN a.first AND DATE_ADD(a.first, INTERVAL 90 DAY)`,
		duck: `SELECT count(DISTINCT a.person_id) FROM
			(SELECT person_id, min(start_date) AS first FROM events WHERE concept_id BETWEEN 1000 AND 1099 GROUP BY person_id) AS a
			JOIN events AS b ON b.person_id = a.person_id AND b.concept_id BETWEEN 1500 AND 1699
			AND b.start_date BETWEEN a.first AND a.first + 90`},
	{name: "histogram", ints: 7,
		google: `SELECT p.gender_concept_id, DIV(EXTRACT(YEAR FROM e.start_date) - p.year_of_birth, 10) AS decade, COUNT(DISTINCT e.person_id) AS persons
			FROM bench.events AS e JOIN bench.persons AS p USING (person_id) WHERE e.concept_id < 1500 GROUP BY 1, 2 ORDER BY 1, 2`,
		duck: `SELECT p.gender_concept_id, (year(e.start_date) - p.year_of_birth) // 10 AS decade, count(DISTINCT e.person_id) AS persons
			FROM events AS e JOIN persons AS p USING (person_id) WHERE e.concept_id < 1500 GROUP BY 1, 2 ORDER BY 1, 2`},
	{name: manyRows, ints: 7,
		google: "SELECT person_id, event_id, concept_id, start_date, value FROM bench.events WHERE event_id < 100000",
		duck:   "SELECT person_id, event_id, concept_id, start_date, value FROM events WHERE event_id < 100000"},
}

// concepts is a concept set of 400 concepts.
func concepts() []int64 {
	out := make([]int64, 400)
	for i := range out {
		out[i] = int64(1000 + 2*i)
	}
	return out
}

func conceptList() string {
	s := fmt.Sprint(concepts())
	list := []byte(s[1 : len(s)-1])
	for i, c := range list {
		if c == ' ' {
			list[i] = ','
		}
	}
	return string(list)
}

// overhead is the least time at DuckDB for which a ratio says something.
const overhead = 100 * time.Millisecond

func measure(ctx context.Context, cfg config, s *server, n *native) error {
	fmt.Printf("%-14s %12s %12s %8s   (p50 of %d)\n", "", "DuckDB ms", "local BQ ms", "ratio", cfg.runs)
	var fixed, many time.Duration
	worst := 0.0
	for _, q := range questions {
		var native, local []time.Duration
		runs := cfg.runs
		if q.name == "SELECT 1" {
			runs *= 20
		}
		for i := range runs + 1 {
			began := time.Now()
			want, err := n.ask(ctx, q)
			if err != nil {
				return fmt.Errorf("%s, by DuckDB: %w", q.name, err)
			}
			between := time.Now()
			got, err := s.ask(ctx, q)
			if err != nil {
				return fmt.Errorf("%s, by the local BigQuery: %w", q.name, err)
			}
			end := time.Now()
			if got != want {
				return fmt.Errorf("%s: the local BigQuery answers %+v, DuckDB %+v", q.name, got, want)
			}
			if i > 0 { // the first one warms both
				native, local = append(native, between.Sub(began)), append(local, end.Sub(between))
			}
		}
		a, b := median(native), median(local)
		ratio := float64(b) / float64(a)
		fmt.Printf("%-14s %12.2f %12.2f %8.2f\n", q.name, ms(a), ms(b), ratio)
		switch {
		case q.name == "SELECT 1":
			fixed = b - a
		case q.name == manyRows:
			many = b
		case a > overhead:
			worst = max(worst, ratio)
		}
	}
	rss, err := s.rss()
	if err != nil {
		return err
	}
	fmt.Printf("fixed_ms=%.2f max_ratio=%.2f rows100k_s=%.2f ready_ms=%.0f rss_mb=%d\n", ms(fixed), worst, many.Seconds(), ms(s.ready), rss)
	return nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
