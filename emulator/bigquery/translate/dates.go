package translate

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// partCodes number the date parts as functions/civil.Part and duck/dates.c do.
var partCodes = map[string]int{
	"YEAR": 1, "ISOYEAR": 2, "QUARTER": 3, "MONTH": 4, "ISOWEEK": 5, "DAY": 6, "DAYOFWEEK": 7, "DAYOFYEAR": 8,
	"HOUR": 9, "MINUTE": 10, "SECOND": 11, "MILLISECOND": 12, "MICROSECOND": 13,
	"WEEK": 20, "WEEK_MONDAY": 21, "WEEK_TUESDAY": 22, "WEEK_WEDNESDAY": 23, "WEEK_THURSDAY": 24, "WEEK_FRIDAY": 25, "WEEK_SATURDAY": 26,
}

func partCode(name string) string { return fmt.Sprintf("CAST(%d AS BIGINT)", partCodes[name]) }

var (
	addDateParts  = []string{"YEAR", "QUARTER", "MONTH", "WEEK", "DAY"}
	dateParts     = []string{"YEAR", "ISOYEAR", "QUARTER", "MONTH", "ISOWEEK", "WEEK", "WEEK_MONDAY", "WEEK_TUESDAY", "WEEK_WEDNESDAY", "WEEK_THURSDAY", "WEEK_FRIDAY", "WEEK_SATURDAY", "DAY"}
	lastDayParts  = slices.Concat(dateParts[:len(dateParts)-1])
	timeParts     = []string{"HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"}
	dayAndTime    = append([]string{"DAY"}, timeParts...)
	addCivilParts = slices.Concat(addDateParts, timeParts)
	civilParts    = slices.Concat(dateParts, timeParts)
	extractDate   = append([]string{"DAYOFWEEK", "DAYOFYEAR"}, dateParts...)
	extractCivil  = append([]string{"DAYOFWEEK", "DAYOFYEAR"}, civilParts...)
)

// dates are the functions that count in date parts. The DATE_ functions take a
// DATETIME or TIMESTAMP too, and the others each other's types: what counts is
// the first argument's type.
var dates = slices.Concat(dateArithmetic("date_"), dateArithmetic("datetime_"), dateArithmetic("timestamp_"), []entry[scalarFunc]{
	{"time_add", "mie", parted("hub_time_add", timeParts)},
	{"time_sub", "mie", parted("hub_time_sub", timeParts)},
	{"time_diff", "mme", parted("hub_time_diff", timeParts)},
	{"time_trunc", "me", parted("hub_time_trunc", timeParts)},

	{"$extract", "de", extractOfDate},
	{"$extract", "ce", quick("hub_ts_extract($1, $p)", extractCivil)},
	{"$extract", "te|tes", func(t *translator, c *googlesql.Call) string {
		part := t.part(c, 1, extractCivil)
		x, zone := t.expr(c.Args[0]), t.zone()
		if len(c.Args) == 3 {
			zone = t.expr(c.Args[2])
		} else if t.isUTC() {
			t.sure(c)
			return "hub_ts_extract(" + x + ", " + part + ")"
		}
		return "hub_ts_extract(" + t.civil(c, x, zone) + ", " + part + ")"
	}},
	{"$extract", "me", parted("hub_time_extract", timeParts)},
	{"last_day", "d", form("hub_last_day($1, " + partCode("MONTH") + ")")},
	{"last_day", "c", form("hub_last_day(hub_ts_date($1), " + partCode("MONTH") + ")")},
	{"last_day", "de", parted("hub_last_day", lastDayParts)},
	{"last_day", "ce", func(t *translator, c *googlesql.Call) string {
		part := t.part(c, 1, lastDayParts)
		return t.goCall(c, "hub_last_day", "hub_ts_date("+t.expr(c.Args[0])+")", part)
	}},
	{"$add", "di", dayShift("hub_date_add($1, $2, $p)", "hub_day_add", 0, 1)},
	{"$add", "id", dayShift("hub_date_add($2, $1, $p)", "hub_day_add", 1, 0)},
	{"$subtract", "di", dayShift("hub_date_sub($1, $2, $p)", "hub_day_sub", 0, 1)},
	{"generate_date_array", "dd|ddi|ddie", generateDates},
	{"generate_timestamp_array", "ttie", parted("hub_timestamp_series", dayAndTime)},
})

