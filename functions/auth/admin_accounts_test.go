package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// entries gives the audit log, oldest first, as "actor act target | reason | before > after".
func (r *room) entries() []audit.Entry {
	r.t.Helper()
	snaps, err := r.client.Collection(audit.Collection).Documents(r.t.Context()).GetAll()
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

func (r *room) lines() []string {
	r.t.Helper()
	lines := []string{}
	for _, e := range r.entries() {
		lines = append(lines, e.Actor+" "+e.Act+" "+e.Target+" | "+e.Reason+" | "+e.Before+" > "+e.After)
	}
	return lines
}

func reason(text string) map[string]any { return map[string]any{"reason": text} }

func (r *room) setRoles(uid string, roles ...access.Role) {
	r.t.Helper()
	a, err := r.service.gate.Record(r.t.Context(), uid)
	if err != nil {
		r.t.Fatal(err)
	}
	a.AdminRoles = roles
	r.put(access.Accounts, uid, a)
}

func TestDisableAndEnable(t *testing.T) {
	r := withAdmins(t)
	for _, c := range []struct {
		name, token, uid, act string
		body                  map[string]any
		status                int
	}{
		{"nobody", "", "ann", "disable", reason("r"), 401},
		{"a session of level 1", "admin", "ann", "disable", reason("r"), 403},
		{"no admin", "ann2", "ben", "disable", reason("r"), 403},
		{"oneself", "admin2", "admin", "disable", reason("r"), 403},
		{"an admin, by an access admin", "admin2", "ben", "disable", reason("r"), 403},
		{"a researcher, by a security admin", "ben2", "ann", "disable", reason("r"), 403},
		{"no reason", "admin2", "ann", "disable", reason(""), 422},
		{"a blank reason", "admin2", "ann", "disable", reason("  "), 422},
		{"no such account", "admin2", "carl", "disable", reason("r"), 404},
		{"a path", "admin2", "ann%2Fx", "disable", reason("r"), 404},
		{"smuggled", "admin2", "ann", "disable", map[string]any{"reason": "r", "roles": []string{"accessAdmin"}}, 422},
	} {
		if status, answer := r.do("POST", "/v1/admin/accounts/"+c.uid+"/"+c.act, c.token, c.body); status != c.status {
			t.Errorf("%s: %d %v, want %d", c.name, status, answer, c.status)
		}
	}
	if d := cmp.Diff([]string{}, r.lines()); d != "" {
		t.Fatalf("refused acts are in the log: %s", d)
	}

	if got := r.want(200, "POST", "/v1/admin/accounts/ann/disable", "admin2", reason("left")); got["disabled"] != true {
		t.Errorf("account %v", got)
	}
	if a := r.account("ann"); !a.Disabled || !r.sessions.disabled["ann"] {
		t.Errorf("account %+v, sign-ins %v", a, r.sessions.disabled)
	}
	r.want(403, "POST", "/v1/modules/profileConfirmation/completion", "ann", map[string]any{})
	r.clock.Advance(time.Second)
	r.want(200, "POST", "/v1/admin/accounts/ann/disable", "admin2", reason("left, again"))
	r.clock.Advance(time.Second)
	r.want(200, "POST", "/v1/admin/accounts/ann/enable", "admin2", reason("came back"))
	r.want(200, "POST", "/v1/admin/accounts/ann/enable", "admin2", reason("again"))
	if a := r.account("ann"); a.Disabled || r.sessions.disabled["ann"] {
		t.Errorf("account %+v, sign-ins %v", a, r.sessions.disabled)
	}
	r.clock.Advance(time.Second)
	r.want(200, "POST", "/v1/modules/profileConfirmation/completion", "ann", map[string]any{})
	if d := cmp.Diff([]string{
		"admin account.disable accounts/ann | left | enabled > disabled",
		"admin account.enable accounts/ann | came back | disabled > enabled",
	}, r.lines()[:2]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"ann disabled", "ann enabled"}, r.told()); d != "" {
		t.Error(d)
	}
}

