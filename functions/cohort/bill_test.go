package cohort

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

func TestShowHidesHowManyHaveAnotherPeriod(t *testing.T) {
	shown := func(n int64) disclosure.Count { return disclosure.Count{Value: n, Text: fmt.Sprint(n)} }
	hidden := disclosure.Count{Hidden: true, Text: "not shown"}
	few := disclosure.Count{Value: 20, Hidden: true, Text: "≤ 20"}
	for _, tc := range []struct {
		persons, events int64
		want            [2]disclosure.Count
	}{
		{0, 0, [2]disclosure.Count{shown(0), shown(0)}},
		{20, 400, [2]disclosure.Count{few, hidden}},
		{100, 100, [2]disclosure.Count{shown(100), shown(100)}},
		{100, 101, [2]disclosure.Count{shown(100), hidden}},
		{100, 120, [2]disclosure.Count{shown(100), hidden}},
		{100, 121, [2]disclosure.Count{shown(100), shown(121)}},
	} {
		persons, events := show(disclosure.DefaultPolicy(), tc.persons, tc.events)
		if diff := cmp.Diff(tc.want, [2]disclosure.Count{persons, events}); diff != "" {
			t.Errorf("%d persons, %d events (-want +got):\n%s", tc.persons, tc.events, diff)
		}
	}
}

// bigQuery stands in for a BigQuery whose jobs do not end before their caller
// goes: it answers the first question after a job with leave, and the job is
// done, with a bill, once it is cancelled, unless it never ends.
func bigQuery(t *testing.T, leave func(), ends bool) *bigquery.Client {
	cancelled := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		state := "RUNNING"
		switch {
		case strings.HasSuffix(r.URL.Path, "/cancel"):
			close(cancelled)
			_, _ = w.Write([]byte(`{}`))
			return
		case strings.Contains(r.URL.Path, "/queries/"):
			leave()
			<-r.Context().Done()
			return
		}
		select {
		case <-cancelled:
			if ends {
				state = "DONE"
			}
		default:
		}
		_, _ = w.Write([]byte(`{"jobReference":{"projectId":"demo-test","jobId":"job"},"status":{"state":"` + state + `"},
			"configuration":{"jobType":"QUERY","query":{"query":"SELECT 1","useLegacySql":false}},
			"statistics":{"query":{"statementType":"SELECT","totalBytesBilled":"10485760"}}}`))
	}))
	t.Cleanup(server.Close)
	bq, err := bigquery.NewClient(t.Context(), "demo-test", option.WithEndpoint(server.URL), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	return bq
}

// TestCallerWhoLeavesPays: what the job billed until its end is settled; where
// the end cannot be waited for, it stays held for until it is known.
func TestCallerWhoLeavesPays(t *testing.T) {
	for _, ends := range []bool{true, false} {
		t.Run(fmt.Sprintf("job ends: %v", ends), func(t *testing.T) {
			h := newHouse(t)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			h.room.desk.BigQuery = bigQuery(t, leave, ends)
			o := metered.Order{ID: "run_01JBBBBBBBBBBBBBBBBBBBBBBB", OwnerUID: "owner", MemberUID: "writer", WorkspaceID: wsID}
			if err := h.room.desk.Hold(t.Context(), o, 1<<30); err != nil {
				t.Fatal(err)
			}
			_, b, runErr := h.room.resolve(ctx, o, &circe.Resolution{Statement: statement.Statement{SQL: "SELECT 1"}}, 1<<30)
			if runErr == nil {
				t.Fatal("a caller who left has an answer")
			}
			if _, err := h.room.settle(ctx, o, b); err != nil {
				t.Fatal(err)
			}
			st, err := h.room.desk.Credits.Standing(t.Context(), "owner")
			if err != nil {
				t.Fatal(err)
			}
			if held, spent := !st.Held.Value().IsZero(), st.Spent.Value().IsPositive(); held == ends || spent != ends {
				t.Errorf("held %v, spent %v", st.Held, st.Spent)
			}
		})
	}
}

func TestFits(t *testing.T) {
	for _, tc := range []struct {
		name string
		st   statement.Statement
		want fault.Kind
	}{
		{"empty", statement.Statement{}, ""},
		{"the most concepts", statement.Statement{Params: []statement.Param{statement.IntsParam("a", make([]int64, 50_000))}}, ""},
		{"too long SQL", statement.Statement{SQL: strings.Repeat("x", maxRecord-recordRest+1)}, fault.TooLarge},
		{"too many concepts", statement.Statement{Params: []statement.Param{statement.IntsParam("a", make([]int64, maxRecord/8))}}, fault.TooLarge},
	} {
		if err := fits(dataset.DataSet{Statement: tc.st}); fault.KindOf(err) != tc.want {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}

// TestTooLargeADataSetCostsNothing: it is refused before its concept sets are
// resolved.
func TestTooLargeADataSetCostsNothing(t *testing.T) {
	h := newHouse(t)
	one := `{"ConditionOccurrence":{"CodesetId":0}}`
	many := one
	for age := range 400 { // each its own, as a criterion that is there twice is read once
		many += fmt.Sprintf(`,{"ConditionOccurrence":{"CodesetId":0,"Age":{"Value":%d,"Op":"gt"}}}`, age)
	}
	long := strings.Replace(withDrug(tinycdr.Metformin, 30), one, many, 1)
	var cohorts []string
	for range 10 {
		cohorts = append(cohorts, h.cohort(long))
	}
	text := h.want(413, "POST", base+"/datasets", "owner", map[string]any{"name": "n", "cohorts": cohorts, "domain": "person"}, nil)
	if !strings.Contains(text, "Take fewer") {
		t.Errorf("the answer does not say what to do: %s", text)
	}
	st, err := h.room.desk.Credits.Standing(t.Context(), "owner")
	if err != nil || st.Spent.Value().IsPositive() || !st.Held.Value().IsZero() {
		t.Errorf("standing %+v, %v: want nothing spent", st, err)
	}
}
