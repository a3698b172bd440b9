package translate

import (
	"time"

	"researchhub.example/hub/shared/googlesql"
)

// isUTC tells that the default time zone is UTC, as in BigQuery: a TIMESTAMP is
// then its DATETIME.
func (t *translator) isUTC() bool {
	return t.params.TimeZone == "" || t.params.TimeZone == googlesql.UTC
}

// zone is the default time zone, of a function that names none.
func (t *translator) zone() string {
	if t.isUTC() {
		return "'" + googlesql.UTC + "'"
	}
	return textLiteral(t.params.TimeZone)
}

// dateMakers are the constructors and conversions of DATE, DATETIME, TIME and
// TIMESTAMP.
var dateMakers = []entry[scalarFunc]{
	{"date", "iii", gofn("hub_date_of")},
	{"date", "c", infallible("hub_ts_date($1)")}, {"date", "d", infallible("$1")},
	{"date", "t|ts", ofCivil("hub_ts_date(", ")")},
	{"date", "s", func(t *translator, c *googlesql.Call) string {
		us := t.goCall(c, "hub_text_timestamp", t.expr(c.Args[0]), t.zone())
		if !t.isUTC() {
			us = t.civil(c, us, t.zone())
		}
		return "hub_ts_date(" + us + ")"
	}},
	{"$extract_date", "c", infallible("hub_ts_date($1)")},
	{"$extract_date", "t|ts", ofCivil("hub_ts_date(", ")")},

	{"datetime", "iiiiii", gofn("hub_datetime_of")},
	{"datetime", "d", infallible("CAST($1 AS TIMESTAMP)")},
	{"datetime", "dm", infallible("(CAST($1 AS TIMESTAMP) + to_microseconds(date_diff('microsecond', TIME '00:00:00', $2)))")},
	{"datetime", "c", infallible("$1")}, {"datetime", "t|ts", ofCivil("", "")},
	{"datetime", "s", gofn("hub_datetime_of_text")},
	{"$extract_datetime", "c", infallible("$1")}, {"$extract_datetime", "t|ts", ofCivil("", "")},

	{"time", "iii", gofn("hub_time_of")},
	{"time", "c", infallible("CAST($1 AS TIME)")}, {"time", "m", infallible("$1")},
	{"time", "t|ts", ofCivil("CAST(", " AS TIME)")},
	{"$extract_time", "c", infallible("CAST($1 AS TIME)")},
	{"$extract_time", "t|ts", ofCivil("CAST(", " AS TIME)")},

	{"timestamp", "d|ds|c|cs", toInstant}, {"timestamp", "t", infallible("$1")},
	{"timestamp", "s", inDefaultZone("hub_text_timestamp")},
	{"timestamp", "ss", gofn("hub_text_timestamp_in")},

	{"unix_date", "d", infallible("CAST($1 - DATE '1970-01-01' AS BIGINT)")},
	{"date_from_unix_date", "i", fromUnixDate},
	{"unix_seconds", "t", infallible("hub_unix($1, " + partCode("SECOND") + ")")},
	{"unix_millis", "t", infallible("hub_unix($1, " + partCode("MILLISECOND") + ")")},
	{"unix_micros", "t", infallible("epoch_us($1)")},
	{"timestamp_seconds", "i", fromUnix("SECOND")}, {"timestamp_millis", "i", fromUnix("MILLISECOND")}, {"timestamp_micros", "i", fromUnix("MICROSECOND")},
	{"timestamp_from_unix_seconds", "i", fromUnix("SECOND")}, {"timestamp_from_unix_millis", "i", fromUnix("MILLISECOND")}, {"timestamp_from_unix_micros", "i", fromUnix("MICROSECOND")},
	{"timestamp_from_unix_seconds", "t", infallible("$1")}, {"timestamp_from_unix_millis", "t", infallible("$1")}, {"timestamp_from_unix_micros", "t", infallible("$1")},

	{"current_timestamp", "", func(t *translator, _ *googlesql.Call) string { return t.now() }},
	{"current_date", "", current("hub_ts_date(", ")")}, {"current_date", "s", current("hub_ts_date(", ")")},
	{"current_datetime", "", current("", "")}, {"current_datetime", "s", current("", "")},
	{"current_time", "", current("CAST(", " AS TIME)")}, {"current_time", "s", current("CAST(", " AS TIME)")},
}

// fromUnixDate is DATE_FROM_UNIX_DATE.
func fromUnixDate(t *translator, c *googlesql.Call) string {
	const first = "DATE '1970-01-01'"
	n := t.expr(c.Args[0])
	if c.Safe {
		return t.goCall(c, "hub_day_add", first, n, partCode("DAY"))
	}
	return "hub_date_add(" + first + ", " + n + ", " + partCode("DAY") + ")"
}

// now is the statement's CURRENT_TIMESTAMP.
func (t *translator) now() string {
	return literal(googlesql.Value{Type: googlesql.Timestamp, V: t.params.Now.Truncate(time.Microsecond).UnixMicro()})
}

// civil is a TIMESTAMP as the DATETIME of a zone.
func (t *translator) civil(c *googlesql.Call, us, zone string) string {
	return t.goCall(c, "hub_civil", us, zone)
}

// ofCivil writes what is made of a TIMESTAMP in a zone, the default one if the
// call names none.
func ofCivil(before, after string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		switch {
		case len(args) == 2:
			return before + t.civil(c, args[0], args[1]) + after
		case t.isUTC():
			t.sure(c)
			return before + args[0] + after
		}
		return before + t.civil(c, args[0], t.zone()) + after
	}
}

// toInstant is TIMESTAMP(date or datetime[, zone]).
func toInstant(t *translator, c *googlesql.Call) string {
	args := t.exprs(c.Args)
	if c.Args[0].Type().Is(googlesql.KindDate) {
		args[0] = "CAST(" + args[0] + " AS TIMESTAMP)"
	}
	if len(args) == 1 {
		if t.isUTC() {
			t.sure(c)
			return args[0]
		}
		args = append(args, t.zone())
	}
	return t.goCall(c, "hub_instant", args...)
}

// current writes a CURRENT_ function, whose zone may be left out.
func current(before, after string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		if len(c.Args) == 0 {
			if t.isUTC() {
				return before + t.now() + after
			}
			return before + t.civil(c, t.now(), t.zone()) + after
		}
		return before + t.civil(c, t.now(), t.expr(c.Args[0])) + after
	}
}

func fromUnix(part string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return t.goCall(c, "hub_from_unix", t.expr(c.Args[0]), partCode(part))
	}
}
