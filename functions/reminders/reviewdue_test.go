package reminders

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/review"
)

func (b *bell) reviews() *reviewsDue {
	return &reviewsDue{client: b.client, clock: b.clock, log: slog.New(slog.DiscardHandler), most: 10}
}

// marked leaves the mark of an open review that is due at a moment.
func (b *bell) marked(ws string, state review.State, due time.Time) {
	b.t.Helper()
	r := review.Review{ID: "rv_" + ws, WorkspaceID: ws, Name: "Project " + ws, State: state, DueAt: due}
	if _, err := b.client.Collection(review.OpenReviews).Doc(ws).Set(b.t.Context(), review.OpenOf(r)); err != nil {
		b.t.Fatal(err)
	}
}

// told lists the events about reviews: "review.due rv_ws1".
func (b *bell) told() map[string]int {
	b.t.Helper()
	snaps, err := b.client.Collection(outbox.Collection).Documents(b.t.Context()).GetAll()
	if err != nil {
		b.t.Fatal(err)
	}
	list := map[string]int{}
	for _, snap := range snaps {
		var e outbox.Event
		if err := snap.DataTo(&e); err != nil {
			b.t.Fatal(err)
		}
		for _, needs := range []string{"name", "due", "review", "workspaceId"} {
			if e.Data[needs] == "" {
				b.t.Errorf("%s lacks %s", e.Type, needs)
			}
		}
		list[e.Type+" "+e.Data["review"]]++
	}
	return list
}

// Each review is told of once a day before it is due and once when it is overdue,
// however often the bell rings.
func TestReviewsDueAreToldOnce(t *testing.T) {
	b := open(t)
	due := t0.Add(48 * time.Hour)
	b.marked("ws1", review.Waiting, due)
	b.marked("ws2", review.Waiting, due.Add(72*time.Hour))
	b.marked("ws3", review.ChangesAsked, t0.Add(-time.Hour)) // the owner's turn
	b.marked("ws4", review.Waiting, t0.Add(-time.Hour))      // nobody looked for days
	for _, c := range []struct {
		at   time.Time
		want map[string]int
	}{
		{t0, map[string]int{"review.overdue rv_ws4": 1}},
		{due.Add(-review.RemindBefore - time.Second), map[string]int{"review.overdue rv_ws4": 1}},
		{due.Add(-review.RemindBefore), map[string]int{"review.overdue rv_ws4": 1, "review.due rv_ws1": 1}},
		{due.Add(-time.Second), map[string]int{"review.overdue rv_ws4": 1, "review.due rv_ws1": 1}},
		{due, map[string]int{"review.overdue rv_ws4": 1, "review.due rv_ws1": 1, "review.overdue rv_ws1": 1}},
		{due.Add(24 * time.Hour), map[string]int{"review.overdue rv_ws4": 1, "review.due rv_ws1": 1, "review.overdue rv_ws1": 1}},
	} {
		b.clock.Set(c.at)
		for range 2 {
			if code := b.ring(10, 1); code != 204 {
				t.Errorf("status %d", code)
			}
		}
		if d := cmp.Diff(c.want, b.told()); d != "" {
			t.Errorf("at %s: %s", c.at, d)
		}
	}
	// Answered and asked anew: it is told of again, by its new due date.
	b.marked("ws1", review.Waiting, b.clock.Now().Add(time.Hour))
	b.ring(10, 1)
	if n := b.told()["review.due rv_ws1"]; n != 2 {
		t.Errorf("%d times", n)
	}
}

// Two instances at once tell of a review once.
func TestTwoInstancesTellOfAReviewOnce(t *testing.T) {
	b := open(t)
	b.marked("ws1", review.Waiting, t0)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := b.reviews().run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if d := cmp.Diff(map[string]int{"review.overdue rv_ws1": 1}, b.told()); d != "" {
		t.Error(d)
	}
}

// A mark that cannot be read keeps none of the others waiting, and a message
// tells of a bounded number.
func TestABadMarkKeepsNoneWaiting(t *testing.T) {
	b := open(t)
	if _, err := b.client.Collection(review.OpenReviews).Doc("bad").Set(t.Context(), map[string]any{"remindAt": t0.Add(-time.Hour), "dueAt": "soon"}); err != nil {
		t.Fatal(err)
	}
	b.marked("ws1", review.Waiting, t0)
	b.marked("ws2", review.Waiting, t0)
	x := b.reviews()
	events, err := x.run(t.Context())
	if err == nil || len(events) != 2 {
		t.Errorf("%v, %v", events, err)
	}
	b.marked("ws1", review.Waiting, t0)
	b.marked("ws2", review.Waiting, t0)
	if _, err := b.client.Collection(review.OpenReviews).Doc("bad").Update(t.Context(), []firestore.Update{{Path: "remindAt", Value: firestore.Delete}}); err != nil {
		t.Fatal(err)
	}
	x.most = 1
	if events, err := x.run(t.Context()); err != nil || len(events) != 1 {
		t.Errorf("%v, %v", events, err)
	}
}
