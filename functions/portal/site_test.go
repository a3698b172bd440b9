package portal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// hostile is a text that would run if any page made HTML of it.
const hostile = `<img src=x onerror="document.title='broken in'">`

// answers are what the other functions say, by method and path; a status other
// than 200 stands before the body: "404 {...}".
type answers map[string]string

// hubSite is the portal with other functions' answers beside it, as the load
// balancer puts them on one origin.
type hubSite struct {
	t *testing.T
	// url is by name, not by number: WebAuthn takes no IP addresses.
	url string

	mu sync.Mutex
	// answers of this moment; a handler stands before them.
	answers  answers
	handlers map[string]http.HandlerFunc
	// requests that were answered here, as "METHOD /path body".
	requests []string
	headers  map[string]http.Header
}

// newSite serves the portal for u, who has a notice and a workspace's worth of
// modules, and those answers.
func newSite(t *testing.T, list ...answers) *hubSite {
	t.Helper()
	client := testkit.Firestore(t)
	set(t, client, "institutions/university", university)
	set(t, client, "accounts/u", completed(aDay, "training"))
	set(t, client, "notices/no_01JBBBBBBBBBBBBBBBBBBBBBBB", notice{ID: "no_01JBBBBBBBBBBBBBBBBBBBBBBB", UID: "u", Title: "Half of your credits are spent", Text: hostile, At: now})
	h := &hubSite{t: t, answers: answers{}, handlers: map[string]http.HandlerFunc{}, headers: map[string]http.Header{}}
	for _, some := range append([]answers{firebase}, list...) {
		for key, body := range some {
			h.answers[key] = body
		}
	}
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	h.url = strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	s := newService(client, signIn{Accounts: h.url + "/firebase", Tokens: h.url + "/firebase", APIKey: "demo", Mailbox: h.url + "/mailbox"})
	mux.Handle("/portal/", handler(t, s))
	mux.HandleFunc("/", h.answer)
	// Pages that sign in as u, as a session of this tab, and go on to a page.
	for path, token := range map[string]string{"/enter": "u", "/enter1": "u1"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			to, err := json.Marshal(r.URL.Query().Get("to"))
			if err != nil {
				t.Error(err)
			}
			_, _ = fmt.Fprintf(w, `<!doctype html><script>
sessionStorage.setItem("hub-session", JSON.stringify({id: %q, refresh: "r", until: Date.now() + 3600000}));
location.replace(%s || "/portal/");
</script>`, token, to)
		})
	}
	return h
}

