package reminders

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/testkit"
)

// deletedWorkspace writes a workspace with records below it, some of them below
// others and one below a document that is not there.
func deletedWorkspace(t *testing.T, c *firestore.Client, state string, purgeAt time.Time) (ws string, records []string) {
	t.Helper()
	w := access.Workspace{ID: id.New(id.Workspace, time.Unix(1, 0)), Name: "Asthma", Tier: access.Registered, OwnerUID: "u", Members: map[string]string{"u": access.Owner},
		State: state, PurgeAt: purgeAt}
	root := access.Workspaces + "/" + w.ID
	if _, err := c.Doc(root).Set(t.Context(), w.Keyed()); err != nil {
		t.Fatal(err)
	}
	records = []string{root + "/cohorts/a", root + "/cohorts/b", root + "/notes/a", root + "/runs/a", root + "/runs/a/pages/a", root + "/somethingNew/gone/parts/a"}
	for _, path := range records {
		if _, err := c.Doc(path).Set(t.Context(), map[string]any{"id": "a"}); err != nil {
			t.Fatal(err)
		}
	}
	return w.ID, append(records, root)
}

// left counts which of the records are still there.
func left(t *testing.T, c *firestore.Client, records []string) int {
	t.Helper()
	n := 0
	for _, path := range records {
		snaps, err := c.GetAll(t.Context(), []*firestore.DocumentRef{c.Doc(path)})
		if err != nil {
			t.Fatal(err)
		}
		if snaps[0].Exists() {
			n++
		}
	}
	return n
}

func newPurge(c *firestore.Client, now clock.Clock, records int) *purge {
	return &purge{client: c, clock: now, log: slog.New(slog.NewTextHandler(io.Discard, nil)), records: records, files: noFiles{}, data: &someDatasets{}}
}

// noFiles is a bucket without any.
type noFiles struct{}

func (noFiles) Delete(context.Context, string, int) (int, error) { return 0, nil }

// someFiles counts down what is left of one workspace's files.
type someFiles struct {
	prefix string
	left   int
}

func (f *someFiles) Delete(_ context.Context, prefix string, most int) (int, error) {
	if prefix != f.prefix {
		return 0, nil
	}
	n := min(most, f.left)
	f.left -= n
	return n, nil
}

// someDatasets is BigQuery with some data sets; it fails while broken.
type someDatasets struct {
	mu     sync.Mutex
	there  []string
	asked  int
	broken bool
}

func (d *someDatasets) Remove(_ context.Context, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if d.broken {
		return fault.New(fault.Unavailable, "BigQuery does not answer right now.")
	}
	d.there = slices.DeleteFunc(d.there, func(n string) bool { return n == name })
	return nil
}

// The workspace's own data set goes before its records, and no other's; as long as
// it may be there, so is the record that says whose it was.
func TestPurgeRemovesTheWorkspacesDataset(t *testing.T) {
	c := testkit.Firestore(t)
	end := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	ws, records := deletedWorkspace(t, c, access.Deleted, end)
	other, kept := deletedWorkspace(t, c, access.Deleted, end.Add(time.Hour))
	_, active := deletedWorkspace(t, c, access.Active, time.Time{})
	data := &someDatasets{there: []string{dataset.OfWorkspace(ws), dataset.OfWorkspace(other), "cdr_r1_registered"}, broken: true}
	p := newPurge(c, clock.NewManual(end), 100)
	p.data = data
	if err := p.run(t.Context()); err == nil || left(t, c, records) != len(records) {
		t.Fatalf("BigQuery does not answer: %v, %d of %d records are left", err, left(t, c, records), len(records))
	}
	// A death right after the data set went, before a record did: it is asked for again.
	data.broken = false
	if err := data.Remove(t.Context(), dataset.OfWorkspace(ws)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.run(t.Context()); err != nil || left(t, c, records) != 0 {
			t.Fatalf("%v, %d records are left", err, left(t, c, records))
		}
	}
	if diff := cmp.Diff([]string{dataset.OfWorkspace(other), "cdr_r1_registered"}, data.there); diff != "" {
		t.Errorf("data sets (-want +got):\n%s", diff)
	}
	if left(t, c, kept) != len(kept) || left(t, c, active) != len(active) {
		t.Error("records of another workspace are gone")
	}
	// A name that is no identifier of a workspace reaches nobody's data.
	asked := data.asked
	if err := p.dataset(t.Context(), "cdr_r1_registered"); err != nil || data.asked != asked {
		t.Errorf("a name that is no workspace's: %v, asked %d times", err, data.asked-asked)
	}
}

