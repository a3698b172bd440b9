package notify

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/testkit"
)

// examples hold one or more events of every kind.
var examples = map[string]struct {
	kind string
	data map[string]string
}{
	"account.exists":        {"account.exists", nil},
	"account.passwordReset": {"account.passwordReset", nil},
	"account.signUp":        {"account.signUp", nil},
	// An address that is confirmed gets no link.
	"account.exists.confirmed": {"account.exists", nil},
	"billing.alertRaised": {"billing.alertRaised", map[string]string{"basis": "actual", "percent": "50", "cost": "50.01 USD", "amount": "100.00 USD",
		"budget": "Study budget", "workspace": "Diabetes & sleep", "workspaceId": "ws_01", "intervalStart": "2026-11-01"}},
	"billing.alertRaised.forecast": {"billing.alertRaised", map[string]string{"basis": "forecast", "percent": "100", "cost": "50.01 USD", "amount": "100.00 USD",
		"budget": "Study budget", "workspace": "Diabetes & sleep", "workspaceId": "ws_01", "intervalStart": "2026-11-01"}},
	"module.expiring":             {"module.expiring", map[string]string{"label": "Training", "days": "15", "expires": "2026-12-01"}},
	"module.expiring.today":       {"module.expiring", map[string]string{"label": "Training", "days": "0", "expires": "2026-12-01"}},
	"report.submitted":            {"report.submitted", map[string]string{"title": "Sleep and sugar", "kind": "manuscript", "plannedDate": "2026-12-20", "late": "false", "report": "rep_01"}},
	"report.submitted.late":       {"report.submitted", map[string]string{"title": "Sleep and sugar", "kind": "manuscript", "plannedDate": "2026-11-25", "late": "true", "report": "rep_01"}},
	"report.late":                 {"report.late", map[string]string{"title": "Sleep and sugar", "kind": "talk", "plannedDate": "2026-11-25", "reason": "Invited yesterday.", "report": "rep_01"}},
	"report.withdrawn":            {"report.withdrawn", map[string]string{"title": "Sleep and sugar", "kind": "talk"}},
	"review.opened":               {"review.opened", reviewData()},
	"review.queued":               {"review.queued", reviewData()},
	"review.decided":              {"review.decided", reviewData("decision", "askForChanges", "comment", "Say whom it may harm.")},
	"review.decided.approve":      {"review.decided", reviewData("decision", "approve", "comment", "")},
	"review.decided.close":        {"review.decided", reviewData("decision", "close", "comment", "Unfounded.")},
	"review.decided.pause":        {"review.decided", reviewData("decision", "pause", "comment", "Still not.")},
	"review.answered":             {"review.answered", reviewData("decision", "answered", "comment", "Corrected.")},
	"review.due":                  {"review.due", reviewData()},
	"review.overdue":              {"review.overdue", reviewData()},
	"reviewRequest.made":          {"reviewRequest.made", map[string]string{"project": "Diabetes & sleep", "until": "1 December 2026, 09:00 UTC"}},
	"workspace.paused":            {"workspace.paused", reviewData("comment", "Not yet.")},
	"workspace.resumed":           {"workspace.resumed", reviewData("decision", "resumed", "comment", "Well enough.")},
	"workspace.resumed.end":       {"workspace.resumed", reviewData("decision", "approve", "comment", "")},
	"workspace.created":           {"workspace.created", map[string]string{"name": "Diabetes & sleep"}},
	"workspace.changed":           {"workspace.changed", map[string]string{"name": "Diabetes & sleep"}},
	"snapshot.failed":             {"snapshot.failed", map[string]string{"name": "Diabetes & sleep", "problem": "The disclosure check refuses it: see what it found.", "job": "cp_01"}},
	"snapshot.published":          {"snapshot.published", map[string]string{"name": "Diabetes & sleep", "snapshot": "sn_01", "version": "2", "things": "7"}},
	"snapshot.withdrawn":          {"snapshot.withdrawn", map[string]string{"name": "Diabetes & sleep", "by": "owner", "reason": "", "version": "2"}},
	"snapshot.withdrawn.admin":    {"snapshot.withdrawn", map[string]string{"name": "Diabetes & sleep", "by": "communityAdmin", "reason": "It names a site.", "version": "2"}},
	"workspace.duplicated":        {"workspace.duplicated", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "left": "", "job": "cp_01"}},
	"workspace.duplicated.left":   {"workspace.duplicated", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "left": "2", "job": "cp_01"}},
	"workspace.duplicationFailed": {"workspace.duplicationFailed", map[string]string{"name": "Diabetes & sleep", "problem": "It was not done in time. Ask for it again."}},
	"workspace.shared":            {"workspace.shared", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "role": "writer", "before": ""}},
	"workspace.shared.again":      {"workspace.shared", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "role": "reader", "before": "writer"}},
	"workspace.unshared":          {"workspace.unshared", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "role": "writer"}},
	"workspace.left":              {"workspace.left", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "role": "writer", "who": "Ann Example"}},
	"workspace.transferred":       {"workspace.transferred", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "from": "u2"}},
	"workspace.acknowledged":      {"workspace.acknowledged", map[string]string{"name": "Diabetes & sleep"}},
	"workspace.archived":          {"workspace.archived", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01"}},
	"workspace.restored":          {"workspace.restored", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01"}},
	"workspace.deleted":           {"workspace.deleted", map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "until": "2026-04-01"}},
}