// closedAway is a Firebase that does not hear: as if the function had died after its commit.
type closedAway struct{ *fakeSessions }

func (closedAway) SetDisabled(context.Context, string, bool) error { return errors.New("away") }

func TestALostCallIsMadeUpForByTheSameActAgain(t *testing.T) {
	r := withAdmins(t)
	dying := r.instance(r.sessions)
	dying.signIns = closedAway{r.sessions}
	if _, err := dying.setDisabled(t.Context(), principal("admin", session.SecondFactor), "ann", true, "left"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	// It works anyway: the account does nothing more.
	r.want(403, "POST", "/v1/modules/profileConfirmation/completion", "ann", map[string]any{})
	if r.sessions.disabled["ann"] {
		t.Fatal("the call was not lost")
	}
	r.want(200, "POST", "/v1/admin/accounts/ann/disable", "admin2", reason("left"))
	if !r.sessions.disabled["ann"] {
		t.Error("the second act did not close the sign-in")
	}
	if n := len(r.lines()); n != 1 || len(r.told()) != 1 {
		t.Errorf("%d entries, %v", n, r.told())
	}
}

// contrary is a Firebase in whose call another admin does the opposite: its own
// call arrives first, though its act comes second.
type contrary struct {
	*fakeSessions
	once sync.Once
	then func()
}

func (c *contrary) SetDisabled(ctx context.Context, uid string, disabled bool) error {
	c.once.Do(c.then)
	return c.fakeSessions.SetDisabled(ctx, uid, disabled)
}

func TestFirebaseAgreesWithTheLaterOfTwoActs(t *testing.T) {
	r := withAdmins(t)
	s := r.instance(r.sessions)
	s.signIns = &contrary{fakeSessions: r.sessions, then: func() {
		r.want(200, "POST", "/v1/admin/accounts/ann/enable", "admin2", reason("a mistake"))
	}}
	a, err := s.setDisabled(t.Context(), principal("admin", session.SecondFactor), "ann", true, "left")
	if err != nil || a.Disabled || r.account("ann").Disabled || r.sessions.disabled["ann"] {
		t.Errorf("account %+v, sign-ins %v, %v", a, r.sessions.disabled, err)
	}
}

func TestFactorsReset(t *testing.T) {
	r := withAdmins(t)
	e := r.want(201, "POST", "/v1/factors/totp", "ann", nil)
	r.want(200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", "ann", codeOf(r.code(e["secret"].(string))))
	r.want(403, "POST", "/v1/admin/accounts/admin/factors/reset", "admin2", reason("r"))
	r.want(403, "POST", "/v1/admin/accounts/ann/factors/reset", "ben2", reason("r"))
	r.want(200, "POST", "/v1/admin/accounts/ann/factors/reset", "admin2", reason("lost the phone"))
	if f := r.account("ann").Modules["twoFactor"]; !f.CompletedAt.IsZero() {
		t.Errorf("fact %+v", f)
	}
	if d := cmp.Diff([]string{"ann factorsReset", "ann totpAdded Authenticator app"}, r.told()); d != "" {
		t.Error(d)
	}
}

func TestRoles(t *testing.T) {
	r := withAdmins(t)
	to := func(roles ...string) map[string]any {
		if roles == nil {
			roles = []string{}
		}
		return map[string]any{"roles": roles, "reason": "r"}
	}
	for _, c := range []struct {
		name, token, uid string
		body             map[string]any
		status           int
	}{
		{"nobody", "", "ann", to("reviewBoard"), 401},
		{"a session of level 1", "ben", "ann", to("reviewBoard"), 403},
		{"oneself", "ben2", "ben", to("securityAdmin", "accessAdmin"), 403},
		{"oneself, to give it up", "ben2", "ben", to(), 403},
		{"an admin of something else", "admin2", "ann", to("reviewBoard"), 403},
		{"no admin", "ann2", "ann", to("securityAdmin"), 403},
		{"no such role", "ben2", "ann", to("root"), 422},
		{"one twice", "ben2", "ann", to("reviewBoard", "reviewBoard"), 422},
		{"no roles said", "ben2", "ann", reason("r"), 422},
		{"no reason", "ben2", "ann", map[string]any{"roles": []string{"reviewBoard"}, "reason": " "}, 422},
		{"no such account", "ben2", "carl", to("reviewBoard"), 404},
		{"given", "ben2", "ann", to("reviewBoard", "accessAdmin"), 200},
		{"the same, in another order", "ben2", "ann", to("accessAdmin", "reviewBoard"), 200},
		{"taken", "ben2", "ann", to(), 200},
	} {
		if status, answer := r.do("PUT", "/v1/admin/accounts/"+c.uid+"/roles", c.token, c.body); status != c.status {
			t.Errorf("%s: %d %v, want %d", c.name, status, answer, c.status)
		}
		r.clock.Advance(time.Second)
	}
	if d := cmp.Diff([]string{
		"ben account.roles accounts/ann | r | none > accessAdmin, reviewBoard",
		"ben account.roles accounts/ann | r | accessAdmin, reviewBoard > none",
	}, r.lines()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"ann rolesChanged", "ann rolesChanged"}, r.told()); d != "" {
		t.Error(d)
	}
	r.want(200, "POST", "/v1/admin/accounts/ann/disable", "admin2", reason("left"))
	r.want(409, "PUT", "/v1/admin/accounts/ann/roles", "ben2", to("reviewBoard"))
}

// Two security admins take the role from each other, or disable each other, on
// two instances at the same moment: one of them keeps it.
func TestTheLastSecurityAdminStays(t *testing.T) {
	for name, act := range map[string]func(s *service, from, on string) error{
		"roles": func(s *service, from, on string) error {
			_, err := s.setRoles(t.Context(), principal(from, session.SecondFactor), on, rolesBody{Reason: "r"})
			return err
		},
		"disable": func(s *service, from, on string) error {
			_, err := s.setDisabled(t.Context(), principal(from, session.SecondFactor), on, true, "r")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := withAdmins(t)
			r.setRoles("ann", access.SecurityAdmin)
			r.setRoles("ben", access.SecurityAdmin)
			errs := make([]error, 2)
			var wg sync.WaitGroup
			for i, pair := range [][2]string{{"ann", "ben"}, {"ben", "ann"}} {
				s := r.instance(&fakeSessions{})
				s.signIns = &fakeSessions{}
				wg.Go(func() { errs[i] = act(s, pair[0], pair[1]) })
			}
			wg.Wait()
			left := 0
			for _, uid := range []string{"ann", "ben"} {
				if r.account(uid).Has(access.SecurityAdmin) {
					left++
				}
			}
			if left != 1 || (errs[0] == nil) == (errs[1] == nil) || !fault.Is(errors.Join(errs...), fault.Denied) {
				t.Errorf("%d security admins are left: %v", left, errs)
			}
		})
	}
}

