package functions

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	stdstrings "strings"
	"unicode/utf8"

	"researchhub.example/hub/emulator/bigquery/duck"
	num "researchhub.example/hub/emulator/bigquery/functions/number"
)

var numbers = slices.Concat(decimals(), []duck.Scalar{
	// ERROR fails with its argument; a NULL one has an empty message.
	{Name: "hub_error", Signature: "ss", Nulls: true, Fn: func(in *duck.Row, _ *duck.Out) error {
		if in.Null(0) {
			return errors.New("")
		}
		return errors.New(in.Text(0))
	}},

	intBinary("hub_i_add", num.AddInt64), intBinary("hub_i_sub", num.SubInt64), intBinary("hub_i_mul", num.MulInt64),
	{Name: "hub_i_neg", Signature: "ii", Fn: func(in *duck.Row, out *duck.Out) error { return intOut(out)(num.NegInt64(in.Int64(0))) }},
	floatBinary("hub_f_add", num.AddFloat64), floatBinary("hub_f_sub", num.SubFloat64), floatBinary("hub_f_mul", num.MulFloat64),
	{Name: "hub_f_round", Signature: "fif", Fn: func(in *duck.Row, out *duck.Out) error {
		return floatOut(out)(num.Round(in.Float64(0), in.Int64(1)))
	}},
	{Name: "hub_f_trunc", Signature: "fif", Fn: func(in *duck.Row, out *duck.Out) error {
		return floatOut(out)(num.Trunc(in.Float64(0), in.Int64(1)))
	}},

	{Name: "hub_f_to_i", Signature: "fi", Fn: func(in *duck.Row, out *duck.Out) error { return intOut(out)(num.ToInt64(in.Float64(0))) }},
	{Name: "hub_f_to_s", Signature: "fs", Fn: func(in *duck.Row, out *duck.Out) error {
		out.Text(num.FormatFloat64(in.Float64(0)))
		return nil
	}},
	// hub_f_signed is for FORMAT, whose %f, %e and %g show the sign of -0.
	{Name: "hub_f_signed", Signature: "fs", Fn: func(in *duck.Row, out *duck.Out) error {
		if x := in.Float64(0); x == 0 && math.Signbit(x) {
			out.Text("-0")
			return nil
		}
		out.Text(num.FormatFloat64(in.Float64(0)))
		return nil
	}},
	{Name: "hub_s_to_i", Signature: "si", Fn: func(in *duck.Row, out *duck.Out) error { return intOut(out)(num.ParseInt64(in.Text(0))) }},
	{Name: "hub_s_to_f", Signature: "sf", Fn: func(in *duck.Row, out *duck.Out) error { return floatOut(out)(num.ParseFloat64(in.Text(0))) }},
	{Name: "hub_s_to_b", Signature: "sb", Fn: func(in *duck.Row, out *duck.Out) error {
		b, err := num.ParseBool(in.Text(0))
		out.Bool(b)
		return err
	}},

	{Name: "hub_s_fit", Signature: "sis", Fn: func(in *duck.Row, out *duck.Out) error {
		b := in.Bytes(0)
		if n := utf8.RuneCount(b); int64(n) > in.Int64(1) {
			return fmt.Errorf("Value of type STRING(%d) has %d characters", in.Int64(1), n)
		}
		out.Bytes(b)
		return nil
	}},
	{Name: "hub_x_fit", Signature: "xix", Fn: func(in *duck.Row, out *duck.Out) error {
		b := in.Bytes(0)
		if int64(len(b)) > in.Int64(1) {
			return fmt.Errorf("Value of type BYTES(%d) has %d bytes", in.Int64(1), len(b))
		}
		out.Bytes(b)
		return nil
	}},

	{Name: "hub_bit_count", Signature: "xi", Fn: func(in *duck.Row, out *duck.Out) error {
		out.Int64(num.BitCountBytes(in.Bytes(0)))
		return nil
	}},
	bytesBinary("hub_x_and", func(x, y byte) byte { return x & y }),
	bytesBinary("hub_x_or", func(x, y byte) byte { return x | y }),
	bytesBinary("hub_x_xor", func(x, y byte) byte { return x ^ y }),
	{Name: "hub_x_not", Signature: "xx", Fn: func(in *duck.Row, out *duck.Out) error {
		out.Bytes(num.InvertBytes(in.Bytes(0)))
		return nil
	}},
	shift("hub_x_shl", num.ShiftLeftBytes), shift("hub_x_shr", num.ShiftRightBytes),
	distance("hub_euclidean_distance", num.EuclideanDistance), distance("hub_cosine_distance", num.CosineDistance),

	bucket("i", (*duck.Row).Int64, (*duck.List).Int64, cmp.Compare[int64]),
	bucket("t", (*duck.Row).Int64, (*duck.List).Int64, cmp.Compare[int64]),
	bucket("m", (*duck.Row).Int64, (*duck.List).Int64, cmp.Compare[int64]),
	bucket("d", (*duck.Row).Date, (*duck.List).Date, cmp.Compare[int32]),
	bucket("f", (*duck.Row).Float64, (*duck.List).Float64, cmp.Compare[float64]),
	bucket("s", (*duck.Row).Text, (*duck.List).Text, stdstrings.Compare),
	bucket("x", (*duck.Row).Bytes, (*duck.List).Bytes, bytes.Compare),
})