// reviewData is what every event about a review says, and more by name and value.
func reviewData(more ...string) map[string]string {
	data := map[string]string{"name": "Diabetes & sleep", "workspaceId": "ws_01", "review": "rv_01", "due": "9 March 2026, 23:59 UTC"}
	for i := 0; i < len(more); i += 2 {
		data[more[i]] = more[i+1]
	}
	return data
}

// Each thing that may change has its words.
func init() {
	for what, more := range map[string]map[string]string{
		"passkeyAdded": {"name": "My phone"}, "totpAdded": nil, "factorRemoved": {"name": "My phone"}, "passkeySuspected": {"name": "My phone"}, "recoveryCodesMade": nil,
		"recoveryCodeUsed": {"left": "3"}, "locked": {"until": "2026-11-01T12:15:00Z"}, "disabled": {"reason": "On leave."}, "enabled": nil, "factorsReset": nil,
		"rolesChanged": {"roles": "accessAdmin, reviewBoard"}, "signedOutEverywhere": nil, "emailChanged": nil,
	} {
		data := map[string]string{"what": what}
		maps.Copy(data, more)
		e := examples["account.signUp"]
		e.kind, e.data = "account.securityChanged", data
		examples["account.securityChanged."+what] = e
		examples["account.securityChanged"] = e
	}
}

func TestTexts(t *testing.T) {
	for name, e := range examples {
		if name == "account.securityChanged" {
			continue // one of those that are named whole
		}
		t.Run(name, func(t *testing.T) {
			subject, text, err := render(e.kind, facts{Name: "Ada Example", Data: e.data, BaseURL: "https://hub.example", Link: linkOf(name)})
			if err != nil {
				t.Fatal(err)
			}
			testkit.Golden(t, "testdata/"+name+".golden", []byte(subject+"\n\n"+text))
		})
	}
}

func linkOf(example string) string {
	if kinds[example].link || kinds[example].request {
		return "https://hub.example/link?oobCode=x"
	}
	return ""
}

func TestEveryKindHasATextAndAnExample(t *testing.T) {
	names, err := textNames()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(kinds)), names); diff != "" {
		t.Errorf("kinds and texts differ:\n%s", diff)
	}
	for k := range kinds {
		if _, there := examples[k]; !there {
			t.Errorf("%s has no example", k)
		}
	}
}

func TestATextWithoutItsValuesIsRefused(t *testing.T) {
	for name, e := range examples {
		for lost := range e.data {
			data := maps.Clone(e.data)
			delete(data, lost)
			_, _, err := render(e.kind, facts{Name: "Ada", Data: data})
			if err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%s without %s: %v", name, lost, err)
			}
		}
		if _, _, err := render(e.kind, facts{Name: "Ada"}); len(e.data) > 0 && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s without anything: %v", name, err)
		}
	}
}

func TestWhatPeopleWroteStaysInItsLine(t *testing.T) {
	evil := "x\r\nBcc: eve@evil.example\n\nDear reader,\u202e\u2028\x00 send money " + strings.Repeat("é", 1000)
	subject, text, err := render("workspace.created", facts{Name: evil, Data: map[string]string{"name": evil}})
	if err != nil {
		t.Fatal(err)
	}
	plain, plainText, err := render("workspace.created", facts{Name: "a", Data: map[string]string{"name": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(text, "\n") != strings.Count(plainText, "\n") || strings.ContainsAny(subject, "\r\n") {
		t.Errorf("the text has more lines than its template:\n%s\n%s", subject, text)
	}
	if strings.ContainsAny(subject+text, "\r\x00\u202e\u2028") || len(subject) > len(plain)+4*maxValue {
		t.Errorf("%q", subject)
	}
}
