package portal

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fn"
)

func local() signIn {
	return signInFor(Config{Common: fn.Common{Project: "demo-hub"}, AuthEmulator: "127.0.0.1:9099"})
}

func TestPagesHaveAStrictPolicy(t *testing.T) {
	h := handler(t, newService(nil, local()))
	for _, path := range []string{"/portal/", "/portal/directory", "/portal/community", "/portal/data", "/portal/assets/index.js", "/portal/assets/style.css", "/portal/assets/icon.svg"} {
		res, body := call(t, h, "", "GET", path)
		if res.StatusCode != http.StatusOK || body == "" {
			t.Fatalf("%s: %d", path, res.StatusCode)
		}
		csp := map[string]string{}
		for _, d := range strings.Split(res.Header.Get("Content-Security-Policy"), "; ") {
			name, value, _ := strings.Cut(d, " ")
			csp[name] = value
		}
		want := map[string]string{
			"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
			"connect-src": "'self' http://127.0.0.1:9099", "form-action": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'",
			"require-trusted-types-for": "'script'", "trusted-types": "'none'",
		}
		if diff := cmp.Diff(want, csp); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if got := res.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", path, got)
		}
	}
}

func TestPagesInTheCloudSpeakToGoogleOnly(t *testing.T) {
	s := signInFor(Config{APIKey: "public-key"})
	if got := policy(s); !strings.Contains(got, "connect-src 'self' https://identitytoolkit.googleapis.com https://securetoken.googleapis.com;") {
		t.Error(got)
	}
	if s.Mailbox != "" {
		t.Error("the cloud has a mailbox of links")
	}
}

// TestFilesNeedNoMoreThanThePolicy holds the files themselves to it: nothing
// inline, nothing from elsewhere, no HTML made from text.
func TestFilesNeedNoMoreThanThePolicy(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<script(?:\s+[^>]*)?>[^<]|<style|\son[a-z]+\s*=\s*"|style\s*=\s*"|javascript:`)
	sink := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|localStorage|document\.cookie`)
	elsewhere := regexp.MustCompile(`https?://[^\s"'<>]+`)
	err := fs.WalkDir(assets, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := assets.ReadFile(name)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".html") {
			if found := inline.FindString(string(body)); found != "" {
				t.Errorf("%s has inline code: %q", name, found)
			}
		}
		if found := sink.FindString(string(body)); found != "" {
			t.Errorf("%s uses %s", name, found)
		}
		for _, url := range elsewhere.FindAllString(string(body), -1) {
			if url != "http://www.w3.org/2000/svg" {
				t.Errorf("%s names another place: %s", name, url)
			}
		}
		if contentTypes["."+name[strings.LastIndexByte(name, '.')+1:]] == "" {
			t.Errorf("%s has no content type", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreAskedForAgain(t *testing.T) {
	h := handler(t, newService(nil, local()))
	res, _ := call(t, h, "", "GET", "/portal/")
	tag := res.Header.Get("ETag")
	if tag == "" || res.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("tag %q, cache control %q", tag, res.Header.Get("Cache-Control"))
	}
	req := httptest.NewRequestWithContext(t.Context(), "GET", "/portal/", nil)
	req.Header.Set("If-None-Match", tag)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != http.StatusNotModified || rec.Body.Len() != 0 {
		t.Errorf("%d with %d bytes", rec.Code, rec.Body.Len())
	}
	if res, _ := call(t, h, "", "GET", "/portal"); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "/portal/" {
		t.Errorf("/portal: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	for _, path := range []string{"/portal/assets/index.html", "/portal/assets/", "/portal/assets/../doc.go", "/portal/none"} {
		if res, _ := call(t, h, "", "GET", path); res.StatusCode == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}

func TestConfigTellsWhatIsPublicOnly(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want map[string]any
	}{
		"cloud": {Config{Common: fn.Common{Project: "real-project"}, APIKey: "public-key"}, map[string]any{
			"accounts": "https://identitytoolkit.googleapis.com/v1", "tokens": "https://securetoken.googleapis.com/v1", "apiKey": "public-key"}},
		"local": {Config{Common: fn.Common{Project: "demo-hub"}, APIKey: "public-key", AuthEmulator: "127.0.0.1:9099"}, map[string]any{
			"accounts": "http://127.0.0.1:9099/identitytoolkit.googleapis.com/v1", "tokens": "http://127.0.0.1:9099/securetoken.googleapis.com/v1",
			"apiKey": "demo", "mailbox": "http://127.0.0.1:9099/emulator/v1/projects/demo-hub/oobCodes"}},
	} {
		t.Run(name, func(t *testing.T) {
			res, body := call(t, handler(t, newService(nil, signInFor(c.cfg))), "", "GET", "/portal/v1/config")
			var got map[string]any
			if err := json.Unmarshal([]byte(body), &got); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("%d %s: %v", res.StatusCode, body, err)
			}
			if diff := cmp.Diff(map[string]any{"signIn": c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
