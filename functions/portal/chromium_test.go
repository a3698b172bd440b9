package portal

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/shared/testkit"
)

// chromium finds the browser that opens the pages for real.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("chromium is not installed, and with CI set the pages must be opened for real: apt-get install chromium")
	}
	t.Skip("chromium is not installed, so the pages are not opened for real: apt-get install chromium")
	return ""
}

// open gives the page as it stands once its scripts have come to rest. With
// HUB_SCREENSHOTS set it leaves a picture of it in that folder.
func open(t *testing.T, url, name string) (dom, console string) {
	t.Helper()
	flags := []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--enable-logging=stderr", "--v=0",
		"--window-size=1200,1500", "--virtual-time-budget=15000"}
	run := func(more ...string) (string, string) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		args := append(append([]string{}, flags...), "--user-data-dir="+t.TempDir())
		cmd := exec.CommandContext(ctx, chromium(t), append(append(args, more...), url)...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("chromium: %v\n%s", err, errs.String())
		}
		return out.String(), errs.String()
	}
	if dir := os.Getenv("HUB_SCREENSHOTS"); dir != "" {
		run("--screenshot=" + dir + "/" + name + ".png")
	}
	return run("--dump-dom")
}

// site is the portal with other functions' answers beside it, as the load
// balancer puts them on one origin.
func site(t *testing.T, answers map[string]string) *httptest.Server {
	t.Helper()
	client := testkit.Firestore(t)
	set(t, client, "institutions/university", university)
	set(t, client, "accounts/u", completed(aDay, "training"))
	const hostile = `<img src=x onerror="document.title='broken in'">`
	set(t, client, "notices/no_01JBBBBBBBBBBBBBBBBBBBBBBB", notice{ID: "no_01JBBBBBBBBBBBBBBBBBBBBBBB", UID: "u", Title: "Half of your credits are spent", Text: hostile, At: now})
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	s := newService(client, signIn{Accounts: srv.URL + "/firebase", Tokens: srv.URL + "/firebase", APIKey: "demo"})
	mux.Handle("/portal/", handler(t, s))
	for path, body := range answers {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			text, missing := strings.CutPrefix(body, "404 ")
			if missing {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = w.Write([]byte(text))
		})
	}
	// Pages that sign in as u, as a session of this tab, and go on to the portal.
	for path, token := range map[string]string{"/enter": "u", "/enter1": "u1"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(`<!doctype html><script>
sessionStorage.setItem("hub-session", JSON.stringify({id: "` + token + `", refresh: "r", until: Date.now() + 3600000}));
location.replace("/portal/");
</script>`))
		})
	}
	return srv
}

const (
	user      = `{"users":[{"localId":"u","email":"u@university.example","emailVerified":true}]}`
	account   = `{"uid":"u","email":"u@university.example","name":"Ada <b>Researcher</b>","tier":"public","blocked":["training"],"modules":[{"module":"training","state":"missing"},{"module":"codeOfConduct","state":"expired"}],"session":{"level":2,"methods":["pwd","otp"]}}`
	spaces    = `{"items":[{"id":"ws_1","name":"Metformin & <i>age</i>","tier":"registered","role":"owner","state":"active","releaseId":"synthetic_1","canOpen":true,"createdAt":"2026-03-01T09:00:00Z"}]}`
	releases  = `{"items":[{"id":"synthetic_1","title":"Synthetic 1","participants":{"value":1000,"hidden":false,"text":"1000"}}]}`
	domains   = `{"release":"synthetic_1","items":[{"domain":"Condition","concepts":12},{"domain":"Drug","concepts":7}]}`
	concepts  = `{"release":"synthetic_1","next":"25","items":[{"conceptId":201826,"name":"Type 2 diabetes mellitus","domain":"Condition","vocabulary":"SNOMED","code":"44054006","participants":{"value":140,"hidden":false,"text":"140"},"participantsWithDescendants":{"value":160,"hidden":false,"text":"160"}},{"conceptId":1,"name":"Rare disease","domain":"Condition","vocabulary":"SNOMED","participants":{"value":20,"hidden":true,"text":"≤ 20"},"participantsWithDescendants":{"value":20,"hidden":true,"text":"≤ 20"}}]}`
	directory = `{"items":[{"id":"ws_1","name":"Metformin & <i>age</i>","tier":"registered","ownerName":"Ada Researcher","institution":"Example University","purpose":{"intendedStudy":"Whether metformin helps.","scientificApproach":"Cohorts.","anticipatedFindings":"That it does."},"createdAt":"2026-03-01T09:00:00Z"}]}`
	policies  = `{"items":[{"id":"codeOfConduct","version":"1","effectiveAt":"2026-01-01","title":"Data User Code of Conduct","summary":"Use the data well."}]}`
)

