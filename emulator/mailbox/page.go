package mailbox

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mail of the local cloud</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid #888; padding: .5rem 0; }
h2 { font-size: 1.1rem; margin: .5rem 0 0; }
p { margin: 0; color: #555; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
<h1>Mail of the local cloud</h1>
<p>{{len .}} kept, the newest first. Nothing is sent on. As JSON: <a href="/messages.json">messages.json</a>, of one recipient: messages.json?to=address.</p>
{{range .}}<article id="mail-{{.ID}}">
<h2>{{.Subject}}</h2>
<p>{{.At.Format "2006-01-02 15:04:05"}} UTC, from {{.From}} to {{range $i, $to := .To}}{{if $i}}, {{end}}{{$to}}{{end}}</p>
<pre>{{.Text}}</pre>
</article>{{else}}<p>No mail yet.</p>{{end}}
</html>
`))

// ServeHTTP shows the mails: as a page at /, as JSON at /messages.json (with
// ?to=address, those to one recipient). DELETE /messages.json forgets them all.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// A mail's text is somebody else's: escaped by the template, and no script runs here.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	switch {
	case r.URL.Path == "/messages.json" && r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(to(m.Mails(), r.URL.Query().Get("to")))
	case r.URL.Path == "/messages.json" && r.Method == http.MethodDelete:
		m.mu.Lock()
		m.mails = nil
		m.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == "/" && r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, m.Mails())
	default:
		http.NotFound(w, r)
	}
}

// to keeps the mails to one recipient, all for "".
func to(all []Mail, address string) []Mail {
	kept := []Mail{}
	for _, mail := range all {
		for _, recipient := range mail.To {
			if address == "" || strings.EqualFold(recipient, address) {
				kept = append(kept, mail)
				break
			}
		}
	}
	return kept
}
