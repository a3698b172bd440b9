package functions

import (
	"math/big"
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/statistics"
)

var percentiles = []duck.Scalar{
	{Name: "hub_percentile_cont_f", Signature: "[ffbf", Fn: percentileFloat},
	{Name: "hub_percentile_cont_n", Signature: "[nnbn", Fn: percentileDecimal(numeric)},
	{Name: "hub_percentile_cont_g", Signature: "[xxbx", Fn: percentileDecimal(bigNumeric)},
	{Name: "hub_percentile_place_f", Signature: "fii", Fn: place(floatFraction)},
	{Name: "hub_percentile_place_n", Signature: "nii", Fn: place(numeric.fraction)},
	{Name: "hub_percentile_place_g", Signature: "xii", Fn: place(bigNumeric.fraction)},
	{Name: "hub_percentile_rank_f", Signature: "fii", Fn: rank(floatFraction)},
	{Name: "hub_percentile_rank_n", Signature: "nii", Fn: rank(numeric.fraction)},
	{Name: "hub_percentile_rank_g", Signature: "xii", Fn: rank(bigNumeric.fraction)},
	{Name: "hub_percentile_mix_f", Signature: "fffif", Nulls: true, Fn: mixFloat},
	{Name: "hub_percentile_mix_n", Signature: "nnnin", Nulls: true, Fn: mixDecimal(numeric)},
	{Name: "hub_percentile_mix_g", Signature: "xxxix", Nulls: true, Fn: mixDecimal(bigNumeric)},
	{Name: "hub_float_sorted", Signature: "[f[f", Fn: sortFloats},
	{Name: "hub_quantile_place", Signature: "iiiii", Fn: func(in *duck.Row, out *duck.Out) error {
		if in.Int64(0) < 1 || in.Int64(1) < 1 {
			out.Null()
			return nil
		}
		out.Int64(statistics.QuantilePlace(in.Int64(0), in.Int64(1), in.Int64(2), in.Int64(3)))
		return nil
	}},
}

type fraction func(in *duck.Row, k int) (*big.Rat, error)

func floatFraction(in *duck.Row, k int) (*big.Rat, error) { return statistics.Fraction(in.Float64(k)) }

func (d *decimalType) fraction(in *duck.Row, k int) (*big.Rat, error) {
	return statistics.DecimalFraction(d.argument(in, k), d.scale)
}

// place is where (from 1) among n sorted values a percentile begins.
func place(p fraction) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		f, err := p(in, 0)
		if err != nil {
			return err
		}
		at, _ := statistics.Place(f, max(1, in.Int64(1)))
		out.Int64(at + 1)
		return nil
	}
}

// rank is the place (from 1) among n sorted values of PERCENTILE_DISC's.
func rank(p fraction) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		f, err := p(in, 0)
		if err != nil {
			return err
		}
		out.Int64(statistics.Rank(f, max(1, in.Int64(1))))
		return nil
	}
}

// between decides what interpolation between two neighbours gives where one of
// them is NULL: the other. done: nothing is left to compute.
func between(lowNull, highNull bool, weight *big.Rat) (low, high, done bool) {
	switch {
	case weight.Sign() == 0:
		return !lowNull, false, true
	case lowNull || highNull:
		return !lowNull, !highNull, true
	}
	return true, true, false
}

// mixFloat interpolates: the two neighbours, the fraction and the count.
func mixFloat(in *duck.Row, out *duck.Out) error {
	p, err := statistics.Fraction(in.Float64(2))
	if err != nil {
		return err
	}
	_, weight := statistics.Place(p, max(1, in.Int64(3)))
	low, high, done := between(in.Null(0), in.Null(1), weight)
	switch {
	case !low && !high:
		out.Null()
	case !done:
		out.Float64(statistics.Mix(in.Float64(0), in.Float64(1), weight))
	case low:
		out.Float64(in.Float64(0))
	default:
		out.Float64(in.Float64(1))
	}
	return nil
}

func mixDecimal(d *decimalType) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		p, err := d.fraction(in, 2)
		if err != nil {
			return err
		}
		_, weight := statistics.Place(p, max(1, in.Int64(3)))
		low, high, done := between(in.Null(0), in.Null(1), weight)
		switch {
		case !low && !high:
			out.Null()
		case !done:
			d.set(out, statistics.MixDecimal(d.argument(in, 0), d.argument(in, 1), weight))
		case low:
			d.set(out, d.argument(in, 0))
		default:
			d.set(out, d.argument(in, 1))
		}
		return nil
	}
}

// percentileFloat is PERCENTILE_CONT: all values, the fraction, and whether
// NULLs count (before all values).
func percentileFloat(in *duck.Row, out *duck.Out) error {
	p, err := statistics.Fraction(in.Float64(1))
	if err != nil {
		return err
	}
	list, values, nulls := in.List(0), []float64{}, 0
	for i := range list.Len() {
		if list.Null(i) {
			nulls++
			continue
		}
		values = append(values, list.Float64(i))
	}
	slices.Sort(values)
	if !in.Bool(2) {
		nulls = 0
	}
	low, high, weight, done := neighbours(p, nulls, len(values))
	switch {
	case low < 0 && high < 0:
		out.Null()
	case !done:
		out.Float64(statistics.Mix(values[low], values[high], weight))
	default:
		out.Float64(values[max(low, high)])
	}
	return nil
}

// neighbours are the indexes of the values next to a percentile, -1 for none; done
// tells that one of them is the answer.
func neighbours(p *big.Rat, nulls, values int) (low, high int, weight *big.Rat, done bool) {
	if nulls+values == 0 {
		return -1, -1, nil, true
	}
	at, weight := statistics.Place(p, int64(nulls+values))
	low = int(at) - nulls
	high = low + 1
	useLow, useHigh, done := between(low < 0, high < 0, weight)
	if !useLow {
		low = -1
	}
	if !useHigh {
		high = -1
	}
	return low, high, weight, done
}

func percentileDecimal(d *decimalType) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		p, err := d.fraction(in, 1)
		if err != nil {
			return err
		}
		list, values, nulls := in.List(0), []*big.Int{}, 0
		for i := range list.Len() {
			if list.Null(i) {
				nulls++
				continue
			}
			values = append(values, d.element(list, i))
		}
		slices.SortFunc(values, func(a, b *big.Int) int { return a.Cmp(b) })
		if !in.Bool(2) {
			nulls = 0
		}
		low, high, weight, done := neighbours(p, nulls, len(values))
		switch {
		case low < 0 && high < 0:
			out.Null()
		case !done:
			d.set(out, statistics.MixDecimal(values[low], values[high], weight))
		default:
			d.set(out, values[max(low, high)])
		}
		return nil
	}
}

// sortFloats orders as GoogleSQL does: NULL, NaN, the numbers.
func sortFloats(in *duck.Row, out *duck.Out) error {
	list := in.List(0)
	values := make([]float64, 0, list.Len())
	for i := range list.Len() {
		if !list.Null(i) {
			values = append(values, list.Float64(i))
		}
	}
	slices.Sort(values)
	sorted, err := out.List(list.Len())
	if err != nil {
		return err
	}
	nulls := list.Len() - len(values)
	for i := range nulls {
		sorted.Null(i)
	}
	for i, v := range values {
		sorted.Float64(nulls+i, v)
	}
	return nil
}
