package cohort

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

const base = "/cohort/v1/workspaces/" + wsID

type counts struct {
	Persons, Events *disclosure.Count
	Bytes           int64
	Cost            struct{ Value, Currency string }
}

func TestCountsAreRightAndDisclosed(t *testing.T) {
	h := newHouse(t)
	shown := func(n int64) disclosure.Count { return disclosure.Count{Value: n, Text: fmt.Sprint(n)} }
	for _, tc := range []struct {
		name            string
		drug, days      int
		persons, events disclosure.Count
	}{
		{"thirty within thirty days", tinycdr.Metformin, 30, shown(30), shown(30)},
		{"forty within ninety days", tinycdr.Metformin, 90, shown(40), shown(40)},
		{"five are not shown", tinycdr.Insulin, 90, disclosure.Count{Value: 20, Hidden: true, Text: "≤ 20"}, disclosure.Count{Hidden: true, Text: "not shown"}},
		{"nobody is shown", tinycdr.Insulin, 5, shown(0), shown(0)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id := h.cohort(withDrug(tc.drug, tc.days))
			var est, got counts
			h.want(200, "POST", base+"/cohorts/"+id+"/estimate", "owner", nil, &est)
			if est.Bytes <= 0 || est.Cost.Value == "" || est.Persons != nil {
				t.Errorf("estimate %+v: want bytes and a cost, and no count", est)
			}
			h.want(200, "POST", base+"/cohorts/"+id+"/count", "writer", nil, &got)
			if diff := cmp.Diff([]*disclosure.Count{&tc.persons, &tc.events}, []*disclosure.Count{got.Persons, got.Events}); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
	st, err := h.room.desk.Credits.Standing(t.Context(), "owner")
	if err != nil {
		t.Fatal(err)
	}
	if !st.Held.Value().IsZero() || !st.Spent.Value().IsPositive() {
		t.Errorf("held %v and spent %v after the counts: want nothing held and something spent", st.Held, st.Spent)
	}
}

func TestEstimateOnlyRunsNothing(t *testing.T) {
	h := newHouse(t)
	id := h.cohort(withDrug(tinycdr.Metformin, 30))
	var got counts
	h.want(200, "POST", base+"/cohorts/"+id+"/count?estimate=true", "owner", nil, &got)
	if got.Persons != nil || got.Bytes <= 0 {
		t.Errorf("got %+v: want bytes and no count", got)
	}
	st, err := h.room.desk.Credits.Standing(t.Context(), "owner")
	if err != nil || !st.Spent.Value().IsZero() || !st.Held.Value().IsZero() {
		t.Errorf("standing %+v, %v: want nothing spent or held", st, err)
	}
}

func TestNothingLeftNothingRuns(t *testing.T) {
	h := newHouse(t)
	id := h.cohort(withDrug(tinycdr.Metformin, 30))
	h.room.desk.Credits.Rules.Initial = h.room.desk.Credits.Rules.Initial.Sub(h.room.desk.Credits.Rules.Initial)
	h.want(402, "POST", base+"/cohorts/"+id+"/count", "owner", nil, nil)
}

func TestCohortsAreKeptAsTheyCame(t *testing.T) {
	h := newHouse(t)
	definition := withDrug(tinycdr.Metformin, 30)
	id := h.cohort(definition)
	var got struct {
		Definition     json.RawMessage
		DefinitionHash string
		Version        int
	}
	h.want(200, "GET", base+"/cohorts/"+id, "reader", nil, &got)
	var want, have any
	if json.Unmarshal([]byte(definition), &want) != nil || json.Unmarshal(got.Definition, &have) != nil {
		t.Fatal("not JSON")
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("definition (-sent +kept):\n%s", diff)
	}
	if len(got.DefinitionHash) != 64 || got.Version != 1 {
		t.Errorf("hash %q, version %d", got.DefinitionHash, got.Version)
	}
	for i := range 3 {
		h.cohort(withDrug(tinycdr.Metformin, 31+i))
	}
	var page struct {
		Items []struct{ ID string }
		Next  string
	}
	seen := map[string]bool{}
	path := base + "/cohorts?limit=3"
	for cursor := "-"; cursor != ""; cursor = page.Next {
		page.Next = ""
		h.want(200, "GET", path, "reader", nil, &page)
		for _, c := range page.Items {
			seen[c.ID] = true
		}
		path = base + "/cohorts?limit=3&cursor=" + page.Next
	}
	if len(seen) != 4 || !seen[id] {
		t.Errorf("the pages hold %d cohorts, want 4", len(seen))
	}
}

func TestBrokenDefinitionsAreRefusedByPath(t *testing.T) {
	h := newHouse(t)
	for _, tc := range []struct {
		name, old, new string
		status         int
		says           string
	}{
		{"a name that Circe does not have", `"ConditionOccurrence"`, `"ConditionOccurence"`, 422, "$.PrimaryCriteria.CriteriaList[0].ConditionOccurence"},
		{"no number", `"PriorDays":0`, `"PriorDays":"0"`, 422, "$.PrimaryCriteria.ObservationWindow.PriorDays"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := strings.Replace(withDrug(1, 30), tc.old, tc.new, 1)
			text := h.want(tc.status, "POST", base+"/cohorts", "owner", fmt.Sprintf(`{"name":"n","definition":%s}`, d), nil)
			if !strings.Contains(text, tc.says) {
				t.Errorf("the answer does not say %q: %s", tc.says, text)
			}
		})
	}
}

// TestWhatTheCDMLacksIsWarnedOf keeps a definition as it is, says what of it no
// release of CDM v5.4 has, and refuses to count it.
func TestWhatTheCDMLacksIsWarnedOf(t *testing.T) {
	h := newHouse(t)
	const path = "$.PrimaryCriteria.CriteriaList[0].LocationRegion"
	d := strings.Replace(withDrug(1, 30), `"ConditionOccurrence":{"CodesetId":0}`, `"LocationRegion":{"CodesetId":0}`, 1)
	var made struct {
		ID       string           `json:"id"`
		Warnings []map[string]any `json:"warnings"`
	}
	h.want(201, "POST", base+"/cohorts", "owner", fmt.Sprintf(`{"name":"n","definition":%s}`, d), &made)
	if len(made.Warnings) != 1 || !strings.Contains(fmt.Sprint(made.Warnings[0]), path) {
		t.Errorf("warnings %v, want one at %s", made.Warnings, path)
	}
	if text := h.want(422, "POST", base+"/cohorts/"+made.ID+"/estimate", "owner", nil, nil); !strings.Contains(text, path) {
		t.Errorf("the answer does not say %s: %s", path, text)
	}
}

func TestDataSets(t *testing.T) {
	h := newHouse(t)
	first, second := h.cohort(withDrug(tinycdr.Metformin, 30)), h.cohort(withDrug(tinycdr.Insulin, 90))
	set := func(concept int) map[string]any {
		return map[string]any{"items": []any{map[string]any{"concept": map[string]any{"CONCEPT_ID": concept}, "includeDescendants": true}}}
	}
	for _, tc := range []struct {
		name string
		body map[string]any
		rows int
		cols int
	}{
		{"persons", map[string]any{"cohorts": []string{first}, "domain": "person"}, 30, 9},
		{"persons of two cohorts, once per cohort", map[string]any{"cohorts": []string{first, second}, "domain": "person"}, 35, 9},
		{"conditions, two columns", map[string]any{"cohorts": []string{first, second}, "domain": "condition", "conceptSet": set(tinycdr.Diabetes), "columns": []string{"person_id", "condition_start_date"}}, 30, 2},
		{"every drug", map[string]any{"cohorts": []string{first}, "domain": "drug"}, 35, 11},
		{"one measurement", map[string]any{"cohorts": []string{first}, "domain": "measurement", "conceptSet": set(tinycdr.HbA1c)}, 25, 12},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.body["name"] = tc.name
			var made struct {
				ID        string
				Columns   []string
				Statement struct{ SQL string }
			}
			h.want(201, "POST", base+"/datasets", "writer", tc.body, &made)
			if len(made.Columns) != tc.cols || made.Statement.SQL == "" {
				t.Errorf("%d columns %v, SQL of %d bytes", len(made.Columns), made.Columns, len(made.Statement.SQL))
			}
			d, err := h.room.dataSet(t.Context(), wsID, made.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got := h.run(d.Statement); got != tc.rows {
				t.Errorf("%d rows, want %d\n%s", got, tc.rows, d.Statement.SQL)
			}
			h.want(200, "GET", base+"/datasets/"+made.ID, "reader", nil, nil)
		})
	}
	for _, body := range []map[string]any{
		{"name": "n", "cohorts": []string{first, first}, "domain": "person"},
		{"name": "n", "cohorts": []string{first}, "domain": "person", "conceptSet": set(1)},
		{"name": "n", "cohorts": []string{first}, "domain": "person", "columns": []string{"person_source_value; DROP"}},
		{"name": "n", "cohorts": []string{first}, "domain": "person", "columns": []string{"person_id", "person_id"}},
		{"name": "n", "cohorts": []string{first}, "domain": "visit"},
		{"name": "n", "cohorts": []string{}, "domain": "person"},
	} {
		h.want(422, "POST", base+"/datasets", "owner", body, nil)
	}
	h.want(404, "POST", base+"/datasets", "owner", map[string]any{"name": "n", "cohorts": []string{"co_01JBBBBBBBBBBBBBBBBBBBBBBB"}, "domain": "person"}, nil)
}
