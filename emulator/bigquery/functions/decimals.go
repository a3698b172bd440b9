package functions

import (
	"math/big"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/decimal"
)

// decimalForm is how a decimal type passes between DuckDB and Go. Its letter is
// that of the type in signatures, prefix begins its functions' names.
type decimalForm struct {
	*decimal.Type
	prefix, letter string
	get            func(in *duck.Row, k int) (*big.Int, error)
	put            func(out *duck.Out, v *big.Int)
}

var numericForm = decimalForm{decimal.Numeric, "hub_n_", "n",
	func(in *duck.Row, k int) (*big.Int, error) { return decimal.FromHalves(in.Decimal(k)), nil },
	func(out *duck.Out, v *big.Int) { out.Decimal(decimal.Halves(v)) }}

var bigNumericForm = decimalForm{decimal.BigNumeric, "hub_g_", "x",
	func(in *duck.Row, k int) (*big.Int, error) { return decimal.FromBytes(in.Bytes(k)) },
	func(out *duck.Out, v *big.Int) { out.Bytes(decimal.Bytes(v)) }}

// decimals are the functions of NUMERIC, hub_n_..., and BIGNUMERIC, hub_g_....
func decimals() []duck.Scalar {
	list := []duck.Scalar{
		convertDecimal("hub_n2g", numericForm, bigNumericForm), convertDecimal("hub_g2n", bigNumericForm, numericForm),
	}
	for _, f := range []decimalForm{numericForm, bigNumericForm} {
		list = append(list,
			f.binary("add", f.Add), f.binary("sub", f.Sub), f.binary("mul", f.Mul), f.binary("div", f.Div),
			f.binary("idiv", f.IntDiv), f.binary("mod", f.Mod), f.binary("pow", f.Pow), f.binary("log", f.Log),
			f.unary("neg", f.Neg), f.unary("abs", f.Abs), f.unary("sqrt", f.Sqrt), f.unary("exp", f.Exp),
			f.unary("ln", f.Ln), f.unary("log10", f.Log10),
			f.unary("sign", func(a *big.Int) (*big.Int, error) { return f.Sign(a), nil }),
			f.round(), f.fit(),
			f.parse("parse", f.Parse), f.parse("parse_loose", f.ParseLoose),
			f.fromFloat64(), f.fromInt64(), f.toFloat64(), f.toInt64(), f.toText())
	}
	return list
}

func (f decimalForm) unary(name string, op func(a *big.Int) (*big.Int, error)) duck.Scalar {
	return duck.Scalar{Name: f.prefix + name, Signature: f.letter + f.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := f.get(in, 0)
		if err != nil {
			return err
		}
		return f.set(out)(op(a))
	}}
}

func (f decimalForm) binary(name string, op func(a, b *big.Int) (*big.Int, error)) duck.Scalar {
	return duck.Scalar{Name: f.prefix + name, Signature: f.letter + f.letter + f.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := f.get(in, 0)
		if err != nil {
			return err
		}
		b, err := f.get(in, 1)
		if err != nil {
			return err
		}
		return f.set(out)(op(a, b))
	}}
}

// set takes a function's result and hands on its error.
func (f decimalForm) set(out *duck.Out) func(v *big.Int, err error) error {
	return func(v *big.Int, err error) error {
		if err == nil {
			f.put(out, v)
		}
		return err
	}
}

// round is ROUND, TRUNC, CEIL and FLOOR: a value, decimals and a decimal.Mode.
func (f decimalForm) round() duck.Scalar {
	return duck.Scalar{Name: f.prefix + "round", Signature: f.letter + "ii" + f.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := f.get(in, 0)
		if err != nil {
			return err
		}
		return f.set(out)(f.Round(a, in.Int64(1), decimal.Mode(in.Int64(2))))
	}}
}

// fit is a cast to a type with a precision and a scale.
func (f decimalForm) fit() duck.Scalar {
	return duck.Scalar{Name: f.prefix + "fit", Signature: f.letter + "ii" + f.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := f.get(in, 0)
		if err != nil {
			return err
		}
		return f.set(out)(f.Fit(a, int(in.Int64(1)), int(in.Int64(2))))
	}}
}

func (f decimalForm) parse(name string, op func(s string) (*big.Int, error)) duck.Scalar {
	return duck.Scalar{Name: f.prefix + name, Signature: "s" + f.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		return f.set(out)(op(in.Text(0)))
	}}
}

func (f decimalForm) fromFloat64() duck.Scalar {
	return duck.Scalar{Name: f.prefix + "from_f", Signature: "f" + f.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		return f.set(out)(f.FromFloat64(in.Float64(0)))
	}}
}

func (f decimalForm) fromInt64() duck.Scalar {
	return duck.Scalar{Name: f.prefix + "from_i", Signature: "i" + f.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		f.put(out, f.FromInt64(in.Int64(0)))
		return nil
	}}
}

func (f decimalForm) toFloat64() duck.Scalar {
	return duck.Scalar{Name: f.prefix + "to_f", Signature: f.letter + "f", Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := f.get(in, 0)
		if err != nil {
			return err
		}
		out.Float64(f.ToFloat64(a))
		return nil
	}}
}

func (f decimalForm) toInt64() duck.Scalar {
	return duck.Scalar{Name: f.prefix + "to_i", Signature: f.letter + "i", Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := f.get(in, 0)
		if err != nil {
			return err
		}
		n, err := f.ToInt64(a)
		if err != nil {
			return err
		}
		out.Int64(n)
		return nil
	}}
}

func (f decimalForm) toText() duck.Scalar {
	return duck.Scalar{Name: f.prefix + "to_s", Signature: f.letter + "s", Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := f.get(in, 0)
		if err != nil {
			return err
		}
		out.Text(f.Format(a))
		return nil
	}}
}

func convertDecimal(name string, from, to decimalForm) duck.Scalar {
	return duck.Scalar{Name: name, Signature: from.letter + to.letter, Fn: func(in *duck.Row, out *duck.Out) error {
		a, err := from.get(in, 0)
		if err != nil {
			return err
		}
		return to.set(out)(to.From(from.Type, a))
	}}
}
