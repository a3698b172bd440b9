package cohort

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

// filledReview makes a review of so many participants, person 7 × place at each.
func (h *house) filledReview(size int) review {
	h.t.Helper()
	rv := review{ID: id.New(id.ParticipantReview, h.clock.Now()), WorkspaceID: wsID, Size: size, State: sampling, Fields: []annotated{}, CreatedAt: h.clock.Now(), SchemaVersion: 2}
	if err := h.room.addReview(h.t.Context(), rv); err != nil {
		h.t.Fatal(err)
	}
	persons := make([]int64, size)
	for i := range persons {
		persons[i] = 7 * int64(i+1)
	}
	rv, err := h.room.fill(h.t.Context(), rv, persons)
	if err != nil {
		h.t.Fatal(err)
	}
	return rv
}

// TestTheLargestSample: ten thousand are there at once, in one record; only those
// of whom something is said get one of their own.
func TestTheLargestSample(t *testing.T) {
	h := newHouse(t)
	rv := h.filledReview(maxSample)
	path := base + "/reviews/" + rv.ID
	say := func(place int, status string) {
		t.Helper()
		one := fmt.Sprintf("%s/participants/%d", path, place)
		if code, text, _ := h.match("PUT", one, "writer", h.etag(one), `{"status":"`+status+`"}`); code != 200 {
			t.Fatalf("%d %s", code, text)
		}
	}
	// All of the first window but two, the second of whom was said and taken back.
	w := h.client.BulkWriter(t.Context())
	for place := 1; place <= window; place++ {
		if place == 3 || place == 400 {
			continue
		}
		p := unsaid(place, 7*int64(place))
		p.Status = excluded
		if _, err := w.Create(h.room.reviewRef(wsID, rv.ID).Collection(participants).Doc(p.ID), p); err != nil {
			t.Fatal(err)
		}
	}
	w.End()
	say(400, included)
	say(400, notReviewed)
	say(maxSample, furtherView)
	places := func(query string) (list []int, next string) {
		t.Helper()
		var page struct {
			Items []participantView
			Next  string
		}
		h.want(200, "GET", path+"/participants?"+query, "reader", nil, &page)
		for _, p := range page.Items {
			if p.PersonID != 7*int64(p.Place) {
				t.Errorf("person %d at place %d", p.PersonID, p.Place)
			}
			list = append(list, p.Place)
		}
		return list, page.Next
	}
	for query, want := range map[string]string{
		"limit=2":                                       "[1 2] p00002",
		"limit=2&cursor=p00500":                         "[501 502] p00502",
		"limit=2&cursor=p09998":                         "[9999 10000] ",
		"limit=2&cursor=p10000":                         "[] ",
		"limit=1&status=NOT_REVIEWED":                   "[3] p00003",
		"limit=3&status=NOT_REVIEWED":                   "[3 400 501] p00501",
		"limit=3&status=NOT_REVIEWED&cursor=p00499":     "[501 502 503] p00503",
		"limit=3&status=NOT_REVIEWED&cursor=p09998":     "[9999] ",
		"limit=3&status=NEEDS_FURTHER_REVIEW":           "[10000] ",
		"limit=1&status=EXCLUDED&cursor=p00002":         "[4] p00004",
		"limit=5&status=EXCLUDED&cursor=p00498":         "[499 500] ",
		"limit=100&status=NOT_REVIEWED&cursor=p09900":   fmt.Sprint(through(9901, 9999)) + " ",
		"limit=99&status=NOT_REVIEWED&cursor=p09900":    fmt.Sprint(through(9901, 9999)) + " ",
		"limit=98&status=NOT_REVIEWED&cursor=p09900":    fmt.Sprint(through(9901, 9998)) + " p09998",
		"limit=100&cursor=p09900":                       fmt.Sprint(through(9901, 10000)) + " ",
		"limit=2&status=NEEDS_FURTHER_REVIEW&cursor=p1": "[10000] ",
	} {
		list, next := places(query)
		if got := fmt.Sprintf("%v %s", list, next); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for _, cursor := range []string{"x", "p1", "p00000", "p10001", "p-0001", "1"} {
		h.want(422, "GET", path+"/participants?cursor="+cursor, "reader", nil, nil)
	}
	var got reviewView
	h.want(200, "GET", path, "reader", nil, &got)
	if diff := cmp.Diff(map[string]int64{included: 0, excluded: window - 2, furtherView: 1, notReviewed: maxSample - window + 1}, got.Statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	h.want(204, "DELETE", path, "writer", nil, nil)
	for _, collection := range []string{participants, samples} {
		if left, err := h.client.Collection("workspaces/" + wsID + "/participantReviews/" + rv.ID + "/" + collection).Documents(t.Context()).GetAll(); err != nil || len(left) > 0 {
			t.Errorf("%d %s are left, %v", len(left), collection, err)
		}
	}
}

func through(from, to int) []int {
	var list []int
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

// TestTwoReviewersOfOneParticipant: of whom nothing was said has an etag too, so
// that the first word is not lost to another first word.
func TestTwoReviewersOfOneParticipant(t *testing.T) {
	h := newHouse(t)
	rv := h.filledReview(3)
	one := base + "/reviews/" + rv.ID + "/participants/2"
	etag := h.etag(one)
	var wg sync.WaitGroup
	codes := make([]int, 2)
	for i, token := range []string{"owner", "writer"} {
		wg.Go(func() { codes[i], _, _ = h.match("PUT", one, token, etag, `{"status":"INCLUDED"}`) })
	}
	wg.Wait()
	if min(codes[0], codes[1]) != 200 || max(codes[0], codes[1]) != 412 {
		t.Errorf("%v, want 200 and 412", codes)
	}
	for path, c := range map[string]struct {
		etag string
		want int
	}{
		"/participants/2": {etag, 412},                     // since something was said
		"/participants/3": {`"2020-01-01T00:00:00Z"`, 412}, // of another time
		"/participants/1": {etag, 200},                     // nothing was said of this one
		"/participants/4": {etag, 404},                     // there is none
	} {
		if code, text, _ := h.match("PUT", base+"/reviews/"+rv.ID+path, "owner", c.etag, `{"status":"EXCLUDED"}`); code != c.want {
			t.Errorf("%s: %d, want %d: %s", path, code, c.want, text)
		}
	}
}

// TestNobodyIsJudgedInADeletedReview: a word that comes while the review is deleted,
// or after, leaves no record of a participant behind.
func TestNobodyIsJudgedInADeletedReview(t *testing.T) {
	h := newHouse(t)
	made := h.filledReview(3)
	rv, err := h.room.review(t.Context(), wsID, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	judge := func(place int, meanwhile func()) error {
		_, _, err := h.room.judge(t.Context(), rv, place, firestorex.ETag(rv.CreatedAt), func(p *participant) {
			p.Status = included
			meanwhile()
		})
		return err
	}
	dropped := make(chan error, 1)
	drop := sync.OnceFunc(func() {
		go func() { dropped <- h.room.drop(t.Context(), rv, "writer") }()
		select {
		case err := <-dropped: // the deletion is through while the word is still to be written
			dropped <- err
		case <-time.After(time.Second): // it waits for the word
		}
	})
	said := judge(1, drop)
	if err := <-dropped; err != nil {
		t.Fatal(err)
	}
	if said != nil && !fault.Is(said, fault.NotFound) {
		t.Errorf("while the review was deleted: %v", said)
	}
	if err := judge(2, func() {}); !fault.Is(err, fault.NotFound) {
		t.Errorf("after the review was deleted: %v", err)
	}
	left, err := h.room.reviewRef(wsID, rv.ID).Collection(participants).Documents(t.Context()).GetAll()
	if err != nil || len(left) > 0 {
		t.Errorf("%d participants are left, %v", len(left), err)
	}
}
