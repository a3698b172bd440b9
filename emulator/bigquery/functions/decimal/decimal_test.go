package decimal

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	maxNumeric    = "99999999999999999999999999999.999999999"
	maxBigNumeric = "578960446186580977117854925043439539266.34992332820282019728792003956564819967"
	minBigNumeric = "-578960446186580977117854925043439539266.34992332820282019728792003956564819968"
	failed        = "error"
)

func value(t *testing.T, ty *Type, s string) *big.Int {
	t.Helper()
	v, err := ty.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return v
}

func show(ty *Type, v *big.Int, err error) string {
	if err != nil {
		return failed
	}
	return ty.Format(v)
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		ty       *Type
		in, want string
	}{
		{Numeric, "0", "0"}, {Numeric, "-0", "0"}, {Numeric, "+12.50", "12.5"}, {Numeric, " \t12\n", "12"},
		{Numeric, ".5", "0.5"}, {Numeric, "5.", "5"}, {Numeric, "1e3", "1000"}, {Numeric, "1.5E-3", "0.0015"},
		{Numeric, "1E+2", "100"}, {Numeric, "0.0000000005", "0.000000001"}, {Numeric, "-0.0000000005", "-0.000000001"},
		{Numeric, "0.00000000049999999", "0"}, {Numeric, maxNumeric, maxNumeric},
		{Numeric, "-" + maxNumeric, "-" + maxNumeric}, {Numeric, maxNumeric + "4", maxNumeric}, {Numeric, maxNumeric + "5", failed},
		{Numeric, "1e29", failed}, {Numeric, "1e-9999999999999999999999", "0"}, {Numeric, "1e9999999999999999999999", failed},
		{Numeric, "0e9999999999999999999999", "0"}, {Numeric, strings.Repeat("0", 5000) + "7", "7"},
		{Numeric, "0." + strings.Repeat("0", 50) + "1e51", "1"},
		{Numeric, "", failed}, {Numeric, ".", failed}, {Numeric, "-", failed}, {Numeric, "1 2", failed}, {Numeric, "- 1", failed},
		{Numeric, "1,2", failed}, {Numeric, "1e", failed}, {Numeric, "1e+", failed}, {Numeric, "e1", failed}, {Numeric, "nan", failed},
		{Numeric, "inf", failed}, {Numeric, "0x1", failed}, {Numeric, "1.2.3", failed}, {Numeric, "--1", failed}, {Numeric, "1-", failed},
		{BigNumeric, maxBigNumeric, maxBigNumeric}, {BigNumeric, minBigNumeric, minBigNumeric},
		{BigNumeric, "578960446186580977117854925043439539266.34992332820282019728792003956564819968", failed},
		{BigNumeric, "1.123456789012345678901234567890123456785", "1.12345678901234567890123456789012345679"},
	} {
		v, err := c.ty.Parse(c.in)
		if got := show(c.ty, v, err); got != c.want {
			t.Errorf("%s Parse(%.60q) = %s (%v), want %s", c.ty.Name, c.in, got, err, c.want)
		}
	}
}

