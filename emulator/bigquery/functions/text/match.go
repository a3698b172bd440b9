package text

import (
	"strings"
)

// Contains is REGEXP_CONTAINS: whether the pattern matches anywhere.
func (r *Regexp) Contains(s string) bool { return r.re.MatchString(r.in(s)) }

// span is a place within a text.
type span struct{ from, to int }

// group checks that there is at most one group and gives the one to extract.
func (r *Regexp) group() (int, error) {
	n := r.re.NumSubexp()
	if n > 1 {
		return 0, faultf("Regular expressions passed into extraction functions must not have more than 1 capturing group")
	}
	return n, nil
}

// found is a match with the part to extract.
type found struct{ whole, part span }

// first finds the first match.
func (r *Regexp) first(s string) (found, bool, error) {
	g, err := r.group()
	if err != nil {
		return found{}, false, err
	}
	m := r.re.FindStringSubmatchIndex(s)
	if m == nil {
		return found{}, false, nil
	}
	if s == "" {
		return found{}, false, refusef("a part of an empty text by a regular expression")
	}
	f, err := foundOf(m, g)
	return f, true, err
}

func foundOf(m []int, g int) (found, error) {
	if m[2*g] < 0 {
		return found{}, refusef("a regular expression whose group takes no part in a match")
	}
	return found{span{m[0], m[1]}, span{m[2*g], m[2*g+1]}}, nil
}

// all finds every match, at most limit. An empty match is refused, as where the
// search goes on from it is not said; so is an anchor, when reading on as if the
// rest were a text of its own finds other matches.
func (r *Regexp) all(s string, limit int) ([]found, error) {
	g, err := r.group()
	if err != nil {
		return nil, err
	}
	var out []found
	for _, m := range r.re.FindAllStringSubmatchIndex(s, limit) {
		if m[0] == m[1] {
			return nil, refusef("a regular expression that matches an empty text more than once")
		}
		f, err := foundOf(m, g)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	if r.anchored && !r.sameAlone(s, out, limit) {
		return nil, refusef("a repeated match of a regular expression with an anchor or a word boundary")
	}
	return out, nil
}

// sameAlone reports whether the matches are the same when each search sees the
// rest of the text only.
func (r *Regexp) sameAlone(s string, matches []found, limit int) bool {
	at := 0
	for i := 0; i != limit; i++ {
		m := r.re.FindStringIndex(s[at:])
		if m == nil || i == len(matches) {
			return m == nil && i == len(matches)
		}
		if (span{at + m[0], at + m[1]}) != matches[i].whole {
			return false
		}
		at += m[1]
	}
	return true
}

// ExtractAll is REGEXP_EXTRACT_ALL.
func (r *Regexp) ExtractAll(s string) ([]string, error) {
	s = r.in(s)
	matches, err := r.all(s, -1)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(matches))
	for i, m := range matches {
		out[i] = r.out(s[m.part.from:m.part.to])
	}
	return out, nil
}

// find finds a match from a position, counted from 1, by its number. rest is
// the text from there, skipped the units before it.
func (r *Regexp) find(s string, position, occurrence int64, name string) (f found, rest string, skipped int64, ok bool, err error) {
	if position < 1 {
		return found{}, "", 0, false, faultf("%s: position must be positive", name)
	}
	if occurrence < 1 {
		return found{}, "", 0, false, faultf("%s: occurrence must be positive", name)
	}
	if _, err := r.group(); err != nil {
		return found{}, "", 0, false, err
	}
	total := r.units.count(s)
	if position > total+1 || position == total+1 && position > 1 {
		if position == total+1 && r.Contains("") {
			return found{}, "", 0, false, refusef("%s of an empty text at the end", name)
		}
		return found{}, "", 0, false, nil
	}
	if position > 1 && r.anchored {
		return found{}, "", 0, false, refusef("%s from a position with an anchor or a word boundary", name)
	}
	rest = r.in(s[r.units.offset(s, position-1):])
	if occurrence == 1 {
		f, ok, err = r.first(rest)
		return f, rest, position - 1, ok, err
	}
	if occurrence > total+1 {
		// There cannot be that many; the pattern's faults still count.
		return found{}, "", 0, false, nil
	}
	list, err := r.all(rest, int(occurrence))
	if err != nil || int64(len(list)) < occurrence {
		return found{}, "", 0, false, err
	}
	return list[occurrence-1], rest, position - 1, true, nil
}

