package notify

import (
	"embed"
	"io/fs"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
)

// kind is how an event type is told.
type kind struct {
	// Role is whom it is told to; "" for the person that the event concerns.
	role access.Role
	// Quiet events make a notice and no mail.
	quiet bool
	// Link events are mailed to the address of the sign-in, which may have no
	// account in the hub yet, with a link that is made when the mail is sent.
	link bool
	// Request events are mailed to the address in a request of package review, with
	// a link that confirms it; the person has no account.
	request bool
	// Always events are told to disabled accounts too.
	always bool
}

// kinds are the event types that people are told about; each has a text.
var kinds = map[string]kind{
	"account.exists":              {link: true},
	"account.passwordReset":       {link: true},
	"account.securityChanged":     {always: true},
	"account.signUp":              {link: true},
	"billing.alertRaised":         {},
	"module.expiring":             {},
	"report.submitted":            {},
	"report.late":                 {role: access.ReviewBoard},
	"report.withdrawn":            {quiet: true},
	"review.opened":               {},
	"review.queued":               {role: access.ReviewBoard},
	"review.decided":              {},
	"review.answered":             {role: access.ReviewBoard},
	"review.due":                  {role: access.ReviewBoard},
	"review.overdue":              {role: access.ReviewBoard},
	"reviewRequest.made":          {request: true},
	"snapshot.published":          {},
	"snapshot.failed":             {},
	"snapshot.withdrawn":          {},
	"workspace.created":           {},
	"workspace.duplicated":        {},
	"workspace.duplicationFailed": {},
	"workspace.changed":           {quiet: true},
	"workspace.shared":            {},
	"workspace.acknowledged":      {quiet: true},
	"workspace.unshared":          {},
	"workspace.left":              {quiet: true},
	"workspace.transferred":       {},
	"workspace.archived":          {quiet: true},
	"workspace.paused":            {},
	"workspace.resumed":           {},
	"workspace.restored":          {quiet: true},
	"workspace.deleted":           {},
}

//go:embed texts/*.txt
var files embed.FS

// texts are parsed once. A missing value is an error, not "<no value>".
var texts = template.Must(template.New("").Option("missingkey=error").ParseFS(files, "texts/*.txt"))

// facts are what a text may use.
type facts struct {
	// Name is the reader's.
	Name string
	// Data are the event's values, each one line.
	Data map[string]string
	// BaseURL is where the hub is.
	BaseURL string
	// Link is the link of a mail, "" where there is none. It opens the account to
	// whoever has it: it is in the mail and nowhere else.
	Link string
}

// render gives subject and text of one event type.
func render(eventType string, f facts) (subject, text string, err error) {
	f.Name = oneLine(f.Name)
	data := make(map[string]string, len(f.Data))
	for k, v := range f.Data {
		data[k] = oneLine(v)
	}
	f.Data = data
	var b strings.Builder
	if err := texts.ExecuteTemplate(&b, eventType+".txt", f); err != nil {
		return "", "", fault.Because(fault.Invalid, err, "The event lacks a value that its text needs.")
	}
	subject, text, ok := strings.Cut(b.String(), "\n\n")
	if !ok {
		return "", "", fault.New(fault.Invalid, "There is no text of %s for these values.", eventType)
	}
	return oneLine(subject), text, nil
}

// maxValue bounds a value in a text, in characters.
const maxValue = 400

// oneLine makes what somebody wrote fit into a line: no control characters, no
// characters that change the direction of writing, bounded.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return ' '
		}
		if unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxValue {
		s = string([]rune(s)[:maxValue]) + "…"
	}
	return s
}

// textNames lists the types that have a text, for the test that holds both lists together.
func textNames() ([]string, error) {
	entries, err := fs.ReadDir(files, "texts")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".txt"))
	}
	return names, nil
}
