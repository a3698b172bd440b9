package api

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed docs.html
var docsHTML string

var docsPage = template.Must(template.New("docs").Parse(docsHTML))

type docsOperation struct {
	Method, Path, Summary, Description, Access, Rule string
	Built                                            bool
}

// docs is a page of the function's routes, rendered here so that it needs no
// script from elsewhere. The full description is the OpenAPI file it links to.
func (a *API) docs(w http.ResponseWriter, _ *http.Request) {
	ops := make([]docsOperation, 0, len(a.routes))
	for _, r := range a.routes {
		if r.Raw != "" {
			continue
		}
		op := docsOperation{Method: r.Method, Path: r.Path, Built: r.Built,
			Access: [...]string{"public", "signed in", "second factor"}[r.Access], Rule: r.Rule.String()}
		if o := a.described[r.Method+" "+r.Path]; o.ID != "" {
			op.Summary, op.Description = o.Summary, o.Description
		}
		ops = append(ops, op)
	}
	slices.SortStableFunc(ops, func(x, y docsOperation) int { return strings.Compare(x.Path, y.Path) })
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	// A failed write means that the reader has gone.
	_ = docsPage.Execute(w, map[string]any{"Function": a.opts.Function, "Title": a.opts.Title,
		"Description": a.opts.Description, "Version": Version, "Operations": ops})
}
