package functions

import (
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
)

// inZone gives a function the zone that an argument names.
func inZone(k int, f func(in *duck.Row, z *civil.Zone) (int64, error)) func(*duck.Row, *duck.Out) error {
	return micros(func(in *duck.Row) (int64, error) {
		z, err := civil.LoadZone(in.Text(k))
		if err != nil {
			return 0, err
		}
		return f(in, z)
	})
}

var zoned = []duck.Scalar{
	{Name: "hub_civil", Signature: "tst", Fn: inZone(1, func(in *duck.Row, z *civil.Zone) (int64, error) {
		return z.CivilChecked(in.Int64(0))
	})},
	{Name: "hub_instant", Signature: "tst", Fn: inZone(1, func(in *duck.Row, z *civil.Zone) (int64, error) {
		return z.Instant(in.Int64(0))
	})},
	{Name: "hub_timestamp_trunc", Signature: "tist", Fn: inZone(2, func(in *duck.Row, z *civil.Zone) (int64, error) {
		return civil.TruncTimestamp(in.Int64(0), part(in, 1), z)
	})},
	{Name: "hub_text_timestamp", Signature: "sst", Fn: inZone(1, func(in *duck.Row, z *civil.Zone) (int64, error) {
		return civil.ParseTimestamp(in.Text(0), z)
	})},
	{Name: "hub_text_timestamp_in", Signature: "sst", Fn: inZone(1, func(in *duck.Row, z *civil.Zone) (int64, error) {
		return civil.ParseTimestampNoZone(in.Text(0), z)
	})},
	{Name: "hub_parse_timestamp", Signature: "ssst", Fn: inZone(2, func(in *duck.Row, z *civil.Zone) (int64, error) {
		return civil.Parse(civil.KindTimestamp, in.Text(0), in.Text(1), z)
	})},
}

// parse makes PARSE_DATE, PARSE_DATETIME or PARSE_TIME, whose result is a
// DATETIME that SQL cuts.
func parse(k civil.Kind) func(*duck.Row, *duck.Out) error {
	return micros(func(in *duck.Row) (int64, error) {
		return civil.Parse(k, in.Text(0), in.Text(1), civil.UTC)
	})
}

func formatCivil(k civil.Kind) func(*duck.Row, *duck.Out) error {
	return textResult(func(in *duck.Row) (string, error) {
		return civil.Format(k, in.Text(0), in.Int64(1), in.Int64(1), civil.UTC)
	})
}

var dateTexts = []duck.Scalar{
	{Name: "hub_text_date", Signature: "sd", Fn: day(func(in *duck.Row) (int64, error) { return civil.ParseDate(in.Text(0)) })},
	{Name: "hub_text_time", Signature: "sm", Fn: micros(func(in *duck.Row) (int64, error) { return civil.ParseTime(in.Text(0)) })},
	{Name: "hub_text_datetime", Signature: "st", Fn: micros(func(in *duck.Row) (int64, error) { return civil.ParseDatetime(in.Text(0)) })},
	{Name: "hub_datetime_of_text", Signature: "st", Fn: micros(func(in *duck.Row) (int64, error) { return civil.DatetimeOfText(in.Text(0)) })},
	{Name: "hub_date_text", Signature: "ds", Fn: textResult(func(in *duck.Row) (string, error) { return civil.DateText(dateOf(in, 0)), nil })},
	{Name: "hub_time_text", Signature: "ms", Fn: textResult(func(in *duck.Row) (string, error) { return civil.TimeText(in.Int64(0)), nil })},
	{Name: "hub_datetime_text", Signature: "ts", Fn: textResult(func(in *duck.Row) (string, error) { return civil.DatetimeText(in.Int64(0)), nil })},
	{Name: "hub_timestamp_text", Signature: "tss", Fn: textResult(func(in *duck.Row) (string, error) {
		z, err := civil.LoadZone(in.Text(1))
		if err != nil {
			return "", err
		}
		return civil.TimestampText(in.Int64(0), z)
	})},
	{Name: "hub_format_date", Signature: "sts", Fn: formatCivil(civil.KindDate)},
	{Name: "hub_format_datetime", Signature: "sts", Fn: formatCivil(civil.KindDatetime)},
	{Name: "hub_format_time", Signature: "sms", Fn: formatCivil(civil.KindTime)},
	{Name: "hub_format_timestamp", Signature: "stss", Fn: textResult(func(in *duck.Row) (string, error) {
		z, err := civil.LoadZone(in.Text(2))
		if err != nil {
			return "", err
		}
		local, err := z.CivilChecked(in.Int64(1))
		if err != nil {
			return "", err
		}
		return civil.Format(civil.KindTimestamp, in.Text(0), local, in.Int64(1), z)
	})},
	{Name: "hub_parse_date", Signature: "sst", Fn: parse(civil.KindDate)},
	{Name: "hub_parse_datetime", Signature: "sst", Fn: parse(civil.KindDatetime)},
	{Name: "hub_parse_time", Signature: "sst", Fn: parse(civil.KindTime)},
}
