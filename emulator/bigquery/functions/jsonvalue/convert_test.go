package jsonvalue

import (
	"fmt"
	"testing"
)

func TestConverters(t *testing.T) {
	const notInt, notNumber = "ERROR The provided JSON input is not an integer", "ERROR The provided JSON input is not a number"
	for _, c := range []struct{ doc, int64s, exact, rounded string }{
		{"10", "10", "10", "10"}, {"10.0", "10", "10", "10"}, {"1.1e2", "110", "110", "110"}, {"-0.0", "0", "-0", "-0"},
		{"10.1", "ERROR The provided JSON number: 10.1 cannot be converted to an int64", "10.1", "10.1"},
		{"1e100", "ERROR The provided JSON number: 1e+100 cannot be converted to an int64", "1e+100", "1e+100"},
		{"-9223372036854775808", "-9223372036854775808", "-9.223372036854776e+18", "-9.223372036854776e+18"},
		{"9223372036854775808", "ERROR The provided JSON number: 9223372036854775808 cannot be converted to an int64", "9.223372036854776e+18", "9.223372036854776e+18"},
		{"18446744073709551615", "ERROR The provided JSON number: 18446744073709551615 cannot be converted to an int64",
			"ERROR JSON number: 18446744073709551615 cannot be converted to DOUBLE without loss of precision", "1.8446744073709552e+19"},
		{"9007199254740993", "9007199254740993", "ERROR JSON number: 9007199254740993 cannot be converted to DOUBLE without loss of precision", "9.007199254740992e+15"},
		{`"4"`, notInt, notNumber, notNumber}, {"null", notInt, notNumber, notNumber}, {"true", notInt, notNumber, notNumber}, {"[1]", notInt, notNumber, notNumber},
	} {
		v := parse(t, c.doc)
		i, err := v.ToInt64()
		if got := answer(fmt.Sprint(i), true, err); got != c.int64s {
			t.Errorf("ToInt64(%s): got %s, want %s", c.doc, got, c.int64s)
		}
		f, err := v.ToFloat64(true)
		if got := answer(fmt.Sprint(f), true, err); got != c.exact {
			t.Errorf("ToFloat64(%s, exact): got %s, want %s", c.doc, got, c.exact)
		}
		f, err = v.ToFloat64(false)
		if got := answer(fmt.Sprint(f), true, err); got != c.rounded {
			t.Errorf("ToFloat64(%s): got %s, want %s", c.doc, got, c.rounded)
		}
	}
}

func TestLaxConverters(t *testing.T) {
	for _, c := range []struct{ doc, bools, int64s, floats, strings string }{
		{"true", "true", "1", "NULL", "true"}, {"false", "false", "0", "NULL", "false"}, {"null", "NULL", "NULL", "NULL", "NULL"},
		{`"TRue"`, "true", "NULL", "NULL", "TRue"}, {`"true "`, "NULL", "NULL", "NULL", "true "}, {`"foo"`, "NULL", "NULL", "NULL", "foo"}, {`""`, "NULL", "NULL", "NULL", ""},
		{"10", "true", "10", "10", "10"}, {"0", "false", "0", "0", "0"}, {"0.0", "false", "0", "0", "0"}, {"-1.1", "true", "-1", "-1.1", "-1.1"}, {"10.0", "true", "10", "10", "10"},
		{"3.5", "true", "4", "3.5", "3.5"}, {"-3.5", "true", "-4", "-3.5", "-3.5"}, {"1e100", "true", "NULL", "1e+100", "1e+100"}, {"9007199254740993", "true", "9007199254740993", "9.007199254740992e+15", "9007199254740993"},
		{"18446744073709551615", "true", "NULL", "1.8446744073709552e+19", "18446744073709551615"}, {"-0.0", "false", "0", "-0", "REFUSED"},
		{`"10"`, "NULL", "10", "10", "10"}, {`"1.1e2"`, "NULL", "110", "110", "1.1e2"}, {`"+1.5"`, "NULL", "2", "1.5", "+1.5"}, {`"-1.5"`, "NULL", "-2", "-1.5", "-1.5"},
		{`"1e100"`, "NULL", "NULL", "REFUSED", "1e100"}, {`"9223372036854775808"`, "NULL", "NULL", "9.223372036854776e+18", "9223372036854775808"},
		{`"NaN"`, "NULL", "NULL", "NaN", "NaN"}, {`"Inf"`, "NULL", "NULL", "+Inf", "Inf"}, {`"-InfiNiTY"`, "NULL", "NULL", "-Inf", "-InfiNiTY"}, {`"-nan"`, "NULL", "NULL", "REFUSED", "-nan"},
		{`" 1"`, "NULL", "REFUSED", "REFUSED", " 1"}, {`".5"`, "NULL", "REFUSED", "REFUSED", ".5"}, {`"5."`, "NULL", "REFUSED", "REFUSED", "5."}, {`"0x10"`, "NULL", "NULL", "NULL", "0x10"},
		{`"1e-45"`, "NULL", "0", "REFUSED", "1e-45"}, {`"0.500000000000000000000000000000000000001"`, "NULL", "REFUSED", "REFUSED", "0.500000000000000000000000000000000000001"},
		{"[1]", "NULL", "NULL", "NULL", "NULL"}, {"{}", "NULL", "NULL", "NULL", "NULL"},
	} {
		v := parse(t, c.doc)
		b, ok := v.LaxBool()
		if got := answer(fmt.Sprint(b), ok, nil); got != c.bools {
			t.Errorf("LaxBool(%s): got %s, want %s", c.doc, got, c.bools)
		}
		i, ok, err := v.LaxInt64()
		if got := answer(fmt.Sprint(i), ok, err); got != c.int64s {
			t.Errorf("LaxInt64(%s): got %s, want %s", c.doc, got, c.int64s)
		}
		f, ok, err := v.LaxFloat64()
		if got := answer(fmt.Sprint(f), ok, err); got != c.floats {
			t.Errorf("LaxFloat64(%s): got %s, want %s", c.doc, got, c.floats)
		}
		s, ok, err := v.LaxString()
		if got := answer(s, ok, err); got != c.strings {
			t.Errorf("LaxString(%s): got %s, want %s", c.doc, got, c.strings)
		}
	}
}

