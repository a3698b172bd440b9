package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/testkit"
)

// write puts projects into the store, as the workspace function does.
func write(t *testing.T, client *firestore.Client, list ...project.Project) {
	t.Helper()
	w := client.BulkWriter(t.Context())
	var jobs []*firestore.BulkWriterJob
	for _, p := range list {
		p.ChangedAt = time.Time{}
		job, err := w.Set(client.Collection(project.Collection).Doc(p.ID), p)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, job)
	}
	w.End()
	for _, job := range jobs {
		if _, err := job.Results(); err != nil {
			t.Fatal(err)
		}
	}
}

// hide takes a project out, as the workspace function does.
func hide(t *testing.T, client *firestore.Client, workspaceID string) {
	t.Helper()
	err := client.RunTransaction(t.Context(), func(_ context.Context, tx *firestore.Transaction) error {
		return errors.Join(tx.Delete(client.Collection(project.Collection).Doc(workspaceID)),
			tx.Set(client.Collection(project.Removals).Doc(workspaceID), project.Removed(workspaceID, morning)))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// names asks an instance and gives what it finds, all pages of it.
func namesBy(t *testing.T, h http.Handler, query string) []string {
	t.Helper()
	names := []string{}
	for next := ""; ; {
		w := get(t, h, "/v1/search?limit=3&"+query+"&cursor="+url.QueryEscape(next), "")
		var page searchPage
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, p := range page.Items {
			names = append(names, p.Name)
		}
		if next = page.Next; next == "" {
			if len(names) != page.Total && !page.Changed {
				t.Errorf("%s: %d names, total %d", query, len(names), page.Total)
			}
			return names
		}
	}
}

func TestEveryInstanceHearsOfEveryChange(t *testing.T) {
	client := testkit.Firestore(t)
	_, one := roomOn(t, client)
	_, two := roomOn(t, client)
	agree := func(what string, want ...string) {
		t.Helper()
		if want == nil {
			want = []string{}
		}
		_, started := roomOn(t, client) // one that starts now
		for name, h := range map[string]http.Handler{"one": one, "two": two, "started": started} {
			if d := cmp.Diff(want, namesBy(t, h, "query=asthma")); d != "" {
				t.Errorf("%s, instance %s: %s", what, name, d)
			}
		}
	}
	if got := namesBy(t, one, "query=asthma"); len(got) != 0 {
		t.Errorf("before anything: %v", got)
	}
	a, b := made(1, "Asthma A", nil), made(2, "Asthma B", nil)
	write(t, client, a, b)
	agree("two are made", "Asthma B", "Asthma A")
	a.Name, a.UpdatedAt = "Asthma A again", a.UpdatedAt.AddDate(0, 0, 9)
	write(t, client, a)
	agree("one is changed", "Asthma A again", "Asthma B")
	b.Name = "Gout"
	write(t, client, b)
	agree("one is another now", "Asthma A again")
	hide(t, client, a.ID)
	agree("one is hidden")
	write(t, client, a)
	agree("and shown again", "Asthma A again")
	hide(t, client, a.ID)
	write(t, client, a)
	agree("hidden and shown between two looks", "Asthma A again")
	write(t, client, b)
	hide(t, client, b.ID)
	agree("changed and hidden between two looks", "Asthma A again")
}

func TestABurstOfChanges(t *testing.T) {
	client := testkit.Firestore(t)
	s, h := roomOn(t, client)
	var list []project.Project
	for i := range 150 {
		list = append(list, made(1+i%28, fmt.Sprintf("Asthma %03d", i), nil))
	}
	write(t, client, list[:80]...)
	if got := namesBy(t, h, "query=asthma&limit=100"); len(got) != 80 {
		t.Fatalf("%d are found", len(got))
	}
	// Readers ask on while everything is changed several times over.
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					if w := get(t, h, "/v1/search?query=asthma&limit=100", ""); w.Code != 200 {
						t.Errorf("meanwhile: %d %s", w.Code, w.Body)
					}
				}
			}
		})
	}
	for round := range 3 {
		for i := range list {
			list[i].Name = fmt.Sprintf("Asthma %03d round %d word%d", i, round, i*7+round)
		}
		write(t, client, list...)
	}
	for _, p := range list[100:] {
		if _, err := client.Collection(project.Removals).Doc(p.ID).Set(t.Context(), project.Removed(p.ID, morning)); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Collection(project.Collection).Doc(p.ID).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	readers.Wait()
	if err := s.mirror.sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, started := roomOn(t, client)
	for _, query := range []string{"query=round+2&limit=100", "query=asthma&sort=name&limit=100", "limit=100"} {
		want := namesBy(t, started, query)
		if got := namesBy(t, h, query); len(got) != 100 || !slices.Equal(got, want) {
			t.Errorf("%s: %d found, a new instance finds %d", query, len(got), len(want))
		}
	}
	if got := namesBy(t, h, "query="+url.QueryEscape(`"round 1"`)); len(got) != 0 {
		t.Errorf("old names are found: %v", got)
	}
}

