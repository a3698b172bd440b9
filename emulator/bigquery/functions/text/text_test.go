package text

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// say puts what a function gives into one text: the value, NULL, "error" or
// "refused".
func say(v any, err error) string {
	var f Fault
	var r Refusal
	switch {
	case errors.As(err, &f):
		return "error"
	case errors.As(err, &r):
		return "refused"
	case err != nil:
		return err.Error()
	}
	return fmt.Sprintf("%v", v)
}

type sayCase struct{ name, got, want string }

func check(t *testing.T, cases []sayCase) {
	t.Helper()
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestPoints(t *testing.T) {
	check(t, []sayCase{
		{"ascii", say(ASCII("abc")), "97"},
		{"ascii of nothing", say(ASCII("")), "0"},
		{"ascii beyond", say(ASCII("é")), "refused"},
		{"ascii of a byte beyond", say(ASCII("\xff")), "refused"},
		{"chr", say(Chr(0x1F600)), "😀"},
		{"chr of a surrogate", say(Chr(0xD800)), "error"},
		{"chr beyond", say(Chr(0x110000)), "error"},
		{"chr below", say(Chr(-1)), "error"},
		{"chr of an int64 that wraps", say(Chr(1<<32 + 65)), "error"},
		{"chr 0", say(Chr(0)), "refused"},
		{"points to string", say(CodePointsToString([]int64{65, 0xD7FF, 0xE000})), "A\ud7ff\ue000"},
		{"points to bytes", say(CodePointsToBytes([]int64{0, 255})), "\x00\xff"},
		{"points to bytes beyond", say(CodePointsToBytes([]int64{256})), "error"},
		{"points to bytes below", say(CodePointsToBytes([]int64{-1})), "error"},
		{"to points", say(ToCodePoints("aé", Chars), nil), "[97 233]"},
		{"to points of bytes", say(ToCodePoints("aé", Bytes), nil), "[97 195 169]"},
		{"to points of nothing", say(ToCodePoints("", Chars), nil), "[]"},
		{"safe convert", say(SafeConvert("a\xc2b\xff")), "a�b�"},
		{"safe convert of one cut off late", say(SafeConvert("a\xe2\x82b")), "refused"},
		{"safe convert of a surrogate", say(SafeConvert("\xed\xa0\x80")), "���"},
	})
}

func TestPositions(t *testing.T) {
	long := strings.Repeat("é", 1000)
	check(t, []sayCase{
		{"strpos", say(Strpos("éxy", "y", Chars), nil), "3"},
		{"strpos in bytes", say(Strpos("éxy", "y", Bytes), nil), "4"},
		{"strpos of nothing", say(Strpos("abc", "", Chars), nil), "1"},
		{"strpos of none", say(Strpos("abc", "z", Chars), nil), "0"},
		{"instr", say(Instr("banana", "an", 1, 2, Chars)), "4"},
		{"instr that overlaps", say(Instr("helloooo", "oo", 1, 2, Chars)), "6"},
		{"instr from the end", say(Instr("banana", "an", -1, 1, Chars)), "4"},
		{"instr from the end, second", say(Instr("banana", "an", -1, 2, Chars)), "2"},
		{"instr from the end that overlaps", say(Instr("helloooo", "oo", -1, 2, Chars)), "6"},
		{"instr before a place", say(Instr("banana", "an", -4, 1, Chars)), "2"},
		{"instr at a place from the end", say(Instr("banana", "an", -3, 1, Chars)), "4"},
		{"instr of code points", say(Instr("éaéa", "éa", 2, 1, Chars)), "3"},
		{"instr past the end", say(Instr("abc", "c", 4, 1, Chars)), "0"},
		{"instr before the start", say(Instr("abc", "a", -4, 1, Chars)), "0"},
		{"instr of a long needle from the end", say(Instr("ab", "abc", -1, 1, Chars)), "0"},
		{"instr at 0", say(Instr("abc", "a", 0, 1, Chars)), "error"},
		{"instr occurrence 0", say(Instr("abc", "a", 1, 0, Chars)), "error"},
		{"instr min", say(Instr("abc", "a", math.MinInt64, 1, Chars)), "0"},
		{"substr", say(Substr("apple", 2, 2, Chars)), "pp"},
		{"substr 0", say(Substr("apple", 0, 2, Chars)), "ap"},
		{"substr off the left end", say(Substr("apple", -7, 2, Chars)), "ap"},
		{"substr from the end", say(Substr("äpplé", -2, 9, Chars)), "lé"},
		{"substr of bytes", say(Substr("é", 2, 1, Bytes)), "\xa9"},
		{"substr max", say(Substr("apple", math.MaxInt64, math.MaxInt64, Chars)), ""},
		{"substr min", say(Substr("apple", math.MinInt64, math.MaxInt64, Chars)), "apple"},
		{"substr of a negative length", say(Substr("apple", 1, -1, Chars)), "error"},
		{"left", say(Left("éa", 1, Chars)), "é"},
		{"left max", say(Left("éa", math.MaxInt64, Chars)), "éa"},
		{"left below", say(Left("a", -1, Chars)), "error"},
		{"right", say(Right("éa", 1, Chars)), "a"},
		{"right of 0", say(Right("éa", 0, Chars)), ""},
		{"right of long text", say(Right(long, 999, Chars)), strings.Repeat("é", 999)},
		{"right max", say(Right("éa", math.MaxInt64, Chars)), "éa"},
		{"right below", say(Right("a", -1, Chars)), "error"},
		{"split", say(len(Split("a,,b", ",", Chars)), nil), "3"},
		{"split into units", say(Split("éa", "", Chars), nil), "[é a]"},
		{"split of nothing", say(len(Split("", ",", Chars)), nil), "1"},
		{"split bytes into units", say(len(Split("é", "", Bytes)), nil), "2"},
	})
}

func TestPadding(t *testing.T) {
	check(t, []sayCase{
		{"lpad", say(Pad("例子", 5, "中文", false, Chars)), "中文中例子"},
		{"rpad", say(Pad("例子", 5, "中文", true, Chars)), "例子中文中"},
		{"lpad cut", say(Pad("hello world", 7, " ", false, Chars)), "hello w"},
		{"lpad to 0", say(Pad("abc", 0, " ", false, Chars)), ""},
		{"lpad below", say(Pad("abc", -1, " ", false, Chars)), "error"},
		{"lpad with nothing", say(Pad("abc", 1, "", false, Chars)), "error"},
		{"lpad beyond", say(Pad("abc", 1<<20+1, " ", false, Chars)), "error"},
		{"lpad of bytes", say(Pad("ab", 5, "\xff\x00", false, Bytes)), "\xff\x00\xffab"},
		{"repeat", say(Repeat("ab", 2)), "abab"},
		{"repeat beyond", say(Repeat("ab", 1<<20)), "error"},
		{"repeat max", say(Repeat("ab", math.MaxInt64)), "error"},
		{"repeat of nothing", say(Repeat("", math.MaxInt64)), ""},
		{"repeat below", say(Repeat("", -1)), "error"},
		{"replace", say(Replace("aaa", "aa", "b")), "ba"},
		{"replace nothing", say(Replace("aaa", "", "b")), "aaa"},
		{"replace beyond", say(Replace(strings.Repeat("a", 1<<20), "a", "bb")), "refused"},
		{"reverse", say(Reverse("aéb", Chars), nil), "béa"},
		{"reverse bytes", say(Reverse("é", Bytes), nil), "\xa9\xc3"},
		{"translate", say(Translate("This is a cookie", "sco", "zku", Chars)), "Thiz iz a kuukie"},
		{"translate away", say(Translate("coffee", "fe", "F", Chars)), "coFF"},
		{"translate twice", say(Translate("abc", "aa", "xy", Chars)), "error"},
		{"translate with more", say(Translate("abc", "a", "xy", Chars)), "refused"},
		{"trim", say(Trim("xyzpearxyz", "zyx", true, true, Chars), nil), "pear"},
		{"trim by code point", say(Trim("abaW̊", "Y̊", true, true, Chars), nil), "abaW"},
		{"trim nothing", say(Trim("a", "", true, true, Chars), nil), "a"},
		{"trim bytes", say(Trim("\xc3\xa9", "\xa9", true, true, Bytes), nil), "\xc3"},
		{"ltrim", say(TrimSpace("\u2003\u0085 a ", true, false), nil), "a "},
		{"rtrim leaves what is no white space", say(TrimSpace("a\u200b\u00a0", false, true), nil), "a\u200b"},
	})
}

func TestCase(t *testing.T) {
	check(t, []sayCase{
		{"upper", say(Upper("aéжა", Chars)), "AÉЖᲐ"},
		{"upper of a letter that becomes two", say(Upper("ß", Chars)), "refused"},
		{"upper of bytes", say(Upper("a\xe9", Bytes)), "A\xe9"},
		{"lower", say(Lower("AÉЖ", Chars)), "aéж"},
		{"lower of a sigma", say(Lower("ΑΣ", Chars)), "refused"},
		{"lower of a dotted I", say(Lower("İ", Chars)), "refused"},
		{"initcap", say(Initcap("o'REILLY-smith\tx")), "O'reilly-Smith\tX"},
		{"initcap by", say(InitcapBy("apples1oranges2pears", "12")), "Apples1Oranges2Pears"},
		{"initcap by nothing", say(InitcapBy("tHE x", "")), "The x"},
		{"initcap by a letter", say(InitcapBy("abc", "b")), "refused"},
		{"initcap of a digraph", say(Initcap("ǆ")), "refused"},
		{"initcap with other white space", say(Initcap("a\u2003b")), "refused"},
		{"nfc", say(Normalize("e\u0302", "NFC")), "\u00ea"},
		{"nfkd", say(Normalize("\u2168", "NFKD")), "IX"},
		{"fold", say(NormalizeAndCasefold("\u00c5Straße", "NFC")), "\u00e5strasse"},
		{"fold in a mode that is none", say(NormalizeAndCasefold("a", "X")), "refused"},
	})
}

func TestWords(t *testing.T) {
	check(t, []sayCase{
		{"soundex", say(Soundex("Ashcraft")), "A261"},
		{"soundex of the first letter's code", say(Soundex("Pfister")), "P236"},
		{"soundex of Tymczak", say(Soundex("Tymczak")), "T522"},
		{"soundex of Honeyman", say(Soundex("honeyman")), "H555"},
		{"soundex over a w", say(Soundex("Bwb")), "B000"},
		{"soundex of nothing", say(Soundex("123")), ""},
		{"soundex with a dash that matters", say(Soundex("ab-b")), "refused"},
		{"distance", say(EditDistance("kitten", "sitting", 99, Chars)), "3"},
		{"distance of code points", say(EditDistance("é", "e", 99, Chars)), "1"},
		{"distance of bytes", say(EditDistance("é", "e", 99, Bytes)), "2"},
		{"distance limited", say(EditDistance("abcdefg", "a", 2, Chars)), "2"},
		{"distance below", say(EditDistance("a", "a", -1, Chars)), "error"},
		{"distance of nothing", say(EditDistance("", "abc", 99, Chars)), "3"},
		{"distance too long", say(EditDistance(strings.Repeat("a", 1<<14), strings.Repeat("b", 1<<14), 99, Chars)), "refused"},
	})
}

func TestCodes(t *testing.T) {
	check(t, []sayCase{
		{"from hex", say(FromHex("0AF")), "\x00\xaf"},
		{"from no hex", say(FromHex("0G")), "error"},
		{"to hex", ToHex("\x0a\xff"), "0aff"},
		{"from base64", say(FromBase64("3q2+7w==")), "\xde\xad\xbe\xef"},
		{"from base64 without padding", say(FromBase64("3q2+7w")), "refused"},
		{"from base64 with a line break", say(FromBase64("3q2+\n7w==")), "refused"},
		{"from base64 with bits left", say(FromBase64("3q2+7x==")), "refused"},
		{"from no base64", say(FromBase64("a!b=")), "error"},
		{"from base32", say(FromBase32("MFRGGZDF74======")), "abcde\xff"},
		{"from base32 in small letters", say(FromBase32("mfrggzdf74======")), "refused"},
		{"from base32 with bits left", say(FromBase32("MFRGGZDF75======")), "refused"},
		{"from no base32", say(FromBase32("é")), "error"},
		{"to base32", ToBase32("abcde\xff"), "MFRGGZDF74======"},
		{"md5", ToHex(MD5("Hello World")), "b10a8db164e0754105b7a99be72e3fe5"},
		{"sha1", ToHex(SHA1("Hello World")), "0a4d55a8d778e5022fab701977c5d840bbc486d0"},
		{"sha256", ToHex(SHA256("abc"))[:16], "ba7816bf8f01cfea"},
		{"sha512", ToHex(SHA512("abc"))[:16], "ddaf35a193617aba"},
		{"fingerprint", say(FarmFingerprint("1footrue"), nil), "-1541654101129638711"},
		{"fingerprint 2", say(FarmFingerprint("2applefalse"), nil), "2794438866806483259"},
		{"fingerprint 3", say(FarmFingerprint("3true"), nil), "-4880158226897771312"},
	})
}

func TestAddresses(t *testing.T) {
	check(t, []sayCase{
		{"from string", say(IPFromString("48.49.50.51")), "0123"},
		{"from v6", say(IPFromString("3031:3233:3435:3637:3839:4041:4243:4445")), "0123456789@ABCDE"},
		{"from no address", say(IPFromString("48.49.50")), "error"},
		{"from a zone", say(IPFromString("fe80::1%eth0")), "error"},
		{"to string", say(IPToString("0123456789@ABCDE")), "3031:3233:3435:3637:3839:4041:4243:4445"},
		{"to string of 2 bytes", say(IPToString("01")), "error"},
		{"to string of v4 in v6", say(IPToString(strings.Repeat("\x00", 10) + "\xff\xff0123")), "refused"},
		{"mask", say(IPNetMask(4, 20)), "\xff\xff\xf0\x00"},
		{"mask of 5", say(IPNetMask(5, 20)), "error"},
		{"mask beyond", say(IPNetMask(4, 33)), "error"},
		{"trunc", say(IPTrunc("\xaa\xbb\xcc\xdd", 11)), "\xaa\xa0\x00\x00"},
		{"trunc below", say(IPTrunc("\xaa\xbb\xcc\xdd", -1)), "error"},
		{"from int64", say(IPv4FromInt64(-1)), "\xff\xff\xff\xff"},
		{"from int64 beyond", say(IPv4FromInt64(1 << 32)), "error"},
		{"to int64", say(IPv4ToInt64("\xff\xff\xff\xff")), "4294967295"},
		{"to int64 of 16 bytes", say(IPv4ToInt64("0123456789abcdef")), "error"},
	})
}
