package translate

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
	"researchhub.example/hub/shared/googlesql"
)

// intervals are the functions of INTERVAL. DuckDB compares intervals as
// GoogleSQL does only while their months, days and time have one sign, so
// comparisons go by a key, their length in microseconds.
var intervals = slices.Concat(
	intervalComparison("$equal", "="), intervalComparison("$not_equal", "<>"),
	intervalComparison("$less", "<"), intervalComparison("$less_or_equal", "<="),
	intervalComparison("$greater", ">"), intervalComparison("$greater_or_equal", ">="),
	[]entry[scalarFunc]{
		{"$is_distinct_from", "vv", infallible("(hub_interval_key($1) IS DISTINCT FROM hub_interval_key($2))")},
		{"$is_not_distinct_from", "vv", infallible("(hub_interval_key($1) IS NOT DISTINCT FROM hub_interval_key($2))")},
		{"$between", "vvv", infallible("(hub_interval_key($1) BETWEEN hub_interval_key($2) AND hub_interval_key($3))")},
		{"$in", "v+", func(t *translator, c *googlesql.Call) string {
			keys := t.exprs(c.Args)
			for i, k := range keys {
				keys[i] = intervalKey(k)
			}
			return "(" + keys[0] + " IN (" + strings.Join(keys[1:], ", ") + "))"
		}},
		{"nullif", "vv", infallible("(CASE WHEN hub_interval_key($1) = hub_interval_key($2) THEN NULL ELSE $1 END)")},

		{"$interval", "ie", parted("hub_interval", addCivilParts)},
		{"make_interval", "iiiiii", gofn("hub_make_interval")},
		{"$extract", "ve", parted("hub_interval_extract", []string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"})},
		{"justify_hours", "v", gofn("hub_justify_hours")}, {"justify_days", "v", gofn("hub_justify_days")}, {"justify_interval", "v", gofn("hub_justify_interval")},
		{"$unary_minus", "v", gofn("hub_interval_neg")},
		{"$add", "vv", gofn("hub_interval_add")}, {"$subtract", "vv", gofn("hub_interval_sub")},
		{"$multiply", "vi", gofn("hub_interval_mul")}, {"$multiply", "iv", swapped("hub_interval_mul")}, {"$divide", "vi", gofn("hub_interval_div")},

		{"$add", "cv", gofn("hub_datetime_interval")}, {"$add", "vc", swapped("hub_datetime_interval")},
		{"$add", "tv", gofn("hub_timestamp_interval")}, {"$add", "vt", swapped("hub_timestamp_interval")},
		{"$add", "dv", shifted("hub_datetime_interval", 0, "CAST(%s AS TIMESTAMP)", "%s")},
		{"$add", "vd", shifted("hub_datetime_interval", 1, "CAST(%s AS TIMESTAMP)", "%s")},
		{"$subtract", "dv", shifted("hub_datetime_interval", 0, "CAST(%s AS TIMESTAMP)", "hub_interval_neg(%s)")},
		{"$subtract", "cv", shifted("hub_datetime_interval", 0, "%s", "hub_interval_neg(%s)")},
		{"$subtract", "tv", shifted("hub_timestamp_interval", 0, "%s", "hub_interval_neg(%s)")},
		{"$subtract", "dd", infallible("hub_interval(CAST($1 - $2 AS BIGINT), " + partCode("DAY") + ")")},
		{"$subtract", "cc|tt", infallible("hub_interval(epoch_us($1) - epoch_us($2), " + partCode("MICROSECOND") + ")")},
		{"$subtract", "mm", infallible("hub_interval(date_diff('microsecond', $2, $1), " + partCode("MICROSECOND") + ")")},
	},
)

func intervalComparison(name, op string) []entry[scalarFunc] {
	return []entry[scalarFunc]{{name, "vv", infallible("(" + intervalKey("$1") + " " + op + " " + intervalKey("$2") + ")")}}
}

// intervalKey is what an INTERVAL is compared, ordered and partitioned by.
func intervalKey(sql string) string { return "hub_interval_key(" + sql + ")" }

func swapped(goName string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		return t.goCall(c, goName, args[1], args[0])
	}
}

// shifted adds an interval to argument at, each in a form.
func shifted(goName string, at int, value, by string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		return t.goCall(c, goName, fmt.Sprintf(value, args[at]), fmt.Sprintf(by, args[1-at]))
	}
}

// safeForm makes a call of a Go function one of its safe form.
func safeForm(call string) string { return strings.Replace(call, "(", duck.SafeSuffix+"(", 1) }

// intervalLiteral writes an INTERVAL of GoogleSQL's text form.
func intervalLiteral(s string) string {
	v, err := civil.ParseInterval(s)
	if err != nil {
		refuse("the literal INTERVAL %q", s)
	}
	return fmt.Sprintf("CAST('%d months %d days %d microseconds' AS INTERVAL)", v.Months, v.Days, v.Micros)
}

// intervalTable are SUM and AVG of INTERVAL, which add up the values one by one:
// their sum may leave the limits of an INTERVAL on the way.
var intervalTable = []entry[aggregateFunc]{
	{"sum", "v", addedUp("hub_interval_sum")}, {"avg", "v", addedUp("hub_interval_avg")},
}

func addedUp(goName string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if a.distinct {
			// Which of several values of one length counts is left open.
			refuse("%s(DISTINCT INTERVAL)", strings.ToUpper(a.name))
		}
		return goName + "(" + a.apply("list", a.args[0]) + ")"
	}
}
