package functions

import (
	"errors"
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
)

// dates are the functions of DATE, DATETIME, TIME, TIMESTAMP, INTERVAL and RANGE.
// A date part is its number in civil.Part; a zone is its name.
var dates = slices.Concat(civilDates, civilTimes, zoned, dateTexts, dateModels, intervals, ranges)

// answered gives the error of a civil function as DuckDB is to see it.
func answered(err error) error {
	var u civil.Unsupported
	if errors.As(err, &u) {
		return duck.Refuse("%s", u.Error())
	}
	return err
}

// micros writes a result in microseconds, number one of INT64.
func micros(f func(in *duck.Row) (int64, error)) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		v, err := f(in)
		if err != nil {
			return answered(err)
		}
		out.Int64(v)
		return nil
	}
}

var number = micros

func day(f func(in *duck.Row) (int64, error)) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		v, err := f(in)
		if err != nil {
			return answered(err)
		}
		out.Date(int32(v))
		return nil
	}
}

func textResult(f func(in *duck.Row) (string, error)) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		v, err := f(in)
		if err != nil {
			return answered(err)
		}
		out.Text(v)
		return nil
	}
}

func part(in *duck.Row, k int) civil.Part { return civil.Part(in.Int64(k)) }

func dateOf(in *duck.Row, k int) int64 { return int64(in.Date(k)) }

var civilDates = []duck.Scalar{
	{Name: "hub_date_of", Signature: "iiid", Fn: day(func(in *duck.Row) (int64, error) {
		return civil.Date(in.Int64(0), in.Int64(1), in.Int64(2))
	})},
	{Name: "hub_day_add", Signature: "diid", Fn: day(func(in *duck.Row) (int64, error) {
		return civil.AddDate(dateOf(in, 0), in.Int64(1), part(in, 2))
	})},
	{Name: "hub_day_sub", Signature: "diid", Fn: day(func(in *duck.Row) (int64, error) {
		return civil.SubDate(dateOf(in, 0), in.Int64(1), part(in, 2))
	})},
	{Name: "hub_day_trunc", Signature: "did", Fn: day(func(in *duck.Row) (int64, error) {
		return civil.TruncDate(dateOf(in, 0), part(in, 1))
	})},
	{Name: "hub_last_day", Signature: "did", Fn: day(func(in *duck.Row) (int64, error) {
		return civil.LastDay(dateOf(in, 0), part(in, 1))
	})},
	{Name: "hub_date_bucket", Signature: "dvdd", Fn: day(func(in *duck.Row) (int64, error) {
		return civil.BucketDate(dateOf(in, 0), interval(in, 1), dateOf(in, 2))
	})},
	{Name: "hub_date_series", Signature: "ddii[d", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := civil.DateSeries(dateOf(in, 0), dateOf(in, 1), in.Int64(2), part(in, 3))
		return days(out, list, err)
	}},
	{Name: "hub_datetime_of", Signature: "iiiiiit", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.Datetime(in.Int64(0), in.Int64(1), in.Int64(2), in.Int64(3), in.Int64(4), in.Int64(5))
	})},
	{Name: "hub_datetime_add", Signature: "tiit", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.AddDatetime(in.Int64(0), in.Int64(1), part(in, 2))
	})},
	{Name: "hub_datetime_sub", Signature: "tiit", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.SubDatetime(in.Int64(0), in.Int64(1), part(in, 2))
	})},
	{Name: "hub_datetime_trunc", Signature: "tit", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.TruncDatetime(in.Int64(0), part(in, 1))
	})},
	{Name: "hub_datetime_bucket", Signature: "tvtt", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.BucketDatetime(in.Int64(0), interval(in, 1), in.Int64(2))
	})},
	{Name: "hub_timestamp_bucket", Signature: "tvtt", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.BucketTimestamp(in.Int64(0), interval(in, 1), in.Int64(2))
	})},
	{Name: "hub_timestamp_series", Signature: "ttii[t", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := civil.TimestampSeries(in.Int64(0), in.Int64(1), in.Int64(2), part(in, 3))
		return moments(out, list, err)
	}},
	{Name: "hub_unix", Signature: "tii", Fn: number(func(in *duck.Row) (int64, error) {
		return civil.SinceEpoch(in.Int64(0), part(in, 1))
	})},
	{Name: "hub_from_unix", Signature: "iit", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.FromEpoch(in.Int64(0), part(in, 1))
	})},
}

var civilTimes = []duck.Scalar{
	{Name: "hub_time_of", Signature: "iiim", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.Time(in.Int64(0), in.Int64(1), in.Int64(2))
	})},
	{Name: "hub_time_add", Signature: "miim", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.AddTime(in.Int64(0), in.Int64(1), part(in, 2))
	})},
	{Name: "hub_time_sub", Signature: "miim", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.SubTime(in.Int64(0), in.Int64(1), part(in, 2))
	})},
	{Name: "hub_time_diff", Signature: "mmii", Fn: number(func(in *duck.Row) (int64, error) {
		return civil.DiffTime(in.Int64(0), in.Int64(1), part(in, 2))
	})},
	{Name: "hub_time_trunc", Signature: "mim", Fn: micros(func(in *duck.Row) (int64, error) {
		return civil.TruncTime(in.Int64(0), part(in, 1))
	})},
	{Name: "hub_time_extract", Signature: "mii", Fn: number(func(in *duck.Row) (int64, error) {
		return civil.ExtractTime(in.Int64(0), part(in, 1))
	})},
}

// days and moments write a list.
func days(out *duck.Out, list []int64, err error) error {
	if err != nil {
		return answered(err)
	}
	l, err := out.List(len(list))
	if err != nil {
		return err
	}
	for i, v := range list {
		l.Date(i, int32(v))
	}
	return nil
}

func moments(out *duck.Out, list []int64, err error) error {
	if err != nil {
		return answered(err)
	}
	l, err := out.List(len(list))
	if err != nil {
		return err
	}
	for i, v := range list {
		l.Int64(i, v)
	}
	return nil
}
