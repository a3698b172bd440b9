package googlesql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// chain builds WITH c0 AS (first), c1 AS (step over c0), ... and selects from
// the last; %[1]s in step stands for the entry before.
func chain(first, step string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "WITH c0 AS (%s)", first)
	for i := range n {
		fmt.Fprintf(&b, ", c%d AS (%s)", i+1, strings.ReplaceAll(step, "%p", fmt.Sprintf("c%d", i)))
	}
	fmt.Fprintf(&b, " SELECT 1 FROM c%d", n)
	return b.String()
}

// nest puts text around text, n times; %p stands for the inner text.
func nest(first, step string, n int) string {
	for range n {
		first = strings.Replace(step, "%p", first, 1)
	}
	return first
}

// backward is a recursive WITH whose entries look ahead.
func backward(n int) string {
	s := "WITH RECURSIVE "
	for i := range n {
		s += fmt.Sprintf("c%d AS (SELECT * FROM c%d a, c%d b), ", i, i+1, i+1)
	}
	return s + fmt.Sprintf("c%d AS (SELECT 1 x, 2 y) SELECT 1 FROM c0", n)
}

// A short text must not grow to what holds the engine or fills the memory.
func TestGrowthIsRefused(t *testing.T) {
	const s0 = "SELECT STRUCT(1 AS p, 2 AS q) AS s"
	names := make([]string, 400)
	for i := range names {
		names[i] = fmt.Sprintf("person t%d", i)
	}
	many := strings.TrimSuffix(strings.Repeat("COUNT(*),", 300), ",")
	values := strings.TrimSuffix(strings.Repeat("1,", 300), ",")
	for name, sql := range map[string]string{
		"stars in named queries":     chain("SELECT 1 x, 2 y", "SELECT * FROM %p a, %p b", 20),
		"alias stars":                chain("SELECT 1 x, 2 y", "SELECT a.*, a.* FROM %p a", 20),
		"quoted names":               chain("SELECT 1 x, 2 y", "SELECT `a`.*, A.* FROM `%p` AS `a`", 20),
		"stars in subqueries":        "SELECT 1 FROM " + nest("person", "(SELECT *, * FROM %p)", 20),
		"stars in a filter":          "SELECT 1 WHERE EXISTS (" + chain("SELECT 1 x, 2 y", "SELECT * FROM %p a, %p b", 20) + ")",
		"stars in an expression":     "SELECT ARRAY(SELECT AS STRUCT * FROM " + nest("person", "(SELECT *, * FROM %p)", 20) + ")",
		"stars in a set operation":   chain("SELECT 1 x, 2 y", "SELECT 1 UNION ALL SELECT *, * FROM %p", 20),
		"stars in pipes":             "FROM person" + strings.Repeat(" |> SELECT *, *", 20),
		"joins in pipes":             chain("SELECT 1 x, 2 y", "FROM %p |> CROSS JOIN %p AS b", 20),
		"looking ahead":              backward(20),
		"struct of structs":          chain(s0, "SELECT STRUCT(s AS p, s AS q) AS s FROM %p", 20),
		"tuples":                     chain(s0, "SELECT (s, s) AS s FROM %p", 20),
		"rows as values":             chain("SELECT 1 x, 2 y", "SELECT a AS p, a AS q FROM %p a", 20),
		"structs of columns":         chain("SELECT 1 AS x", "SELECT STRUCT(x AS p, x AS q) AS x FROM %p", 20),
		"structs in CASE":            chain("SELECT 1 AS x", "SELECT CASE WHEN 1 = 1 THEN (x, x) END AS x FROM %p", 20),
		"structs in arrays":          chain(s0, "SELECT ARRAY_AGG(STRUCT(s AS p, s AS q) ORDER BY 1 + 1) AS s FROM %p", 20),
		"concatenated arrays":        chain("SELECT [1] AS s", "SELECT [] || [(s, s)] AS s FROM %p", 20),
		"fields of unnested arrays":  chain(s0, "SELECT STRUCT(f AS p, f AS q) AS s FROM %p, UNNEST([STRUCT(s AS f)])", 20),
		"correlated structs":         chain(s0, "SELECT (SELECT STRUCT(s AS p, s AS q)) AS s FROM %p", 20),
		"subquery structs":           "SELECT 1 FROM " + nest("(SELECT 1 AS s)", "(SELECT STRUCT(s AS p, s AS q) AS s FROM %p)", 20),
		"structs in pipes":           "SELECT 1 AS s" + strings.Repeat(" |> SET s = STRUCT(s AS p, s AS q)", 20),
		"lambdas":                    "SELECT " + nest("[1]", "ARRAY_TRANSFORM(%p, e -> (e, e))", 20),
		"WITH expressions":           "SELECT WITH(a0 AS (1, 2)" + withExpr(20) + ", 1)",
		"four hundred tables":        "SELECT * FROM " + strings.Join(names, ", "),
		"pivot":                      "SELECT * FROM person PIVOT(" + many + " FOR person_id IN (" + values + "))",
		"fields of JSON":             "SELECT JSON '{}'" + strings.Repeat(".a", 32000),
		"elements of JSON":           "SELECT JSON '[]'" + strings.Repeat("[0]", 21000),
		"elements and fields":        "SELECT JSON '[]'" + strings.Repeat(".a[0]", 10000),
		"in a create":                "CREATE TABLE d.x AS " + chain("SELECT 1 x, 2 y", "SELECT * FROM %p a, %p b", 20),
		"behind an escape in a name": strings.ReplaceAll(chain("SELECT 1 x, 2 y", "SELECT * FROM `\\x63%p` a, %p b", 20), "\\x63c", "\\x63"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Analyze(context.Background(), sql, Options{Catalog: testCatalog})
			took := time.Since(start)
			var e *Error
			if !errors.As(err, &e) || e.Line == 0 || e.Kind != ErrTooLarge && !strings.Contains(e.Message, "backslash") {
				t.Errorf("%d bytes were not refused: %v", len(sql), err)
			}
			if took > 50*time.Millisecond {
				t.Errorf("the refusal took %v", took)
			}
		})
	}
}

