package functions

import (
	"errors"
	"math"
	"math/big"
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/statistics"
)

var aggregates = []duck.Scalar{
	{Name: "hub_float_sum", Signature: "ffff", Nulls: true, Fn: floatSum},
	{Name: "hub_float_avg", Signature: "fffif", Nulls: true, Fn: floatMean},
	{Name: "hub_numeric_sum", Signature: "snin", Fn: numericParts(false)},
	{Name: "hub_numeric_avg", Signature: "snin", Fn: numericParts(true)},
	{Name: "hub_numeric_sum_list", Signature: "[nn", Fn: total(numeric, false)},
	{Name: "hub_numeric_avg_list", Signature: "[nn", Fn: total(numeric, true)},
	{Name: "hub_bignumeric_sum", Signature: "[xx", Fn: total(bigNumeric, false)},
	{Name: "hub_bignumeric_avg", Signature: "[xx", Fn: total(bigNumeric, true)},
	{Name: "hub_moment_f", Signature: "[fif", Fn: spread(floatValues)},
	{Name: "hub_moment_n", Signature: "[nif", Fn: spread(numeric.values)},
	{Name: "hub_moment_g", Signature: "[xif", Fn: spread(bigNumeric.values)},
	{Name: "hub_comoment_f", Signature: "[fif", Fn: relation(floatValues)},
	{Name: "hub_comoment_n", Signature: "[nif", Fn: relation(numeric.values)},
	{Name: "hub_comoment_g", Signature: "[xif", Fn: relation(bigNumeric.values)},
	{Name: "hub_bytes_join", Signature: "[xxx", Fn: joinBytes},
	{Name: "hub_bytes_bits", Signature: "[xix", Fn: bytesBits},
}

// maxJoined bounds what STRING_AGG of BYTES makes.
const maxJoined = 100 << 20

func joinBytes(in *duck.Row, out *duck.Out) error {
	list, delim := in.List(0), in.Bytes(1)
	var b []byte
	for i := range list.Len() {
		if i > 0 {
			b = append(b, delim...)
		}
		if b = append(b, list.Bytes(i)...); len(b) > maxJoined {
			return duck.Refuse("a value of more than %d bytes", maxJoined)
		}
	}
	out.Bytes(b)
	return nil
}

// bytesBits combines values of one length bit by bit: 0 AND, 1 OR, 2 XOR.
func bytesBits(in *duck.Row, out *duck.Out) error {
	list := in.List(0)
	if list.Len() == 0 {
		out.Null()
		return nil
	}
	all := slices.Clone(list.Bytes(0))
	for i := 1; i < list.Len(); i++ {
		next := list.Bytes(i)
		if len(next) != len(all) {
			return errors.New("the BYTES of a bitwise aggregate function must have the same length")
		}
		for k, b := range next {
			switch in.Int64(1) {
			case 0:
				all[k] &= b
			case 1:
				all[k] |= b
			default:
				all[k] ^= b
			}
		}
	}
	out.Bytes(all)
	return nil
}

// small is what the second of the sums of hub_float_sum is scaled by.
const small = 0x1p-64

// floatSum: the total of what is not finite, that of the rest, and that of the
// rest times small; each NULL where there is nothing to add.
func floatSum(in *duck.Row, out *duck.Out) error {
	switch {
	case !in.Null(0):
		out.Float64(in.Float64(0))
	case in.Null(1):
		out.Null()
	default:
		sum := in.Float64(1)
		if !finite(sum) {
			sum = in.Float64(2) / small
		}
		if !finite(sum) {
			return statistics.ErrOverflow
		}
		out.Float64(sum)
	}
	return nil
}

