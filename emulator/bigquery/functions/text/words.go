package text

import "strings"

// soundexCodes are Soundex's digits for a to z; 0 is a vowel, which parts equal
// codes, and - is h and w, which do not.
const soundexCodes = "01230120022455012623010202"

// Soundex is SOUNDEX: the first letter and three digits; nothing for a text
// without Latin letters. Whether a character between two letters of one code
// parts them is not said, so a text where it matters is refused.
func Soundex(s string) (string, error) {
	ignored, parted := soundex(s, false), soundex(s, true)
	if ignored != parted {
		return "", refusef("SOUNDEX of a text with other characters between letters of one code")
	}
	return ignored, nil
}

func soundex(s string, part bool) string {
	out := make([]byte, 0, 4)
	var last byte
	for i := 0; i < len(s) && len(out) < 4; i++ {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' || s[i] >= 0x80 {
			if part {
				last = 0
			}
			continue
		}
		code := soundexCodes[c-'a']
		switch {
		case len(out) == 0:
			out = append(out, c&^0x20)
			last = code
		case c == 'h' || c == 'w':
		case code == '0':
			last = 0
		case code != last:
			out = append(out, code)
			last = code
		}
	}
	if len(out) == 0 {
		return ""
	}
	return string(out) + strings.Repeat("0", 4-len(out))
}

// maxDistanceWork bounds the table that EDIT_DISTANCE fills.
const maxDistanceWork = 1 << 26

// EditDistance is EDIT_DISTANCE, Levenshtein's, of at most limit.
func EditDistance(a, b string, limit int64, u Units) (int64, error) {
	if limit < 0 {
		return 0, faultf("max_distance must not be negative")
	}
	x, y := u.split(a), u.split(b)
	if int64(len(x))*int64(len(y)) > maxDistanceWork {
		return 0, refusef("EDIT_DISTANCE of texts of this size")
	}
	row := make([]int64, len(y)+1)
	for j := range row {
		row[j] = int64(j)
	}
	for i := range x {
		diagonal := row[0]
		row[0] = int64(i + 1)
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(y)], limit), nil
}