// TestPagesWhileProjectsChange turns pages on two instances by turns, with a
// change before each: what did not change comes exactly once.
func TestPagesWhileProjectsChange(t *testing.T) {
	for _, query := range []string{"query=asthma", "sort=newest", "sort=name", "sort=updated", "query=asthma+rare"} {
		t.Run(query, func(t *testing.T) {
			client := testkit.Firestore(t)
			var list []project.Project
			for i := range 24 {
				list = append(list, made(1+i, fmt.Sprintf("Asthma %02d", (i*7)%24), nil))
			}
			write(t, client, list...)
			_, one := roomOn(t, client)
			seen, changed := map[string]int{}, false
			next := ""
			for n := 0; ; n++ {
				h := one
				if n%2 == 1 {
					_, h = roomOn(t, client) // another instance, which has just started
				}
				w := get(t, h, "/v1/search?limit=4&"+query+"&cursor="+url.QueryEscape(next), "")
				var page searchPage
				if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
				for _, p := range page.Items {
					seen[p.ID]++
				}
				changed = changed || page.Changed
				if next = page.Next; next == "" {
					break
				}
				switch n {
				case 0: // one goes to the top, one to the end, one away, one comes
					list[2].Name, list[2].UpdatedAt = "Asthma asthma", list[2].UpdatedAt.AddDate(1, 0, 0)
					list[20].Name, list[20].Purpose.IntendedStudy = "Zzz", "Asthma."
					write(t, client, list[2], list[20], made(28, "Asthma new", nil))
				case 1:
					hide(t, client, list[10].ID)
				case 2: // nothing changes
				case 3:
					list[2].Name = "Asthma again"
					write(t, client, list[2])
				}
			}
			if !changed {
				t.Error("no page says that the directory has changed")
			}
			for i, p := range list {
				if n := seen[p.ID]; n != 1 && i != 2 && i != 10 && i != 20 {
					t.Errorf("%d %s comes %d times", i, p.Name, n)
				}
			}
		})
	}
}

// TestAnotherWayOfFindingStopsThePages: a word that nobody had, now has a project.
func TestAnotherWayOfFindingStopsThePages(t *testing.T) {
	client := testkit.Firestore(t)
	for i := range 3 {
		write(t, client, made(1+i, fmt.Sprintf("Asthma %d", i), nil))
	}
	_, h := roomOn(t, client)
	var page searchPage
	if err := json.Unmarshal(get(t, h, "/v1/search?query=astma&limit=2", "").Body.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]correction{{"astma", []string{"asthma"}}}, page.Corrections); d != "" || page.Next == "" {
		t.Fatal(d, page.Next)
	}
	path := "/v1/search?query=astma&limit=2&cursor=" + page.Next
	if w := get(t, h, path, ""); w.Code != 200 {
		t.Errorf("nothing has changed: %d %s", w.Code, w.Body)
	}
	write(t, client, made(9, "Astma", nil))
	if w := get(t, h, path, ""); w.Code != 412 || !strings.Contains(w.Body.String(), "start from the first page") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// away is a store that does not answer while down is set.
type away struct {
	source
	mu   sync.Mutex
	down bool
}

func (a *away) set(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
}

func (a *away) Since(ctx context.Context, from time.Time, each func([]change)) (time.Time, error) {
	a.mu.Lock()
	down := a.down
	a.mu.Unlock()
	if down {
		return from, fault.New(fault.Unavailable, "The store does not answer right now. Try again.")
	}
	return a.source.Since(ctx, from, each)
}

func TestWhileTheStoreIsAway(t *testing.T) {
	client := testkit.Firestore(t)
	store, c := &away{source: records{client}}, clock.NewManual(morning)
	m := &mirror{source: store, rules: rules, clock: c, log: slog.New(slog.DiscardHandler)}
	m.rules.Refresh = 5 * time.Second
	count := func() (n int, err error) {
		err = m.view(t.Context(), func(x state) { n = x.len() })
		return n, err
	}
	write(t, client, made(1, "Asthma", nil))
	for _, step := range []struct {
		name    string
		advance time.Duration
		down    bool
		want    int
	}{
		{"at first", 0, false, 1},
		{"within the refresh time nothing is asked", 4 * time.Second, true, 1},
		{"away", 2 * time.Second, true, 1},
		{"away for long", 4 * time.Minute, true, 1},
		{"too long", 2 * time.Minute, true, -1},
		{"back", 0, false, 2},
	} {
		c.Advance(step.advance)
		store.set(step.down)
		if step.want == 2 {
			write(t, client, made(2, "Gout", nil))
		}
		got, err := count()
		if step.want < 0 {
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: %v", step.name, err)
			}
		} else if err != nil || got != step.want {
			t.Errorf("%s: %d, %v; want %d", step.name, got, err, step.want)
		}
	}
}

