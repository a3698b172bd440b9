package functions

import (
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
)

func interval(in *duck.Row, k int) civil.Interval {
	m, d, us := in.Interval(k)
	return civil.Interval{Months: m, Days: d, Micros: us}
}

func span(f func(in *duck.Row) (civil.Interval, error)) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		v, err := f(in)
		if err != nil {
			return answered(err)
		}
		out.Interval(v.Months, v.Days, v.Micros)
		return nil
	}
}

// summed adds up a list; NULLs do not count, and of nothing else there is no sum.
func summed(finish func(*civil.IntervalSum) (civil.Interval, error)) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		var s civil.IntervalSum
		l := in.List(0)
		some := false
		for i := range l.Len() {
			if l.Null(i) {
				continue
			}
			m, d, us := l.Interval(i)
			s.Add(civil.Interval{Months: m, Days: d, Micros: us})
			some = true
		}
		if !some {
			out.Null()
			return nil
		}
		v, err := finish(&s)
		if err != nil {
			return answered(err)
		}
		out.Interval(v.Months, v.Days, v.Micros)
		return nil
	}
}

var intervals = []duck.Scalar{
	{Name: "hub_interval", Signature: "iiv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		return civil.IntervalOf(in.Int64(0), part(in, 1))
	})},
	{Name: "hub_make_interval", Signature: "iiiiiiv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		return civil.MakeInterval(in.Int64(0), in.Int64(1), in.Int64(2), in.Int64(3), in.Int64(4), in.Int64(5))
	})},
	{Name: "hub_interval_add", Signature: "vvv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		return interval(in, 0).Add(interval(in, 1))
	})},
	{Name: "hub_interval_sub", Signature: "vvv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		return interval(in, 0).Add(interval(in, 1).Negate())
	})},
	{Name: "hub_interval_neg", Signature: "vv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		return interval(in, 0).Negate(), nil
	})},
	{Name: "hub_interval_mul", Signature: "viv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		return interval(in, 0).Multiply(in.Int64(1))
	})},
	{Name: "hub_interval_div", Signature: "viv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		return interval(in, 0).Divide(in.Int64(1))
	})},
	{Name: "hub_justify_hours", Signature: "vv", Fn: span(func(in *duck.Row) (civil.Interval, error) { return interval(in, 0).JustifyHours() })},
	{Name: "hub_justify_days", Signature: "vv", Fn: span(func(in *duck.Row) (civil.Interval, error) { return interval(in, 0).JustifyDays() })},
	{Name: "hub_justify_interval", Signature: "vv", Fn: span(func(in *duck.Row) (civil.Interval, error) { return interval(in, 0).JustifyInterval() })},
	{Name: "hub_text_interval", Signature: "sv", Fn: span(func(in *duck.Row) (civil.Interval, error) { return civil.ParseInterval(in.Text(0)) })},
	{Name: "hub_interval_text", Signature: "vs", Fn: textResult(func(in *duck.Row) (string, error) { return interval(in, 0).String(), nil })},
	{Name: "hub_interval_extract", Signature: "vii", Fn: number(func(in *duck.Row) (int64, error) { return interval(in, 0).Extract(part(in, 1)) })},
	{Name: "hub_interval_key", Signature: "vi", Fn: number(func(in *duck.Row) (int64, error) { return interval(in, 0).Key(), nil })},
	{Name: "hub_interval_plain", Signature: "vv", Fn: span(func(in *duck.Row) (civil.Interval, error) {
		v := interval(in, 0)
		if !v.Plain() {
			return v, civil.Unsupported("grouping by, or taking the least of, an INTERVAL such as " + v.String() + ", whose parts are of both signs,")
		}
		return v, nil
	})},
	{Name: "hub_interval_sum", Signature: "[vv", Fn: summed((*civil.IntervalSum).Sum)},
	{Name: "hub_interval_avg", Signature: "[vv", Fn: summed((*civil.IntervalSum).Average)},
	{Name: "hub_datetime_interval", Signature: "tvt", Fn: micros(func(in *duck.Row) (int64, error) {
		return interval(in, 1).AddToDatetime(in.Int64(0))
	})},
	{Name: "hub_timestamp_interval", Signature: "tvt", Fn: micros(func(in *duck.Row) (int64, error) {
		return interval(in, 1).AddToTimestamp(in.Int64(0))
	})},
}

// ranges read the text of a RANGE, and cut one into many, as lists of bounds.
// A bound that is not there is NULL.
var ranges = []duck.Scalar{
	{Name: "hub_text_range_date", Signature: "s[d", Fn: func(in *duck.Row, out *duck.Out) error {
		a, b, err := civil.ParseRange(in.Text(0), civil.ParseDate)
		return bounds(out, a, b, err, true)
	}},
	{Name: "hub_text_range_datetime", Signature: "s[t", Fn: func(in *duck.Row, out *duck.Out) error {
		a, b, err := civil.ParseRange(in.Text(0), civil.ParseDatetime)
		return bounds(out, a, b, err, false)
	}},
	{Name: "hub_text_range_timestamp", Signature: "ss[t", Fn: func(in *duck.Row, out *duck.Out) error {
		z, err := civil.LoadZone(in.Text(1))
		if err != nil {
			return answered(err)
		}
		a, b, err := civil.ParseRange(in.Text(0), func(s string) (int64, error) { return civil.ParseTimestamp(s, z) })
		return bounds(out, a, b, err, false)
	}},
	{Name: "hub_range_series_date", Signature: "ddvb[d", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := civil.RangeSeries(dateOf(in, 0), dateOf(in, 1), interval(in, 2), true, in.Bool(3))
		return days(out, list, err)
	}},
	{Name: "hub_range_series_micros", Signature: "ttvb[t", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := civil.RangeSeries(in.Int64(0), in.Int64(1), interval(in, 2), false, in.Bool(3))
		return moments(out, list, err)
	}},
}

func bounds(out *duck.Out, a, b *int64, err error, date bool) error {
	if err != nil {
		return answered(err)
	}
	l, err := out.List(2)
	if err != nil {
		return err
	}
	for i, v := range []*int64{a, b} {
		switch {
		case v == nil:
			l.Null(i)
		case date:
			l.Date(i, int32(*v))
		default:
			l.Int64(i, *v)
		}
	}
	return nil
}
