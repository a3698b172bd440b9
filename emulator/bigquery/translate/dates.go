package translate

import (
	"fmt"

	"researchhub.example/hub/shared/googlesql"
)

// partCodes number the date parts; duck/dates.c has the same list.
var partCodes = map[string]int{
	"YEAR": 1, "ISOYEAR": 2, "QUARTER": 3, "MONTH": 4, "ISOWEEK": 5, "DAY": 6, "DAYOFWEEK": 7, "DAYOFYEAR": 8,
	"HOUR": 9, "MINUTE": 10, "SECOND": 11, "MILLISECOND": 12, "MICROSECOND": 13,
	"WEEK": 20, "WEEK_MONDAY": 21, "WEEK_TUESDAY": 22, "WEEK_WEDNESDAY": 23, "WEEK_THURSDAY": 24, "WEEK_FRIDAY": 25, "WEEK_SATURDAY": 26,
}

func partCode(name string) string { return fmt.Sprintf("CAST(%d AS BIGINT)", partCodes[name]) }

var (
	addDateParts  = []string{"YEAR", "QUARTER", "MONTH", "WEEK", "DAY"}
	dateParts     = []string{"YEAR", "ISOYEAR", "QUARTER", "MONTH", "ISOWEEK", "WEEK", "WEEK_MONDAY", "WEEK_TUESDAY", "WEEK_WEDNESDAY", "WEEK_THURSDAY", "WEEK_FRIDAY", "WEEK_SATURDAY", "DAY"}
	timeParts     = []string{"HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"}
	dayAndTime    = append([]string{"DAY"}, timeParts...)
	addCivilParts = append(append([]string{}, addDateParts...), timeParts...)
	civilParts    = append(append([]string{}, dateParts...), timeParts...)
	extractDate   = append([]string{"DAYOFWEEK", "DAYOFYEAR"}, dateParts...)
	extractCivil  = append([]string{"DAYOFWEEK", "DAYOFYEAR"}, civilParts...)
)

var dates = []entry[scalarFunc]{
	{"date_add", "die", parted("hub_date_add($1, $2, $p)", addDateParts)},
	{"date_sub", "die", parted("hub_date_sub($1, $2, $p)", addDateParts)},
	{"date_diff", "dde", parted("hub_date_diff($1, $2, $p)", dateParts)},
	{"date_trunc", "de", parted("hub_date_trunc($1, $p)", dateParts)},
	{"datetime_add", "cie", parted("hub_ts_add($1, $2, $p)", addCivilParts)},
	{"datetime_sub", "cie", parted("hub_ts_sub($1, $2, $p)", addCivilParts)},
	{"datetime_diff", "cce", parted("hub_datetime_diff($1, $2, $p)", civilParts)},
	{"datetime_trunc", "ce", parted("hub_ts_trunc($1, $p)", civilParts)},
	{"timestamp_add", "tie", parted("hub_ts_add($1, $2, $p)", dayAndTime)},
	{"timestamp_sub", "tie", parted("hub_ts_sub($1, $2, $p)", dayAndTime)},
	{"timestamp_diff", "tte", parted("hub_timestamp_diff($1, $2, $p)", dayAndTime)},
	{"timestamp_trunc", "te", parted("hub_ts_trunc($1, $p)", civilParts)},
	{"$extract", "de", parted("hub_date_extract($1, $p)", extractDate)},
	{"$extract", "ce", parted("hub_ts_extract($1, $p)", extractCivil)},
	{"$extract", "te", parted("hub_ts_extract($1, $p)", extractCivil)},
	{"$extract_date", "t", form("hub_ts_date($1)")}, {"$extract_date", "c", form("hub_ts_date($1)")},
	{"date", "iii", form("hub_make_date($1, $2, $3)")},
	{"date", "c|t", form("hub_ts_date($1)")}, {"date", "d", form("$1")},
	{"datetime", "d", form("CAST($1 AS TIMESTAMP)")}, {"datetime", "t", form("$1")},
	{"timestamp", "d", form("CAST($1 AS TIMESTAMP)")}, {"timestamp", "c", form("$1")}, {"timestamp", "t", form("$1")},
	{"unix_date", "d", form("CAST($1 - DATE '1970-01-01' AS BIGINT)")},
	{"date_from_unix_date", "i", form("hub_date_add(DATE '1970-01-01', $1, " + partCode("DAY") + ")")},
	{"unix_micros", "t", form("epoch_us($1)")},
	{"parse_date", "ss", parseDate},
	{"format_date", "sd", formatDate},
	{"current_date", "", func(t *translator, _ *googlesql.Call) string {
		return literal(googlesql.Value{Type: googlesql.Date, V: int32(t.params.Now.Unix() / 86400)})
	}},
	{"current_timestamp", "", func(t *translator, _ *googlesql.Call) string {
		return literal(googlesql.Value{Type: googlesql.Timestamp, V: t.params.Now.UnixMicro()})
	}},
	{"generate_date_array", "dd|ddi|ddie", generateDates},
}

