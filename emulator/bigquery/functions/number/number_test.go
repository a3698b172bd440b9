package number

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"testing"
)

// text is a result as the tests state it: the value, "error" or "doubtful".
func text[T any](v T, err error) string {
	var d *Doubtful
	switch {
	case errors.As(err, &d):
		return "doubtful"
	case err != nil:
		return "error"
	}
	return fmt.Sprint(v)
}

func check[T any](t *testing.T, name string, f func(string) (T, error), cases map[string]string) {
	t.Helper()
	for in, want := range cases {
		if got := text(f(in)); got != want {
			t.Errorf("%s(%q) = %s, want %s", name, in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	check(t, "ParseInt64", ParseInt64, map[string]string{
		"1": "1", " -7\n": "-7", "+5": "5", "0x1F": "31", "-0x123": "-291", "0X10": "16", "007": "7",
		"9223372036854775807": "9223372036854775807", "9223372036854775808": "error", "-9223372036854775808": "-9223372036854775808",
		"-0x8000000000000000": "-9223372036854775808", "0x8000000000000000": "error",
		"": "error", "+": "error", "0x": "error", "1.5": "error", "--1": "error", "1 2": "error", "1_000": "error", "0x-1": "error", "0b1": "error", "- 1": "error",
	})
	check(t, "ParseFloat64", ParseFloat64, map[string]string{
		"1": "1", " 1.5e3 ": "1500", ".5": "0.5", "5.": "5", "+1": "1", "-inf": "-Inf", "Infinity": "+Inf", "+NaN": "NaN",
		"1e-400": "0", "1e400": "+Inf", "-1e400": "-Inf", "0x10": "16", "-0x1.8p1": "-3", "nan(1)": "NaN", "0x": "error", "infi": "error", "": "error", "-": "error", "1e": "error", "1_0": "error", "abc": "error", "--1": "error", "1 2": "error", ".": "error",
	})
	check(t, "ParseBool", ParseBool, map[string]string{"true": "true", "FALSE": "false", "t": "error", "": "error", "1": "error"})
	if _, err := ParseBool(" true"); err == nil {
		t.Error("a BOOL with white space around was read")
	}
}

func TestFormatFloat64(t *testing.T) {
	for in, want := range map[float64]string{
		0.1: "0.1", 1: "1", 100000: "100000", 1e14: "100000000000000", 1e15: "1e+15", 1e300: "1e+300", 0.0001: "0.0001", 0.00001: "1e-05",
		0.30000000000000004: "0.30000000000000004", 1.0 / 3: "0.33333333333333331", -1.5: "-1.5", 123456789012345680: "1.2345678901234568e+17",
		math.MaxFloat64: "1.7976931348623157e+308", 5e-324: "4.94065645841247e-324", math.Inf(-1): "-inf", 0: "0",
	} {
		if got := FormatFloat64(in); got != want {
			t.Errorf("FormatFloat64(%v) = %s, want %s", in, got, want)
		}
	}
	if got := FormatFloat64(math.Copysign(0, -1)); got != "0" {
		t.Errorf("FormatFloat64(-0) = %s", got)
	}
	if got := FormatFloat64(math.NaN()); got != "nan" {
		t.Errorf("FormatFloat64(NaN) = %s", got)
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		x           float64
		n           int64
		round, trun string
	}{
		{1.235, 2, "1.24", "1.23"}, {123.7, -1, "120", "120"}, {2.5, 0, "3", "2"}, {-2.5, 0, "-3", "-2"}, {0.125, 2, "0.13", "0.12"},
		{2.675, 2, "doubtful", "2.67"}, {2.3, 1, "2.3", "doubtful"}, {155, -1, "160", "150"}, {-155, -1, "-160", "-150"}, {1e300, 5, "1e+300", "1e+300"},
		{1.7976931348623157e308, -308, "error", "1e+308"}, {5, -1, "10", "0"}, {4, -1, "0", "0"}, {5, -400, "0", "0"}, {5.5, 500, "5.5", "5.5"},
		{0.1, 20, "0.1", "0.1"}, {0.1, 16, "0.1", "0.1"}, {math.Inf(1), 2, "+Inf", "+Inf"}, {math.NaN(), 2, "NaN", "NaN"}, {1e-320, 310, "doubtful", "doubtful"},
		{5, math.MinInt64, "0", "0"}, {5, math.MaxInt64, "5", "5"},
	} {
		if got := text(Round(c.x, c.n)); got != c.round {
			t.Errorf("Round(%v, %d) = %s, want %s", c.x, c.n, got, c.round)
		}
		if got := text(Trunc(c.x, c.n)); got != c.trun {
			t.Errorf("Trunc(%v, %d) = %s, want %s", c.x, c.n, got, c.trun)
		}
	}
}

func TestInt64(t *testing.T) {
	const lo, hi = math.MinInt64, math.MaxInt64
	for _, c := range []struct {
		a, b          int64
		sum, dif, pro string
	}{
		{1, 2, "3", "-1", "2"}, {hi, 1, "error", "9223372036854775806", "9223372036854775807"}, {lo, 1, "-9223372036854775807", "error", "-9223372036854775808"},
		{lo, -1, "error", "-9223372036854775807", "error"}, {-1, lo, "error", "9223372036854775807", "error"}, {0, lo, "-9223372036854775808", "error", "0"},
		{1 << 32, 1 << 31, "6442450944", "2147483648", "error"}, {-1 << 32, 1 << 31, "-2147483648", "-6442450944", "-9223372036854775808"}, {-3, -4, "-7", "1", "12"},
	} {
		if got := text(AddInt64(c.a, c.b)); got != c.sum {
			t.Errorf("AddInt64(%d, %d) = %s, want %s", c.a, c.b, got, c.sum)
		}
		if got := text(SubInt64(c.a, c.b)); got != c.dif {
			t.Errorf("SubInt64(%d, %d) = %s, want %s", c.a, c.b, got, c.dif)
		}
		if got := text(MulInt64(c.a, c.b)); got != c.pro {
			t.Errorf("MulInt64(%d, %d) = %s, want %s", c.a, c.b, got, c.pro)
		}
	}
	if got := text(NegInt64(lo)); got != "error" {
		t.Errorf("NegInt64 of the least = %s", got)
	}
	for x, want := range map[float64]string{2.5: "3", -2.5: "-3", 9.3e18: "error", -9223372036854775808: "-9223372036854775808", 9223372036854775808: "error", math.Inf(1): "error"} {
		if got := text(ToInt64(x)); got != want {
			t.Errorf("ToInt64(%v) = %s, want %s", x, got, want)
		}
	}
}

func TestFloat64(t *testing.T) {
	if got := text(MulFloat64(1e308, 10)); got != "error" {
		t.Errorf("1e308 * 10 = %s", got)
	}
	if got := text(AddFloat64(math.Inf(1), 1)); got != "+Inf" {
		t.Errorf("inf + 1 = %s", got)
	}
	if got := text(SubFloat64(math.Inf(1), math.Inf(1))); got != "NaN" {
		t.Errorf("inf - inf = %s", got)
	}
}

func TestShiftBytes(t *testing.T) {
	for _, c := range []struct {
		in          string
		by          int64
		left, right string
	}{
		{"0f0f", 4, "f0f0", "00f0"}, {"abcd", 0, "abcd", "abcd"}, {"abcd", 8, "cd00", "00ab"}, {"abcd", 16, "0000", "0000"},
		{"abcd", math.MaxInt64, "0000", "0000"}, {"8001", 1, "0002", "4000"}, {"", 3, "", ""}, {"ff", -1, "error", "error"},
	} {
		in, err := hex.DecodeString(c.in)
		if err != nil {
			t.Fatal(err)
		}
		show := func(b []byte, err error) string {
			if err != nil {
				return "error"
			}
			return hex.EncodeToString(b)
		}
		if got := show(ShiftLeftBytes(in, c.by)); got != c.left {
			t.Errorf("%s << %d = %s, want %s", c.in, c.by, got, c.left)
		}
		if got := show(ShiftRightBytes(in, c.by)); got != c.right {
			t.Errorf("%s >> %d = %s, want %s", c.in, c.by, got, c.right)
		}
	}
	and := func(x, y byte) byte { return x & y }
	if b, err := CombineBytes([]byte{0xf0, 0x0f}, []byte{0x3c, 0x3c}, and); err != nil || string(b) != "\x30\x0c" {
		t.Errorf("& = %x, %v", b, err)
	}
	if _, err := CombineBytes([]byte{1}, nil, and); err == nil {
		t.Error("& of two lengths is no error")
	}
	if n := BitCountBytes([]byte{0xff, 1}); n != 9 {
		t.Errorf("BIT_COUNT = %d", n)
	}
	if b := InvertBytes([]byte{0x0f}); b[0] != 0xf0 {
		t.Errorf("~ = %x", b)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b              []float64
		euclidean, cosine string
	}{
		{[]float64{1, 2}, []float64{3, 4}, "2.8284271247461903", "0.01613008990009257"}, {[]float64{0, 0}, []float64{1, 1}, "1.4142135623730951", "error"},
		{[]float64{1}, []float64{1, 2}, "error", "error"}, {nil, nil, "doubtful", "doubtful"}, {[]float64{math.NaN()}, []float64{1}, "doubtful", "doubtful"},
	} {
		if got := text(EuclideanDistance(c.a, c.b)); got != c.euclidean {
			t.Errorf("EuclideanDistance(%v, %v) = %s, want %s", c.a, c.b, got, c.euclidean)
		}
		if got := text(CosineDistance(c.a, c.b)); got != c.cosine {
			t.Errorf("CosineDistance(%v, %v) = %s, want %s", c.a, c.b, got, c.cosine)
		}
	}
}
