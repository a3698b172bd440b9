package googlesql

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var testCatalog = Tables{Project: "p-1", Dataset: "d", List: []*Table{
	{Project: "p-1", Dataset: "d", Name: "person", Columns: []Column{
		{"person_id", Int64}, {"gender_concept_id", Int64}, {"year_of_birth", Int64}, {"Race", String}}},
	{Project: "p-1", Dataset: "d", Name: "visit", Columns: []Column{
		{"visit_id", Int64}, {"person_id", Int64}, {"start_date", Date}}},
	{Project: "other", Dataset: "d", Name: "person", Columns: []Column{{"secret", String}}},
}}

func TestTablesAndColumnsRead(t *testing.T) {
	type use = map[string]string
	for _, tc := range []struct {
		name, sql string
		tables    use
		columns   string
	}{
		{"one column", "SELECT person_id FROM person", use{"p-1.d.person": "person_id"}, "person_id INT64"},
		{"dataset named", "SELECT RACE FROM d.person", use{"p-1.d.person": "Race"}, "RACE STRING"},
		{"dashed project", "SELECT race FROM p-1.d.person", use{"p-1.d.person": "Race"}, "race STRING"},
		{"quoted whole", "SELECT race FROM `p-1.d.person`", use{"p-1.d.person": "Race"}, "race STRING"},
		{"quoted in part", "SELECT race FROM `p-1`.d.`person`", use{"p-1.d.person": "Race"}, "race STRING"},
		{"count reads nothing", "SELECT COUNT(*) FROM person", use{"p-1.d.person": ""}, "f0_ INT64"},
		{"filter reads", "SELECT COUNT(*) AS n FROM person WHERE year_of_birth > 1980", use{"p-1.d.person": "year_of_birth"}, "n INT64"},
		{"star of a subquery that is not used", "SELECT a FROM (SELECT *, 1 AS a FROM person)", use{"p-1.d.person": ""}, "a INT64"},
		{"star of a named query", "WITH x AS (SELECT * FROM person), y AS (SELECT *, 1 AS one FROM x WHERE year_of_birth > 1) SELECT race FROM y", use{"p-1.d.person": "year_of_birth Race"}, "race STRING"},
		{"two references to a named query", "WITH x AS (SELECT * FROM person) SELECT a.race, b.gender_concept_id FROM x a JOIN x b USING (person_id)", use{"p-1.d.person": "person_id gender_concept_id Race"}, "race STRING, gender_concept_id INT64"},
		{"union all", "SELECT a FROM (SELECT person_id a, race b FROM person UNION ALL SELECT visit_id, 'x' FROM visit)", use{"p-1.d.person": "person_id", "p-1.d.visit": "visit_id"}, "a INT64"},
		{"union distinct", "SELECT a FROM (SELECT person_id a, race b FROM person UNION DISTINCT SELECT visit_id, 'x' FROM visit)", use{"p-1.d.person": "person_id Race", "p-1.d.visit": "visit_id"}, "a INT64"},
		{"an aggregate that is not used", "SELECT g FROM (SELECT race g, MAX(year_of_birth) m FROM person GROUP BY 1)", use{"p-1.d.person": "Race"}, "g STRING"},
		{"exists", "SELECT 1 FROM person p WHERE EXISTS (SELECT * FROM visit v WHERE v.person_id = p.person_id)", use{"p-1.d.person": "person_id", "p-1.d.visit": "person_id"}, "f0_ INT64"},
		{"a window that is not used", "SELECT race FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY gender_concept_id ORDER BY person_id) n FROM person)", use{"p-1.d.person": "Race"}, "race STRING"},
		{"join", "SELECT p.race FROM person p JOIN visit v USING (person_id)", use{"p-1.d.person": "person_id Race", "p-1.d.visit": "person_id"}, "race STRING"},
		{"with, twice the same table", "WITH x AS (SELECT person_id FROM person) SELECT x.person_id, y.race FROM x JOIN person y USING (person_id)",
			use{"p-1.d.person": "person_id Race"}, "person_id INT64, race STRING"},
		{"subquery in an expression", "SELECT (SELECT MAX(start_date) FROM visit v WHERE v.person_id = p.person_id) FROM person p",
			use{"p-1.d.person": "person_id", "p-1.d.visit": "person_id start_date"}, "f0_ DATE"},
		{"unnamed columns count among themselves", "SELECT 1, 2 AS a, 3", use{}, "f0_ INT64, a INT64, f1_ INT64"},
		{"a named query hides a table", "WITH person AS (SELECT 1 AS x) SELECT x FROM person", use{}, "x INT64"},
		{"other project", "SELECT secret FROM other.d.person", use{"other.d.person": "secret"}, "secret STRING"},
		{"a sample is not described, its table is still seen", "SELECT race FROM person TABLESAMPLE SYSTEM (10 PERCENT)", use{"p-1.d.person": "Race"}, "race STRING"},
		{"pivot", "SELECT * FROM (SELECT race, gender_concept_id g FROM person) PIVOT(COUNT(*) AS n FOR g IN (8507 AS m, 8532 AS f))",
			use{"p-1.d.person": "gender_concept_id Race"}, "race STRING, n_m INT64, n_f INT64"},
		{"max_by", "SELECT MAX_BY(race, person_id) FROM person", use{"p-1.d.person": "person_id Race"}, "f0_ STRING"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := Analyze(context.Background(), tc.sql, Options{Catalog: testCatalog, ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			got := use{}
			for _, u := range a.Tables {
				got[u.Table.ID()] = strings.Join(u.Columns, " ")
			}
			if diff := cmp.Diff(tc.tables, got); diff != "" {
				t.Errorf("tables (-want +got):\n%s", diff)
			}
			var cols []string
			for _, c := range a.Columns {
				cols = append(cols, c.Name+" "+c.Type.String())
			}
			if diff := cmp.Diff(tc.columns, strings.Join(cols, ", ")); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	deep := strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000)
	for _, tc := range []struct {
		name, sql string
		kind      ErrorKind
		want      string
	}{
		{"syntax", "SELECT 1 +", ErrInvalid, "Syntax error: Unexpected end of statement at [1:11]"},
		{"unknown column", "SELECT\n  nope FROM person", ErrInvalid, "Unrecognized name: nope at [2:3]"},
		{"unknown table", "SELECT 1\nFROM p-1.d.nope", ErrNotFound, "Table not found: p-1.d.nope at [2:6]"},
		{"unknown quoted table", "SELECT 'p.d.t' FROM `p.d.t`", ErrNotFound, "Table not found: p.d.t at [1:21]"},
		{"unknown function", "SELECT foo(1)", ErrInvalid, "Function not found: foo at [1:8]"},
		{"table function", "SELECT * FROM EXTERNAL_QUERY('c', 'q')", ErrInvalid, "Table-valued function not found: EXTERNAL_QUERY at [1:15]"},
		{"unknown type", "SELECT CAST(1 AS DOUBLE)", ErrInvalid, "Type not found: DOUBLE at [1:18]"},
		{"unknown procedure", "CALL p()", ErrNotReadOnly, "only a single SELECT query is accepted here, not CALL at [1:1]"},
		{"information schema", "SELECT * FROM d.INFORMATION_SCHEMA.TABLES", ErrNotFound, "Table not found: d.INFORMATION_SCHEMA.TABLES at [1:15]"},
		{"insert", "INSERT INTO person (person_id) VALUES (1)", ErrNotReadOnly, "only a single SELECT query is accepted here, not INSERT at [1:1]"},
		{"create", "/* x */ CREATE TABLE d.x AS SELECT 1 AS a", ErrNotReadOnly, "only a single SELECT query is accepted here, not CREATE at [1:9]"},
		{"export", "EXPORT DATA OPTIONS(uri='gs://b/*') AS SELECT 1", ErrNotReadOnly, "only a single SELECT query is accepted here, not EXPORT at [1:1]"},
		{"script", "DECLARE x INT64; SELECT 1", ErrNotReadOnly, "only a single SELECT query is accepted here, not DECLARE at [1:1]"},
		{"two statements", "SELECT 1; DROP TABLE person", ErrNotReadOnly, "only a single SELECT query is accepted here; a second statement begins at [1:11]"},
		{"empty", "  -- nothing", ErrNotReadOnly, "a query is missing at [1:13]"},
		{"too long", "SELECT '" + strings.Repeat("x", MaxText) + "'", ErrTooLarge, "the statement is 65545 bytes long; at most 65536 are accepted (pass long lists as array parameters)"},
		{"too deep", "SELECT " + deep, ErrTooLarge, "the statement is nested too deeply: at most 1000 levels are accepted at [1:1008]"},
		{"too many signs", "SELECT " + strings.Repeat("- ", 2000) + "1", ErrTooLarge, "the statement is nested too deeply: at most 1000 levels are accepted at [1:2008]"},
		{"too many operators", "SELECT 1" + strings.Repeat("+1", 2500), ErrTooLarge, "the statement is too complex: at most 2000 operators and 1000 tables, joins and set operations are accepted at [1:4009]"},
		{"too many joins", "SELECT 1 FROM UNNEST([1])" + strings.Repeat(",UNNEST([1])", 1500), ErrTooLarge, "the statement is too complex: at most 2000 operators and 1000 tables, joins and set operations are accepted at [1:12003]"},
		{"undeclared parameter", "SELECT @x", ErrInvalid, "Query parameter 'x' not found at [1:8]"},
		{"not UTF-8", "SELECT '\xff'", ErrInvalid, "the statement is not valid UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Analyze(context.Background(), tc.sql, Options{Catalog: testCatalog, ReadOnly: true})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Kind != tc.kind || e.Error() != tc.want {
				t.Errorf("got kind %d %q, want kind %d %q", e.Kind, e.Error(), tc.kind, tc.want)
			}
		})
	}
}

// TestLiteralsAreUTC holds BigQuery's default time zone, and that a fault of the
// engine's folding is noted rather than passed on.
func TestLiteralsAreUTC(t *testing.T) {
	for sql, want := range map[string]Value{
		"TIMESTAMP '2020-01-02 03:04:05'":                   {Timestamp, int64(1577934245000000)},
		"TIMESTAMP '2020-07-02 03:04:05 America/New_York'":  {Timestamp, int64(1593673445000000)},
		"CAST(TIMESTAMP '2020-01-02 03:04:05' AS STRING)":   {String, "2020-01-02 03:04:05+00"},
		"CAST(TIMESTAMP '2020-01-02 03:04:05' AS DATE)":     {Date, int32(18263)},
		"CAST(DATETIME '2020-01-02 03:04:05' AS TIMESTAMP)": {Timestamp, int64(1577934245000000)},
	} {
		a, err := Analyze(context.Background(), "SELECT "+sql, Options{})
		if err != nil {
			t.Fatal(err)
		}
		lit, ok := a.Root.(*ProjectScan).Exprs[0].Expr.(*Literal)
		if !ok || lit.Value != want {
			t.Errorf("%s: got %v, want %v", sql, lit, want)
		}
	}
	west, err := Analyze(context.Background(), "SELECT TIMESTAMP '2020-01-02 03:04:05'", Options{TimeZone: LosAngeles})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Value{Timestamp, int64(1577934245000000 + 8*3600*1e6)}, west.Root.(*ProjectScan).Exprs[0].Expr.(*Literal).Value); diff != "" {
		t.Errorf("a default of Los Angeles (-want +got):\n%s", diff)
	}
	if _, err := Analyze(context.Background(), "SELECT 1", Options{TimeZone: "Europe/Paris"}); err == nil {
		t.Error("a default time zone that the engine cannot have was accepted")
	}
	a, err := Analyze(context.Background(), "SELECT CAST(DATE '2020-01-02' AS DATETIME)", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Others) != 1 {
		t.Errorf("a faulty folding went unnoticed: %v", a.Others)
	}
}

