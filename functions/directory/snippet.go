package directory

import (
	"strings"
	"unicode/utf8"
)

// snippetBytes is about how much of a long text is shown around what matched,
// and snippets how many texts of one project.
const (
	snippetBytes = 220
	snippets     = 3
)

// part is a piece of a text; hit is true for what matched.
type part struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit"`
}

// highlight is a text, or the telling piece of a long one, in which something
// matched. It comes in parts, not with markup: who shows it needs no HTML.
type highlight struct {
	Field string `json:"field" enum:"name,disease,intendedStudy,scientificApproach,anticipatedFindings,ownerName,institution"`
	Parts []part `json:"parts"`
}

// highlights gives what of a project answers a search, the weightier field first.
func (x *index) highlights(e *entry, list []sought) []highlight {
	var out []highlight
	for _, f := range fieldsOf(e.Project) {
		if f.name == "" || len(out) == snippets {
			continue
		}
		if spans := x.spans(f.text, list); len(spans) > 0 {
			out = append(out, highlight{f.name, cut(f.text, spans)})
		}
	}
	return out
}

// span is a piece of a text, in bytes.
type span struct{ from, to int }

// spans gives what of a text answers a search, in its order.
func (x *index) spans(text string, list []sought) []span {
	all := words(text)
	var out []span
	for at := 0; at < len(all); {
		long := 0
		for _, s := range list {
			if n := len(s.by); n > long && at+n <= len(all) && x.answers(all[at:at+n], s) {
				long = n
			}
		}
		if long == 0 {
			at++
			continue
		}
		out = append(out, span{all[at].start, all[at+long-1].end})
		at += long
	}
	return out
}

func (x *index) answers(some []word, s sought) bool {
	for i, w := range some {
		if s.by[i][x.numbers[w.text]] == 0 {
			return false
		}
	}
	return true
}

// cut gives the window of a text that has the most matches, in parts.
func cut(text string, spans []span) []part {
	from, to := 0, len(text)
	if len(text) > snippetBytes {
		best := 0
		for i := range spans {
			n := 0
			for n < len(spans)-i && spans[i+n].to-spans[i].from <= snippetBytes-60 {
				n++
			}
			if n > best {
				best, from = n, spans[i].from
			}
		}
		from, to = window(text, max(0, from-60))
	}
	var parts []part
	add := func(s string, hit bool) {
		if s != "" {
			parts = append(parts, part{s, hit})
		}
	}
	if from > 0 {
		add("… ", false)
	}
	at := from
	for _, s := range spans {
		if s.from >= at && s.to <= to {
			add(text[at:s.from], false)
			add(text[s.from:s.to], true)
			at = s.to
		}
	}
	end := text[at:to]
	if to < len(text) {
		end = strings.TrimRight(end, " ") + " …"
	}
	add(end, false)
	return parts
}

// window moves the ends of a window that begins near from to the ends of words.
func window(text string, from int) (int, int) {
	if from > 0 {
		if i := strings.IndexByte(text[from:], ' '); i >= 0 && i < 40 {
			from += i + 1
		}
	}
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	to := min(len(text), from+snippetBytes)
	if to < len(text) {
		if i := strings.LastIndexByte(text[from:to], ' '); i > snippetBytes/2 {
			to = from + i
		}
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to--
	}
	return from, to
}
