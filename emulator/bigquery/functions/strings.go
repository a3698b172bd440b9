package functions

import (
	"errors"
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/text"
)

// strings are the functions of STRING and BYTES. Those that take either are
// registered for both: hub_f for STRING and hub_bytes_f for BYTES.
var strings = refusing(slices.Concat(
	points, positions, padding, casing, encodings, hashes, matching, addresses,
))

// refusing tells DuckDB which errors are refusals.
func refusing(list []duck.Scalar) []duck.Scalar {
	for i := range list {
		fn := list[i].Fn
		list[i].Fn = func(in *duck.Row, out *duck.Out) error {
			err := fn(in, out)
			var r text.Refusal
			if errors.As(err, &r) {
				return duck.Refuse("%s is not supported by the local BigQuery", string(r))
			}
			return err
		}
	}
	return list
}

// either makes a function of STRING and of BYTES: u in the signature stands for
// the one or the other.
func either(name, signature string, fn func(in *duck.Row, out *duck.Out, u text.Units) error) []duck.Scalar {
	of := func(prefix string, letter byte, u text.Units) duck.Scalar {
		sig := []byte(signature)
		for i := range sig {
			if sig[i] == 'u' {
				sig[i] = letter
			}
		}
		return duck.Scalar{Name: prefix + name, Signature: string(sig), Fn: func(in *duck.Row, out *duck.Out) error { return fn(in, out, u) }}
	}
	return []duck.Scalar{of("hub_", 's', text.Chars), of("hub_bytes_", 'x', text.Bytes)}
}

// giveText and giveInt hand over a result unless there is an error.
func giveText(out *duck.Out, s string, err error) error {
	if err == nil {
		out.Text(s)
	}
	return err
}

func giveInt(out *duck.Out, n int64, err error) error {
	if err == nil {
		out.Int64(n)
	}
	return err
}

func giveTexts(out *duck.Out, list []string) error {
	l, err := out.List(len(list))
	if err != nil {
		return err
	}
	for i, s := range list {
		l.Text(i, s)
	}
	return nil
}

// fromPoints makes a function of code points; a NULL among them gives NULL.
func fromPoints(name, signature string, fn func([]int64) (string, error)) duck.Scalar {
	return duck.Scalar{Name: name, Signature: signature, Fn: func(in *duck.Row, out *duck.Out) error {
		l := in.List(0)
		list := make([]int64, l.Len())
		for i := range list {
			if l.Null(i) {
				out.Null()
				return nil
			}
			list[i] = l.Int64(i)
		}
		s, err := fn(list)
		return giveText(out, s, err)
	}}
}

var points = slices.Concat(
	either("ascii", "ui", func(in *duck.Row, out *duck.Out, _ text.Units) error {
		n, err := text.ASCII(in.Text(0))
		return giveInt(out, n, err)
	}),
	either("to_code_points", "u[i", func(in *duck.Row, out *duck.Out, u text.Units) error {
		list := text.ToCodePoints(in.Text(0), u)
		l, err := out.List(len(list))
		if err != nil {
			return err
		}
		for i, n := range list {
			l.Int64(i, n)
		}
		return nil
	}),
	[]duck.Scalar{
		{Name: "hub_unicode", Signature: "si", Fn: func(in *duck.Row, out *duck.Out) error {
			out.Int64(text.Unicode(in.Text(0)))
			return nil
		}},
		{Name: "hub_chr", Signature: "is", Fn: func(in *duck.Row, out *duck.Out) error {
			s, err := text.Chr(in.Int64(0))
			return giveText(out, s, err)
		}},
		fromPoints("hub_code_points_to_string", "[is", text.CodePointsToString),
		fromPoints("hub_code_points_to_bytes", "[ix", text.CodePointsToBytes),
	},
)

var positions = slices.Concat(
	either("strpos", "uui", func(in *duck.Row, out *duck.Out, u text.Units) error {
		out.Int64(text.Strpos(in.Text(0), in.Text(1), u))
		return nil
	}),
	either("instr", "uuiii", func(in *duck.Row, out *duck.Out, u text.Units) error {
		n, err := text.Instr(in.Text(0), in.Text(1), in.Int64(2), in.Int64(3), u)
		return giveInt(out, n, err)
	}),
	either("substr", "uiiu", func(in *duck.Row, out *duck.Out, u text.Units) error {
		s, err := text.Substr(in.Text(0), in.Int64(1), in.Int64(2), u)
		return giveText(out, s, err)
	}),
	either("left", "uiu", func(in *duck.Row, out *duck.Out, u text.Units) error {
		s, err := text.Left(in.Text(0), in.Int64(1), u)
		return giveText(out, s, err)
	}),
	either("right", "uiu", func(in *duck.Row, out *duck.Out, u text.Units) error {
		s, err := text.Right(in.Text(0), in.Int64(1), u)
		return giveText(out, s, err)
	}),
	either("split", "uu[u", func(in *duck.Row, out *duck.Out, u text.Units) error {
		return giveTexts(out, text.Split(in.Text(0), in.Text(1), u))
	}),
	either("edit_distance", "uuii", func(in *duck.Row, out *duck.Out, u text.Units) error {
		n, err := text.EditDistance(in.Text(0), in.Text(1), in.Int64(2), u)
		return giveInt(out, n, err)
	}),
	either("starts_with", "uub", func(in *duck.Row, out *duck.Out, _ text.Units) error {
		out.Bool(text.StartsWith(in.Text(0), in.Text(1)))
		return nil
	}),
	either("ends_with", "uub", func(in *duck.Row, out *duck.Out, _ text.Units) error {
		out.Bool(text.EndsWith(in.Text(0), in.Text(1)))
		return nil
	}),
)

var padding = slices.Concat(
	either("lpad", "uiuu", pad(false)), either("rpad", "uiuu", pad(true)),
	either("repeat", "uiu", func(in *duck.Row, out *duck.Out, _ text.Units) error {
		s, err := text.Repeat(in.Text(0), in.Int64(1))
		return giveText(out, s, err)
	}),
	either("replace", "uuuu", func(in *duck.Row, out *duck.Out, _ text.Units) error {
		s, err := text.Replace(in.Text(0), in.Text(1), in.Text(2))
		return giveText(out, s, err)
	}),
	either("reverse", "uu", func(in *duck.Row, out *duck.Out, u text.Units) error {
		out.Text(text.Reverse(in.Text(0), u))
		return nil
	}),
	either("translate", "uuuu", func(in *duck.Row, out *duck.Out, u text.Units) error {
		s, err := text.Translate(in.Text(0), in.Text(1), in.Text(2), u)
		return giveText(out, s, err)
	}),
	either("trim_set", "uuu", trim(true, true)), either("ltrim_set", "uuu", trim(true, false)), either("rtrim_set", "uuu", trim(false, true)),
)

func pad(right bool) func(in *duck.Row, out *duck.Out, u text.Units) error {
	return func(in *duck.Row, out *duck.Out, u text.Units) error {
		s, err := text.Pad(in.Text(0), in.Int64(1), in.Text(2), right, u)
		return giveText(out, s, err)
	}
}

func trim(left, right bool) func(in *duck.Row, out *duck.Out, u text.Units) error {
	return func(in *duck.Row, out *duck.Out, u text.Units) error {
		out.Text(text.Trim(in.Text(0), in.Text(1), left, right, u))
		return nil
	}
}