// parted writes a call whose last argument is a constant date part of the list.
func parted(pattern string, allowed []string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		part := t.part(c, c.Args[len(c.Args)-1], allowed)
		return fill(replacePart(pattern, part), t.exprs(c.Args[:len(c.Args)-1]))
	}
}

func (t *translator) part(c *googlesql.Call, e googlesql.Expr, allowed []string) string {
	lit, ok := e.(*googlesql.Literal)
	if !ok {
		refuse("%s with a part that is no constant", describe(c.Name, c.Args))
	}
	name, _ := lit.Value.V.(string)
	for _, a := range allowed {
		if a == name {
			return name
		}
	}
	refuse("%s with the part %s", describe(c.Name, c.Args[:len(c.Args)-1]), name)
	return ""
}

func replacePart(pattern, part string) string {
	return stringsReplace(pattern, "$p", partCode(part))
}

// parseDate knows formats whose elements have a fixed width or separators, and
// reads them as GoogleSQL does.
func parseDate(t *translator, c *googlesql.Call) string {
	v, _ := t.constant(c.Args[0])
	f, _ := v.V.(string)
	x := t.expr(c.Args[1])
	switch f {
	case "%Y-%m-%d", "%F":
		return "hub_s2d(" + x + ")"
	case "%Y%m%d":
		// Eight digits, else an error: fewer are read differently by length.
		return "hub_s2d(CASE WHEN " + x + " IS NULL THEN NULL WHEN regexp_full_match(" + x + ", '[0-9]{8}') THEN substr(" + x + ", 1, 4) || '-' || substr(" + x + ", 5, 2) || '-' || substr(" + x + ", 7, 2) ELSE error('notImplemented: PARSE_DATE by %Y%m%d of other than eight digits is not supported by the local BigQuery') END)"
	}
	refuse("PARSE_DATE with the format %q", f)
	return ""
}

// dateFormats are FORMAT_DATE's elements that DuckDB's strftime writes alike.
var dateFormats = map[byte]bool{'Y': true, 'm': true, 'd': true, 'j': true, 'B': true, 'b': true, 'A': true, 'a': true, 'y': true, '%': true}

func formatDate(t *translator, c *googlesql.Call) string {
	v, ok := t.constant(c.Args[0])
	f, isText := v.V.(string)
	if !ok || !isText {
		refuse("FORMAT_DATE with a format that is no constant")
	}
	f = stringsReplace(f, "%F", "%Y-%m-%d")
	for i := 0; i < len(f); i++ {
		if f[i] == '%' {
			if i++; i >= len(f) || !dateFormats[f[i]] {
				refuse("FORMAT_DATE with the format %q", f)
			}
		}
	}
	x := t.expr(c.Args[1])
	return "(CASE WHEN year(" + x + ") < 1000 THEN error('notImplemented: FORMAT_DATE of years before 1000 is not supported by the local BigQuery') ELSE strftime(" + x + ", " + textLiteral(f) + ") END)"
}

// generateDates is GENERATE_DATE_ARRAY(start, end[, step[, part]]).
func generateDates(t *translator, c *googlesql.Call) string {
	step, part := int64(1), "DAY"
	if len(c.Args) >= 3 {
		v, ok := t.constant(c.Args[2])
		n, isInt := v.V.(int64)
		if !ok || !isInt || n == 0 {
			refuse("GENERATE_DATE_ARRAY with a step that is zero, NULL or no constant")
		}
		step = n
	}
	if len(c.Args) == 4 {
		part = t.part(c, c.Args[3], []string{"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})
	}
	if part != "DAY" && part != "WEEK" {
		refuse("GENERATE_DATE_ARRAY by %s", part)
	}
	if part == "WEEK" {
		step *= 7
	}
	args := t.exprs(c.Args[:2])
	return fmt.Sprintf("list_transform(generate_series(CAST(%s - DATE '1970-01-01' AS BIGINT), CAST(%s - DATE '1970-01-01' AS BIGINT), CAST(%d AS BIGINT)), lambda x: DATE '1970-01-01' + CAST(x AS INTEGER))", args[0], args[1], step)
}
