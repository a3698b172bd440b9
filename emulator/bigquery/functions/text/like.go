package text

import "strings"

// likeToken is a piece of a LIKE pattern.
type likeToken struct {
	wild byte   // '%', '_' or 0 for the unit itself
	unit string // for wild 0
}

// maxLikeWork bounds the steps of one match.
const maxLikeWork = 1 << 28

// likeTokens reads a pattern: % is any text, _ one unit, a backslash takes what
// follows as it is.
func likeTokens(pattern string, u Units) ([]likeToken, error) {
	units := u.split(pattern)
	out := make([]likeToken, 0, len(units))
	for i := 0; i < len(units); i++ {
		switch c := units[i]; c {
		case "%", "_":
			out = append(out, likeToken{wild: c[0]})
		case `\`:
			if i++; i == len(units) {
				return nil, faultf("LIKE pattern ends with a backslash")
			}
			out = append(out, likeToken{unit: units[i]})
		default:
			out = append(out, likeToken{unit: c})
		}
	}
	return out, nil
}

// LikePattern checks a pattern: whether LIKE by it cannot fail.
func LikePattern(pattern string, u Units) error {
	_, err := likeTokens(pattern, u)
	return err
}

// Like is LIKE.
func Like(s, pattern string, u Units) (bool, error) {
	p, err := likeTokens(pattern, u)
	if err != nil {
		return false, err
	}
	return likeMatch(s, p, u)
}

func likeMatch(s string, p []likeToken, u Units) (bool, error) {
	if len(s)*len(p) > maxLikeWork {
		return false, refusef("LIKE of a text and a pattern of this size")
	}
	width := func(at int) int {
		if u == Bytes {
			return 1
		}
		n := 1
		for at+n < len(s) && s[at+n]&0xC0 == 0x80 {
			n++
		}
		return n
	}
	i, j, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(p) && p[j].wild == '%':
			star, mark = j, i
			j++
		case j < len(p) && p[j].wild == '_':
			i += width(i)
			j++
		case j < len(p) && strings.HasPrefix(s[i:], p[j].unit):
			i += len(p[j].unit)
			j++
		case star >= 0:
			mark += width(mark)
			i, j = mark, star+1
		default:
			return false, nil
		}
	}
	for j < len(p) && p[j].wild == '%' {
		j++
	}
	return j == len(p), nil
}

// Truth is a value of three-valued logic.
type Truth int8

// The three values.
const (
	False Truth = iota
	True
	Unknown
)

// Pattern is an element of a list of patterns, which may be NULL.
type Pattern struct {
	Text string
	Null bool
}

// Quantifier says how LIKE over several patterns puts its answers together.
type Quantifier struct {
	All bool // ALL, else ANY or SOME
	Not bool // NOT LIKE, of each pattern
}

// LikeQuantified is value [NOT] LIKE ANY | ALL (patterns). No patterns at all
// are TRUE for ALL and FALSE for ANY, whatever the value. A wrong pattern is an
// error; where it stands behind an answer that is already settled, or the value
// is NULL, whether it is seen is not said, and that is refused.
func LikeQuantified(value Pattern, patterns []Pattern, q Quantifier, u Units) (Truth, error) {
	unknown, settled := false, false
	for _, p := range patterns {
		if p.Null {
			unknown = true
			continue
		}
		tokens, err := likeTokens(p.Text, u)
		if err != nil && (settled || value.Null) {
			return Unknown, refusef("LIKE ANY or ALL with a wrong pattern that may not be looked at")
		}
		if err != nil {
			return Unknown, err
		}
		if value.Null {
			unknown = true
			continue
		}
		ok, err := likeMatch(value.Text, tokens, u)
		if err != nil {
			return Unknown, err
		}
		settled = settled || ok != q.Not != q.All
	}
	switch {
	case settled && q.All:
		return False, nil
	case settled:
		return True, nil
	case unknown:
		return Unknown, nil
	case q.All:
		return True, nil
	}
	return False, nil
}
