package billing

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

var t0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// people maps a token to a principal: "owner", or "owner1" for one without a second factor.
type people struct{}

func (people) Verify(_ context.Context, raw string) (session.Principal, error) {
	uid, one := strings.CutSuffix(raw, "1")
	p := session.Principal{UID: uid, Level: session.SecondFactor}
	if one {
		p.Level = session.SignedIn
	}
	if raw == "forged" {
		return p, fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
	}
	return p, nil
}

// house is one room over the emulator with a workspace in it.
type house struct {
	t       *testing.T
	client  *firestore.Client
	clock   *clock.Manual
	store   *credits.Store
	handler http.Handler
	ws      string
}

// open makes a controlled workspace with an owner, a writer and a reader; "low"
// is a writer whose own tier is registered only, "other" is no member.
func open(t *testing.T) house {
	t.Helper()
	c, now := testkit.Firestore(t), clock.NewManual(t0)
	h := house{t: t, client: c, clock: now}
	h.store = &credits.Store{Client: c, Rules: credits.DefaultRules(), Clock: now}
	h.handler = newAPI(deps{verifier: people{}, log: slog.New(slog.NewTextHandler(io.Discard, nil)), clock: now,
		gate:    &access.Gate{Client: c, Rules: access.DefaultRules(), Clock: now},
		credits: h.store, budgets: &budgets{client: c, clock: now}}).Handler()
	h.put(access.Institutions, "inst", access.Institution{ID: "inst", Rules: map[string]access.TierRule{
		"registered": {Kind: "domains", List: []string{"university.example"}},
		"controlled": {Kind: "domains", List: []string{"university.example"}}}})
	for _, uid := range []string{"owner", "writer", "reader", "low", "other"} {
		a := access.Account{UID: uid, Email: uid + "@university.example", InstitutionID: "inst", Modules: map[string]access.ModuleFact{}, FirstTierAt: t0}
		for _, r := range access.Requirements() {
			if uid != "low" || r.Module != access.ControlledTraining {
				a.Modules[string(r.Module)] = access.ModuleFact{CompletedAt: t0}
			}
		}
		h.put(access.Accounts, uid, a)
	}
	h.ws = h.workspace()
	return h
}

func (h house) workspace() string {
	h.t.Helper()
	name := id.New(id.Workspace, t0)
	h.put(access.Workspaces, name, access.Workspace{ID: name, Tier: access.Controlled, OwnerUID: "owner", State: access.Active,
		Members: map[string]string{"owner": access.Owner, "writer": access.Writer, "reader": access.Reader, "low": access.Writer}})
	return name
}

func (h house) put(collection, name string, v any) {
	h.t.Helper()
	if _, err := h.client.Collection(collection).Doc(name).Set(h.t.Context(), v); err != nil {
		h.t.Fatal(err)
	}
}

