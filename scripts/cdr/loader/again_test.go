package loader

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	"researchhub.example/hub/emulator/bigquery/bqtest"
	"researchhub.example/hub/shared/omop"
)

// three is the smallest folder with a third person.
func three() map[string]string {
	files := minimal()
	files["person.csv"] += "3,8532,1990,0,0\n"
	return files
}

func TestLoadAgainIsNoWorkAndOtherDataIsRefused(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	folder := folderOf(t, minimal())
	first, err := load(ctx, h.options(folder), h.records)
	if err != nil {
		t.Fatal(err)
	}
	// What a killed load left, and another release's.
	left := omop.AttemptDatasetID("r1", omop.TierControlled, attemptID(time.Now().Add(-time.Hour)))
	other := omop.AttemptDatasetID("r1_b", omop.TierControlled, attemptID(time.Now().Add(-48*time.Hour)))
	for _, id := range []string{left, other} {
		if err := h.bq.Dataset(id).Create(ctx, nil); err != nil {
			t.Fatal(err)
		}
	}
	o := h.options(folder)
	o.Title = "Release 1"
	again, err := load(ctx, o, h.records)
	if err != nil || again.Datasets[omop.TierControlled] != first.Datasets[omop.TierControlled] || !h.said("holds this data already") {
		t.Errorf("loaded again: %+v, %v", again, err)
	}
	if h.records.records["r1"].Title != "Release 1" {
		t.Error("the title did not change")
	}
	want := []string{first.Datasets[omop.TierControlled], first.Datasets[omop.TierRegistered], other}
	slices.Sort(want)
	if got := h.datasets(); !slices.Equal(got, want) {
		t.Errorf("datasets %v, want %v", got, want)
	}
	if _, err := load(ctx, h.options(folderOf(t, three())), h.records); !errors.Is(err, ErrPublished) {
		t.Errorf("other data under the id of a published release: %v", err)
	}
	// Tables that are gone are loaded again.
	if err := h.bq.Dataset(first.Datasets[omop.TierRegistered]).DeleteWithContents(ctx); err != nil {
		t.Fatal(err)
	}
	repaired, err := load(ctx, h.options(folder), h.records)
	if err != nil || h.number(repaired, omop.TierRegistered, "SELECT COUNT(*) FROM {person}") != 2 {
		t.Errorf("lost tables: %v", err)
	}
	// So is a release of before there was an index table.
	const index = "hub_concept_member"
	if err := h.bq.Dataset(repaired.Datasets[omop.TierControlled]).Table(index).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	repaired, err = load(ctx, h.options(folder), h.records)
	if err != nil || h.number(repaired, omop.TierControlled, "SELECT COUNT(*) FROM {"+index+"}") == 0 {
		t.Errorf("a lost index table: %v", err)
	}
}