func TestEncode(t *testing.T) {
	for _, c := range []struct{ numeric, strict, round, stringify, text string }{
		{"1.000000000", "1", "1", "1", "1"}, {"-1.5", "-1.5", "-1.5", "-1.5", `"-1.5"`}, {"123.56", "123.56", "123.56", "123.56", `"123.56"`}, {"0", "0", "0", "0", "0"},
		{"9007199254740992", "9007199254740992", "9007199254740992", "9007199254740992", "9007199254740992"},
		{"9007199254740993", "9007199254740993", "9007199254740993", `"9007199254740993"`, `"9007199254740993"`},
		{"9007199254740994", "9007199254740994", "9007199254740994", "REFUSED", `"9007199254740994"`},
		{"18446744073709551615", "18446744073709551615", "18446744073709551615", `"18446744073709551615"`, `"18446744073709551615"`},
		{"18446744073709551617", "ERROR Failed to convert type NUMERIC to JSON", "1.8446744073709552e+19", `"18446744073709551617"`, `"18446744073709551617"`},
		{"1.111111111111111111", "ERROR Failed to convert type NUMERIC to JSON", "1.1111111111111112", `"1.111111111111111111"`, `"1.111111111111111111"`},
		{"100000000000000000000", "1e+20", "1e+20", "REFUSED", `"100000000000000000000"`},
	} {
		for mode, want := range map[NumericMode]string{NumericStrict: c.strict, NumericRound: c.round, NumericStringify: c.stringify} {
			s, err := EncodeNumeric(c.numeric, "NUMERIC", mode)
			if got := answer(s, true, err); got != want {
				t.Errorf("EncodeNumeric(%s, %d): got %s, want %s", c.numeric, mode, got, want)
			}
		}
		if got := TextNumeric(c.numeric); got != c.text {
			t.Errorf("TextNumeric(%s): got %s, want %s", c.numeric, got, c.text)
		}
	}
	for _, c := range []struct {
		months, days, micros int64
		want                 string
	}{
		{0, 0, 0, `"P0Y"`}, {1, 0, 0, `"P1M"`}, {-25, 0, 0, `"P-2Y-1M"`}, {0, 1, 19800e6, `"P1DT5H30M"`}, {0, 0, 37230.52e6, `"PT10H20M30.52S"`},
		{0, 0, -500000, `"PT-0.5S"`}, {0, 0, 1e6, `"PT1S"`}, {12, -2, -3661e6, `"P1Y-2DT-1H-1M-1S"`},
	} {
		if got := EncodeInterval(c.months, c.days, c.micros); got != c.want {
			t.Errorf("EncodeInterval(%d, %d, %d): got %s, want %s", c.months, c.days, c.micros, got, c.want)
		}
	}
	for i, want := range map[int64]string{1 << 53: "9007199254740992", 1<<53 + 1: `"9007199254740993"`, -1<<53 - 1: `"-9007199254740993"`} {
		if got := EncodeInt64(i, true); got != want {
			t.Errorf("EncodeInt64(%d): got %s, want %s", i, got, want)
		}
	}
	object, err := MakeObject([]string{"b", "a", "b", ""}, []string{"1", `{"x":2}`, "3", "null"})
	if got := answer(object, true, err); got != `{"":null,"a":{"x":2},"b":1}` {
		t.Errorf("MakeObject: got %s", got)
	}
	object, err = TextObject([]string{"b", "a", "b"}, []string{"1", "2", "3"})
	if got := answer(object, true, err); got != `{"b":1,"a":2,"b":3}` {
		t.Errorf("TextObject: got %s", got)
	}
}
