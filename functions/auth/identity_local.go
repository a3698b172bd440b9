package auth

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"regexp"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
)

// localProvider verifies everybody: it stands in for a real one in the local
// cloud. Its page asks for nothing but a press of a button; the code that comes
// back is the subject.
type localProvider struct{ clock clock.Clock }

// localPath is where its page is.
const localPath = "/auth/v1/identity/local"

// Name tells its subjects from a real provider's.
func (localProvider) Name() string { return "the local identity provider" }

// Start gives the page's path: whichever name of this machine the person has the
// hub open at, they come back to the same.
func (l localProvider) Start(_ context.Context, a identityAttempt) (string, error) {
	return localPath + "?" + url.Values{"state": {a.State}, "subject": {"local-" + a.UID}}.Encode(), nil
}

// subjectForm is what the page may make of a subject.
var subjectForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,140}$`)

// Result takes the subject for verified.
func (l localProvider) Result(_ context.Context, _ identityAttempt, code string) (identityResult, error) {
	if !subjectForm.MatchString(code) {
		return identityResult{}, fault.New(fault.Invalid, "The local provider's code is a subject: letters, digits and _.-")
	}
	return identityResult{Subject: code, Level: "IAL2", VerifiedAt: l.clock.Now()}, nil
}

var localPage = template.Must(template.New("local").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Local identity provider</title></head>
<body><main><h1>Local identity provider</h1>
<p>This page stands in for an identity provider. It is in the local cloud only and verifies everybody.</p>
<form action="` + callbackPath + `" method="get">
<input type="hidden" name="state" value="{{.State}}">
<p><label>Subject <input name="code" value="{{.Subject}}" pattern="[A-Za-z0-9_.\-]{1,140}" required></label></p>
<p><button id="verified">Verified</button></p>
</form></main></body></html>
`))

// ServeHTTP is the page.
func (localProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	q := r.URL.Query()
	_ = localPage.Execute(w, struct{ State, Subject string }{q.Get("state"), q.Get("subject")})
}

// identityCallback brings a person who comes back from a provider to the portal.
// It decides nothing: state and code stand behind the #, which browsers send to
// no server, and the portal's page gives them to POST /v1/modules/identity/result
// with the person's own session. An error is the provider's own word for it.
func identityCallback(w http.ResponseWriter, r *http.Request) {
	back := url.Values{}
	for _, name := range []string{"state", "code", "error"} {
		if v := r.URL.Query().Get(name); v != "" && len(v) <= maxCode {
			back.Set(name, v)
		}
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	http.Redirect(w, r, defaultReturn+"#identity?"+back.Encode(), http.StatusSeeOther)
}

// maxCode bounds a code, in bytes.
const maxCode = 2048