// The files go before the records, in the same bounds.
func TestPurgeRemovesFiles(t *testing.T) {
	c := testkit.Firestore(t)
	end := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	ws, records := deletedWorkspace(t, c, access.Deleted, end)
	f := &someFiles{prefix: access.Workspaces + "/" + ws + "/", left: 5}
	p := newPurge(c, clock.NewManual(end), 3)
	p.files = f
	for i, want := range []int{2, 0} {
		if err := p.run(t.Context()); err != nil || f.left != want {
			t.Fatalf("message %d: %d files are left, %v", i, f.left, err)
		}
	}
	p.records = 100
	if err := p.run(t.Context()); err != nil || left(t, c, records) != 0 {
		t.Errorf("%d records are left, %v", left(t, c, records), err)
	}
}

func TestPurgeWhenGraceIsOver(t *testing.T) {
	c := testkit.Firestore(t)
	end := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	now := clock.NewManual(end.Add(-time.Second))
	_, due := deletedWorkspace(t, c, access.Deleted, end)
	_, later := deletedWorkspace(t, c, access.Deleted, end.Add(time.Hour))
	_, kept := deletedWorkspace(t, c, access.Active, time.Time{})
	_, restored := deletedWorkspace(t, c, access.Active, end) // a record that says both is not deleted
	p := newPurge(c, now, 100)
	if err := p.run(t.Context()); err != nil || left(t, c, due) != len(due) {
		t.Fatalf("before its time: %v, %d of %d left", err, left(t, c, due), len(due))
	}
	now.Advance(time.Second)
	for range 2 { // a second message finds nothing to do
		if err := p.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := left(t, c, due); n != 0 {
			t.Errorf("%d records are left", n)
		}
	}
	for _, others := range [][]string{later, kept, restored} {
		if n := left(t, c, others); n != len(others) {
			t.Errorf("%d of %d records of another workspace are left", n, len(others))
		}
	}
	entries, err := c.Collection(audit.Collection).Documents(t.Context()).GetAll()
	if err != nil || len(entries) != 1 || entries[0].Data()["act"] != "workspace.purged" {
		t.Errorf("audit log: %d entries, %v", len(entries), err)
	}
}

// Each message removes a bounded number; the workspace goes last, and from the
// first on it is nobody's to restore.
func TestPurgeGoesOnAfterADeath(t *testing.T) {
	c := testkit.Firestore(t)
	end := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	ws, records := deletedWorkspace(t, c, access.Deleted, end)
	for _, want := range []int{6, 5, 4, 3, 2, 1, 0, 0} {
		if err := newPurge(c, clock.NewManual(end), 1).run(t.Context()); err != nil { // a new process each time
			t.Fatal(err)
		}
		if n := left(t, c, records); n != want {
			t.Fatalf("%d records are left, want %d", n, want)
		}
		if want == 0 {
			continue
		}
		snap, err := c.Collection(access.Workspaces).Doc(ws).Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var w access.Workspace
		if err := snap.DataTo(&w); err != nil {
			t.Fatal(err)
		}
		if err := access.May(w, "u", access.Registered, access.Restore); err == nil || len(w.ListKeys) != 0 {
			t.Errorf("with %d records left it can be restored (%v) or is listed %v", want, err, w.ListKeys)
		}
	}
}

func TestTwoInstancesPurgeAtOnce(t *testing.T) {
	c := testkit.Firestore(t)
	end := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	_, records := deletedWorkspace(t, c, access.Deleted, end)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := newPurge(c, clock.NewManual(end), 100).run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := left(t, c, records); n != 0 {
		t.Errorf("%d records are left", n)
	}
	entries, err := c.Collection(audit.Collection).Documents(t.Context()).GetAll()
	if err != nil || len(entries) != 1 {
		t.Errorf("%d audit entries for one purge, %v", len(entries), err)
	}
}
