package text

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`a+b`, "ok"}, {`(?i)é\pL\p{Greek}\p{^Lu}`, "ok"}, {`[\w\d\s[:alpha:]]`, "ok"}, {`\Qa.b\E`, "ok"}, {`(?P<n>a)`, "ok"},
		{`a{1000}`, "ok"}, {`\x{10FFFF}`, "ok"}, {`(?s).\z`, "ok"},
		{`(`, "error: missing ): ("}, {`)`, "error: unexpected ): )"}, {`[a`, "error: missing ]: [a"}, {`[z-a]`, "error: invalid character class range: z-a"},
		{`a**`, "error: bad repetition operator: **"}, {`*`, "error: no argument for repetition operator: *"},
		{`a{1001}`, "error: invalid repetition size: {1001}"}, {`\`, `error: trailing \: `}, {`\8`, `error: invalid escape sequence: \8`},
		{`(?=a)`, "error: invalid perl operator: (?="},
		{`\C`, "refused"}, {`(?<n>a)`, "refused"}, {`\p{Letter}`, "refused"}, {`\p{Nonsense}`, "refused"},
		{`(\pL{100}){10}`, "refused"}, {strings.Repeat("a", maxPattern+1), "refused"},
	} {
		_, err := Compile(c.pattern, Chars)
		got := "ok"
		var f Fault
		if errors.As(err, &f) {
			got = "error: " + strings.TrimPrefix(string(f), "Cannot parse regular expression: ")
		} else if err != nil {
			got = "refused"
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.pattern[:min(len(c.pattern), 20)], got, c.want)
		}
	}
}

// Patterns beyond the cache's size must still be compiled right.
func TestCompileMany(t *testing.T) {
	for i := range 2 * maxCompiled {
		r, err := Compile(fmt.Sprintf("^%d$", i), Chars)
		if err != nil || !r.Contains(fmt.Sprint(i)) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if len(regexps) > maxCompiled {
		t.Errorf("%d patterns are kept", len(regexps))
	}
}

func TestRegexp(t *testing.T) {
	on := func(pattern string, u Units, f func(r *Regexp) (any, error)) string {
		r, err := Compile(pattern, u)
		if err != nil {
			return say(nil, err)
		}
		return say(f(r))
	}
	extract := func(s, pattern string, position, occurrence int64, u Units) string {
		return on(pattern, u, func(r *Regexp) (any, error) {
			v, ok, err := r.Extract(s, position, occurrence)
			if err == nil && !ok {
				return "NULL", nil
			}
			return v, err
		})
	}
	all := func(s, pattern string, u Units) string {
		return on(pattern, u, func(r *Regexp) (any, error) {
			l, err := r.ExtractAll(s)
			return strings.Join(l, "|"), err
		})
	}
	instr := func(s, pattern string, position, occurrence, after int64) string {
		return on(pattern, Chars, func(r *Regexp) (any, error) { return r.Instr(s, position, occurrence, after) })
	}
	replace := func(s, pattern, by string, u Units) string {
		return on(pattern, u, func(r *Regexp) (any, error) { return r.Replace(s, by) })
	}
	check(t, []sayCase{
		{"extract", extract("foo@example.com", `@[a-z]+\.([a-z]+)$`, 1, 1, Chars), "com"},
		{"extract none", extract("foo", `x`, 1, 1, Chars), "NULL"},
		{"extract an empty match", extract("foo", `x*`, 1, 1, Chars), ""},
		{"extract of nothing", extract("", "a", 1, 1, Chars), "NULL"},
		{"extract nothing of nothing", extract("", "a*", 1, 1, Chars), "refused"},
		{"extract from", extract("Hello Helloo and Hellooo", "H?ello+", 2, 3, Chars), "Hellooo"},
		{"extract past the last", extract("Hello Helloo and Hellooo", "H?ello+", 3, 4, Chars), "NULL"},
		{"extract past the end", extract("abc", "c", 4, 1, Chars), "NULL"},
		{"extract nothing past the end", extract("abc", "c*", 4, 1, Chars), "refused"},
		{"extract far past the end", extract("abc", "c*", 40, 1, Chars), "NULL"},
		{"extract at 0", extract("abc", "c", 0, 1, Chars), "error"},
		{"extract number 0", extract("abc", "c", 1, 0, Chars), "error"},
		{"extract two groups", extract("abc", "(a)(b)", 1, 1, Chars), "error"},
		{"extract a group apart", extract("abc", "a|(b)", 1, 1, Chars), "refused"},
		{"extract from with an anchor", extract("abc", "^c", 3, 1, Chars), "refused"},
		{"extract from within code points", extract("ééa", "é+", 2, 1, Chars), "é"},
		{"extract bytes", extract("a\xff\xfeb", "[\x80-\xff]+", 1, 1, Bytes), "\xff\xfe"},
		{"extract one byte", extract("é", `^.`, 1, 1, Bytes), "\xc3"},
		{"extract bytes in any case", extract("A\xe9", "(?i)a\xe9", 1, 1, Bytes), "refused"},
		{"extract ASCII bytes in any case", extract("xKy", "(?i)[j-l]", 1, 1, Bytes), "K"},
		{"all", all("a1b22", `\d+`, Chars), "1|22"},
		{"all none", all("abc", `\d+`, Chars), ""},
		{"all with empty matches", all("abc", `b*`, Chars), "refused"},
		{"all with an anchor that matters", all("aaa", `^a`, Chars), "refused"},
		{"all with an anchor that does not", all("ab ab", `\bab`, Chars), "ab|ab"},
		{"all bytes", all("\xff\xff", "\xff", Bytes), "\xff|\xff"},
		{"instr", instr("a@cd-ef b@cd-ef c@cd-ef", "@[^-]*", 1, 3, 0), "18"},
		{"instr after", instr("é@cd-ef", "@[^-]*", 1, 1, 1), "5"},
		{"instr from", instr("é@cd-ef @x", "@[^-]*", 3, 1, 0), "9"},
		{"instr none", instr("abc", "@", 1, 1, 0), "0"},
		{"instr of another end", instr("abc", "b", 1, 1, 2), "error"},
		{"instr of a group", instr("abc", "b(c)", 1, 1, 0), "refused"},
		{"replace", replace("abc", "b(.)", `X\1`, Chars), "aXc"},
		{"replace all of it", replace("abc", "b", `<\0>\\`, Chars), `a<b>\c`},
		{"replace empty matches", replace("abc", "x*", "-", Chars), "-a-b-c-"},
		{"replace an empty match behind one", replace("baac", "a*", "-", Chars), "-b-c-"},
		{"replace with an anchor", replace("aaa", "^a", "b", Chars), "baa"},
		{"replace a group apart", replace("ab", "a|(b)", `[\1]`, Chars), "[][b]"},
		{"replace by a group that is not there", replace("abc", "b", `\1`, Chars), "error"},
		{"replace by a bare backslash", replace("abc", "b", `\`, Chars), "error"},
		{"replace by another escape", replace("abc", "b", `\n`, Chars), "error"},
		{"replace nothing by a wrong text", replace("abc", "x", `\1`, Chars), "refused"},
		{"replace bytes", replace("a\xffc", "\xff", "\xfe\xfe", Bytes), "a\xfe\xfec"},
		{"replace beyond", replace(strings.Repeat("a", 2000), "a", strings.Repeat("b", 2000), Chars), "refused"},
	})
}

func TestLike(t *testing.T) {
	check(t, []sayCase{
		{"all", say(Like("abc", "%", Chars)), "true"},
		{"nothing", say(Like("", "", Chars)), "true"},
		{"nothing by any", say(Like("", "%%", Chars)), "true"},
		{"nothing by one", say(Like("", "_", Chars)), "false"},
		{"one code point", say(Like("é", "_", Chars)), "true"},
		{"two bytes", say(Like("é", "_", Bytes)), "false"},
		{"two bytes by two", say(Like("é", "__", Bytes)), "true"},
		{"line break", say(Like("a\nb", "a_b", Chars)), "true"},
		{"back", say(Like("abcabd", "%ab_", Chars)), "true"},
		{"back over code points", say(Like("éxéy", "%éy", Chars)), "true"},
		{"middle", say(Like("abc", "a%d%c", Chars)), "false"},
		{"escaped", say(Like("a%b", `a\%b`, Chars)), "true"},
		{"escaped does not match else", say(Like("axb", `a\%b`, Chars)), "false"},
		{"escaped letter", say(Like("ab", `a\b`, Chars)), "true"},
		{"escaped backslash", say(Like(`a\`, `a\\`, Chars)), "true"},
		{"wrong", say(Like("b", `a\`, Chars)), "error"},
		{"long", say(Like(strings.Repeat("a", 1<<20), strings.Repeat("%a", 1<<9), Chars)), "refused"},
	})
}

func TestLikeQuantified(t *testing.T) {
	null := Pattern{Null: true}
	p := func(s string) Pattern { return Pattern{Text: s} }
	names := map[string]Quantifier{"any": {}, "all": {All: true}, "not any": {Not: true}, "not all": {All: true, Not: true}}
	for _, c := range []struct {
		value    Pattern
		patterns []Pattern
		any, all string
		notAny   string
		notAll   string
	}{
		{p("abc"), nil, "0", "1", "0", "1"},
		{null, nil, "0", "1", "0", "1"},
		{p("abc"), []Pattern{p("a%"), p("x")}, "1", "0", "1", "0"},
		{p("abc"), []Pattern{p("a%"), p("%c")}, "1", "1", "0", "0"},
		{p("abc"), []Pattern{p("x"), p("y")}, "0", "0", "1", "1"},
		{p("abc"), []Pattern{null, p("a%")}, "1", "2", "2", "0"},
		{p("abc"), []Pattern{null, p("x")}, "2", "0", "1", "2"},
		{p("abc"), []Pattern{null}, "2", "2", "2", "2"},
		{null, []Pattern{p("a")}, "2", "2", "2", "2"},
		{p("abc"), []Pattern{null, p(`\`)}, "error", "error", "error", "error"},
		{p("abc"), []Pattern{p("a%"), p(`\`)}, "refused", "error", "error", "refused"},
		{null, []Pattern{p(`\`)}, "refused", "refused", "refused", "refused"},
	} {
		for name, want := range map[string]string{"any": c.any, "all": c.all, "not any": c.notAny, "not all": c.notAll} {
			if got := say(LikeQuantified(c.value, c.patterns, names[name], Chars)); got != want {
				t.Errorf("%v like %s %v: got %s, want %s", c.value, name, c.patterns, got, want)
			}
		}
	}
}