// TestHostile holds that text which is small and yet builds a deep tree ends in
// an answer or an error, and that the analyzer works on afterwards.
func TestHostile(t *testing.T) {
	for name, sql := range map[string]string{
		"sum of 2,000":       "SELECT 1" + strings.Repeat("+1", 1990),
		"concat of 2,000":    "SELECT 'a'" + strings.Repeat("||''", 1990),
		"unions":             "SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 990),
		"joins":              "SELECT 1 FROM UNNEST([1])" + strings.Repeat(",UNNEST([1])", 900),
		"subqueries":         "SELECT * FROM " + strings.Repeat("(SELECT * FROM ", 900) + "(SELECT 1 AS a)" + strings.Repeat(")", 900),
		"array brackets":     "SELECT " + strings.Repeat("[", 900) + strings.Repeat("]", 900),
		"unclosed quote":     "SELECT '''abc",
		"unclosed comment":   "SELECT 1 /* abc",
		"a million newlines": strings.Repeat("\n", 60000) + "SELECT 1",
		"NUL":                "SELECT 1\x00",
		"case":               "SELECT " + strings.Repeat("CASE WHEN TRUE THEN ", 900) + "1" + strings.Repeat(" END", 900),
		"pipes":              "FROM person" + strings.Repeat(" |> WHERE TRUE", 900),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Analyze(context.Background(), sql, Options{Catalog: testCatalog})
			if err != nil {
				t.Log(err.Error()[:min(200, len(err.Error()))])
			}
			if _, err := Analyze(context.Background(), "SELECT race FROM person", Options{Catalog: testCatalog}); err != nil {
				t.Fatalf("after it: %v", err)
			}
		})
	}
}

