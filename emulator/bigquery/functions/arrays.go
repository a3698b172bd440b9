package functions

import (
	"bytes"
	"errors"
	"math/big"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/sequence"
)

var arrays = []duck.Scalar{
	// hub_refuse ends a statement that cannot be answered for the values that it
	// meets. It is volatile so that it is only called where its value is needed.
	{Name: "hub_refuse", Signature: "sb", Volatile: true, Fn: func(in *duck.Row, _ *duck.Out) error {
		return duck.Refuse("%s", in.Text(0))
	}},
	{Name: "hub_generate_ints", Signature: "iii[i", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := sequence.Ints(in.Int64(0), in.Int64(1), in.Int64(2))
		return listOf(out, list, err, (*duck.ListOut).Int64)
	}},
	{Name: "hub_generate_floats", Signature: "fff[f", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := sequence.Floats(in.Float64(0), in.Float64(1), in.Float64(2))
		return listOf(out, list, err, (*duck.ListOut).Float64)
	}},
	{Name: "hub_generate_numerics", Signature: "nnn[n", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := sequence.Bigs(hugeOf(in, 0), hugeOf(in, 1), hugeOf(in, 2))
		return listOf(out, list, err, func(l *duck.ListOut, i int, v *big.Int) {
			low := new(big.Int).And(v, new(big.Int).SetUint64(^uint64(0))).Uint64()
			l.Decimal(i, low, new(big.Int).Rsh(v, 64).Int64())
		})
	}},
	// The text form of BIGNUMERIC keeps the order, so that its difference from
	// zero's is the value.
	{Name: "hub_generate_bignumerics", Signature: "xxx[x", Fn: func(in *duck.Row, out *duck.Out) error {
		list, err := sequence.Bigs(bigOf(in, 0), bigOf(in, 1), bigOf(in, 2))
		return listOf(out, list, err, func(l *duck.ListOut, i int, v *big.Int) {
			l.Bytes(i, new(big.Int).Add(v, bigZero).FillBytes(make([]byte, 32)))
		})
	}},
	{Name: "hub_array_join_text", Signature: "[sss", Fn: func(in *duck.Row, out *duck.Out) error {
		out.Bytes(joinElements(in.List(0), in.Bytes(1), nil))
		return nil
	}},
	{Name: "hub_array_join_text_nulls", Signature: "[ssss", Fn: func(in *duck.Row, out *duck.Out) error {
		null := in.Bytes(2)
		out.Bytes(joinElements(in.List(0), in.Bytes(1), &null))
		return nil
	}},
	{Name: "hub_array_join", Signature: "[xxx", Fn: func(in *duck.Row, out *duck.Out) error {
		out.Bytes(joinElements(in.List(0), in.Bytes(1), nil))
		return nil
	}},
	{Name: "hub_array_join_nulls", Signature: "[xxxx", Fn: func(in *duck.Row, out *duck.Out) error {
		null := in.Bytes(2)
		out.Bytes(joinElements(in.List(0), in.Bytes(1), &null))
		return nil
	}},
}

// bigZero is what the stored form of a BIGNUMERIC of 0 reads as a number.
var bigZero = new(big.Int).Lsh(big.NewInt(1), 255)

func bigOf(in *duck.Row, k int) *big.Int {
	return new(big.Int).Sub(new(big.Int).SetBytes(in.Bytes(k)), bigZero)
}

func hugeOf(in *duck.Row, k int) *big.Int {
	low, high := in.Decimal(k)
	n := new(big.Int).Lsh(big.NewInt(high), 64)
	return n.Add(n, new(big.Int).SetUint64(low))
}

// listOf gives out a list, or what kept it from being made.
func listOf[T any](out *duck.Out, list []T, err error, set func(*duck.ListOut, int, T)) error {
	var unsure *sequence.UnsureError
	if errors.As(err, &unsure) {
		return duck.Refuse("%s", unsure.Error())
	}
	if err != nil {
		return err
	}
	l, err := out.List(len(list))
	if err != nil {
		return err
	}
	for i, v := range list {
		set(l, i, v)
	}
	return nil
}

// joinElements puts the elements together; a NULL is left out, or shown as null.
func joinElements(list *duck.List, delimiter []byte, null *[]byte) []byte {
	var parts [][]byte
	for i := range list.Len() {
		switch {
		case !list.Null(i):
			parts = append(parts, list.Bytes(i))
		case null != nil:
			parts = append(parts, *null)
		}
	}
	return bytes.Join(parts, delimiter)
}