func TestParseLoose(t *testing.T) {
	for in, want := range map[string]string{
		" - 1,2.34 ": "-12.34", " 12.34e-1  +": "1.234", "- 12,34567,89.0": "-123456789", "  -  12.345  ": "-12.345",
		" 0,.12 -": "-0.12", " .1": "0.1", "12.34e-1-": "-1.234", "  1,2,,3,.45 + ": "123.45", ",1": "1",
		",,,.1234  ": failed, "1  23.4 5  ": failed, "  e1 ": failed, "  - 12.3 - ": failed, "12.34E100 ": failed, "$12.34": failed,
		"": failed, "+": failed, "1.2,3": failed, "1 e1": failed, "1- -": failed, "1 + 2": failed,
	} {
		v, err := Numeric.ParseLoose(in)
		if got := show(Numeric, v, err); got != want {
			t.Errorf("ParseLoose(%q) = %s (%v), want %s", in, got, err, want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	type binary func(*Type) func(a, b *big.Int) (*big.Int, error)
	add := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.Add }
	sub := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.Sub }
	mul := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.Mul }
	div := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.Div }
	idiv := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.IntDiv }
	mod := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.Mod }
	pow := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.Pow }
	log := func(ty *Type) func(a, b *big.Int) (*big.Int, error) { return ty.Log }
	for _, c := range []struct {
		name       string
		f          binary
		ty         *Type
		a, b, want string
	}{
		{"add", add, Numeric, "1.1", "2.2", "3.3"}, {"add", add, Numeric, maxNumeric, "0.000000001", failed},
		{"sub", sub, Numeric, "-" + maxNumeric, "0.000000001", failed}, {"sub", sub, Numeric, "1", "3", "-2"},
		{"sub", sub, BigNumeric, minBigNumeric, "0", minBigNumeric}, {"sub", sub, BigNumeric, "0", minBigNumeric, failed},
		{"mul", mul, Numeric, "0.000000001", "0.5", "0.000000001"}, {"mul", mul, Numeric, "-0.000000001", "0.5", "-0.000000001"},
		{"mul", mul, Numeric, "0.000000001", "0.4", "0"}, {"mul", mul, Numeric, "1e15", "1e15", failed},
		{"mul", mul, BigNumeric, "1e19", "1e19", "100000000000000000000000000000000000000"},
		{"div", div, Numeric, "1", "3", "0.333333333"}, {"div", div, Numeric, "2", "3", "0.666666667"},
		{"div", div, Numeric, "-2", "3", "-0.666666667"}, {"div", div, Numeric, "1", "0", failed},
		{"div", div, Numeric, "1e20", "0.000000001", failed},
		{"div", div, BigNumeric, "1", "3", "0.33333333333333333333333333333333333333"},
		{"idiv", idiv, Numeric, "7.5", "2", "3"}, {"idiv", idiv, Numeric, "-7.5", "2", "-3"}, {"idiv", idiv, Numeric, "1", "0", failed},
		{"idiv", idiv, Numeric, maxNumeric, "0.1", failed},
		{"mod", mod, Numeric, "7.5", "2", "1.5"}, {"mod", mod, Numeric, "-7.5", "2", "-1.5"}, {"mod", mod, Numeric, "7.5", "-2", "1.5"},
		{"mod", mod, Numeric, "1", "0", failed},
		{"pow", pow, Numeric, "2", "10", "1024"}, {"pow", pow, Numeric, "2", "-1", "0.5"}, {"pow", pow, Numeric, "-2", "3", "-8"},
		{"pow", pow, Numeric, "-2", "-3", "-0.125"}, {"pow", pow, Numeric, "0", "0", "1"}, {"pow", pow, Numeric, "0", "-1", failed},
		{"pow", pow, Numeric, "0", "2.5", "0"}, {"pow", pow, Numeric, "-8", "0.5", failed}, {"pow", pow, Numeric, "9", "0.5", "3"},
		{"pow", pow, Numeric, "0.00005", "2", "0.000000003"}, {"pow", pow, Numeric, "10", "29", failed}, {"pow", pow, Numeric, "10", "-30", "0"},
		{"pow", pow, Numeric, "10", "-9.5", "0"}, {"pow", pow, Numeric, "0.0025", "2.5", "0.000000313"},
		{"pow", pow, Numeric, "1", maxNumeric, "1"}, {"pow", pow, Numeric, "-1", "1000001", "-1"}, {"pow", pow, Numeric, "-1", "1000000", "1"},
		{"pow", pow, Numeric, "1.000000001", maxNumeric, failed}, {"pow", pow, Numeric, "0.999999999", maxNumeric, "0"},
		{"pow", pow, Numeric, "1.000000001", "1000000000", "2.718281827"},
		{"pow", pow, BigNumeric, "2", "0.5", "1.41421356237309504880168872420969807857"},
		{"pow", pow, BigNumeric, "2", "128", "340282366920938463463374607431768211456"}, {"pow", pow, BigNumeric, "2", "129", failed},
		{"log", log, Numeric, "8", "4", "1.5"}, {"log", log, Numeric, "100", "10", "2"}, {"log", log, Numeric, "1", "10", "0"},
		{"log", log, Numeric, "10", "1", failed}, {"log", log, Numeric, "0", "10", failed}, {"log", log, Numeric, "10", "-1", failed},
		{"log", log, BigNumeric, "0.1", "10", "-1"},
	} {
		v, err := c.f(c.ty)(value(t, c.ty, c.a), value(t, c.ty, c.b))
		if got := show(c.ty, v, err); got != c.want {
			t.Errorf("%s %s(%s, %s) = %s (%v), want %s", c.ty.Name, c.name, c.a, c.b, got, err, c.want)
		}
	}
}

