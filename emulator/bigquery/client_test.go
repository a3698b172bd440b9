package bigquery_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// testTime bounds every call, as the client retries a 500 until its context ends.
const testTime = 60 * time.Second

func ctxOf(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTime)
	t.Cleanup(cancel)
	return ctx
}

// rowsOf runs a query and gives its rows as text.
func rowsOf(t testing.TB, q *bq.Query) []string {
	t.Helper()
	it, err := q.Read(ctxOf(t))
	if err != nil {
		t.Fatalf("%s: %v", q.Q, err)
	}
	return textRows(t, it)
}

func textRows(t testing.TB, it *bq.RowIterator) []string {
	t.Helper()
	var out []string
	for {
		var row []bq.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		parts := make([]string, len(row))
		for i, v := range row {
			parts[i] = fmt.Sprint(v)
		}
		out = append(out, strings.Join(parts, "|"))
	}
}

// loadCSV loads a table and waits for it.
func loadCSV(t testing.TB, c *bq.Client, dataset, table, csv string, schema bq.Schema, set func(*bq.Loader)) error {
	t.Helper()
	src := bq.NewReaderSource(strings.NewReader(csv))
	src.SourceFormat = bq.CSV
	src.Schema = schema
	src.SkipLeadingRows = 1
	l := c.Dataset(dataset).Table(table).LoaderFrom(src)
	if set != nil {
		set(l)
	}
	job, err := l.Run(ctxOf(t))
	if err != nil {
		return err
	}
	st, err := job.Wait(ctxOf(t))
	if err != nil {
		return err
	}
	return st.Err()
}

var personSchema = bq.Schema{
	{Name: "person_id", Type: bq.IntegerFieldType, Required: true},
	{Name: "gender", Type: bq.StringFieldType},
	{Name: "born", Type: bq.DateFieldType},
	{Name: "weight", Type: bq.FloatFieldType},
}

const personCSV = "person_id,gender,born,weight\n1,F,1980-02-29,61.5\n2,M,1975-12-31,\n3,,2001-01-01,80\n4,\"a \"\"b\"\", c\",,1e2\n"

