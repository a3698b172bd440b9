package functions

import (
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/text"
)

// regex makes a function whose first two arguments are a value and a pattern.
func regex(name, signature string, fn func(r *text.Regexp, in *duck.Row, out *duck.Out) error) []duck.Scalar {
	return either(name, signature, func(in *duck.Row, out *duck.Out, u text.Units) error {
		r, err := text.Compile(in.Text(1), u)
		if err != nil {
			return err
		}
		return fn(r, in, out)
	})
}

var matching = slices.Concat(
	regex("regexp_contains", "uub", func(r *text.Regexp, in *duck.Row, out *duck.Out) error {
		out.Bool(r.Contains(in.Text(0)))
		return nil
	}),
	regex("regexp_extract", "uuiiu", func(r *text.Regexp, in *duck.Row, out *duck.Out) error {
		s, ok, err := r.Extract(in.Text(0), in.Int64(2), in.Int64(3))
		if err == nil && !ok {
			out.Null()
			return nil
		}
		return giveText(out, s, err)
	}),
	regex("regexp_extract_all", "uu[u", func(r *text.Regexp, in *duck.Row, out *duck.Out) error {
		list, err := r.ExtractAll(in.Text(0))
		if err != nil {
			return err
		}
		return giveTexts(out, list)
	}),
	regex("regexp_instr", "uuiiii", func(r *text.Regexp, in *duck.Row, out *duck.Out) error {
		n, err := r.Instr(in.Text(0), in.Int64(2), in.Int64(3), in.Int64(4))
		return giveInt(out, n, err)
	}),
	regex("regexp_replace", "uuuu", func(r *text.Regexp, in *duck.Row, out *duck.Out) error {
		s, err := r.Replace(in.Text(0), in.Text(2))
		return giveText(out, s, err)
	}),
	either("like", "uub", func(in *duck.Row, out *duck.Out, u text.Units) error {
		ok, err := text.Like(in.Text(0), in.Text(1), u)
		if err == nil {
			out.Bool(ok)
		}
		return err
	}),
	withNulls(either("like_any", "u[ub", quantified(text.Quantifier{}))),
	withNulls(either("like_all", "u[ub", quantified(text.Quantifier{All: true}))),
	withNulls(either("not_like_any", "u[ub", quantified(text.Quantifier{Not: true}))),
	withNulls(either("not_like_all", "u[ub", quantified(text.Quantifier{All: true, Not: true}))),
	[]duck.Scalar{
		one("hub_sized", "ss", sure(text.Sized)),
		{Name: "hub_format", Signature: "sss", Fn: func(in *duck.Row, out *duck.Out) error {
			args, err := text.ReadValues(in.Text(1))
			if err != nil {
				return err
			}
			s, ok, err := text.Format(in.Text(0), args)
			if err == nil && !ok {
				out.Null()
				return nil
			}
			return giveText(out, s, err)
		}},
	},
)

func withNulls(list []duck.Scalar) []duck.Scalar {
	for i := range list {
		list[i].Nulls = true
	}
	return list
}

// quantified is LIKE over an array of patterns. A NULL array has no elements.
func quantified(q text.Quantifier) func(in *duck.Row, out *duck.Out, u text.Units) error {
	return func(in *duck.Row, out *duck.Out, u text.Units) error {
		value := text.Pattern{Null: in.Null(0)}
		if !value.Null {
			value.Text = in.Text(0)
		}
		var patterns []text.Pattern
		if !in.Null(1) {
			l := in.List(1)
			patterns = make([]text.Pattern, l.Len())
			for i := range patterns {
				if patterns[i].Null = l.Null(i); !patterns[i].Null {
					patterns[i].Text = l.Text(i)
				}
			}
		}
		truth, err := text.LikeQuantified(value, patterns, q, u)
		switch {
		case err != nil:
		case truth == text.Unknown:
			out.Null()
		default:
			out.Bool(truth == text.True)
		}
		return err
	}
}
