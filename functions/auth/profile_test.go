package auth

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
)

// wholeProfile is a whole profile, as a new account sends it.
func wholeProfile(name string) map[string]any {
	return map[string]any{"name": name, "affiliation": "Example University, Epidemiology", "role": "graduateTrainee",
		"degrees": []string{"bs", "mph"}, "researchArea": "Sleep and metabolic disease", "termsOfService": "1"}
}

// with is a copy of a body with some fields changed; a nil takes one away.
func with(body map[string]any, changes map[string]any) map[string]any {
	body = maps.Clone(body)
	for k, v := range changes {
		if v == nil {
			delete(body, k)
		} else {
			body[k] = v
		}
	}
	return body
}

// broken lists the fields that an answer names.
func broken(answer map[string]any) []string {
	list := []string{}
	errors, _ := answer["errors"].([]any)
	for _, e := range errors {
		list = append(list, e.(map[string]any)["location"].(string))
	}
	return list
}

// etag reads the caller's account's.
func (r *room) etag(token string) string {
	r.t.Helper()
	status, h, answer := doWith(r.t, r.handler, "GET", "/v1/account", token, nil)
	if status != 200 || h.Get("ETag") == "" {
		r.t.Fatalf("GET /v1/account: %d %v, etag %q", status, answer, h.Get("ETag"))
	}
	return h.Get("ETag")
}

func (r *room) patch(token, etag string, body any) (int, map[string]any) {
	r.t.Helper()
	status, _, answer := doWith(r.t, r.handler, "PATCH", "/v1/account", token, body, "If-Match", etag)
	return status, answer
}

func (r *room) entriesOf(act string) []audit.Entry {
	r.t.Helper()
	snaps, err := r.client.Collection(audit.Collection).Where("act", "==", act).Documents(r.t.Context()).GetAll()
	if err != nil {
		r.t.Fatal(err)
	}
	list := make([]audit.Entry, len(snaps))
	for i, s := range snaps {
		if err := s.DataTo(&list[i]); err != nil {
			r.t.Fatal(err)
		}
	}
	return list
}

func TestEveryBrokenFieldIsNamedAtOnce(t *testing.T) {
	r := newRoom(t)
	all := []string{"body.name", "body.affiliation", "body.role", "body.degrees", "body.researchArea", "body.termsOfService"}
	for name, c := range map[string]struct {
		body map[string]any
		want []string
	}{
		"nothing": {map[string]any{}, all},
		"all wrong": {map[string]any{"name": " ", "affiliation": strings.Repeat("x", 201), "role": "king", "degrees": []string{},
			"researchArea": "a\u202eb", "termsOfService": "0"}, all},
		"too long":               {with(wholeProfile("A"), map[string]any{"name": strings.Repeat("é", 201), "researchArea": strings.Repeat("x", 1001)}), []string{"body.name", "body.researchArea"}},
		"other without a word":   {with(wholeProfile("A"), map[string]any{"role": "other", "degrees": []string{"other"}}), []string{"body.otherRole", "body.otherDegree"}},
		"a word without other":   {with(wholeProfile("A"), map[string]any{"otherRole": "x", "otherDegree": "y"}), []string{"body.otherRole", "body.otherDegree"}},
		"degrees":                {with(wholeProfile("A"), map[string]any{"degrees": []string{"bs", "sorcery", "bs"}}), []string{"body.degrees[1]", "body.degrees[2]"}},
		"none and another":       {with(wholeProfile("A"), map[string]any{"degrees": []string{"none", "bs"}}), []string{"body.degrees"}},
		"all and some of them":   {with(wholeProfile("A"), map[string]any{"degrees": slices.Repeat([]string{"bs"}, 22)}), []string{"body.degrees"}},
		"terms of another hub":   {with(wholeProfile("A"), map[string]any{"termsOfService": "2"}), []string{"body.termsOfService"}},
		"without terms":          {with(wholeProfile("A"), map[string]any{"termsOfService": nil}), []string{"body.termsOfService"}},
		"zero-width in a name":   {wholeProfile("An\u200bn"), []string{"body.name"}},
		"a line break in a name": {with(wholeProfile("A"), map[string]any{"affiliation": "a\u2028b", "name": "x\x7f"}), []string{"body.name"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := r.do("POST", "/v1/account", "ann", c.body)
			if d := cmp.Diff(c.want, broken(answer)); status != 422 || d != "" {
				t.Errorf("%d %v\n%s", status, answer, d)
			}
		})
	}
	r.want(404, "GET", "/v1/account", "ann", nil)
	r.want(201, "POST", "/v1/account", "ann", with(wholeProfile("Ann"), map[string]any{"role": "other", "otherRole": "Archivist", "degrees": []string{"other", "ba"}, "otherDegree": "Licentiate"}))
}

// Nobody raises themselves: what gives a right is not a person's to send.
func TestMassAssignmentChangesNothing(t *testing.T) {
	r := newRoom(t)
	rights := map[string]any{"tier": "controlled", "adminRoles": []string{"accessAdmin"}, "roles": []string{"accessAdmin"}, "uid": "admin",
		"disabled": false, "institutionId": "university", "email": "admin@university.example", "modules": map[string]any{"training": "complete"},
		"firstTierAt": "2020-01-01T00:00:00Z", "profile": map[string]any{"role": "teacher"}, "UID": "admin"}
	for field, value := range rights {
		r.want(422, "POST", "/v1/account", "ann", with(wholeProfile("Ann"), map[string]any{field: value}))
	}
	r.want(404, "GET", "/v1/account", "ann", nil)
	r.signUp("ann", "Ann Example")
	before := r.account("ann")
	for field, value := range rights {
		if status, answer := r.patch("ann", r.etag("ann"), map[string]any{"name": "Eve", field: value}); status != 422 {
			t.Errorf("PATCH with %s: %d %v", field, status, answer)
		}
		for _, path := range []string{"/v1/account/terms", "/v1/account/email"} {
			if status, answer := r.do("POST", path, "ann", map[string]any{"version": "1", field: value}); path == "/v1/account/terms" && status != 422 {
				t.Errorf("%s with %s: %d %v", path, field, status, answer)
			}
		}
	}
	// The person's own "role" is what they do at work: it is no admin role.
	if status, _ := r.patch("ann", r.etag("ann"), map[string]any{"role": "accessAdmin"}); status != 422 {
		t.Errorf("an admin role as the role at work: %d", status)
	}
	if d := cmp.Diff(before, r.account("ann")); d != "" {
		t.Errorf("the account changed:\n%s", d)
	}
}

