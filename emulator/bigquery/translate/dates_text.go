package translate

import (
	"slices"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// dateTexts are the functions between dates or times and text.
var dateTexts = slices.Concat(dateFormats("format_date"), dateFormats("format_datetime"), dateFormats("format_timestamp"), []entry[scalarFunc]{
	{"format_time", "sm", gofn("hub_format_time")},
	{"parse_date", "ss", wrapped("hub_ts_date(", "hub_parse_date", ")")},
	{"parse_datetime", "ss", gofn("hub_parse_datetime")},
	{"parse_time", "ss", wrapped("CAST(", "hub_parse_time", " AS TIME)")},
	{"parse_timestamp", "ss", inDefaultZone("hub_parse_timestamp")}, {"parse_timestamp", "sss", gofn("hub_parse_timestamp")},
	{"string", "d", gofn("hub_date_text")}, {"string", "m", gofn("hub_time_text")}, {"string", "c", gofn("hub_datetime_text")},
	{"string", "t", inDefaultZone("hub_timestamp_text")}, {"string", "ts", gofn("hub_timestamp_text")},
})

// dateFormats are a FORMAT function's forms; its name says less than the type of
// its argument.
func dateFormats(name string) []entry[scalarFunc] {
	return []entry[scalarFunc]{
		{name, "sd", func(t *translator, c *googlesql.Call) string {
			return t.goCall(c, "hub_format_date", t.expr(c.Args[0]), "CAST("+t.expr(c.Args[1])+" AS TIMESTAMP)")
		}},
		{name, "sc", gofn("hub_format_datetime")},
		{name, "st", inDefaultZone("hub_format_timestamp")},
		{name, "sts", gofn("hub_format_timestamp")},
	}
}

// wrapped writes a Go function with something around it.
func wrapped(before, goName, after string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return before + t.goCall(c, goName, t.exprs(c.Args)...) + after
	}
}

// inDefaultZone writes a Go function with the zone that the call does not name.
func inDefaultZone(goName string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return t.goCall(c, goName, append(t.exprs(c.Args), t.zone())...)
	}
}

// dateCasts are the casts of dates, times, intervals and ranges, by the letters
// of table.go. A Go function that can fail has a ! before it; $z is the default
// time zone.
var dateCasts = map[string]string{
	"sd": "!hub_text_date($1)", "sc": "!hub_text_datetime($1)", "st": "!hub_text_timestamp($1, $z)", "sm": "!hub_text_time($1)",
	"ds": "hub_date_text($1)", "cs": "hub_datetime_text($1)", "ts": "!hub_timestamp_text($1, $z)", "ms": "hub_time_text($1)",
	"dc": "CAST($1 AS TIMESTAMP)", "cd": "hub_ts_date($1)", "cm": "CAST($1 AS TIME)",
	"dt": "!hub_instant(CAST($1 AS TIMESTAMP), $z)", "ct": "!hub_instant($1, $z)",
	"td": "hub_ts_date(!hub_civil($1, $z))", "tc": "!hub_civil($1, $z)", "tm": "CAST(!hub_civil($1, $z) AS TIME)",
	"sv": "!hub_text_interval($1)", "vs": "hub_interval_text($1)",
}

// utcCasts are the casts that need no function where the default zone is UTC.
var utcCasts = map[string]string{
	"dt": "CAST($1 AS TIMESTAMP)", "ct": "$1", "td": "hub_ts_date($1)", "tc": "$1", "tm": "CAST($1 AS TIME)",
}

// dateCast writes a cast that has to do with dates and times; false: it has not.
func (t *translator) dateCast(c *googlesql.Cast, x string) (string, bool) {
	from, to := c.Expr.Type(), c.T
	if from.Is(googlesql.KindRange) || to.Is(googlesql.KindRange) {
		return t.rangeCast(c, x)
	}
	letters := string(kindLetters[from.Kind]) + string(kindLetters[to.Kind])
	pattern, ok := dateCasts[letters]
	if !ok {
		return "", false
	}
	if plain, quicker := utcCasts[letters]; quicker && t.isUTC() {
		pattern = plain
	}
	if before, call, fails := strings.Cut(pattern, "!"); fails {
		if c.Safe {
			call = safeForm(call)
		}
		pattern = before + call
	}
	return fill(strings.ReplaceAll(pattern, "$z", t.zone()), []string{x}), true
}
