package civil

import (
	"fmt"
	"strings"
)

// SplitRange takes the text of a RANGE, "[start, end)", apart; a bound that is
// UNBOUNDED or NULL gives an empty text.
func SplitRange(s string) (start, end string, err error) {
	invalid := fmt.Errorf("Invalid RANGE value '%.80s'", s)
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ')' {
		return "", "", invalid
	}
	start, end, ok := strings.Cut(s[1:len(s)-1], ", ")
	if !ok || strings.Contains(end, ",") || strings.Contains(start, ",") || start == "" || end == "" {
		return "", "", invalid
	}
	return bound(start), bound(end), nil
}

func bound(s string) string {
	if strings.EqualFold(s, "UNBOUNDED") || strings.EqualFold(s, "NULL") {
		return ""
	}
	return s
}

// ParseRange reads the text of a RANGE whose bounds parse reads; an unbounded
// end is nil.
func ParseRange(s string, parse func(string) (int64, error)) (start, end *int64, err error) {
	a, b, err := SplitRange(s)
	if err != nil {
		return nil, nil, err
	}
	bounds := [2]*int64{}
	for i, text := range []string{a, b} {
		if text == "" {
			continue
		}
		v, err := parse(text)
		if err != nil {
			return nil, nil, err
		}
		bounds[i] = &v
	}
	if bounds[0] != nil && bounds[1] != nil && *bounds[0] >= *bounds[1] {
		return nil, nil, fmt.Errorf("Range start element must be smaller than range end element: '%.80s'", s)
	}
	return bounds[0], bounds[1], nil
}