func (h house) do(method, path, token, body, ifMatch string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, "/billing/v1"+path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func body[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

const aBudget = `{"billingAccountId":"012345-6789AB-CDEF01","budgetId":"de72f49d-779b-4945-a127-4d6ce8def0bb","amount":{"value":"100","currency":"USD"}}`

func TestWhoMayDoWhat(t *testing.T) {
	h := open(t)
	ws := "/workspaces/" + h.ws
	routes := []struct{ method, path, body string }{
		{"GET", "/credits", ""}, {"GET", ws + "/spend", ""}, {"GET", ws + "/alerts", ""}, {"GET", ws + "/budget", ""},
		{"PUT", ws + "/budget", aBudget}, {"POST", "/billing-accounts", "{}"},
	}
	for token, want := range map[string][6]int{
		"":        {401, 401, 401, 401, 401, 401},
		"forged":  {401, 401, 401, 401, 401, 401},
		"owner1":  {403, 403, 403, 403, 403, 403},
		"other":   {200, 404, 404, 404, 404, 501},
		"low":     {200, 403, 403, 403, 403, 501},
		"reader":  {200, 200, 200, 404, 403, 501},
		"writer":  {200, 200, 200, 404, 403, 501},
		"nobody2": {404, 404, 404, 404, 404, 404},
	} {
		for i, r := range routes {
			if w := h.do(r.method, r.path, token, r.body, ""); w.Code != want[i] {
				t.Errorf("%q %s %s: %d, want %d: %s", token, r.method, r.path, w.Code, want[i], w.Body)
			}
		}
	}
	for i, want := range [6]int{200, 200, 200, 404, 200, 501} {
		if w := h.do(routes[i].method, routes[i].path, "owner", routes[i].body, ""); w.Code != want {
			t.Errorf("owner %s %s: %d, want %d: %s", routes[i].method, routes[i].path, w.Code, want, w.Body)
		}
	}
}

func TestCreditsAndSpend(t *testing.T) {
	h := open(t)
	for i, sp := range []credits.Spend{
		{ID: "run_1", MemberUID: "writer", Kind: credits.Query, Amount: "1.25"},
		{ID: "run_2", MemberUID: "writer", Kind: credits.Query, Amount: "0.75"},
		{ID: "run_3", MemberUID: "owner", Kind: credits.Compute, Amount: "3"},
	} {
		sp.OwnerUID, sp.WorkspaceID, sp.Currency, sp.At = "owner", h.ws, money.USD, t0.Add(time.Duration(i)*time.Minute)
		if err := h.store.Settle(t.Context(), sp); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.store.Hold(t.Context(), "owner", "run_4", money.MustParse("10", money.USD)); err != nil {
		t.Fatal(err)
	}
	got := body[map[string]any](t, h.do("GET", "/credits", "owner", "", ""))
	usd := func(v string) any { return map[string]any{"value": v, "currency": "USD"} }
	if diff := cmp.Diff(map[string]any{"limit": usd("300.00"), "spent": usd("5.00"), "held": usd("10.00"), "left": usd("285.00"),
		"expiresAt": "2027-11-01T12:00:00Z", "expired": false}, got); diff != "" {
		t.Error(diff)
	}
	type spends struct {
		Totals []total
		Items  []spent
		Next   string
	}
	first := body[spends](t, h.do("GET", "/workspaces/"+h.ws+"/spend?limit=2", "reader", "", ""))
	wantTotals := []total{{"owner", "compute", amount{"3.00", "USD"}}, {"writer", "query", amount{"2.00", "USD"}}}
	if diff := cmp.Diff(wantTotals, first.Totals); diff != "" {
		t.Error(diff)
	}
	second := body[spends](t, h.do("GET", "/workspaces/"+h.ws+"/spend?limit=2&cursor="+first.Next, "reader", "", ""))
	if len(first.Items) != 2 || len(second.Items) != 1 || second.Next != "" || second.Items[0].ID != "run_1" {
		t.Errorf("pages %+v and %+v", first, second)
	}
}

func TestCreditsNeedAnAccountThatIsEnabled(t *testing.T) {
	h := open(t)
	if w := h.do("GET", "/credits", "nobody", "", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "create its profile first") {
		t.Errorf("without an account: %d %s", w.Code, w.Body)
	}
	h.put(access.Accounts, "off", access.Account{UID: "off", Disabled: true})
	if w := h.do("GET", "/credits", "off", "", ""); w.Code != 403 || !strings.Contains(w.Body.String(), "disabled") {
		t.Errorf("disabled: %d %s", w.Code, w.Body)
	}
	h.put(access.Accounts, "lost", access.Account{UID: "lost", AssuranceAfter: t0})
	if w := h.do("GET", "/credits", "lost", "", ""); w.Code != 403 || !strings.Contains(w.Body.String(), "reset") {
		t.Errorf("after a reset: %d %s", w.Code, w.Body)
	}
}

func TestCreditsThatEndedLeaveNothing(t *testing.T) {
	h := open(t)
	type standing struct {
		Left, Limit amount
		Expired     bool
		Note        string
	}
	zero, all := amount{"0.00", "USD"}, amount{"300.00", "USD"}
	h.clock.Set(t0.Add(credits.DefaultRules().Validity - time.Second))
	want := standing{Left: all, Limit: all}
	if diff := cmp.Diff(want, body[standing](t, h.do("GET", "/credits", "owner", "", ""))); diff != "" {
		t.Error(diff)
	}
	h.clock.Advance(time.Second)
	want = standing{zero, all, true, "The credits ended on 2027-11-01. Attach a billing account to go on."}
	if diff := cmp.Diff(want, body[standing](t, h.do("GET", "/credits", "owner", "", ""))); diff != "" {
		t.Error(diff)
	}
}

func TestBudgetIsReplacedWithItsEtagOnly(t *testing.T) {
	h := open(t)
	path := "/workspaces/" + h.ws + "/budget"
	w := h.do("PUT", path, "owner", aBudget, "")
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	etag := w.Header().Get("ETag")
	other := strings.Replace(aBudget, "0bb", "0bc", 1)
	for _, c := range []struct {
		name, ifMatch string
		status        int
	}{{"without", "", 428}, {"stale", `"2020-01-01T00:00:00Z"`, 412}, {"junk", "x", 412}, {"current", etag, 200}, {"used up", etag, 412}} {
		if w := h.do("PUT", path, "owner", other, c.ifMatch); w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, w.Code, c.status, w.Body)
		}
	}
	got := body[budgetView](t, h.do("GET", path, "reader", "", ""))
	if got.BudgetID != "de72f49d-779b-4945-a127-4d6ce8def0bc" || got.SetBy != "owner" {
		t.Errorf("%+v", got)
	}
	left, err := h.client.Collection(budget.Collection).Documents(t.Context()).GetAll()
	if err != nil || len(left) != 1 {
		t.Errorf("%d budgets watch the workspace, want 1 (%v)", len(left), err)
	}
	acts, err := h.client.Collection("audit").Documents(t.Context()).GetAll()
	if err != nil || len(acts) != 2 {
		t.Errorf("%d audit entries, want 2 (%v)", len(acts), err)
	}
}

func TestABudgetWatchesOneWorkspace(t *testing.T) {
	h := open(t)
	if w := h.do("PUT", "/workspaces/"+h.ws+"/budget", "owner", aBudget, ""); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w := h.do("PUT", "/workspaces/"+h.workspace()+"/budget", "owner", aBudget, "")
	if w.Code != 409 || strings.Contains(w.Body.String(), h.ws) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestBudgetIsChecked(t *testing.T) {
	h := open(t)
	for _, b := range []string{
		`{}`, strings.Replace(aBudget, "012345", "01234g", 1), strings.Replace(aBudget, "de72", "de/2", 1),
		strings.Replace(aBudget, `"100"`, `"0"`, 1), strings.Replace(aBudget, `"100"`, `"-5"`, 1), strings.Replace(aBudget, `"100"`, `100`, 1),
		strings.Replace(aBudget, `"100"`, `"1e99"`, 1), strings.Replace(aBudget, `USD`, `usd`, 1), strings.Replace(aBudget, `}}`, `},"x":1}`, 1),
	} {
		if w := h.do("PUT", "/workspaces/"+h.ws+"/budget", "owner", b, ""); w.Code != 422 {
			t.Errorf("%s: %d %s", b, w.Code, w.Body)
		}
	}
}

func TestAlertsComeLatestIntervalFirst(t *testing.T) {
	h := open(t)
	oct, nov := time.Date(2026, 10, 1, 7, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	for _, al := range []budget.Alert{
		{IntervalStart: oct, Threshold: budget.Threshold{Basis: budget.Actual, Percent: 50}},
		{IntervalStart: nov, Threshold: budget.Threshold{Basis: budget.Actual, Percent: 5}},
		{IntervalStart: nov, Threshold: budget.Threshold{Basis: budget.Actual, Percent: 100}},
	} {
		al.ID, al.WorkspaceID, al.Cost, al.Amount, al.Currency = budget.AlertName("b", al.IntervalStart, al.Threshold), h.ws, "-1", "100", "USD"
		h.put(budget.Alerts, al.ID, al)
	}
	h.put(budget.Alerts, "elsewhere", budget.Alert{ID: "elsewhere", WorkspaceID: "ws_other"})
	type alerts struct{ Items []alert }
	var got []int
	for _, al := range body[alerts](t, h.do("GET", "/workspaces/"+h.ws+"/alerts", "reader", "", "")).Items {
		got = append(got, al.Threshold)
	}
	if diff := cmp.Diff([]int{100, 5, 50}, got); diff != "" {
		t.Error(diff)
	}
}