func TestPagesInChromium(t *testing.T) {
	chromium(t)
	srv := site(t, map[string]string{
		"/firebase/accounts:lookup": user, "/auth/v1/account": account, "/workspace/v1/workspaces": spaces,
		"/browser/v1/releases": releases, "/browser/v1/domains": domains, "/browser/v1/concepts": concepts,
		"/directory/v1/projects": directory, "/directory/v1/policies": policies,
	})
	for name, c := range map[string]struct {
		path string
		has  []string
	}{
		"signed-out": {"/portal/", []string{`id="sign-in-title"`, `id="sign-up-title"`, `autocomplete="current-password"`, `autocomplete="new-password"`}},
		"signed-in": {"/enter", []string{
			"u@university.example", "Research Map", "Metformin &amp; &lt;i&gt;age&lt;/i&gt;", "Half of your credits are spent",
			"&lt;img src=x onerror=", "As in your profile: Ada &lt;b&gt;Researcher&lt;/b&gt;", "First: Complete the training for the Registered Tier.", `<span class="state done">Done</span>`, `<span class="state blocked">Blocked</span>`,
		}},
		"data":      {"/portal/data", []string{"Type 2 diabetes mellitus", "≤ 20", `<option value="Drug">Drug (7)</option>`, "Show more concepts"}},
		"directory": {"/portal/directory", []string{"Metformin &amp; &lt;i&gt;age&lt;/i&gt;", "Whether metformin helps.", "Data User Code of Conduct"}},
	} {
		t.Run(name, func(t *testing.T) {
			dom, console := open(t, srv.URL+c.path, name)
			for _, want := range c.has {
				if !strings.Contains(dom, want) {
					t.Errorf("the page has no %s:\n%s", want, dom)
				}
			}
			for _, bad := range []string{"Content Security Policy", "Uncaught", "TrustedHTML"} {
				if strings.Contains(console, bad) {
					t.Errorf("the console says %s:\n%s", bad, console)
				}
			}
			if strings.Contains(dom, "<title>broken in") {
				t.Error("text became code")
			}
		})
	}
}

// TestPageBelowLevel2 shows that there are notices and what to do, not what they say.
func TestPageBelowLevel2(t *testing.T) {
	chromium(t)
	srv := site(t, map[string]string{"/firebase/accounts:lookup": user, "/auth/v1/account": strings.Replace(account, `"level":2`, `"level":1`, 1), "/directory/v1/policies": policies})
	dom, _ := open(t, srv.URL+"/enter1", "level-1")
	for _, want := range []string{lockedTitle, "Research Map", "Second factor"} {
		if !strings.Contains(dom, want) {
			t.Errorf("the page has no %s:\n%s", want, dom)
		}
	}
	for _, bad := range []string{"Half of your credits", "onerror", "Mark as read"} {
		if strings.Contains(dom, bad) {
			t.Errorf("the page has %s:\n%s", bad, dom)
		}
	}
}

// TestPageSaysWhatFails opens the page of somebody without a profile while
// another function is away.
func TestPageSaysWhatFails(t *testing.T) {
	chromium(t)
	srv := site(t, map[string]string{"/firebase/accounts:lookup": user, "/auth/v1/account": `404 {"detail":"This account is not set up yet."}`})
	dom, _ := open(t, srv.URL+"/enter", "no-profile")
	for _, want := range []string{"Create your profile", "Research Map"} {
		if !strings.Contains(dom, want) {
			t.Errorf("the page has no %s:\n%s", want, dom)
		}
	}
	dom, _ = open(t, srv.URL+"/portal/data", "data-away")
	if !strings.Contains(dom, "The hub answers 404.") {
		t.Errorf("the page does not say what fails:\n%s", dom)
	}
}