func TestReplacedReleaseStaysReadableForAWhile(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	clock := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	replace := func(files map[string]string, keep time.Duration) omop.Release {
		t.Helper()
		o := h.options(folderOf(t, files))
		o.Replace, o.Keep, o.Now = true, keep, func() time.Time { return clock }
		r, err := load(ctx, o, h.records)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := replace(minimal(), time.Hour)
	clock = clock.Add(time.Minute)
	second := replace(three(), time.Hour)
	for r, want := range map[*omop.Release]int64{&first: 2, &second: 3} {
		if got := h.number(*r, omop.TierRegistered, "SELECT COUNT(*) FROM {person}"); got != want {
			t.Errorf("%d persons, want %d", got, want)
		}
	}
	clock = clock.Add(time.Hour)
	third := replace(minimal(), 0)
	want := []string{third.Datasets[omop.TierControlled], third.Datasets[omop.TierRegistered]}
	slices.Sort(want)
	if got := h.datasets(); !slices.Equal(got, want) || len(third.Former) != 0 {
		t.Errorf("datasets %v, want %v; former %v", got, want, third.Former)
	}
}

func TestTwoLoadsAtOnce(t *testing.T) {
	h := newHub(t)
	folder := folderOf(t, minimal())
	inside, goOn, waiting := make(chan bool), make(chan bool), make(chan bool)
	first := make(chan error, 1)
	go func() {
		o := h.options(folder)
		o.Progress = func(line string) {
			if strings.HasPrefix(line, "table ") && strings.Contains(line, ", person: ") {
				close(inside)
				<-goOn
			}
		}
		_, err := load(context.Background(), o, h.records)
		first <- err
	}()
	<-inside
	_, err := load(context.Background(), h.options(folder), h.records)
	var busy *BusyError
	if !errors.As(err, &busy) || !strings.Contains(err.Error(), "release r1 is being loaded by process") {
		t.Errorf("the second load: %v", err)
	}
	third := make(chan error, 1)
	go func() {
		o := h.options(folder)
		o.Wait = time.Minute
		o.Progress = func(line string) {
			if strings.HasPrefix(line, "waiting: release r1") {
				close(waiting)
			}
		}
		_, err := load(context.Background(), o, h.records)
		third <- err
	}()
	<-waiting
	close(goOn)
	if err := errors.Join(<-first, <-third); err != nil {
		t.Error(err)
	}
	r := h.records.records["r1"]
	if got := h.datasets(); r.State != omop.ReleasePublished || len(got) != 2 {
		t.Errorf("record %+v, datasets %v", r, got)
	}
}

// TestLoadThatGaveNoSignOfLifeIsTakenOver: it slept, another load took over and
// published; when it wakes up it changes nothing.
func TestLoadThatGaveNoSignOfLifeIsTakenOver(t *testing.T) {
	h := newHub(t)
	inside, goOn := make(chan bool), make(chan bool)
	first := make(chan error, 1)
	go func() {
		o := h.options(folderOf(t, minimal()))
		o.Progress = func(line string) {
			if strings.HasPrefix(line, "checks:") {
				close(inside)
				<-goOn
			}
		}
		_, err := load(context.Background(), o, h.records)
		first <- err
	}()
	<-inside
	o := h.options(folderOf(t, three()))
	o.Now = func() time.Time { return time.Now().Add(2 * holdFor) }
	if _, err := load(context.Background(), o, h.records); err != nil {
		t.Error(err)
	}
	close(goOn)
	if err := <-first; err == nil {
		t.Error("the load that slept published")
	}
	r := h.records.records["r1"]
	if got := h.number(r, omop.TierRegistered, "SELECT COUNT(*) FROM {person}"); got != 3 || len(h.datasets()) != 2 {
		t.Errorf("%d persons, datasets %v", got, h.datasets())
	}
}

var errCut = errors.New("this process is dead")

// cut lets a number of calls to BigQuery and to the records through and none after
// them: to the world, a process that was killed at that point.
type cut struct {
	*memory
	left atomic.Int64
}

func (c *cut) alive() bool { return c.left.Add(-1) >= 0 }

// RoundTrip implements http.RoundTripper.
func (c *cut) RoundTrip(r *http.Request) (*http.Response, error) {
	if !c.alive() {
		return nil, errCut
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (c *cut) get(ctx context.Context, id string) (omop.Release, version, error) {
	if !c.alive() {
		return omop.Release{}, version{}, errCut
	}
	return c.memory.get(ctx, id)
}

func (c *cut) put(ctx context.Context, r omop.Release, expect version, attempt string) error {
	if !c.alive() {
		return errCut
	}
	return c.memory.put(ctx, r, expect, attempt)
}

func (c *cut) take(ctx context.Context, id string, mine holding, now time.Time) error {
	if !c.alive() {
		return errCut
	}
	return c.memory.take(ctx, id, mine, now)
}

func (c *cut) leave(ctx context.Context, id, attempt string) error {
	if !c.alive() {
		return errCut
	}
	return c.memory.leave(ctx, id, attempt)
}

// TestKilledAnywhere kills loads after every so many calls. Whatever the moment, the
// release is the old one or the new one, whole and readable, and the next load makes
// good what was left.
func TestKilledAnywhere(t *testing.T) {
	_, server := bqtest.StartIn(t, t.TempDir())
	h := &hub{t: t, project: bqtest.Project, records: newMemory()}
	ctx := context.Background()
	clock := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	client := func(c *cut) *bigquery.Client {
		bq, err := bigquery.NewClient(ctx, h.project, option.WithEndpoint(server.URL()), option.WithHTTPClient(&http.Client{Transport: c}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = bq.Close() })
		return bq
	}
	// The holds of the killed run out.
	attempt := func(files map[string]string, calls int64) (int64, error) {
		clock = clock.Add(2 * holdFor)
		c := &cut{memory: h.records}
		c.left.Store(calls)
		o := h.options(folderOf(t, files))
		o.BigQuery, o.Replace, o.Now = client(c), true, func() time.Time { return clock }
		_, err := load(ctx, o, c)
		return calls - c.left.Load(), err
	}
	const endless = 1 << 40
	whole := &cut{memory: h.records}
	whole.left.Store(endless)
	h.bq = client(whole)

	all, err := attempt(minimal(), endless)
	if err != nil {
		t.Fatal(err)
	}
	var points []int64
	for k := int64(0); k < all; k += max(all/9, 1) {
		points = append(points, k)
	}
	for k := all - 6; k < all; k++ {
		points = append(points, k)
	}
	old, replaced := int64(2), 0
	for _, k := range points {
		files, persons := three(), int64(3)
		if old == 3 {
			files, persons = minimal(), 2
		}
		_, err := attempt(files, k)
		r := h.records.records["r1"]
		got := h.number(r, omop.TierControlled, "SELECT COUNT(*) FROM {person}")
		if got != old && got != persons || r.Persons != got {
			t.Fatalf("killed after %d of %d calls: %d persons, the record says %d", k, all, got, r.Persons)
		}
		for _, table := range []string{"person", "hub_person"} {
			if n := h.number(r, omop.TierRegistered, "SELECT COUNT(*) FROM {"+table+"}"); n != got {
				t.Fatalf("killed after %d of %d calls: %d in %s, want %d", k, all, n, table, got)
			}
		}
		if got == old && err == nil {
			t.Errorf("killed after %d of %d calls: published nothing and said so of nothing", k, all)
		}
		if got != old {
			replaced++
		}
		old = got
	}
	if replaced == 0 || replaced == len(points) {
		t.Errorf("of %d killed loads %d published: the points do not lie on both sides", len(points), replaced)
	}
	if len(h.datasets()) <= 2 {
		t.Error("no killed load left anything: the test kills nothing")
	}
	if _, err := attempt(minimal(), endless); err != nil {
		t.Fatal(err)
	}
	r := h.records.records["r1"]
	want := []string{r.Datasets[omop.TierControlled], r.Datasets[omop.TierRegistered]}
	slices.Sort(want)
	if got := h.datasets(); !slices.Equal(got, want) {
		t.Errorf("datasets %v, want %v", got, want)
	}
}