// dateArithmetic gives ADD, SUB, DIFF, TRUNC and BUCKET under a prefix.
func dateArithmetic(prefix string) []entry[scalarFunc] {
	return []entry[scalarFunc]{
		{prefix + "add", "die", fast("hub_date_add($1, $2, $p)", "hub_day_add", addDateParts)},
		{prefix + "sub", "die", fast("hub_date_sub($1, $2, $p)", "hub_day_sub", addDateParts)},
		{prefix + "diff", "dde", quick("hub_date_diff($1, $2, $p)", dateParts)},
		{prefix + "trunc", "de", fast("hub_date_trunc($1, $p)", "hub_day_trunc", dateParts)},
		{prefix + "bucket", "dv|dvd", buckets("hub_date_bucket", "DATE '1950-01-01'")},

		{prefix + "add", "cie", fast("hub_ts_add($1, $2, $p)", "hub_datetime_add", addCivilParts)},
		{prefix + "sub", "cie", fast("hub_ts_sub($1, $2, $p)", "hub_datetime_sub", addCivilParts)},
		{prefix + "diff", "cce", quick("hub_datetime_diff($1, $2, $p)", civilParts)},
		{prefix + "trunc", "ce", fast("hub_ts_trunc($1, $p)", "hub_datetime_trunc", civilParts)},
		{prefix + "bucket", "cv|cvc", buckets("hub_datetime_bucket", "TIMESTAMP '1950-01-01'")},

		{prefix + "add", "tie", fast("hub_ts_add($1, $2, $p)", "hub_datetime_add", dayAndTime)},
		{prefix + "sub", "tie", fast("hub_ts_sub($1, $2, $p)", "hub_datetime_sub", dayAndTime)},
		{prefix + "diff", "tte", quick("hub_timestamp_diff($1, $2, $p)", dayAndTime)},
		{prefix + "trunc", "te|tes", func(t *translator, c *googlesql.Call) string {
			if len(c.Args) == 2 && t.isUTC() {
				return fast("hub_ts_trunc($1, $p)", "hub_datetime_trunc", civilParts)(t, c)
			}
			part, zone := t.part(c, 1, civilParts), t.zone()
			if len(c.Args) == 3 {
				zone = t.expr(c.Args[2])
			}
			return t.goCall(c, "hub_timestamp_trunc", t.expr(c.Args[0]), part, zone)
		}},
		{prefix + "bucket", "tv|tvt", func(t *translator, c *googlesql.Call) string {
			return buckets("hub_timestamp_bucket", "hub_instant(TIMESTAMP '1950-01-01', "+t.zone()+")")(t, c)
		}},
	}
}

// nativeParts are the parts of a DATE that DuckDB gives alike, at a fraction of a
// call's cost.
var nativeParts = map[string]string{"YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "DAY": "day", "DAYOFYEAR": "dayofyear"}

// extractOfDate is EXTRACT(part FROM date).
func extractOfDate(t *translator, c *googlesql.Call) string {
	if part, ok := c.Args[1].(*googlesql.Literal); ok {
		if name, ok := part.Value.V.(string); ok && nativeParts[name] != "" {
			out := nativeParts[name] + "(" + t.expr(c.Args[0]) + ")"
			t.sure(c)
			return out
		}
	}
	return quick("hub_date_extract($1, $p)", extractDate)(t, c)
}

// quick writes a function written in C, of a part, that has no errors.
func quick(pattern string, allowed []string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		part := t.part(c, len(c.Args)-1, allowed)
		out := fill(strings.ReplaceAll(pattern, "$p", part), t.exprs(c.Args[:len(c.Args)-1]))
		t.sure(c)
		return out
	}
}

// fast writes a function that is there in C, for speed, and in Go, for SAFE.
func fast(pattern, goName string, allowed []string) scalarFunc {
	inGo := parted(goName, allowed)
	inC := quick(pattern, allowed)
	return func(t *translator, c *googlesql.Call) string {
		if c.Safe {
			return inGo(t, c)
		}
		return inC(t, c)
	}
}

// parted writes a Go function whose last argument is a constant date part.
func parted(goName string, allowed []string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		part := t.part(c, len(c.Args)-1, allowed)
		return t.goCall(c, goName, append(t.exprs(c.Args[:len(c.Args)-1]), part)...)
	}
}

// sure tells that a call cannot fail, so that SAFE needs nothing.
func (t *translator) sure(c *googlesql.Call) {
	if c.Safe {
		t.safeCall = c
	}
}

// infallible is form for what cannot fail.
func infallible(pattern string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		out := fill(pattern, t.exprs(c.Args))
		t.sure(c)
		return out
	}
}

// part gives the code of the date part that argument k is.
func (t *translator) part(c *googlesql.Call, k int, allowed []string) string {
	lit, ok := c.Args[k].(*googlesql.Literal)
	if !ok {
		refuse("%s with a part that is no constant", describe(c.Name, c.Args))
	}
	name, _ := lit.Value.V.(string)
	if !slices.Contains(allowed, name) {
		refuse("%s with the part %s", describe(c.Name, c.Args[:k]), name)
	}
	return partCode(name)
}

// dayShift is date + n and date - n.
func dayShift(pattern, goName string, date, n int) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		if c.Safe {
			return t.goCall(c, goName, args[date], args[n], partCode("DAY"))
		}
		return fill(strings.ReplaceAll(pattern, "$p", partCode("DAY")), args)
	}
}

// buckets writes a BUCKET function, whose origin may be left out.
func buckets(goName, origin string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		if len(args) == 2 {
			args = append(args, origin)
		}
		return t.goCall(c, goName, args...)
	}
}

// generateDates is GENERATE_DATE_ARRAY(start, end[, step[, part]]).
func generateDates(t *translator, c *googlesql.Call) string {
	args := []string{t.expr(c.Args[0]), t.expr(c.Args[1]), "CAST(1 AS BIGINT)", partCode("DAY")}
	if len(c.Args) >= 3 {
		args[2] = t.expr(c.Args[2])
	}
	if len(c.Args) == 4 {
		args[3] = t.part(c, 3, addDateParts)
	}
	return t.goCall(c, "hub_date_series", args...)
}