// TestAnIndexThatWasReadAnswers even where the changes since cannot be asked for.
func TestAnIndexThatWasReadAnswers(t *testing.T) {
	client := testkit.Firestore(t)
	write(t, client, made(1, "Asthma", nil))
	store := &away{source: records{client}}
	store.set(true)
	m := &mirror{source: store, rules: rules, clock: clock.NewManual(morning), log: slog.New(slog.DiscardHandler)}
	if err := m.view(t.Context(), func(state) {}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the first look: %v", err)
	}
	if err := m.view(t.Context(), func(x state) {
		if x.len() != 1 {
			t.Errorf("%d projects", x.len())
		}
	}); err != nil {
		t.Error(err)
	}
}

func TestTheIndexChecksAndRebuildsItself(t *testing.T) {
	client := testkit.Firestore(t)
	c := clock.NewManual(morning)
	m := &mirror{source: records{client}, rules: rules, clock: c, log: slog.New(slog.DiscardHandler)}
	names := func() string {
		t.Helper()
		var list []string
		if err := m.view(t.Context(), func(x state) {
			for id := range x.byID {
				list = append(list, x.get(id).Name)
			}
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	a, b, old := made(1, "A", nil), made(2, "B", nil), made(3, "C", nil)
	write(t, client, a, b, old)
	if got := names(); got != "A B C" {
		t.Fatal(got)
	}
	// A record goes by a hand that tells nobody.
	if _, err := client.Collection(project.Collection).Doc(a.ID).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := names(); got != "A B C" {
		t.Errorf("before the check: %s", got)
	}
	c.Advance(rules.Check)
	if got := names(); got != "B C" {
		t.Errorf("after the check: %s", got)
	}
	// A record is changed by a hand that leaves the time as it was.
	if _, err := client.Collection(project.Collection).Doc(b.ID).Update(t.Context(), []firestore.Update{
		{Path: "name", Value: "B by hand"}, {Path: "changedAt", Value: morning.AddDate(-9, 0, 0)}}); err != nil {
		t.Fatal(err)
	}
	c.Advance(rules.Check)
	if got := names(); got != "B C" {
		t.Errorf("before it is built anew: %s", got)
	}
	c.Advance(rules.Rebuild)
	if got := names(); got != "B by hand C" {
		t.Errorf("built anew: %s", got)
	}
}

func TestTheIndexIsBounded(t *testing.T) {
	client := testkit.Firestore(t)
	write(t, client, made(1, "Asthma oldest", nil), made(2, "Asthma old", nil), made(3, "Asthma new", nil))
	m := &mirror{source: records{client}, rules: rules, clock: clock.NewManual(morning), log: slog.New(slog.DiscardHandler)}
	m.rules.MaxProjects = 2
	for range 2 {
		if err := m.view(t.Context(), func(x state) {
			if got := x.found(t, Chosen{Query: "asthma"}); !x.partial || strings.Join(got, ", ") != "Asthma new, Asthma old" {
				t.Errorf("partial %v: %v", x.partial, got)
			}
		}); err != nil {
			t.Fatal(err)
		}
		write(t, client, made(1, "Asthma one more", nil))
	}
}

// TestSlotsAreGivenUp writes the same projects anew until the index moves them.
func TestSlotsAreGivenUp(t *testing.T) {
	x := newIndex()
	for round := range 30 {
		for i := range 100 {
			x.put(project.Project{ID: fmt.Sprintf("ws_%02d", i), Name: fmt.Sprintf("Asthma %d round%d", i, round), Tier: access.Registered, UpdatedAt: morning}, morning)
		}
		x.sort()
	}
	if len(x.slots) > 1300 || x.len() != 100 {
		t.Errorf("%d slots for %d projects", len(x.slots), x.len())
	}
	for query, want := range map[string]int{"asthma": 100, `"round 29"`: 100, `"round 3"`: 0, `"asthma 7 round 29"`: 1} {
		if got := x.found(t, Chosen{Query: query}); len(got) != want {
			t.Errorf("%s: %d", query, len(got))
		}
	}
}