func TestUnary(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		f              func(a *big.Int) (*big.Int, error)
	}{
		{"sqrt", "2", "1.41421356237309504880168872420969807857", BigNumeric.Sqrt}, {"sqrt", "-1", failed, BigNumeric.Sqrt},
		{"sqrt", "0", "0", BigNumeric.Sqrt}, {"sqrt", "1e38", "10000000000000000000", BigNumeric.Sqrt},
		{"exp", "1", "2.71828182845904523536028747135266249776", BigNumeric.Exp}, {"exp", "0", "1", BigNumeric.Exp},
		{"exp", "-100", "0", BigNumeric.Exp}, {"exp", "100", failed, BigNumeric.Exp}, {"exp", "-1e38", "0", BigNumeric.Exp},
		{"exp", "1e38", failed, BigNumeric.Exp}, {"exp", "-1", "0.36787944117144232159552377016146086745", BigNumeric.Exp},
		{"ln", "2", "0.69314718055994530941723212145817656808", BigNumeric.Ln}, {"ln", "10", "2.3025850929940456840179914546843642076", BigNumeric.Ln},
		{"ln", "1", "0", BigNumeric.Ln}, {"ln", "0", failed, BigNumeric.Ln}, {"ln", "-1", failed, BigNumeric.Ln},
		{"ln", "0.5", "-0.69314718055994530941723212145817656808", BigNumeric.Ln},
		{"log10", "0.001", "-3", BigNumeric.Log10}, {"log10", "1e38", "38", BigNumeric.Log10}, {"log10", "2", "0.30102999566398119521373889472449302677", BigNumeric.Log10},
		{"neg", minBigNumeric, failed, BigNumeric.Neg}, {"abs", minBigNumeric, failed, BigNumeric.Abs}, {"abs", "-1.5", "1.5", BigNumeric.Abs},
	} {
		v, err := c.f(value(t, BigNumeric, c.in))
		if got := show(BigNumeric, v, err); got != c.want {
			t.Errorf("%s(%s) = %s (%v), want %s", c.name, c.in, got, err, c.want)
		}
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		in       string
		decimals int64
		mode     Mode
		want     string
	}{
		{"2.5", 0, HalfAwayFromZero, "3"}, {"-2.5", 0, HalfAwayFromZero, "-3"}, {"2.5", 0, HalfEven, "2"}, {"3.5", 0, HalfEven, "4"},
		{"-2.5", 0, HalfEven, "-2"}, {"2.51", 0, HalfEven, "3"}, {"2.9", 0, TowardZero, "2"}, {"-2.9", 0, TowardZero, "-2"},
		{"-2.1", 0, TowardNegative, "-3"}, {"2.1", 0, TowardPositive, "3"}, {"2.1", 0, TowardNegative, "2"}, {"-2.9", 0, TowardPositive, "-2"},
		{"1.235", 2, HalfAwayFromZero, "1.24"}, {"123.7", -1, HalfAwayFromZero, "120"}, {"155", -1, HalfEven, "160"}, {"1.5", 9, HalfEven, "1.5"},
		{"1.5", math.MaxInt64, HalfEven, "1.5"}, {maxNumeric, -28, HalfAwayFromZero, failed}, {maxNumeric, -29, HalfAwayFromZero, failed},
		{maxNumeric, -30, HalfAwayFromZero, "0"}, {maxNumeric, math.MinInt64, HalfAwayFromZero, "0"}, {maxNumeric, 0, HalfAwayFromZero, failed},
		{maxNumeric, -5, TowardZero, "99999999999999999999999900000"}, {maxNumeric, 0, TowardPositive, failed},
	} {
		v, err := Numeric.Round(value(t, Numeric, c.in), c.decimals, c.mode)
		if got := show(Numeric, v, err); got != c.want {
			t.Errorf("Round(%s, %d, %d) = %s (%v), want %s", c.in, c.decimals, c.mode, got, err, c.want)
		}
	}
}