func TestAProfileIsChangedByItsEtag(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	r.want(200, "POST", "/v1/modules/codeOfConduct/completion", "ann", map[string]any{"fullName": "Ann Example", "initials": "AE", "version": "1"})
	stale := r.etag("ann")
	if status, answer := r.patch("ann", "", map[string]any{"name": "Ann Other"}); status != 428 || answer["code"] != "noPrecondition" {
		t.Errorf("without If-Match: %d %v", status, answer)
	}
	r.clock.Advance(time.Hour)
	status, answer := r.patch("ann", stale, map[string]any{"name": "Ann Other", "degrees": []string{"phd"}})
	if status != 200 || answer["name"] != "Ann Other" || answer["affiliation"] != "Example University, Epidemiology" {
		t.Errorf("changed: %d %v", status, answer)
	}
	if status, _ := r.patch("ann", stale, map[string]any{"name": "Third"}); status != 412 {
		t.Errorf("a stale etag: %d", status)
	}
	if status, _ := r.patch("ann", `"yesterday"`, map[string]any{"name": "Third"}); status != 412 {
		t.Errorf("no etag of ours: %d", status)
	}
	if status, _ := r.patch("ann", r.etag("ann"), map[string]any{}); status != 422 {
		t.Errorf("an empty change: %d", status)
	}
	if status, _ := r.patch("ben", stale, map[string]any{"name": "Third"}); status != 404 {
		t.Errorf("somebody without an account: %d", status)
	}
	a := r.account("ann")
	if a.Name != "Ann Other" || a.InstitutionID != "university" || !strings.Contains(a.Modules["codeOfConduct"].Evidence, "Ann Example") {
		t.Errorf("account %+v", a)
	}
	// The signature stays: it names who signed, as they were called then.
	for _, m := range answer["modules"].([]any) {
		if m := m.(map[string]any); m["module"] == "codeOfConduct" && m["state"] != "complete" {
			t.Errorf("after the change of name: %v", m)
		}
	}
	got := r.entriesOf("account.change")
	if len(got) != 1 || got[0].Actor != "ann" || got[0].Target != "accounts/ann" || !got[0].At.Equal(r.clock.Now()) ||
		got[0].Before != `name "Ann Example", degrees "bs mph"` || got[0].After != `name "Ann Other", degrees "phd"` {
		t.Errorf("audit: %+v", got)
	}
	// A text that belongs to a choice goes with it.
	if status, answer := r.patch("ann", r.etag("ann"), map[string]any{"role": "other", "otherRole": "Archivist"}); status != 200 || answer["otherRole"] != "Archivist" {
		t.Errorf("%d %v", status, answer)
	}
	if status, answer := r.patch("ann", r.etag("ann"), map[string]any{"role": "teacher"}); status != 200 || answer["otherRole"] != nil {
		t.Errorf("%d %v", status, answer)
	}
}

// Two instances change one profile by one etag: one of them wins, whole.
func TestTwoChangesByOneEtag(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	etag := r.etag("ann")
	statuses := make(chan int, 2)
	for _, name := range []string{"First", "Second"} {
		go func() {
			status, _ := r.patch("ann", etag, map[string]any{"name": name, "researchArea": name})
			statuses <- status
		}()
	}
	got := []int{<-statuses, <-statuses}
	slices.Sort(got)
	if d := cmp.Diff([]int{200, 412}, got); d != "" {
		t.Error(d)
	}
	if a := r.account("ann"); a.Name != a.Profile.ResearchArea || len(r.entriesOf("account.change")) != 1 {
		t.Errorf("a mixture: %q, %q", a.Name, a.Profile.ResearchArea)
	}
}

func TestTermsOfService(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	if got := r.want(200, "GET", "/v1/account", "ann", nil); got["termsOfService"] != "1" || got["termsOfServiceCurrent"] != "1" || got["termsOfServiceDue"] != false {
		t.Errorf("account %v", got)
	}
	a := r.account("ann")
	a.Terms = access.Terms{}
	r.put(access.Accounts, "ann", a)
	if got := r.want(200, "GET", "/v1/account", "ann", nil); got["termsOfServiceDue"] != true {
		t.Errorf("without terms: %v", got)
	}
	for _, version := range []string{"", "0", "2"} {
		if answer := r.want(422, "POST", "/v1/account/terms", "ann", map[string]any{"version": version}); !slices.Equal(broken(answer), []string{"body.version"}) {
			t.Errorf("%q: %v", version, answer)
		}
	}
	for range 2 { // a second time changes nothing
		if got := r.want(200, "POST", "/v1/account/terms", "ann", map[string]any{"version": "1"}); got["termsOfServiceDue"] != false {
			t.Errorf("accepted: %v", got)
		}
	}
	if n := len(r.entriesOf("account.terms")); n != 1 {
		t.Errorf("%d audit entries", n)
	}
}