func withExpr(n int) string {
	s := ""
	for i := range n {
		s += fmt.Sprintf(", a%d AS (a%d, a%d)", i+1, i, i)
	}
	return s
}

// What analysts write stays far below the bounds.
func TestOrdinaryGrowthIsAccepted(t *testing.T) {
	joins, more := "", ""
	for i := range 300 {
		more += fmt.Sprintf(" LEFT JOIN visit w%d ON w%d.person_id = p.person_id", i, i)
	}
	for i := range 40 {
		joins += fmt.Sprintf(" LEFT JOIN visit v%d ON v%d.person_id = p.person_id", i, i)
	}
	for name, sql := range map[string]string{
		"thirty unions":          "SELECT * FROM person" + strings.Repeat(" UNION ALL SELECT * FROM person", 30),
		"twenty named queries":   chain("SELECT * FROM person", "SELECT * FROM %p WHERE year_of_birth > 1900", 20),
		"twenty with a column":   chain("SELECT * FROM person", "SELECT *, year_of_birth + 1 AS y FROM %p", 20),
		"sums of sums":           chain("SELECT 1 AS x", "SELECT x + x AS x FROM %p", 40),
		"concatenations":         chain("SELECT 'a' AS x", "SELECT CONCAT(x, x) || x AS x FROM %p", 40),
		"counts of structs":      chain("SELECT 1 AS x", "SELECT COUNT(DISTINCT (x, x)) AS x FROM %p", 40),
		"forty joins":            "SELECT p.race, COUNT(*) FROM person p" + joins + " GROUP BY 1",
		"forty joins with star":  "SELECT * FROM person p" + joins,
		"three hundred joins":    "SELECT p.race, COUNT(*) FROM person p" + more + " GROUP BY 1",
		"arrays of structs":      "SELECT p.person_id, ARRAY_AGG(STRUCT(v.visit_id, v.start_date) ORDER BY v.start_date LIMIT 5) v FROM person p JOIN visit v USING (person_id) GROUP BY 1",
		"unnest with offset":     "SELECT x.a, o FROM UNNEST([STRUCT(1 AS a, 2 AS b)]) AS x WITH OFFSET AS o",
		"recursive":              "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n",
		"pivot":                  "SELECT * FROM (SELECT race, gender_concept_id g FROM person) PIVOT(COUNT(*) AS n FOR g IN (1, 2))",
		"a thousand IFs":         "SELECT 1" + strings.Repeat(", IF(TRUE, 1, 2)", 1500),
		"a thousand REPEATs":     "SELECT 1" + strings.Repeat(", REPEAT('a', 2)", 1500),
		"a thousand comparisons": "SELECT TRUE" + strings.Repeat(" OR 1 < 2", 1500),
		"nested types":           "SELECT ARRAY<STRUCT<a INT64, b ARRAY<INT64>>>[(1, [2])], 1 < 2, 4 >> 1",
		"two thousand decimals":  "SELECT [1.5" + strings.Repeat(", 1.5", 2000) + "]",
		"fields in a row":        "SELECT JSON '{}'" + strings.Repeat(".a[0]", 20),
		"except and replace":     "SELECT * EXCEPT (race) REPLACE (1 AS person_id) FROM person EXCEPT DISTINCT SELECT 1, 2, 3",
		"distinct from":          "SELECT a.race IS DISTINCT FROM b.race AS d FROM person a, person b",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Analyze(context.Background(), sql, Options{Catalog: testCatalog, ReadOnly: true}); err != nil {
				t.Error(err)
			}
		})
	}
}
