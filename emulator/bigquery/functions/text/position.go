package text

import "strings"

// Strpos is STRPOS: the place of the first sub in s, counted from 1; 0 for none.
func Strpos(s, sub string, u Units) int64 {
	i := strings.Index(s, sub)
	if i < 0 {
		return 0
	}
	return u.count(s[:i]) + 1
}

// Instr is INSTR. The search goes from position, backwards from there when it
// is negative (-1 is the last unit); matches may overlap.
func Instr(s, sub string, position, occurrence int64, u Units) (int64, error) {
	if position == 0 {
		return 0, faultf("INSTR position must not be 0")
	}
	if occurrence <= 0 {
		return 0, faultf("INSTR occurrence must be positive")
	}
	if sub == "" {
		return 0, refusef("INSTR of an empty string")
	}
	total := u.count(s)
	if position > total || position < -total {
		return 0, nil
	}
	if position > 0 {
		at := u.offset(s, position-1)
		for {
			i := strings.Index(s[at:], sub)
			if i < 0 {
				return 0, nil
			}
			at += i
			if occurrence--; occurrence == 0 {
				return u.count(s[:at]) + 1, nil
			}
			at++
		}
	}
	end := u.offset(s, total+position) + len(sub)
	for {
		at := strings.LastIndex(s[:min(end, len(s))], sub)
		if at < 0 {
			return 0, nil
		}
		if occurrence--; occurrence == 0 {
			return u.count(s[:at]) + 1, nil
		}
		end = at + len(sub) - 1
	}
}

// Substr is SUBSTR from a position (1 is the first, -1 the last, one off the
// left end is 1) of at most limit units.
func Substr(s string, position, limit int64, u Units) (string, error) {
	if limit < 0 {
		return "", faultf("Third argument in SUBSTR() cannot be negative")
	}
	if position < 0 {
		total := u.count(s)
		if position < -total {
			position = 1
		} else {
			position += total + 1
		}
	}
	s = s[u.offset(s, max(position, 1)-1):]
	return s[:u.offset(s, limit)], nil
}

// Left is LEFT.
func Left(s string, n int64, u Units) (string, error) {
	if n < 0 {
		return "", faultf("Second argument in LEFT() cannot be negative")
	}
	return s[:u.offset(s, n)], nil
}

// Right is RIGHT.
func Right(s string, n int64, u Units) (string, error) {
	if n < 0 {
		return "", faultf("Second argument in RIGHT() cannot be negative")
	}
	total := u.count(s)
	return s[u.offset(s, max(total-n, 0)):], nil
}

// Split is SPLIT: at each delimiter, into units by an empty one. An empty value
// is one empty element.
func Split(s, delimiter string, u Units) []string {
	if s == "" {
		return []string{""}
	}
	if delimiter == "" {
		return u.split(s)
	}
	return strings.Split(s, delimiter)
}

// StartsWith is STARTS_WITH.
func StartsWith(s, prefix string) bool { return strings.HasPrefix(s, prefix) }

// EndsWith is ENDS_WITH.
func EndsWith(s, suffix string) bool { return strings.HasSuffix(s, suffix) }
