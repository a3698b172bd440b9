package auth

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
)

// log writes entries a minute apart, from morning on.
func (r *room) log(entries ...audit.Entry) {
	r.t.Helper()
	for _, e := range entries {
		e.At = r.clock.Now()
		if err := r.client.RunTransaction(r.t.Context(), func(_ context.Context, tx *firestore.Transaction) error {
			return audit.Add(tx, r.client, e)
		}); err != nil {
			r.t.Fatal(err)
		}
		r.clock.Advance(time.Minute)
	}
}

// reasons are those of a page, in its order.
func reasons(answer map[string]any) string {
	var list []string
	for _, one := range answer["items"].([]any) {
		if text, ok := one.(map[string]any)["reason"].(string); ok {
			list = append(list, text)
		}
	}
	return strings.Join(list, " ")
}

func TestAuditFilters(t *testing.T) {
	r := withAdmins(t)
	r.log(
		audit.Entry{Actor: "ann", Act: "account.create", Target: "accounts/ann", Reason: "1"},
		audit.Entry{Actor: "admin", Act: "module.bypass", Target: "accounts/ann/modules/training", Reason: "2"},
		audit.Entry{Actor: "admin", Act: "module.reset", Target: "accounts/carl/modules/training", Reason: "3"},
		audit.Entry{Actor: "ann", Act: "module.complete", Target: "accounts/ann/modules/training", Reason: "4"},
		audit.Entry{Actor: audit.System("x"), Act: "module.complete", Target: "accounts/ann/modules/training", Reason: "5"},
	)
	at := func(minute int) string { return morning.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339) }
	for query, want := range map[string]string{
		"?limit=100":                                  "5 4 3 2 1", // each reading is an entry too
		"?actor=admin":                                "3 2",
		"?actor=system:x":                             "5",
		"?subject=ann":                                "5 4 2 1",
		"?subject=carl&actor=admin":                   "3",
		"?act=module":                                 "5 4 3 2",
		"?act=mod":                                    "",
		"?act=module.complete":                        "5 4",
		"?act=module.complete&actor=ann":              "4",
		"?target=accounts/ann/modules/training":       "5 4 2",
		"?target=accounts/ann":                        "1",
		"?subject=ann&act=module&from=" + at(2):       "5 4",
		"?from=" + at(1) + "&to=" + at(3):             "3 2",
		"?to=" + at(1):                                "1",
		"?from=" + at(4):                              "5",
		"?actor=ann&to=" + at(3):                      "1",
		"?from=" + at(5) + "&actor=ann":               "",
		"?actor=nobody":                               "",
		"?actor=ann&subject=ann&act=module&target=no": "",
	} {
		if got := reasons(r.want(200, "GET", "/v1/audit"+query, "ben2", nil)); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"?from=" + at(2) + "&to=" + at(2), "?from=1969-12-31T00:00:00Z", "?to=x", "?cursor=a/b", "?limit=0", "?limit=101"} {
		r.want(422, "GET", "/v1/audit"+query, "ben2", nil)
	}
	var pages []string
	for query := "?subject=ann&limit=2&from=" + at(1); ; {
		got := r.want(200, "GET", "/v1/audit"+query, "ben2", nil)
		pages = append(pages, reasons(got))
		next, more := got["next"].(string)
		if !more {
			break
		}
		query = "?subject=ann&limit=2&from=" + at(1) + "&cursor=" + next
	}
	if d := cmp.Diff([]string{"5 4", "2"}, pages); d != "" {
		t.Error(d)
	}
	// A cursor of another list does not lead past the end of the range.
	newest := r.want(200, "GET", "/v1/audit?subject=ann&limit=1", "ben2", nil)["next"].(string)
	if got := reasons(r.want(200, "GET", "/v1/audit?to="+at(1)+"&cursor="+newest, "ben2", nil)); got != "1" {
		t.Errorf("with another list's cursor: %q", got)
	}
}

func TestWhoReadsTheAuditLog(t *testing.T) {
	r := withAdmins(t)
	for token, status := range map[string]int{"": 401, "ben": 403, "ann2": 403, "admin2": 403} {
		if got, answer := r.do("GET", "/v1/audit", token, nil); got != status {
			t.Errorf("as %q: %d %v, want %d", token, got, answer, status)
		}
	}
	if d := cmp.Diff([]string{}, r.lines()); d != "" {
		t.Errorf("refused reads are in the log: %s", d)
	}
	// Reading is an act as well.
	r.want(200, "GET", "/v1/audit?actor=ann&act=module", "ben2", nil)
	if d := cmp.Diff([]string{"ben audit.read audit |  |  > actor ann, act module"}, r.lines()); d != "" {
		t.Error(d)
	}
	if e := r.entries()[0]; !strings.HasPrefix(e.Request, "rq_") {
		t.Errorf("request %q", e.Request)
	}
	a := r.account("ben")
	a.Disabled = true
	r.put(access.Accounts, "ben", a)
	r.want(403, "GET", "/v1/audit", "ben2", nil)
}

func TestOnesOwnAuditLog(t *testing.T) {
	r := withAdmins(t)
	r.want(200, "POST", "/v1/modules/profileConfirmation/completion", "ann", map[string]any{})
	r.clock.Advance(time.Minute)
	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/identity", "admin2", map[string]any{"act": "bypass", "reason": "known in person"})
	r.clock.Advance(time.Minute)
	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/identity", "admin2", map[string]any{"act": "reset", "reason": "was a mistake"})
	r.clock.Advance(time.Minute)
	r.log(audit.Entry{Actor: audit.System("x"), Act: "module.complete", Target: "accounts/ann/modules/training"},
		audit.Entry{Actor: "ben", Act: "module.complete", Target: "accounts/ben/modules/training"})
	r.want(401, "GET", "/v1/audit/own", "", nil)
	var got []string
	answer := r.want(200, "GET", "/v1/audit/own", "ann", nil)
	for _, one := range answer["items"].([]any) {
		e := one.(map[string]any)
		got = append(got, fmt.Sprint(e["actor"], " ", e["act"], " ", e["target"], " ", e["reason"]))
	}
	if d := cmp.Diff([]string{
		"system module.complete accounts/ann/modules/training <nil>",
		"admin module.reset accounts/ann/modules/identity was a mistake",
		"admin module.bypass accounts/ann/modules/identity known in person",
		"you module.complete accounts/ann/modules/profileConfirmation <nil>",
	}, got); d != "" {
		t.Error(d)
	}
	// What the admin did is the admin's own too, with the account it was done to.
	items := r.want(200, "GET", "/v1/audit/own?limit=1", "admin2", nil)["items"].([]any)
	if e := items[0].(map[string]any); e["actor"] != "you" || e["subject"] != "ann" {
		t.Errorf("the admin's own entry %v", e)
	}
}