func TestAccountSearchAndView(t *testing.T) {
	r := withAdmins(t)
	for _, path := range []string{"/v1/admin/accounts", "/v1/admin/accounts/ann", "/v1/admin/accounts/carl"} {
		for token, status := range map[string]int{"": 401, "admin": 403, "ann2": 403, "ben2": 403} {
			if got, answer := r.do("GET", path, token, nil); got != status {
				t.Errorf("%s as %q: %d %v, want %d", path, token, got, answer, status)
			}
		}
	}
	r.want(404, "GET", "/v1/admin/accounts/carl", "admin2", nil)
	r.want(404, "GET", "/v1/admin/accounts/ann%2Fx", "admin2", nil)

	uids := func(answer map[string]any) []string {
		list := []string{}
		for _, one := range answer["items"].([]any) {
			list = append(list, one.(map[string]any)["uid"].(string))
		}
		return list
	}
	for query, want := range map[string][]string{
		"?email=Ann@University.example": {"ann"}, "?email=ann": {}, "?email=nobody@university.example": {},
		"": {"admin", "ann", "ben"}, "?limit=2": {"admin", "ann"}, "?limit=2&cursor=ann": {"ben"},
	} {
		if d := cmp.Diff(want, uids(r.want(200, "GET", "/v1/admin/accounts"+query, "admin2", nil))); d != "" {
			t.Errorf("%s: %s", query, d)
		}
	}
	if next := r.want(200, "GET", "/v1/admin/accounts?limit=2", "admin2", nil)["next"]; next != "ann" {
		t.Errorf("next %v", next)
	}
	r.want(422, "GET", "/v1/admin/accounts?cursor=a/b", "admin2", nil)

	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/identity", "admin2", map[string]any{"act": "bypass", "reason": "known in person"})
	r.put("demographics", "ann", map[string]any{"gender": "a secret of Ann's"})
	e := r.want(201, "POST", "/v1/factors/totp", "ann", nil)
	r.clock.Advance(time.Second)
	got := r.want(200, "GET", "/v1/admin/accounts/ann", "admin2", nil)
	if d := cmp.Diff([]any{map[string]any{"module": "identity", "bypassedBy": "admin", "bypassReason": "known in person"}}, got["facts"]); d != "" {
		t.Error(d)
	}
	text := string(mustJSON(t, got))
	for _, secret := range []string{"a secret of Ann's", e["secret"].(string), "sealed"} {
		if strings.Contains(text, secret) {
			t.Errorf("the view holds %q", secret)
		}
	}
	lines := r.lines()
	if last := lines[len(lines)-1]; last != "admin account.view accounts/ann |  |  > " {
		t.Errorf("last entry %q", last)
	}
	if n := strings.Count(strings.Join(lines, "\n"), "account.list"); n != 7 {
		t.Errorf("%d lists are in the log", n)
	}
}