// answer gives what is set for the request, and remembers the request.
func (h *hubSite) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	key := r.Method + " " + r.URL.Path
	h.mu.Lock()
	h.requests = append(h.requests, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
	h.headers[key] = r.Header.Clone()
	text, found := h.answers[key]
	f := h.handlers[key]
	h.mu.Unlock()
	if f != nil {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		f(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	status := http.StatusOK
	switch {
	case !found:
		status, text = 404, `{"detail":"There is no such route. The routes are listed at /auth/docs.","code":"notFound"}`
	case len(text) > 3 && text[3] == ' ':
		if _, err := fmt.Sscanf(text, "%d", &status); err != nil {
			h.t.Error(err)
		}
		text = text[4:]
	}
	if status == http.StatusOK && r.URL.Path == "/auth/v1/account" {
		w.Header().Set("ETag", `"tag-1"`)
	}
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_, _ = w.Write([]byte(text))
	}
}

// set changes an answer from now on.
func (h *hubSite) set(key, body string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[key] = body
}

// handle answers a request by a function from now on.
func (h *hubSite) handle(key string, f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.handlers[key] = f
}

// asked gives the requests so far that begin with a text.
func (h *hubSite) asked(prefix string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []string
	for _, one := range h.requests {
		if strings.HasPrefix(one, prefix) {
			list = append(list, one)
		}
	}
	return list
}

// header gives a header of the last request of that kind.
func (h *hubSite) header(key, name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.headers[key].Get(name)
}

// firebase is the sign-in service: a password opens level 1, a custom token
// opens the session of its name.
var firebase = answers{
	"POST /firebase/accounts:lookup":                `{"users":[{"localId":"u","email":"u@university.example","emailVerified":true}]}`,
	"POST /firebase/accounts:signInWithPassword":    `{"idToken":"u1","refreshToken":"r","expiresIn":"3600"}`,
	"POST /firebase/accounts:signInWithCustomToken": `{"idToken":"u","refreshToken":"r","expiresIn":"3600"}`,
	"POST /firebase/token":                          `{"id_token":"u1","refresh_token":"r","expires_in":"3600"}`,
	"GET /mailbox":                                  `{"oobCodes":[]}`,
}

// account is u's, with hostile text wherever somebody could have written some.
const account = `{"uid":"u","email":"u@university.example","name":"Ada <b>Researcher</b>","affiliation":"Example University, <i>Statistics</i>","role":"other","otherRole":"Keeper of <u>keys</u>","degrees":["phd","other"],"otherDegree":"Magister","researchArea":"Metformin & ageing. <img src=x onerror=\"document.title='broken in'\">","institutionId":"university","termsOfService":"1","termsOfServiceAcceptedAt":"2026-02-01T09:00:00Z","termsOfServiceCurrent":"1","termsOfServiceDue":false,"createdAt":"2026-02-01T09:00:00Z","tier":"public","blocked":["training","codeOfConduct"],"modules":[
{"module":"twoFactor","state":"complete","tiers":["registered","controlled"],"selfService":false},
{"module":"identity","state":"missing","tiers":["registered","controlled"],"selfService":false},
{"module":"training","state":"missing","tiers":["registered","controlled"],"selfService":false},
{"module":"controlledTraining","state":"bypassed","tiers":["controlled"],"selfService":false},
{"module":"codeOfConduct","state":"expired","tiers":["registered","controlled"],"selfService":true,"expiresAt":"2026-02-20T09:00:00Z","renewFrom":"2026-01-21T09:00:00Z"},
{"module":"profileConfirmation","state":"renewing","tiers":["registered","controlled"],"selfService":true,"expiresAt":"2026-03-20T09:00:00Z","renewFrom":"2026-02-18T09:00:00Z"},
{"module":"publicationConfirmation","state":"complete","tiers":["registered","controlled"],"selfService":true,"expiresAt":"2027-02-20T09:00:00Z","renewFrom":"2027-01-21T09:00:00Z"}],
"session":{"level":2,"methods":["pwd","otp"]}}`

// routes are the other functions at their best.
var routes = answers{
	"GET /auth/v1/account":                account,
	"GET /auth/v1/institutions":           `{"items":[{"id":"university","name":"Example <b>University</b>","kind":"university"}]}`,
	"GET /auth/v1/profile-form":           profileLists,
	"GET /auth/v1/account/demographics":   `{"answers":{"education":["college"],"raceEthnicity":["selfDescribe"]},"selfDescription":{"raceEthnicity":"<b>me</b>"},"answeredAt":"2026-02-02T09:00:00Z"}`,
	"GET /auth/v1/factors":                `{"items":[{"id":"fac_1","kind":"totp","name":"My <b>phone</b>","createdAt":"2026-02-01T09:00:00Z","lastUsedAt":"2026-03-01T08:30:00Z","confirmed":true},{"id":"fac_2","kind":"passkey","name":"Laptop","createdAt":"2026-02-01T09:00:00Z","confirmed":true,"cloneWarning":true}],"recoveryCodesLeft":3}`,
	"GET /auth/v1/sessions":               `{"items":[{"id":"s_1","current":true,"device":{"userAgent":"Chromium on Linux","ip":"192.0.2.0/24"},"startedAt":"2026-03-01T09:00:00Z","lastUsedAt":"2026-03-02T08:59:00Z","level":2,"methods":["pwd","otp","mfa"]},{"id":"s_2","current":false,"device":{"userAgent":"Firefox on <b>Windows</b>","ip":"198.51.100.0/24"},"startedAt":"2026-02-20T09:00:00Z","lastUsedAt":"2026-02-20T10:00:00Z","level":1,"methods":["pwd"]}]}`,
	"GET /auth/v1/audit/own":              `{"items":[{"id":"aud_2","at":"2026-03-01T09:00:00Z","actor":"you","act":"factor.confirm","target":"accounts/u","before":"twoFactor missing","after":"twoFactor complete"},{"id":"aud_1","at":"2026-02-20T09:00:00Z","actor":"admin","act":"module.bypass","target":"accounts/u/modules/training","reason":"Trained <b>on site</b>."}],"next":"aud_1"}`,
	"GET /workspace/v1/workspaces":        `{"items":[{"id":"ws_1","name":"Metformin & <i>age</i>","tier":"registered","role":"owner","state":"active","releaseId":"synthetic_1","canOpen":true,"createdAt":"2026-03-01T09:00:00Z"}]}`,
	"GET /browser/v1/releases":            `{"items":[{"id":"synthetic_1","title":"Synthetic 1","participants":{"value":1000,"hidden":false,"text":"1000"}}]}`,
	"GET /browser/v1/domains":             `{"release":"synthetic_1","items":[{"domain":"Condition","concepts":12},{"domain":"Drug","concepts":7}]}`,
	"GET /browser/v1/concepts":            `{"release":"synthetic_1","next":"25","items":[{"conceptId":201826,"name":"Type 2 diabetes mellitus","domain":"Condition","vocabulary":"SNOMED","code":"44054006","participants":{"value":140,"hidden":false,"text":"140"},"participantsWithDescendants":{"value":160,"hidden":false,"text":"160"}},{"conceptId":1,"name":"Rare disease","domain":"Condition","vocabulary":"SNOMED","participants":{"value":20,"hidden":true,"text":"≤ 20"},"participantsWithDescendants":{"value":20,"hidden":true,"text":"≤ 20"}}]}`,
	"GET /directory/v1/search":            firstProjects,
	"GET /directory/v1/projects/ws_1":     oneProject,
	"GET /directory/v1/community":         `{"items":[{"id":"sn_1","category":"tutorial","title":"Counting <b>people</b>","description":"How to count. <img src=x onerror=\"document.title='broken in'\">","tier":"registered","releaseId":"r2026","ownerName":"Ada Researcher","institution":"Example University","version":2,"contents":{"cohorts":1,"notebooks":3},"publishedAt":"2026-03-01T09:00:00Z"}]}`,
	"GET /directory/v1/policies":          `{"items":[{"id":"codeOfConduct","version":"1","effectiveAt":"2026-01-01","title":"Data User Code of Conduct","summary":"Use the data well.","source":"The policy library"},{"id":"termsOfService","version":"1","effectiveAt":"2026-01-01","title":"Terms of Service","summary":"Keep your account to yourself.","source":"The policy library"}]}`,
	"POST /auth/v1/session/challenge":     `{"factors":[{"id":"fac_1","kind":"totp","name":"My <b>phone</b>"}],"recovery":true}`,
	"POST /auth/v1/session/second-factor": `{"customToken":"raised"}`,
}

const profileLists = `{"roles":[{"id":"undergraduate","label":"Undergraduate"},{"id":"researchFellow","label":"Research fellow"},{"id":"other","label":"Other"}],
"degrees":[{"id":"phd","label":"PhD"},{"id":"none","label":"None"},{"id":"other","label":"Other"}],
"demographics":[{"id":"raceEthnicity","question":"Which of these describe your race or ethnicity?","multiple":true,"choices":[{"id":"white","label":"White"},{"id":"selfDescribe","label":"In my own words"},{"id":"preferNotToAnswer","label":"I prefer not to answer"}]},
{"id":"education","question":"What is the highest level of education that you completed?","multiple":false,"choices":[{"id":"college","label":"College"},{"id":"preferNotToAnswer","label":"I prefer not to answer"}]}]}`