// floatMean: as floatSum, and the count of finite values.
func floatMean(in *duck.Row, out *duck.Out) error {
	switch {
	case !in.Null(0):
		out.Float64(in.Float64(0))
	case in.Null(1):
		out.Null()
	default:
		n := float64(in.Int64(3))
		mean := in.Float64(1) / n
		if !finite(mean) {
			mean = in.Float64(2) / n / small
		}
		out.Float64(mean)
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// decimalType is NUMERIC or BIGNUMERIC.
type decimalType struct {
	name  string
	scale *big.Int
	// low and high are the smallest and the largest unscaled value.
	low, high *big.Int
	element   func(l *duck.List, i int) *big.Int
	argument  func(in *duck.Row, k int) *big.Int
	set       func(out *duck.Out, v *big.Int)
}

func power(base, n int64) *big.Int { return new(big.Int).Exp(big.NewInt(base), big.NewInt(n), nil) }

var numeric = &decimalType{
	name: "numeric", scale: power(10, 9),
	low: new(big.Int).Sub(big.NewInt(1), power(10, 38)), high: new(big.Int).Sub(power(10, 38), big.NewInt(1)),
	element:  func(l *duck.List, i int) *big.Int { return joinHalves(l.Decimal(i)) },
	argument: func(in *duck.Row, k int) *big.Int { return joinHalves(in.Decimal(k)) },
	set: func(out *duck.Out, v *big.Int) {
		low := new(big.Int).And(v, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		out.Decimal(low, new(big.Int).Rsh(v, 64).Int64())
	},
}

func joinHalves(low uint64, high int64) *big.Int {
	v := new(big.Int).Lsh(big.NewInt(high), 64)
	return v.Or(v, new(big.Int).SetUint64(low))
}

// bigNumeric is kept as 32 bytes whose order is the values'.
var bigNumeric = &decimalType{
	name: "bignumeric", scale: power(10, 38),
	low: new(big.Int).Neg(power(2, 255)), high: new(big.Int).Sub(power(2, 255), big.NewInt(1)),
	element:  func(l *duck.List, i int) *big.Int { return fromOffset(l.Bytes(i)) },
	argument: func(in *duck.Row, k int) *big.Int { return fromOffset(in.Bytes(k)) },
	set: func(out *duck.Out, v *big.Int) {
		out.Bytes(new(big.Int).Add(v, power(2, 255)).FillBytes(make([]byte, 32)))
	},
}

func fromOffset(b []byte) *big.Int {
	v := new(big.Int).SetBytes(b)
	return v.Sub(v, power(2, 255))
}

// give sets a result that must be within the type's range.
func (d *decimalType) give(out *duck.Out, v *big.Int, what string) error {
	if v.Cmp(d.low) < 0 || v.Cmp(d.high) > 0 {
		return errors.New(d.name + " overflow: " + what)
	}
	d.set(out, v)
	return nil
}

func (d *decimalType) values(l *duck.List) []statistics.Value {
	out := make([]statistics.Value, l.Len())
	for i := range out {
		out[i] = statistics.Decimal(d.element(l, i), d.scale)
	}
	return out
}

// finishTotal is SUM or AVG of a total.
func (d *decimalType) finishTotal(out *duck.Out, sum *big.Int, n int64, mean bool) error {
	if n == 0 {
		out.Null()
		return nil
	}
	if !mean {
		return d.give(out, sum, "SUM")
	}
	return d.give(out, statistics.RoundHalfAway(new(big.Rat).SetFrac(sum, big.NewInt(n))), "AVG")
}

// total is SUM or AVG over a list without NULLs.
func total(d *decimalType, mean bool) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		list, sum := in.List(0), new(big.Int)
		for i := range list.Len() {
			sum.Add(sum, d.element(list, i))
		}
		return d.finishTotal(out, sum, int64(list.Len()), mean)
	}
}

// numericParts is SUM or AVG of NUMERIC by the total of the whole parts (as
// text, as it may be wider than any type here), that of the broken parts, and
// the count.
func numericParts(mean bool) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		whole, ok := new(big.Int).SetString(in.Text(0), 10)
		if !ok {
			return duck.Refuse("a total of NUMERIC")
		}
		sum := whole.Mul(whole, numeric.scale)
		return numeric.finishTotal(out, sum.Add(sum, joinHalves(in.Decimal(1))), in.Int64(2), mean)
	}
}

func floatValues(l *duck.List) []statistics.Value {
	out := make([]statistics.Value, l.Len())
	for i := range out {
		out[i] = statistics.Float(l.Float64(i))
	}
	return out
}

func giveFloat(out *duck.Out, v float64, ok bool, err error) error {
	switch {
	case errors.Is(err, statistics.ErrOverflow):
		return duck.Refuse("a variance or covariance that overflows FLOAT64")
	case err != nil:
		return err
	case !ok:
		out.Null()
	default:
		out.Float64(v)
	}
	return nil
}

// spread is a variance or its root: the values, and which.
func spread(values func(*duck.List) []statistics.Value) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		v, ok, err := statistics.Spread(values(in.List(0)), statistics.Moment(in.Int64(1)))
		return giveFloat(out, v, ok, err)
	}
}

// relation is a covariance or correlation: x and y in turn, and which.
func relation(values func(*duck.List) []statistics.Value) func(in *duck.Row, out *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		all := values(in.List(0))
		x, y := make([]statistics.Value, 0, len(all)/2), make([]statistics.Value, 0, len(all)/2)
		for i := 0; i+1 < len(all); i += 2 {
			x, y = append(x, all[i]), append(y, all[i+1])
		}
		v, ok, err := statistics.Relation(x, y, statistics.Moment(in.Int64(1)))
		return giveFloat(out, v, ok, err)
	}
}
