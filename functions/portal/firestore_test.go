package portal

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/testkit"
)

func set(t *testing.T, c *firestore.Client, path string, v any) {
	t.Helper()
	if _, err := c.Doc(path).Set(t.Context(), v); err != nil {
		t.Fatal(err)
	}
}

// states reads somebody's map over HTTP.
func states(t *testing.T, h http.Handler, uid string) map[string]State {
	t.Helper()
	res, body := call(t, h, uid, "GET", "/portal/v1/research-map")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	var m struct{ Steps []Step }
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	got := map[string]State{}
	for _, s := range m.Steps {
		got[s.ID] = s.State
	}
	return got
}

func TestResearchMapFromFirestore(t *testing.T) {
	c := testkit.Firestore(t)
	h := handler(t, newService(c, local()))
	if got := states(t, h, "u"); got["profile"] != Todo || got["workspace"] != Blocked {
		t.Errorf("without a profile: %v", got)
	}
	set(t, c, "institutions/university", university)
	set(t, c, "accounts/u", completed(aDay))
	if got := states(t, h, "u"); got["profile"] != Done || got["workspace"] != Todo || got["cohort"] != Blocked || got["credits"] == Done {
		t.Errorf("with a profile: %v", got)
	}
	reached := completed(aDay)
	reached.FirstTierAt = now.Add(-aDay)
	set(t, c, "accounts/u", reached)
	for _, ws := range []string{"ws_01JBBBBBBBBBBBBBBBBBBBBBBB", "ws_01JCCCCCCCCCCCCCCCCCCCCCCC"} {
		set(t, c, "workspaces/"+ws, access.Workspace{ID: ws, Tier: access.Registered, MemberUIDs: []string{"u"}})
	}
	set(t, c, "workspaces/ws_01JBBBBBBBBBBBBBBBBBBBBBBB/cohorts/co_1", map[string]any{"id": "co_1"})
	set(t, c, "workspaces/ws_01JCCCCCCCCCCCCCCCCCCCCCCC/dataSets/ds_1", map[string]any{"id": "ds_1"})
	set(t, c, "reports/rep_1", map[string]any{"memberUids": []string{"u"}, "state": "draft"})
	if got := states(t, h, "u"); got["report"] != Todo {
		t.Errorf("a draft is %s", got["report"])
	}
	set(t, c, "reports/rep_2", map[string]any{"memberUids": []string{"u"}, "state": "submitted"})
	got := states(t, h, "u")
	want := map[string]State{"workspace": Done, "cohort": Done, "dataSet": Done, "run": Todo, "notebook": Blocked, "report": Done, "credits": Done}
	for id, state := range want {
		if got[id] != state {
			t.Errorf("%s is %s, want %s", id, got[id], state)
		}
	}
	if other := states(t, h, "v"); other["workspace"] != Blocked || other["report"] != Blocked {
		t.Errorf("another person's map: %v", other)
	}
}

