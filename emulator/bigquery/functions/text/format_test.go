package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// v makes a value; vs one of an array or struct.
func v(kind byte, text string) Value              { return Value{Kind: kind, Text: text} }
func vs(kind byte, elems ...Value) Value          { return Value{Kind: kind, Elems: elems} }
func vnull(kind byte) Value                       { return Value{Kind: kind, Null: true} }
func f(format string, args ...Value) sayFormatted { return sayFormatted{format, args} }

type sayFormatted struct {
	format string
	args   []Value
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		call sayFormatted
		want string
	}{
		{f("a%%b"), "a%b"},
		{f("%d|%i", v('i', "-9223372036854775808"), v('i', "0")), "-9223372036854775808|0"},
		{f("|%5d|%-5d|%05d|%+d|% d|", v('i', "42"), v('i', "42"), v('i', "-42"), v('i', "42"), v('i', "42")), "|   42|42   |-0042|+42| 42|"},
		{f("%.5d|%8.5d|%08.5d|%.0d|", v('i', "42"), v('i', "-42"), v('i', "42"), v('i', "0")), "00042|  -00042|   00042||"},
		{f("%o %x %X %#o %#x %#X %#x", v('i', "8"), v('i', "255"), v('i', "255"), v('i', "8"), v('i', "255"), v('i', "255"), v('i', "0")), "10 ff FF 010 0xff 0XFF 0"},
		{f("%#010x", v('i', "255")), "0x000000ff"},
		{f("%x", v('i', "-1")), "error"},
		{f("%'d %'d %'d %'x %'o", v('i', "123456789"), v('i', "-123456"), v('i', "999"), v('i', "12345678"), v('i', "55555")), "123,456,789 -123,456 999 bc:614e 15,4403"},
		{f("%'012d", v('i', "1")), "refused"},
		{f("%f %.0f %#.0f %8.3f", v('f', "1.1"), v('f', "2.5"), v('f', "2.5"), v('f', "-1.5")), "1.100000 2 2.   -1.500"},
		{f("%e %.0e %#.0e", v('f', "12345.678"), v('f', "12345.678"), v('f', "1")), "1.234568e+04 1e+04 1.e+00"},
		{f("%g %g %g %g %G %#g", v('f', "392.65"), v('f', "0.0001"), v('f', "0.00001"), v('f', "1e6"), v('f', "1e-10"), v('f', "1")), "392.65 0.0001 1e-05 1e+06 1E-10 1.00000"},
		{f("%.3g %.0g %g", v('f', "1234.5"), v('f', "5.5"), v('f', "100000")), "1.23e+03 6 100000"},
		{f("%f|%6f|%-6e|", v('f', "inf"), v('f', "-inf"), v('f', "inf")), "inf|  -inf|inf   |"},
		{f("%f", v('f', "nan")), "refused"},
		{f("%F", v('f', "inf")), "refused"},
		{f("%f", v('f', "-0")), "-0.000000"}, {f("%t %T", v('f', "-0"), v('f', "-0")), "0.0 0.0"},
		{f("%.2f %.0f %f", v('n', "1.005"), v('n', "-2.5"), v('g', "0.0000005")), "1.01 -3 0.000001"},
		{f("%e %.1e %g %g", v('n', "12345.678"), v('n', "9.96"), v('n', "0.00001"), v('n', "0")), "1.234568e+04 1.0e+01 1e-05 0"},
		{f("%f", v('i', "1")), "refused"},
		{f("%d", v('f', "1")), "error"},
		{f("%s", v('i', "1")), "error"},
		{f("%d", v('s', "1")), "error"},
		{f("|%5s|%-5s|%.2s|", v('s', "ab"), v('s', "ab"), v('s', "abc")), "|   ab|ab   |ab|"},
		{f("|%5s|", v('s', "é")), "refused"},
		{f("|%1s|", v('s', "éa")), "|éa|"},
		{f("%05s", v('s', "a")), "refused"},
		{f("%*d|%.*f|%-*d|", v('i', "4"), v('i', "7"), v('i', "1"), v('f', "2.25"), v('i', "3"), v('i', "1")), "   7|2.2|1  |"},
		{f("%*d", v('i', "-4"), v('i', "7")), "refused"},
		{f("%*d", vnull('i'), v('i', "7")), "NULL"},
		{f("%d", vnull('i')), "NULL"},
		{f("%d %t", v('i', "1"), vnull('i')), "1 NULL"},
		{f("%s", vnull('i')), "error"},
		{f("%d"), "error"}, {f("%d", v('i', "1"), v('i', "1")), "error"}, {f("x", v('i', "1")), "error"},
		{f("%"), "error"}, {f("%5"), "error"}, {f("%c", v('i', "1")), "error"}, {f("%é", v('i', "1")), "error"},
		{f("%5%"), "refused"}, {f("%.f", v('f', "1")), "refused"}, {f("%u", v('i', "1")), "refused"},
		{f("%99999999999999999999d", v('i', "1")), "refused"},
		{f("%t %T", v('f', "1"), v('f', "1e+55")), "1.0 1e+55"},
		{f("%t %T %T", v('f', "-inf"), v('f', "-inf"), v('f', "NaN")), `-inf CAST("-inf" AS FLOAT64) CAST("nan" AS FLOAT64)`},
		{f("%t", v('f', "NaN")), "refused"},
		{f("%t %T", v('n', "1.5"), v('n', "1.5")), `1.5 NUMERIC "1.5"`},
		{f("%t", v('n', "1")), "refused"},
		{f("%t %T", v('s', `a\b`), v('s', "a\\b\n\té")), `a\b "a\\b\n\té"`},
		{f("%T", v('s', `"`)), "refused"}, {f("%T", v('s', "\x01")), "refused"},
		{f("%t %T", v('x', "a\x01\xff"), v('x', "a\x01")), `a\x01\xff b"a\x01"`}, {f("%t", v('x', "\n")), "refused"},
		{f("%T %T %T %T", v('d', "2020-01-02"), v('t', "2020-01-02 00:00:00+00"), v('c', "2020-01-02 00:00:00"), v('m', "01:02:03")),
			`DATE "2020-01-02" TIMESTAMP "2020-01-02 00:00:00+00" DATETIME "2020-01-02 00:00:00" TIME "01:02:03"`},
		{f("%t|%T", v('v', "1-2 3 4:5:6"), v('v', "1-2 3 4:5:6")), `1-2 3 4:5:6|INTERVAL "1-2 3 4:5:6" YEAR TO SECOND`},
		{f("%t %T %T %p", v('j', `{"a":1}`), v('j', `{"a":1}`), v('j', `[1]`), v('j', `"x"`)), `{"a":1} JSON '{"a":1}' JSON "[1]" "x"`},
		{f("%P", v('j', `{"a":[1,2]}`)), "{\n  \"a\": [\n    1,\n    2\n  ]\n}"},
		{f("%P", v('j', `{}`)), "refused"}, {f("%p", vnull('j')), "refused"},
		{f("%t %T", vs('a', v('i', "1"), vnull('i')), vs('a', v('s', "a"))), `[1, NULL] ["a"]`},
		{f("%t %T %T", vs('u', v('i', "1")), vs('u', v('i', "1")), vs('u', v('i', "1"), vs('a'))), `(1) STRUCT(1) (1, [])`},
		{f("|%6t|%.3t|", v('i', "1"), vs('a', v('i', "1"), v('i', "2"))), "|     1|[1,|"},
		{f("%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d%60000d",
			ones(18)...), "refused"},
	} {
		out, ok, err := Format(c.call.format, c.call.args)
		if err == nil && !ok {
			out = "NULL"
		}
		if got := say(out, err); got != c.want {
			t.Errorf("FORMAT(%q, %v): got %q, want %q", c.call.format, c.call.args, got, c.want)
		}
	}
}

func ones(n int) []Value {
	out := make([]Value, n)
	for i := range out {
		out[i] = v('i', "1")
	}
	return out
}

func TestReadValues(t *testing.T) {
	got, err := ReadValues("i" + Sized("12") + "s-" + "a" + Sized("s"+Sized("a:b")+"s-") + "x" + Sized("ff") + "u" + Sized(""))
	if err != nil {
		t.Fatal(err)
	}
	want := []Value{v('i', "12"), vnull('s'), vs('a', v('s', "a:b"), vnull('s')), v('x', "\xff"), vs('u')}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	deep := ""
	for range maxDepth + 2 {
		deep = "a" + Sized(deep)
	}
	for _, wrong := range []string{"i", "i5:a", "i-1:a", "ix:a", "x" + Sized("zz"), deep, strings.Repeat("i", 3)} {
		if _, err := ReadValues(wrong); err == nil {
			t.Errorf("%.20q is read", wrong)
		}
	}
}