// answer gives an error of number its kind: what is doubtful is refused.
func answer(err error) error {
	var d *num.Doubtful
	if errors.As(err, &d) {
		return duck.Refuse("%s", d.Error())
	}
	return err
}

func intOut(out *duck.Out) func(int64, error) error {
	return func(v int64, err error) error {
		out.Int64(v)
		return answer(err)
	}
}

func floatOut(out *duck.Out) func(float64, error) error {
	return func(v float64, err error) error {
		out.Float64(v)
		return answer(err)
	}
}

func intBinary(name string, op func(a, b int64) (int64, error)) duck.Scalar {
	return duck.Scalar{Name: name, Signature: "iii", Fn: func(in *duck.Row, out *duck.Out) error {
		return intOut(out)(op(in.Int64(0), in.Int64(1)))
	}}
}

func floatBinary(name string, op func(a, b float64) (float64, error)) duck.Scalar {
	return duck.Scalar{Name: name, Signature: "fff", Fn: func(in *duck.Row, out *duck.Out) error {
		return floatOut(out)(op(in.Float64(0), in.Float64(1)))
	}}
}

func bytesBinary(name string, op func(x, y byte) byte) duck.Scalar {
	return duck.Scalar{Name: name, Signature: "xxx", Fn: func(in *duck.Row, out *duck.Out) error {
		b, err := num.CombineBytes(in.Bytes(0), in.Bytes(1), op)
		out.Bytes(b)
		return err
	}}
}

func shift(name string, op func(a []byte, by int64) ([]byte, error)) duck.Scalar {
	return duck.Scalar{Name: name, Signature: "xix", Fn: func(in *duck.Row, out *duck.Out) error {
		b, err := op(in.Bytes(0), in.Int64(1))
		out.Bytes(b)
		return err
	}}
}

func distance(name string, op func(a, b []float64) (float64, error)) duck.Scalar {
	return duck.Scalar{Name: name, Signature: "[f[ff", Fn: func(in *duck.Row, out *duck.Out) error {
		var vectors [2][]float64
		for k := range vectors {
			l := in.List(k)
			for i := range l.Len() {
				if l.Null(i) {
					return errors.New("Cannot compute a distance of a vector with a NULL element.")
				}
				vectors[k] = append(vectors[k], l.Float64(i))
			}
		}
		return floatOut(out)(op(vectors[0], vectors[1]))
	}}
}

// bucket is RANGE_BUCKET: the number of boundaries that are not greater than the
// point. The boundaries must rise and have neither NULL nor NaN.
func bucket[T any](letter string, point func(*duck.Row, int) T, element func(*duck.List, int) T, compare func(a, b T) int) duck.Scalar {
	return duck.Scalar{Name: "hub_range_bucket_" + letter, Signature: letter + "[" + letter + "i", Fn: func(in *duck.Row, out *duck.Out) error {
		p, l := point(in, 0), in.List(1)
		n := int64(0)
		for i := range l.Len() {
			if l.Null(i) {
				return errors.New("Elements in input array to RANGE_BUCKET cannot be null.")
			}
			e := element(l, i)
			if isNaN(e) {
				return errors.New("Elements in input array to RANGE_BUCKET cannot be NaN.")
			}
			if i > 0 && compare(element(l, i-1), e) > 0 {
				return errors.New("Elements in input array to RANGE_BUCKET must be in ascending order.")
			}
			if compare(e, p) <= 0 {
				n++
			}
		}
		if isNaN(p) {
			out.Null()
			return nil
		}
		out.Int64(n)
		return nil
	}}
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}