func TestAdminEntriesOfAnotherTime(t *testing.T) {
	r := withAdmins(t)
	put := func(status int, at time.Time) {
		t.Helper()
		r.want(status, "PUT", "/v1/admin/accounts/ann/modules/training", "admin2",
			map[string]any{"act": "complete", "reason": "r", "evidence": "certificate 7", "completedAt": at.Format(time.RFC3339)})
	}
	validity := access.DefaultRules().ModuleValidity
	put(http.StatusUnprocessableEntity, morning.Add(time.Second))
	put(http.StatusUnprocessableEntity, morning.Add(-validity-time.Second))
	put(http.StatusOK, morning.Add(-48*time.Hour))
	if at := r.account("ann").Modules["training"].CompletedAt; !at.Equal(morning.Add(-48 * time.Hour)) {
		t.Errorf("completed %s", at)
	}
	put(http.StatusConflict, morning.Add(-72*time.Hour))
	put(http.StatusOK, morning.Add(-24*time.Hour))
}

func TestFirebaseClosesAndOpensASignIn(t *testing.T) {
	emulator := testkit.Auth(t)
	admin, err := session.NewAdmin(t.Context(), emulator.Project)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := emulator.SignUp(emulator.Email("university.example"), "correct horse")
	f := firebaseSignIns{admin}
	for _, disabled := range []bool{true, true, false} {
		if err := f.SetDisabled(t.Context(), uid, disabled); err != nil {
			t.Fatal(err)
		}
		if user, err := admin.GetUser(t.Context(), uid); err != nil || user.Disabled != disabled {
			t.Errorf("disabled %t, want %t (%v)", user.Disabled, disabled, err)
		}
	}
	if err := f.SetDisabled(t.Context(), "nobody", true); err != nil {
		t.Errorf("an account that Firebase does not know: %v", err)
	}
}