func TestFloats(t *testing.T) {
	for _, c := range []struct {
		in   float64
		want string
	}{
		{0.1, "0.1"}, {1.15, "1.15"}, {-1e-9, "-0.000000001"}, {4e-10, "0"}, {1e28, "9999999999999999583119736832"},
		{1e29, "99999999999999991433150857216"}, {1.1e29, failed}, {math.NaN(), failed}, {math.Inf(1), failed}, {math.Copysign(0, -1), "0"}, {math.MaxFloat64, failed},
		{math.SmallestNonzeroFloat64, "0"},
	} {
		v, err := Numeric.FromFloat64(c.in)
		if got := show(Numeric, v, err); got != c.want {
			t.Errorf("FromFloat64(%v) = %s (%v), want %s", c.in, got, err, c.want)
		}
	}
	for in, want := range map[string]float64{"0.1": 0.1, maxNumeric: 1e29, "-1.5": -1.5, "9007199254740993": 9007199254740992} {
		if got := Numeric.ToFloat64(value(t, Numeric, in)); got != want {
			t.Errorf("ToFloat64(%s) = %v, want %v", in, got, want)
		}
	}
}

func TestToInt64(t *testing.T) {
	for in, want := range map[string]any{
		"2.5": int64(3), "-2.5": int64(-3), "2.4": int64(2), "9223372036854775807.4": int64(math.MaxInt64),
		"9223372036854775807.5": failed, "-9223372036854775808.4": int64(math.MinInt64), "-9223372036854775808.5": failed,
	} {
		var got any
		got, err := Numeric.ToInt64(value(t, Numeric, in))
		if err != nil {
			got = failed
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ToInt64(%s): %s", in, diff)
		}
	}
}

func TestStoredForms(t *testing.T) {
	order := []string{minBigNumeric, "-1", "-1e-38", "0", "1e-38", "1", maxBigNumeric}
	last := ""
	for _, s := range order {
		v := value(t, BigNumeric, s)
		b := Bytes(v)
		if string(b) <= last {
			t.Errorf("the bytes of %s do not sort after those before", s)
		}
		last = string(b)
		back, err := FromBytes(b)
		if err != nil || back.Cmp(v) != 0 {
			t.Errorf("FromBytes(Bytes(%s)) = %v, %v", s, back, err)
		}
	}
	if _, err := FromBytes([]byte{1}); err == nil {
		t.Error("a short BIGNUMERIC was read")
	}
	for _, s := range []string{"0", "-0.000000001", "1", maxNumeric, "-" + maxNumeric, "18446744073.709551616", "-18446744073.709551616"} {
		v := value(t, Numeric, s)
		if back := FromHalves(Halves(v)); back.Cmp(v) != 0 {
			t.Errorf("FromHalves(Halves(%s)) = %s", s, Numeric.Format(back))
		}
	}
}

func TestSumAvgFitFrom(t *testing.T) {
	list := func(ss ...string) (out []*big.Int) {
		for _, s := range ss {
			out = append(out, value(t, Numeric, s))
		}
		return out
	}
	sum, err := Numeric.Sum(list(maxNumeric, "1", "-1"))
	if got := show(Numeric, sum, err); got != maxNumeric {
		t.Errorf("a sum whose part is out of range = %s", got)
	}
	if _, err := Numeric.Sum(list(maxNumeric, "1")); err == nil {
		t.Error("a sum out of range is no error")
	}
	avg, err := Numeric.Avg(list(maxNumeric, maxNumeric, "-1"))
	if got := show(Numeric, avg, err); got != "66666666666666666666666666666.333333333" {
		t.Errorf("Avg = %s", got)
	}
	for _, c := range []struct {
		in               string
		precision, scale int
		want             string
	}{{"1.234", 4, 3, "1.234"}, {"1.2345", 4, 3, "1.235"}, {"9.9995", 4, 3, failed}, {"1.5", 5, 0, "2"}, {"99999.4", 5, 0, "99999"}, {"-99999.5", 5, 0, failed}} {
		v, err := Numeric.Fit(value(t, Numeric, c.in), c.precision, c.scale)
		if got := show(Numeric, v, err); got != c.want {
			t.Errorf("Fit(%s, %d, %d) = %s (%v), want %s", c.in, c.precision, c.scale, got, err, c.want)
		}
	}
	for in, want := range map[string]string{"1.0000000005": "1.000000001", "-1.0000000005": "-1.000000001", "1e30": failed} {
		v, err := Numeric.From(BigNumeric, value(t, BigNumeric, in))
		if got := show(Numeric, v, err); got != want {
			t.Errorf("From(%s) = %s (%v), want %s", in, got, err, want)
		}
	}
}