func TestNoticesAreTheCallersOwn(t *testing.T) {
	c := testkit.Firestore(t)
	h := handler(t, newService(c, local()))
	const mine, older, foreign = "no_01JBBBBBBBBBBBBBBBBBBBBBBB", "no_01JAAAAAAAAAAAAAAAAAAAAAAA", "no_01JCCCCCCCCCCCCCCCCCCCCCCC"
	for id, uid := range map[string]string{mine: "u", older: "u", foreign: "v"} {
		set(t, c, "notices/"+id, notice{ID: id, UID: uid, EventID: "ev", Title: "title of " + id, Text: "text", At: now})
	}
	list := func(query string) (ids []string, next string, read map[string]bool) {
		res, body := call(t, h, "u", "GET", "/portal/v1/notices"+query)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
		var page struct {
			Notices []noticeView `json:"items"`
			Next    string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		read = map[string]bool{}
		for _, n := range page.Notices {
			ids = append(ids, n.ID)
			read[n.ID] = n.Read
		}
		return ids, page.Next, read
	}
	if ids, next, _ := list(""); next != "" || !cmp.Equal(ids, []string{mine, older}) {
		t.Errorf("got %v, next %q", ids, next)
	}
	ids, next, _ := list("?limit=1")
	if !cmp.Equal(ids, []string{mine}) || next != mine {
		t.Errorf("first page %v, next %q", ids, next)
	}
	if ids, _, _ := list("?limit=1&cursor=" + next); !cmp.Equal(ids, []string{older}) {
		t.Errorf("second page %v", ids)
	}
	for id, status := range map[string]int{mine: http.StatusNoContent, foreign: http.StatusNotFound, "no_01JDDDDDDDDDDDDDDDDDDDDDDD": http.StatusNotFound, "x": http.StatusNotFound} {
		for range 2 {
			if res, body := call(t, h, "u", "POST", "/portal/v1/notices/"+id+"/read"); res.StatusCode != status {
				t.Errorf("%s: %d, want %d: %s", id, res.StatusCode, status, body)
			}
		}
	}
	if _, _, read := list(""); !read[mine] || read[older] {
		t.Errorf("read: %v", read)
	}
	snap, err := c.Doc("notices/" + foreign).Get(t.Context())
	if err != nil || snap.Data()["read"] != false {
		t.Errorf("another person's notice: %v, %v", snap.Data(), err)
	}
	for _, path := range []string{"/portal/v1/notices", "/portal/v1/research-map"} {
		for _, token := range []string{"", "bad"} {
			if res, _ := call(t, h, token, "GET", path); res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with token %q: %d", path, token, res.StatusCode)
			}
		}
	}
}

// Below level 2 a notice tells neither its title nor its text, in no field.
func TestNoticesAreReadWithASecondFactor(t *testing.T) {
	c := testkit.Firestore(t)
	h := handler(t, newService(c, local()))
	const one = "no_01JBBBBBBBBBBBBBBBBBBBBBBB"
	set(t, c, "notices/"+one, notice{ID: one, UID: "u", EventID: "ev_budget", Title: "Half of Metformin's budget", Text: "It has cost 50 USD.", At: now})
	reset := completed(aDay)
	disabled := completed(aDay)
	disabled.Disabled = true
	reset.AssuranceAfter = now.Add(time.Second)
	for _, k := range []struct {
		name, token    string
		account        *access.Account
		list, read     int
		title, contain string
	}{
		{"level 1 without a profile", "u1", nil, 200, 403, lockedTitle, ""},
		{"level 2 of before a reset", "u", &reset, 200, 403, lockedTitle, ""},
		{"a disabled account", "u", &disabled, 403, 403, "", "disabled"},
		{"a disabled account at level 1", "u1", &disabled, 403, 403, "", ""},
		{"level 1", "u1", ref(completed(aDay)), 200, 403, lockedTitle, ""},
		{"level 2", "u", ref(completed(aDay)), 200, 204, "Half of Metformin's budget", "It has cost 50 USD."},
	} {
		t.Run(k.name, func(t *testing.T) {
			if k.account != nil {
				set(t, c, "accounts/u", *k.account)
			}
			res, body := call(t, h, k.token, "GET", "/portal/v1/notices")
			if res.StatusCode != k.list || !strings.Contains(body, k.contain) {
				t.Fatalf("%d %s", res.StatusCode, body)
			}
			if k.list == 200 && !strings.Contains(body, k.title) {
				t.Errorf("no %q in %s", k.title, body)
			}
			for _, secret := range []string{"Metformin", "50 USD", "budget"} {
				if k.title != "Half of Metformin's budget" && strings.Contains(body, secret) {
					t.Errorf("%s tells %q", body, secret)
				}
			}
			if res, body := call(t, h, k.token, "POST", "/portal/v1/notices/"+one+"/read"); res.StatusCode != k.read {
				t.Errorf("read: %d %s", res.StatusCode, body)
			}
		})
	}
}

func TestADisabledAccountHasNoMap(t *testing.T) {
	c := testkit.Firestore(t)
	a := completed(aDay)
	a.Disabled = true
	set(t, c, "accounts/u", a)
	for _, token := range []string{"u", "u1"} {
		if res, body := call(t, handler(t, newService(c, local())), token, "GET", "/portal/v1/research-map"); res.StatusCode != http.StatusForbidden || !strings.Contains(body, "disabled") {
			t.Errorf("%s: %d %s", token, res.StatusCode, body)
		}
	}
}

func ref(a access.Account) *access.Account { return &a }