// Extract is REGEXP_EXTRACT and REGEXP_SUBSTR; ok is false for NULL.
func (r *Regexp) Extract(s string, position, occurrence int64) (part string, ok bool, err error) {
	f, rest, _, ok, err := r.find(s, position, occurrence, "REGEXP_EXTRACT")
	if err != nil || !ok {
		return "", false, err
	}
	return r.out(rest[f.part.from:f.part.to]), true, nil
}

// Instr is REGEXP_INSTR: where a match begins or, with after set to 1, where
// the text after it does; 0 for none.
func (r *Regexp) Instr(s string, position, occurrence, after int64) (int64, error) {
	if after != 0 && after != 1 {
		return 0, faultf("REGEXP_INSTR: occurrence_position must be 0 or 1")
	}
	f, rest, skipped, ok, err := r.find(s, position, occurrence, "REGEXP_INSTR")
	if err != nil || !ok {
		return 0, err
	}
	at, part := f.whole.from, f.part.from
	if after == 1 {
		at, part = f.whole.to, f.part.to
	}
	if at != part {
		return 0, refusef("REGEXP_INSTR of a group within the match")
	}
	if f.whole.from == f.whole.to {
		return 0, refusef("REGEXP_INSTR of an empty match")
	}
	return skipped + Chars.count(rest[:at]) + 1, nil
}

// Replace is REGEXP_REPLACE. In the replacement \0 to \9 are groups and \\ is a
// backslash.
func (r *Regexp) Replace(s, replacement string) (string, error) {
	parts, err := r.rewrite(replacement)
	text := r.in(s)
	matches := r.re.FindAllStringSubmatchIndex(text, -1)
	if err != nil {
		if len(matches) == 0 {
			return "", refusef("REGEXP_REPLACE with a wrong replacement that no match needs")
		}
		return "", err
	}
	var b strings.Builder
	at := 0
	for _, m := range matches {
		b.WriteString(text[at:m[0]])
		for _, p := range parts {
			b.WriteString(p.text)
			if p.group >= 0 && m[2*p.group] >= 0 {
				b.WriteString(text[m[2*p.group]:m[2*p.group+1]])
			}
		}
		at = m[1]
		if b.Len() > maxOutput && b.Len() > 2*len(text) {
			return "", refusef("REGEXP_REPLACE that grows a value to more than 1 MB")
		}
	}
	b.WriteString(text[at:])
	return r.out(b.String()), nil
}

// rewritten is a piece of a replacement: a text, then a group unless it is -1.
type rewritten struct {
	text  string
	group int
}

func (r *Regexp) rewrite(replacement string) ([]rewritten, error) {
	replacement = r.in(replacement)
	var out []rewritten
	var text strings.Builder
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		if c != '\\' {
			text.WriteByte(c)
			continue
		}
		i++
		switch {
		case i == len(replacement):
			return nil, faultf("Invalid REGEXP_REPLACE pattern: rewrite string ends with a backslash")
		case replacement[i] == '\\':
			text.WriteByte('\\')
		case replacement[i] >= '0' && replacement[i] <= '9':
			g := int(replacement[i] - '0')
			if g > r.re.NumSubexp() {
				return nil, faultf("Invalid REGEXP_REPLACE pattern: \\%d is past the %d groups of the regular expression", g, r.re.NumSubexp())
			}
			out = append(out, rewritten{text.String(), g})
			text.Reset()
		default:
			return nil, faultf("Invalid REGEXP_REPLACE pattern: a backslash must be followed by a digit or a backslash")
		}
	}
	return append(out, rewritten{text.String(), -1}), nil
}
