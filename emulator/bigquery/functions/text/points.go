package text

import (
	"strings"
	"unicode/utf8"
)

// ASCII is ASCII(s): the code of the first character or byte, 0 for none.
func ASCII(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	if s[0] >= utf8.RuneSelf {
		return 0, refusef("ASCII of what is not ASCII")
	}
	return int64(s[0]), nil
}

// Unicode is UNICODE(s): the first code point, 0 for none.
func Unicode(s string) int64 {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return int64(r)
}

// Chr is CHR(n). The reference gives code point 0 an empty result, which is not
// what CODE_POINTS_TO_STRING does with it, so 0 is refused.
func Chr(n int64) (string, error) {
	if n == 0 {
		return "", refusef("CHR(0)")
	}
	return point(n)
}

func point(n int64) (string, error) {
	if n < 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return "", faultf("Invalid codepoint %d", n)
	}
	return string(rune(n)), nil
}

// CodePointsToString is CODE_POINTS_TO_STRING of points none of which is NULL.
func CodePointsToString(points []int64) (string, error) {
	var b strings.Builder
	for _, n := range points {
		if n == 0 {
			return "", refusef("CODE_POINTS_TO_STRING of the code point 0")
		}
		c, err := point(n)
		if err != nil {
			return "", err
		}
		b.WriteString(c)
	}
	return b.String(), nil
}

// CodePointsToBytes is CODE_POINTS_TO_BYTES of points none of which is NULL.
func CodePointsToBytes(points []int64) (string, error) {
	out := make([]byte, len(points))
	for i, n := range points {
		if n < 0 || n > 255 {
			return "", faultf("Invalid extended ASCII code point %d", n)
		}
		out[i] = byte(n)
	}
	return string(out), nil
}

// ToCodePoints is TO_CODE_POINTS.
func ToCodePoints(s string, u Units) []int64 {
	out := make([]int64, 0, len(s))
	if u == Bytes {
		for i := range len(s) {
			out = append(out, int64(s[i]))
		}
		return out
	}
	for _, r := range s {
		out = append(out, int64(r))
	}
	return out
}

// SafeConvert is SAFE_CONVERT_BYTES_TO_STRING: what is no UTF-8 becomes U+FFFD.
// Where one mark for each wrong byte and one for each cut-off character differ,
// the reference does not say which it is.
func SafeConvert(b string) (string, error) {
	if utf8.ValidString(b) {
		return b, nil
	}
	var out strings.Builder
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRuneInString(b[i:])
		if r == utf8.RuneError && n == 1 {
			if cutOff(b[i:]) > 1 {
				return "", refusef("SAFE_CONVERT_BYTES_TO_STRING of a character that is cut off after its second byte or later")
			}
			out.WriteRune(utf8.RuneError)
			i++
			continue
		}
		out.WriteString(b[i : i+n])
		i += n
	}
	return out.String(), nil
}

// cutOff is how many bytes at the start of s begin a character that does not go
// on: at least 1.
func cutOff(s string) int {
	n := 1
	for n < len(s) && n < utf8.UTFMax && !utf8.FullRuneInString(s[:n]) && s[n]&0xC0 == 0x80 {
		n++
	}
	for n > 1 && utf8.FullRuneInString(s[:n]) {
		n--
	}
	return n
}