func TestParameters(t *testing.T) {
	named := map[string]*Type{"ids": ArrayOf(Int64), "From": Date, "s": StructOf(Field{"a", Int64}, Field{"b", ArrayOf(String)})}
	a, err := Analyze(context.Background(), "SELECT person_id FROM visit WHERE person_id IN UNNEST(@ids) AND start_date >= @from AND @s.a = 1",
		Options{Catalog: testCatalog, NamedParams: named})
	if err != nil {
		t.Fatal(err)
	}
	if a.Kind != StatementQuery || len(a.Others) != 0 {
		t.Errorf("got kind %s, not described: %v", a.Kind, a.Others)
	}
	if _, err := Analyze(context.Background(), "SELECT ? + ?", Options{PositionalParams: []*Type{Int64, Float64}}); err != nil {
		t.Error(err)
	}
	if _, err := Analyze(context.Background(), "SELECT ? + ?", Options{PositionalParams: []*Type{Int64}}); err == nil {
		t.Error("a missing positional parameter was accepted")
	}
}

// TestMemoryFlat holds that the analyzer's memory does not grow with the number
// of statements.
func TestMemoryFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("1,500 statements take some seconds")
	}
	run := func(n int) uint64 {
		for i := range n {
			sql := fmt.Sprintf("SELECT p.race, COUNT(DISTINCT v.visit_id) + %d FROM person p JOIN visit v USING (person_id) WHERE v.start_date > '2020-01-01' GROUP BY 1", i)
			if _, err := Analyze(context.Background(), sql, Options{Catalog: testCatalog}); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.Sys
	}
	more := 1_200
	if os.Getenv("CI") != "" {
		more = 10_000
	}
	before := run(300)
	after := run(more)
	if after > before+before/2 {
		t.Errorf("memory grew from %d MB to %d MB", before>>20, after>>20)
	}
}
