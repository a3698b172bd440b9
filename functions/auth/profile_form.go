package auth

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"researchhub.example/hub/shared/fault"
)

// form checks the fields of a profile, an institution or a survey.
type form struct{ fault.Form }

// line checks a required text of one line and gives it with runs of space made one.
func (f *form) line(path, s, empty string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		f.Say(path, "%s", empty)
	case n > most:
		f.Say(path, "Use at most %d characters; there are %d.", most, n)
	case strings.ContainsFunc(s, unseen):
		f.Say(path, "Use characters that can be seen.")
	}
	return s
}

// lines is line for a text that may have line breaks.
func (f *form) lines(path, s, empty string, most int) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		f.Say(path, "%s", empty)
	case n > most:
		f.Say(path, "Use at most %d characters; there are %d.", most, n)
	case strings.ContainsFunc(strings.ReplaceAll(s, "\n", " "), unseen):
		f.Say(path, "Use characters that can be seen, spaces and line breaks.")
	}
	return s
}

// unasked is a text that goes with a choice: wanted where the choice is made,
// and empty where it is not.
func (f *form) unasked(path, s, empty string, most int, wanted bool) string {
	if wanted {
		return f.line(path, s, empty, most)
	}
	if strings.TrimSpace(s) != "" {
		f.Say(path, "Leave this out unless the choice that it belongs to is made.")
	}
	return ""
}

// choices checks a list of choices: known ones, each once, at least one, and one
// that stands alone alone.
func (f *form) choices(path string, got []string, known []choice, alone string) {
	switch {
	case len(got) == 0:
		f.Say(path, "Choose at least one.")
	case len(got) > len(known):
		f.Say(path, "Choose each at most once.")
		return
	}
	for i, c := range got {
		switch at := fmt.Sprintf("%s[%d]", path, i); {
		case !slices.ContainsFunc(known, choice{ID: c}.same):
			f.Say(at, "Choose one of the list.")
		case slices.Index(got, c) != i:
			f.Say(at, "Choose it once.")
		}
	}
	if alone != "" && len(got) > 1 && slices.Contains(got, alone) {
		f.Say(path, "Choose either %s or some of the others.", alone)
	}
}

// addressMax bounds an e-mail address (RFC 5321, section 4.5.3.1.3, less the
// angle brackets).
const addressMax = 254

var (
	// localForm is a dot-atom (RFC 5322, section 3.2.3): no quoted text, which is
	// where an '@' or a space could hide.
	localForm = regexp.MustCompile("^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	// domainForm is a host name of two or more labels (RFC 1123, section 2.1).
	// International ones are in Punycode, so that no look-alike letter passes.
	domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// address checks an e-mail address and gives it in lower case.
func (f *form) address(path, s string) string {
	s = strings.TrimSpace(s)
	ascii := !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	// Only then: the lower case of some letters that are not ASCII is.
	s = strings.ToLower(s)
	local, domain, ok := strings.Cut(s, "@")
	if !ok || !ascii || len(s) > addressMax || len(local) > 64 || !localForm.MatchString(local) || !domainForm.MatchString(domain) {
		f.Say(path, "Give an e-mail address such as name@university.example; international domains in Punycode.")
	}
	return s
}
