package civil

import (
	"fmt"
	"strings"
)

// modelElements are those of CAST's FORMAT clause for dates and times, those
// that begin with another after it.
var modelElements = []string{
	"YYYY", "YYY", "YY", "Y", "RRRR", "RR", "MONTH", "MON", "MM", "MI", "DDD", "DD", "DAY", "DY", "D",
	"HH24", "HH12", "HH", "SSSSS", "SS", "FF", "A.M.", "AM", "P.M.", "PM", "TZH", "TZM",
}

// modelToken is an element of a format model as it was written, or literal text.
type modelToken struct {
	element string // upper case; empty for a literal
	text    string
	digits  int // of FFn
}

// readModel takes a format model apart. What it does not know is refused.
func readModel(model string) ([]modelToken, error) {
	var out []modelToken
	for rest := model; rest != ""; {
		switch {
		case strings.IndexByte("-./,';: ", rest[0]) >= 0:
			out = append(out, modelToken{text: rest[:1]})
			rest = rest[1:]
			continue
		case rest[0] == '"':
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 || strings.Contains(rest[:end+1], `\`) {
				return nil, unsupported("the format model %.60q", model)
			}
			out = append(out, modelToken{text: rest[1 : end+1]})
			rest = rest[end+2:]
			continue
		}
		found := ""
		for _, e := range modelElements {
			if len(rest) >= len(e) && strings.EqualFold(rest[:len(e)], e) {
				found = e
				break
			}
		}
		if found == "" || strings.HasPrefix(strings.ToUpper(rest), "Y,YYY") {
			return nil, unsupported("the format model %.60q", model)
		}
		tok := modelToken{element: found, text: rest[:len(found)]}
		rest = rest[len(found):]
		if found == "FF" {
			if rest == "" || rest[0] < '1' || rest[0] > '9' {
				return nil, unsupported("the format model %.60q", model)
			}
			tok.digits = int(rest[0] - '0')
			rest = rest[1:]
		}
		out = append(out, tok)
	}
	return out, nil
}

// hasPart tells whether values of a type have what an element is about.
func (k Kind) hasPart(element string) bool {
	switch element {
	case "YYYY", "YYY", "YY", "Y", "RRRR", "RR", "MONTH", "MON", "MM", "DDD", "DD", "DAY", "DY", "D":
		return k != KindTime
	case "TZH", "TZM":
		return k == KindTimestamp
	}
	return k != KindDate
}

// FormatModel is CAST(value AS STRING FORMAT model): us is the value as a
// DATETIME (in the zone, for a TIMESTAMP), moment the same as a TIMESTAMP.
func FormatModel(k Kind, model string, us, moment int64, z *Zone) (string, error) {
	tokens, err := readModel(model)
	if err != nil {
		return "", err
	}
	f := formatter{k: k, us: us, moment: moment, z: z, day: DayOf(us), in: TimeOf(us)}
	f.y, f.m, f.d = Split(f.day)
	var b strings.Builder
	for _, tok := range tokens {
		if tok.element == "" {
			b.WriteString(tok.text)
			continue
		}
		if !k.hasPart(tok.element) {
			return "", fmt.Errorf("%s does not support %s", k, tok.text)
		}
		text, err := f.model(tok)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (f *formatter) model(tok modelToken) (string, error) {
	second := f.in / 1_000_000
	switch tok.element {
	case "YYYY", "RRRR":
		return fmt.Sprintf("%04d", f.y), nil
	case "YYY":
		return fmt.Sprintf("%03d", f.y%1000), nil
	case "YY", "RR":
		return fmt.Sprintf("%02d", f.y%100), nil
	case "Y":
		return fmt.Sprint(f.y % 10), nil
	case "MM":
		return f.date('m'), nil
	case "MON":
		return matchCase(tok.text, f.date('b')), nil
	case "DD":
		return f.date('d'), nil
	case "DDD":
		return f.date('j'), nil
	case "DY":
		return matchCase(tok.text, f.date('a')), nil
	case "HH", "HH12":
		return f.time('I'), nil
	case "HH24":
		return f.time('H'), nil
	case "MI":
		return f.time('M'), nil
	case "SS":
		return f.time('S'), nil
	case "SSSSS":
		return fmt.Sprintf("%05d", second), nil
	case "AM", "PM", "A.M.", "P.M.":
		half := "AM"
		if second >= 12*3600 {
			half = "PM"
		}
		if len(tok.text) == 4 {
			half = half[:1] + "." + half[1:] + "."
		}
		if tok.text[0] >= 'a' {
			half = strings.ToLower(half)
		}
		return half, nil
	case "FF":
		all := fmt.Sprintf("%06d", f.in%1_000_000)
		if tok.digits <= 6 && strings.Trim(all[tok.digits:], "0") == "" {
			return all[:tok.digits], nil
		}
	case "TZH", "TZM":
		sec := f.z.offset(f.moment)
		sign := "+"
		if sec < 0 {
			sign, sec = "-", -sec
		}
		if sec%60 == 0 && tok.element == "TZH" {
			return fmt.Sprintf("%s%02d", sign, sec/3600), nil
		}
		if sec%60 == 0 {
			return fmt.Sprintf("%02d", sec/60%60), nil
		}
	}
	// MONTH and DAY are padded or not, D counts from one day or another, decimals
	// are rounded or cut: the reference contradicts itself.
	return "", unsupported("CAST with the format element %s of this value", tok.text)
}

// matchCase writes a name in the case of the element's first two letters.
func matchCase(element, name string) string {
	switch {
	case element[0] >= 'a':
		return strings.ToLower(name)
	case element[1] >= 'a':
		return name
	}
	return strings.ToUpper(name)
}

// ParseModel is CAST(string AS DATE, TIME, DATETIME or TIMESTAMP FORMAT model).
// A text must have the model's very form: what the reference lets vary, and what
// it takes from the current date, is refused.
func ParseModel(k Kind, model, text string, z *Zone) (int64, error) {
	tokens, err := readModel(model)
	if err != nil {
		return 0, err
	}
	p := parsed{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, nil, nil}
	r := reader{k: k, p: &p, c: &cursor{s: text}, text: text}
	seen := map[string]bool{}
	other := unsupported("CAST of %.40q by the format %.60q", text, model)
	for _, tok := range tokens {
		if tok.element == "" {
			if !strings.HasPrefix(text[r.c.at:], tok.text) {
				return 0, other
			}
			r.c.at += len(tok.text)
			continue
		}
		if !k.hasPart(tok.element) {
			return 0, fmt.Errorf("%s does not support %s", k, tok.text)
		}
		if seen[tok.element] || !r.model(tok) {
			return 0, other
		}
		seen[tok.element] = true
	}
	if !r.c.end() || k != KindTime && (p.year < 0 || p.month < 0) {
		return 0, other
	}
	return p.value(k, z, fmt.Errorf("Failed to parse %.60q by the format %.60q", text, model))
}

// model reads one element; false: not in its very form.
func (r *reader) model(tok modelToken) bool {
	p := r.p
	field, width := map[string]*int64{
		"YYYY": &p.year, "RRRR": &p.year, "MM": &p.month, "DD": &p.day, "HH": &p.hour12, "HH12": &p.hour12, "HH24": &p.hour, "MI": &p.minute, "SS": &p.second,
	}[tok.element], 2
	low, high := int64(0), int64(59)
	switch tok.element {
	case "YYYY", "RRRR":
		width, low, high = 4, 1, 9999
	case "MM", "HH", "HH12":
		low, high = 1, 12
	case "DD":
		low, high = 1, 31
	case "HH24":
		high = 23
	case "MON":
		start := r.c.at
		return r.name(&p.month, months[:], 1) == nil && r.c.at == start+3
	case "AM", "PM", "A.M.", "P.M.":
		names := []string{"am", "pm"}
		if len(tok.text) == 4 {
			names = []string{"a.m.", "p.m."}
		}
		start := r.c.at
		return r.name(&p.meridian, names, 0) == nil && r.c.at == start+len(tok.text)
	case "FF":
		n, ok := r.c.digits(min(tok.digits, 6), min(tok.digits, 6))
		for range 6 - min(tok.digits, 6) {
			n *= 10
		}
		p.micros = n
		return ok && tok.digits <= 6
	}
	if field == nil || *field >= 0 {
		return false
	}
	n, ok := r.c.digits(width, width)
	*field = n
	return ok && n >= low && n <= high
}
