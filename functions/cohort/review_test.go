package cohort

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/testkit/tinycdr"
)

func (h *house) sampled(cohort, seed string, size int) (reviewView, []int64) {
	h.t.Helper()
	var rv reviewView
	h.want(201, "POST", base+"/reviews", "writer", fmt.Sprintf(`{"name":"r","cohort":%q,"size":%d,"seed":%q}`, cohort, size, seed), &rv)
	return rv, h.persons(rv.ID)
}

// persons reads a review's person_ids page by page.
func (h *house) persons(id string) []int64 {
	h.t.Helper()
	var all []int64
	for cursor := ""; ; {
		var page struct {
			Items []participantView
			Next  string
		}
		h.want(200, "GET", base+"/reviews/"+id+"/participants?limit=7&cursor="+cursor, "reader", nil, &page)
		for _, p := range page.Items {
			if p.Place != len(all)+1 || p.Status != notReviewed {
				h.t.Errorf("at %d: %+v", len(all)+1, p)
			}
			all = append(all, p.PersonID)
		}
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

func TestSamplesAreRandomAndRepeatable(t *testing.T) {
	h := newHouse(t)
	cohort := h.cohort(withDrug(tinycdr.Metformin, 30)) // persons 1 to 30
	_, first := h.sampled(cohort, "one", 10)
	_, again := h.sampled(h.cohort(withDrug(tinycdr.Metformin, 30)), "one", 10)
	if diff := cmp.Diff(first, again); diff != "" || len(first) != 10 {
		t.Errorf("the same seed draws another sample: %s", diff)
	}
	if _, other := h.sampled(cohort, "two", 10); slices.Equal(first, other) {
		t.Error("another seed draws the same sample")
	}
	if slices.IsSorted(first) {
		t.Errorf("the sample is in the order of the persons: %v", first)
	}
	rv, all := h.sampled(cohort, "one", 10_000)
	if len(all) != 30 || rv.Sampled != 30 || !slices.Equal(all[:10], first) {
		t.Errorf("all of them: %d, sampled %d, beginning with %v", len(all), rv.Sampled, all[:10])
	}
	slices.Sort(all)
	if all[0] != 1 || all[29] != 30 || len(slices.Compact(all)) != 30 {
		t.Errorf("not each of 1 to 30 once: %v", all)
	}
	for _, body := range []string{`"size":0`, `"size":10001`, `"size":1,"fields":[{"name":"a","type":"ENUM"}]`, `"size":1,"fields":[{"name":"a","type":"DATE"},{"name":"a","type":"DATE"}]`, `"size":1,"fields":[{"name":"a","type":"FLOAT"}]`} {
		h.want(422, "POST", base+"/reviews", "owner", fmt.Sprintf(`{"name":"r","cohort":%q,%s}`, cohort, body), nil)
	}
	h.want(403, "POST", base+"/reviews", "reader", fmt.Sprintf(`{"name":"r","cohort":%q,"size":1}`, cohort), nil)
}

func TestReviewing(t *testing.T) {
	h := newHouse(t)
	cohort := h.cohort(withDrug(tinycdr.Metformin, 30))
	var rv reviewView
	h.want(201, "POST", base+"/reviews", "owner", fmt.Sprintf(`{"name":"r","cohort":%q,"size":5,"fields":[{"name":"note","type":"STRING"},{"name":"grade","type":"ENUM","values":["low","high"]},
		{"name":"onset","type":"DATE"},{"name":"sure","type":"BOOLEAN"},{"name":"score","type":"INTEGER"}]}`, cohort), &rv)
	path := base + "/reviews/" + rv.ID
	one := path + "/participants/2"
	put := func(token, etag, body string) (int, string, string) { return h.match("PUT", one, token, etag, body) }
	etag := h.etag(one)
	status, text, fresh := put("writer", etag, `{"status":"INCLUDED","annotations":{"note":"a \"b\" é","grade":"high","onset":"2015-02-01","sure":false,"score":-3}}`)
	var got participantView
	if err := json.Unmarshal([]byte(text), &got); status != 200 || err != nil {
		t.Fatalf("%d %s", status, text)
	}
	want := map[string]string{"note": `"a \"b\" é"`, "grade": `"high"`, "onset": `"2015-02-01"`, "sure": "false", "score": "-3"}
	for name, value := range want {
		if string(got.Annotations[name]) != value {
			t.Errorf("%s is %s, want %s", name, got.Annotations[name], value)
		}
	}
	if got.UpdatedBy != "writer" || fresh == etag {
		t.Errorf("updated by %q, etag %s", got.UpdatedBy, fresh)
	}
	for name, c := range map[string]struct {
		token, etag, body string
		want              int
	}{
		"a stale etag":      {"owner", etag, `{"status":"EXCLUDED"}`, 412},
		"no etag":           {"owner", "", `{"status":"EXCLUDED"}`, 428},
		"a reader":          {"reader", fresh, `{"status":"EXCLUDED"}`, 403},
		"no status":         {"owner", fresh, `{"status":"MAYBE"}`, 422},
		"no such field":     {"owner", fresh, `{"status":"EXCLUDED","annotations":{"other":1}}`, 422},
		"a text for a date": {"owner", fresh, `{"status":"EXCLUDED","annotations":{"onset":"2015-02-30"}}`, 422},
		"another value":     {"owner", fresh, `{"status":"EXCLUDED","annotations":{"grade":"middle"}}`, 422},
		"a decimal":         {"owner", fresh, `{"status":"EXCLUDED","annotations":{"score":1.5}}`, 422},
		"too large a whole": {"owner", fresh, `{"status":"EXCLUDED","annotations":{"score":9007199254740993}}`, 422},
		"too small a whole": {"owner", fresh, `{"status":"EXCLUDED","annotations":{"score":-9007199254740993}}`, 422},
		"a text for a flag": {"owner", fresh, `{"status":"EXCLUDED","annotations":{"sure":"true"}}`, 422},
		"too long a text":   {"owner", fresh, `{"status":"EXCLUDED","annotations":{"note":"` + strings.Repeat("x", 1001) + `"}}`, 422},
	} {
		if status, text, _ := put(c.token, c.etag, c.body); status != c.want {
			t.Errorf("%s: %d, want %d: %s", name, status, c.want, text)
		}
	}
	h.want(404, "GET", path+"/participants/6", "reader", nil, nil)
	h.want(200, "GET", path, "reader", nil, &rv)
	if diff := cmp.Diff(map[string]int64{included: 1, excluded: 0, furtherView: 0, notReviewed: 4}, rv.Statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	var page struct{ Items []participantView }
	h.want(200, "GET", path+"/participants?status=INCLUDED", "reader", nil, &page)
	if len(page.Items) != 1 || page.Items[0].Place != 2 {
		t.Errorf("those included: %+v", page.Items)
	}
	h.want(403, "DELETE", path, "reader", nil, nil)
	h.want(204, "DELETE", path, "writer", nil, nil)
	h.want(404, "GET", path, "reader", nil, nil)
	if left, err := h.client.Collection("workspaces/" + wsID + "/participantReviews/" + rv.ID + "/participants").Documents(t.Context()).GetAll(); err != nil || len(left) > 0 {
		t.Errorf("%d participants are left, %v", len(left), err)
	}
}

// TestASampleThatBrokeOffIsResumed: a review whose process died before its sample
// was there shows nothing, and gets the sample that it would have got.
func TestASampleThatBrokeOffIsResumed(t *testing.T) {
	h := newHouse(t)
	cohort := h.cohort(withDrug(tinycdr.Metformin, 30))
	whole, want := h.sampled(cohort, "seed", 20)
	ref := h.room.reviewRef(wsID, whole.ID)
	snap, err := ref.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var rv review
	if err := snap.DataTo(&rv); err != nil {
		t.Fatal(err)
	}
	rv.State, rv.Sampled = sampling, 0
	if _, err := ref.Set(t.Context(), rv); err != nil {
		t.Fatal(err)
	}
	if _, err := h.room.sampleOf(rv).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := base + "/reviews/" + whole.ID
	h.want(409, "GET", path+"/participants", "reader", nil, nil)
	h.want(200, "POST", path+"/resume", "writer", nil, nil)
	if diff := cmp.Diff(want, h.persons(whole.ID)); diff != "" {
		t.Errorf("(-before +resumed):\n%s", diff)
	}
	// Resuming what is whole costs nothing and changes nothing.
	status, text, _ := h.match("PUT", path+"/participants/1", "writer", h.etag(path+"/participants/1"), `{"status":"EXCLUDED"}`)
	if status != 200 {
		t.Fatal(text)
	}
	h.want(200, "POST", path+"/resume", "writer", nil, nil)
	// Nor does somebody who comes late with the same sample.
	if _, err := h.room.fill(t.Context(), rv, want); err != nil {
		t.Fatal(err)
	}
	var got participantView
	h.want(200, "GET", path+"/participants/1", "reader", nil, &got)
	if got.Status != excluded {
		t.Errorf("what was said of a participant is gone: %+v", got)
	}
	// Data that were loaded anew draw another sample.
	rv.State, rv.Dataset = sampling, "another"
	if _, err := ref.Set(t.Context(), rv); err != nil {
		t.Fatal(err)
	}
	h.want(409, "POST", path+"/resume", "writer", nil, nil)
}
