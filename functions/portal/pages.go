package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"researchhub.example/hub/shared/api"
)

//go:embed assets
var assets embed.FS

// contentTypes are those of the files that are served; the machine's own table
// is not asked.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// policy is the Content-Security-Policy of every page: this origin's files, no
// inline script or style, no HTML made from text (Trusted Types), and talk with
// the hub and the sign-in service only.
func policy(s signIn) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self'",
		"connect-src " + strings.Join(append([]string{"'self'"}, s.origins()...), " "),
		"form-action 'none'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types 'none'",
	}, "; ")
}

// whyPages is why a page needs no session.
const whyPages = "the web client itself, the same for everybody: what it shows comes from routes with rules"

// pages registers the pages and their files.
func pages(a *api.API, s signIn) error {
	csp := policy(s)
	for _, p := range pageList {
		body, err := p.html()
		if err != nil {
			return err
		}
		a.HandleRaw("GET "+p.pattern(), whyPages, serve(".html", body, csp))
	}
	files, err := fs.ReadDir(assets, "assets")
	if err != nil {
		return err
	}
	for _, f := range files {
		if path.Ext(f.Name()) == ".html" {
			continue // pages have their own paths
		}
		body, err := assets.ReadFile("assets/" + f.Name())
		if err != nil {
			return err
		}
		a.HandleRaw("GET /portal/assets/"+f.Name(), whyPages, serve(path.Ext(f.Name()), body, csp))
	}
	a.HandleRaw("GET /portal", whyPages, http.RedirectHandler("/portal/", http.StatusPermanentRedirect))
	return nil
}

// serve gives one file of that kind. A browser keeps it and asks whether it is
// still the same: the tag is the content's hash.
func serve(extension string, body []byte, csp string) http.Handler {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentTypes[extension])
		h.Set("Content-Security-Policy", csp)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}