func start(t testing.TB) *bq.Client {
	t.Helper()
	c, _ := bqtest.Start(t)
	if err := c.Dataset("cdm").Create(ctxOf(t), &bq.DatasetMetadata{Description: "d", Labels: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	return c
}

func startWithPersons(t testing.TB) *bq.Client {
	t.Helper()
	c := start(t)
	if err := loadCSV(t, c, "cdm", "person", personCSV, personSchema, nil); err != nil {
		t.Fatal(err)
	}
	if err := loadCSV(t, c, "cdm", "visit", "visit_id,person_id,start\n10,1,2020-01-01\n11,1,2020-03-01\n12,2,2021-05-05\n13,9,2021-05-05\n",
		bq.Schema{{Name: "visit_id", Type: bq.IntegerFieldType}, {Name: "person_id", Type: bq.IntegerFieldType}, {Name: "start", Type: bq.DateFieldType}}, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestQueries(t *testing.T) {
	c := startWithPersons(t)
	for _, tc := range []struct {
		name, sql string
		want      []string
	}{
		{"order, NULL first", "SELECT person_id, gender, born, weight FROM cdm.person ORDER BY gender, person_id",
			[]string{"3|<nil>|2001-01-01|80", "1|F|1980-02-29|61.5", "2|M|1975-12-31|<nil>", "4|a \"b\", c|<nil>|100"}},
		{"descending, NULL last", "SELECT gender FROM `demo-test.cdm.person` ORDER BY gender DESC", []string{"a \"b\", c", "M", "F", "<nil>"}},
		{"join", "SELECT p.person_id, COUNT(*) n, MIN(start) FROM cdm.person p JOIN cdm.visit v USING (person_id) GROUP BY 1 ORDER BY 1",
			[]string{"1|2|2020-01-01", "2|1|2021-05-05"}},
		{"left join", "SELECT p.person_id, v.visit_id FROM cdm.person p LEFT JOIN cdm.visit v ON v.person_id = p.person_id AND v.start > '2020-02-01' ORDER BY 1, 2",
			[]string{"1|11", "2|12", "3|<nil>", "4|<nil>"}},
		{"full join using", "SELECT person_id, visit_id FROM cdm.person FULL JOIN cdm.visit USING (person_id) ORDER BY 1, 2",
			[]string{"1|10", "1|11", "2|12", "3|<nil>", "4|<nil>", "9|13"}},
		{"window", "SELECT visit_id, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY start) rn, LAG(start) OVER (PARTITION BY person_id ORDER BY start), SUM(visit_id) OVER (ORDER BY visit_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM cdm.visit ORDER BY visit_id",
			[]string{"10|1|<nil>|10", "11|2|2020-01-01|21", "12|1|<nil>|23", "13|1|<nil>|25"}},
		{"qualify", "SELECT person_id, visit_id FROM cdm.visit QUALIFY ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY start DESC) = 1 ORDER BY 1", []string{"1|11", "2|12", "9|13"}},
		{"correlated exists", "SELECT person_id FROM cdm.person p WHERE EXISTS (SELECT 1 FROM cdm.visit v WHERE v.person_id = p.person_id AND DATE_DIFF(v.start, p.born, DAY) > 0) ORDER BY 1", []string{"1", "2"}},
		{"correlated scalar", "SELECT person_id, (SELECT MAX(start) FROM cdm.visit v WHERE v.person_id = p.person_id) FROM cdm.person p ORDER BY 1", []string{"1|2020-03-01", "2|2021-05-05", "3|<nil>", "4|<nil>"}},
		{"not in", "SELECT person_id FROM cdm.person WHERE person_id NOT IN (SELECT person_id FROM cdm.visit) ORDER BY 1", []string{"3", "4"}},
		{"with twice", "WITH v AS (SELECT person_id, visit_id FROM cdm.visit WHERE start < '2021-01-01') SELECT a.visit_id, b.visit_id FROM v a JOIN v b USING (person_id) ORDER BY 1, 2", []string{"10|10", "10|11", "11|10", "11|11"}},
		{"union distinct", "SELECT person_id FROM cdm.person UNION DISTINCT SELECT person_id FROM cdm.visit ORDER BY 1", []string{"1", "2", "3", "4", "9"}},
		{"except distinct", "SELECT person_id FROM cdm.visit EXCEPT DISTINCT SELECT person_id FROM cdm.person", []string{"9"}},
		{"unnest with offset", "SELECT x, o FROM UNNEST(['a', 'b', NULL]) x WITH OFFSET o ORDER BY o", []string{"a|0", "b|1", "<nil>|2"}},
		{"unnest correlated", "SELECT person_id, x FROM cdm.person, UNNEST(GENERATE_ARRAY(1, person_id)) x WHERE person_id < 3 ORDER BY 1, 2", []string{"1|1", "2|1", "2|2"}},
		{"array of a subquery", "SELECT ARRAY(SELECT visit_id FROM cdm.visit WHERE person_id = 1 ORDER BY visit_id DESC), ARRAY(SELECT 1 FROM cdm.visit WHERE FALSE)", []string{"[11 10]|[]"}},
		{"struct", "SELECT STRUCT(1 AS a, 'x' AS b).b, (SELECT AS STRUCT 5 AS q).q", []string{"x|5"}},
		{"rollup", "SELECT gender, COUNT(*), GROUPING(gender) FROM cdm.person WHERE gender IN ('F', 'M') GROUP BY ROLLUP(gender) ORDER BY 3, 1", []string{"F|1|0", "M|1|0", "<nil>|2|1"}},
		{"having", "SELECT person_id FROM cdm.visit GROUP BY person_id HAVING COUNT(*) > 1", []string{"1"}},
		{"limit offset", "SELECT visit_id FROM cdm.visit ORDER BY visit_id LIMIT 2 OFFSET 1", []string{"11", "12"}},
		{"recursive", "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT SUM(n) FROM r", []string{"15"}},
		{"pivot", "SELECT * FROM (SELECT person_id, visit_id FROM cdm.visit) PIVOT(COUNT(visit_id) FOR person_id IN (1 AS one, 2 AS two))", []string{"2|1"}},
		{"ordered then joined", "SELECT x.visit_id FROM (SELECT visit_id FROM cdm.visit ORDER BY start DESC, visit_id LIMIT 2) x JOIN cdm.visit USING (visit_id) ORDER BY 1", []string{"12", "13"}},
		{"anonymous columns", "SELECT 1, 2 AS x, 3", []string{"1|2|3"}},
		{"pipe", "FROM cdm.visit |> WHERE person_id = 1 |> AGGREGATE COUNT(*) AS n", []string{"2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, rowsOf(t, c.Query(tc.sql))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDryRunExecutesNothing(t *testing.T) {
	c := startWithPersons(t)
	ctx := ctxOf(t)
	q := c.Query("SELECT gender, weight FROM cdm.person WHERE person_id / 0 > 1")
	q.DryRun = true
	q.Dst = c.Dataset("cdm").Table("never")
	job, err := q.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	st := job.LastStatus()
	// person_id: 4 x 8. gender: (2+1) x 2 + (2+8). weight: 3 x 8.
	if got, want := st.Statistics.TotalBytesProcessed, int64(32+3+3+10+24); got != want {
		t.Errorf("bytes: got %d, want %d", got, want)
	}
	qs := st.Statistics.Details.(*bq.QueryStatistics)
	if len(qs.Schema) != 2 || qs.Schema[1].Type != bq.FloatFieldType {
		t.Errorf("schema: %v", qs.Schema)
	}
	if len(qs.ReferencedTables) != 1 || qs.ReferencedTables[0].TableID != "person" {
		t.Errorf("tables: %v", qs.ReferencedTables)
	}
	if _, err := c.Dataset("cdm").Table("never").Metadata(ctx); codeOf(err) != http.StatusNotFound {
		t.Errorf("the destination: %v", err)
	}
}

func codeOf(err error) int {
	var e *googleapi.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}
