package text

import "strings"

// Pad is LPAD, RPAD when right is set: s brought to n units by a pattern, cut
// off when it has more.
func Pad(s string, n int64, pattern string, right bool, u Units) (string, error) {
	name := "LPAD"
	if right {
		name = "RPAD"
	}
	switch {
	case n < 0:
		return "", faultf("Second argument (output size) for %s cannot be negative", name)
	case pattern == "":
		return "", faultf("Third argument (pad pattern) for %s cannot be empty", name)
	case n > maxOutput:
		return "", faultf("Output of %s exceeds max allowed output size of 1MB", name)
	}
	have := u.count(s)
	if have >= n {
		return s[:u.offset(s, n)], nil
	}
	unit := u.count(pattern)
	fill := strings.Repeat(pattern, int((n-have)/unit)) + pattern[:u.offset(pattern, (n-have)%unit)]
	if len(fill)+len(s) > maxOutput {
		return "", refusef("%s of more than 1 MB", name)
	}
	if right {
		return s + fill, nil
	}
	return fill + s, nil
}

// Repeat is REPEAT.
func Repeat(s string, n int64) (string, error) {
	if n < 0 {
		return "", faultf("Second argument in REPEAT() cannot be negative")
	}
	if s == "" || n == 0 {
		return "", nil
	}
	if n > maxOutput || int64(len(s))*n > maxOutput {
		return "", faultf("Output of REPEAT exceeds max allowed output size of 1MB")
	}
	return strings.Repeat(s, int(n)), nil
}

// Replace is REPLACE; an empty from changes nothing.
func Replace(s, from, to string) (string, error) {
	if from == "" {
		return s, nil
	}
	if grown := len(s) + strings.Count(s, from)*(len(to)-len(from)); grown > maxOutput && grown > len(s) {
		return "", refusef("REPLACE that grows a value to more than 1 MB")
	}
	return strings.ReplaceAll(s, from, to), nil
}

// Reverse is REVERSE.
func Reverse(s string, u Units) string {
	out := make([]byte, len(s))
	at := len(s)
	for _, c := range u.split(s) {
		at -= len(c)
		copy(out[at:], c)
	}
	return string(out)
}

// Translate is TRANSLATE: each unit of source becomes the one of target at its
// place, or goes when there is none.
func Translate(s, source, target string, u Units) (string, error) {
	from, to := u.split(source), u.split(target)
	if len(to) > len(from) {
		return "", refusef("TRANSLATE with more target than source characters")
	}
	table := make(map[string]string, len(from))
	for i, c := range from {
		if _, twice := table[c]; twice {
			return "", faultf("Duplicate character %q in TRANSLATE source characters", c)
		}
		if i < len(to) {
			table[c] = to[i]
		} else {
			table[c] = ""
		}
	}
	var b strings.Builder
	for _, c := range u.split(s) {
		if n, ok := table[c]; ok {
			c = n
		}
		b.WriteString(c)
	}
	if b.Len() > maxOutput && b.Len() > len(s) {
		return "", refusef("TRANSLATE that grows a value to more than 1 MB")
	}
	return b.String(), nil
}

// whiteSpace is Unicode's White_Space.
const whiteSpace = "\t\n\v\f\r \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000"

// Trim is TRIM, LTRIM, RTRIM: it takes the units of set from the ends asked for.
func Trim(s, set string, left, right bool, u Units) string {
	if u == Bytes {
		for left && s != "" && strings.IndexByte(set, s[0]) >= 0 {
			s = s[1:]
		}
		for right && s != "" && strings.IndexByte(set, s[len(s)-1]) >= 0 {
			s = s[:len(s)-1]
		}
		return s
	}
	if left {
		s = strings.TrimLeft(s, set)
	}
	if right {
		s = strings.TrimRight(s, set)
	}
	return s
}

// TrimSpace is TRIM, LTRIM, RTRIM of white space.
func TrimSpace(s string, left, right bool) string { return Trim(s, whiteSpace, left, right, Chars) }
