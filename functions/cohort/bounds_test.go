package cohort

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"researchhub.example/hub/shared/testkit/tinycdr"
)

// bounded makes a function of the same store with other numbers.
func (h *house) bounded(b bounds) {
	d := h.room.deps
	d.bounds = b
	h.room = newRoom(d)
	h.api = newAPI(d)
	h.handler = h.api.Handler()
}

// TestAWorkspaceIsBounded: the one too many is refused, says why, and costs
// nothing; where one goes there is room again.
func TestAWorkspaceIsBounded(t *testing.T) {
	h := newHouse(t)
	h.bounded(bounds{Cohorts: 2, ConceptSets: 1, DataSets: 1, Reviews: 1})
	cohort := h.cohort(withDrug(tinycdr.Metformin, 30))
	set := `{"name":"s","expression":{"items":[{"concept":{"CONCEPT_ID":1503297}}]}}`
	for what, c := range map[string]struct {
		path, body, says string
	}{
		"cohorts":      {"/cohorts", `{"name":"n","definition":` + withDrug(tinycdr.Metformin, 30) + `}`, "at most 2 cohorts"},
		"concept sets": {"/concept-sets", set, "at most 1 concept sets"},
		"data sets":    {"/datasets", fmt.Sprintf(`{"name":"d","cohorts":[%q],"domain":"person"}`, cohort), "at most 1 data sets"},
		"reviews":      {"/reviews", fmt.Sprintf(`{"name":"r","cohort":%q,"size":3}`, cohort), "at most 1 participant reviews"},
	} {
		t.Run(what, func(t *testing.T) {
			var made struct{ ID string }
			h.want(201, "POST", base+c.path, "writer", c.body, &made)
			before, err := h.room.desk.Credits.Standing(t.Context(), "owner")
			if err != nil {
				t.Fatal(err)
			}
			if text := h.want(409, "POST", base+c.path, "writer", c.body, nil); !strings.Contains(text, c.says) {
				t.Errorf("the refusal does not say %q: %s", c.says, text)
			}
			after, err := h.room.desk.Credits.Standing(t.Context(), "owner")
			if err != nil || before.Spent.Decimal() != after.Spent.Decimal() || !after.Held.Value().IsZero() {
				t.Errorf("a refusal costs: spent %s, then %s; held %s, %v", before.Spent.Decimal(), after.Spent.Decimal(), after.Held.Decimal(), err)
			}
			if what == "reviews" {
				h.want(204, "DELETE", base+c.path+"/"+made.ID, "writer", nil, nil)
				h.want(201, "POST", base+c.path, "writer", c.body, nil)
			}
		})
	}
	h.want(409, "POST", base+"/cohorts/import?name=n", "writer", withDrug(tinycdr.Metformin, 30), nil)
}

// TestTwoTakeTheLastPlace: of two at once one is refused.
func TestTwoTakeTheLastPlace(t *testing.T) {
	h := newHouse(t)
	h.bounded(bounds{Cohorts: 1, ConceptSets: 1, DataSets: 1, Reviews: 1})
	var wg sync.WaitGroup
	statuses := make([]int, 2)
	for i := range statuses {
		wg.Go(func() {
			statuses[i], _ = h.call("POST", base+"/concept-sets", "writer", `{"name":"s","expression":{"items":[{"concept":{"CONCEPT_ID":1503297}}]}}`, nil)
		})
	}
	wg.Wait()
	if min(statuses[0], statuses[1]) != 201 || max(statuses[0], statuses[1]) != 409 {
		t.Errorf("statuses %v, want 201 and 409", statuses)
	}
	kept, err := h.client.Collection("workspaces/" + wsID + "/conceptSets").Documents(t.Context()).GetAll()
	if err != nil || len(kept) != 1 {
		t.Errorf("%d concept sets are kept, %v", len(kept), err)
	}
}

// TestKeptAnswersGoUnlessAskedAgain: an answer says when it may go, later where it
// is asked for in the second half of its time, and is not written before.
func TestKeptAnswersGoUnlessAskedAgain(t *testing.T) {
	h := newHouse(t)
	ref := h.client.Collection(countsCollection).Doc(strings.Repeat("c", 64))
	expires := func() time.Time {
		t.Helper()
		snap, err := ref.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		at, _ := snap.Data()["expireAt"].(time.Time)
		return at
	}
	ask := func() bool {
		t.Helper()
		_, kept, err := ask(t.Context(), h.room, ref.ID, func() ([]int, error) {
			// While it is being asked the lease has an end too: nobody may come back to it.
			if at := expires(); !at.Equal(h.clock.Now().Add(h.room.kept)) {
				t.Errorf("the lease goes at %v", at)
			}
			return []int{7}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	first := h.clock.Now().Add(h.room.kept)
	if kept := ask(); kept || !expires().Equal(first) {
		t.Errorf("kept %v, until %v, want %v", kept, expires(), first)
	}
	h.clock.Advance(h.room.kept/2 - time.Hour)
	if kept := ask(); !kept || !expires().Equal(first) {
		t.Errorf("in the first half: kept %v, until %v, want %v", kept, expires(), first)
	}
	h.clock.Advance(2 * time.Hour)
	again := h.clock.Now().Add(h.room.kept)
	if kept := ask(); !kept || !expires().Equal(again) {
		t.Errorf("in the second half: kept %v, until %v, want %v", kept, expires(), again)
	}
	// One of before answers had an end gets one.
	if _, err := ref.Set(t.Context(), map[string]any{"done": true, "rows": "[7]"}); err != nil {
		t.Fatal(err)
	}
	if kept := ask(); !kept || !expires().Equal(again) {
		t.Errorf("one without an end: kept %v, until %v, want %v", kept, expires(), again)
	}
	// One that goes while it is read makes no record of a time alone.
	if _, err := ref.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.room.renew(t.Context(), ref, keptAnswer{})
	if kept := ask(); kept {
		t.Error("an answer that went is answered from")
	}
}
