package copying

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
)

// check holds what a duplicate is: all that the layout names, with definitions
// and versions as they were, referring to each other and to nothing of the source.
func (b *bench) check(j Job) {
	b.t.Helper()
	n, got := j.names(), b.records(j.Target)
	var want []string
	for path := range b.records(source) {
		parts := strings.Split(path, "/")
		if slices.Contains(Collections(), parts[0]) && (len(parts) == 2 || parts[2] == "versions") {
			want = append(want, n.text(path))
		}
	}
	slices.Sort(want)
	if d := cmp.Diff(want, slices.Sorted(maps.Keys(got))); d != "" {
		b.t.Fatal(d)
	}
	text, err := json.Marshal(got)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, forbidden := range []string{"SECRET", sourceID, setA, cohortA, cohortB, dataA, bookA, runA, "12.00"} {
		if strings.Contains(string(text), forbidden) {
			b.t.Errorf("%q is in the copy: %s", forbidden, text)
		}
	}
	copied := got["dataSets/"+n.of(dataA)]
	if d := cmp.Diff([]any{n.of(cohortA), n.of(cohortB)}, copied["cohortIds"]); d != "" {
		b.t.Error(d)
	}
	if d := cmp.Diff(map[string]any{"sql": "SELECT @cohort_id0", "params": []any{map[string]any{"name": "cohort_id0", "text": n.of(cohortA)}}}, copied["statement"]); d != "" {
		b.t.Error(d)
	}
	a, both := got["cohorts/"+n.of(cohortA)], got["cohorts/"+n.of(cohortB)]
	if a["definition"] != "{ \"Title\" : 1 }" || a["definitionHash"] != "ha" || a["id"] != n.of(cohortA) || !a["createdAt"].(time.Time).Equal(morning) ||
		!strings.Contains(both["definition"].(string), n.of(cohortA)) || both["definitionHash"] != "hb" {
		b.t.Errorf("cohorts: %v, %v", a, both)
	}
	if v := got["conceptSets/"+n.of(setA)+"/versions/0012"]; v["conceptSetId"] != n.of(setA) || v["expression"] != `{"items":[0012]}` {
		b.t.Errorf("a version: %v", v)
	}
	nb := got["notebooks/"+n.of(bookA)]
	file := b.files.files[fmt.Sprint(nb["object"])]
	if nb["dataSetId"] != n.of(dataA) || nb["object"] != j.Target+"/notebooks/"+n.of(bookA)+".ipynb" || nb["bytes"] != int64(len(file)) || !strings.Contains(file, n.of(cohortA)) {
		b.t.Errorf("notebook: %v\n%s", nb, file)
	}
	for _, forbidden := range []string{"SECRET", sourceID, runA, "8127364509"} {
		if strings.Contains(strings.ReplaceAll(file, n.of(cohortA), ""), forbidden) {
			b.t.Errorf("%q is in the notebook: %s", forbidden, file)
		}
	}
	if j.Makes == Duplicate && (a["workspaceId"] != n.workspace() || a["createdBy"] != "ben" || !strings.Contains(file, "/workspaces/"+n.workspace()+"/runs/"+yourRun)) ||
		j.Makes == Snapshot && (a["workspaceId"] != "" || a["createdBy"] != "" || !strings.Contains(file, "/workspaces/"+yourWorkspace+"/runs/"+yourRun)) {
		b.t.Errorf("whose it is: %v\n%s", a, file)
	}
}

// events counts the events of a kind about a target.
func (b *bench) events(kind, target string) int {
	b.t.Helper()
	snaps, err := b.client.Collection(outbox.Collection).Documents(b.t.Context()).GetAll()
	if err != nil {
		b.t.Fatal(err)
	}
	n := 0
	for _, snap := range snaps {
		if snap.Data()["type"] == kind && snap.Data()["target"] == target {
			n++
		}
	}
	return n
}

// A process may die before or after everything that leaves it: nobody sees a half
// copy, and whoever comes next makes it whole, once.
func TestADeathAtEveryStep(t *testing.T) {
	b := newBench(t)
	for _, makes := range []string{Duplicate, Snapshot} {
		died := true
		for n := 1; died; n++ {
			j := b.job(func(j *Job) {
				if j.Makes = makes; makes == Snapshot {
					j.Target = community.Collection + "/" + id.New(id.Snapshot, morning)
				}
			})
			_, err := b.engine(n).Work(t.Context(), j.ID, time.Hour)
			if died = errors.Is(err, errDied); err != nil && !died {
				t.Fatal(err)
			}
			b.hiddenOrWhole(j)
			if again, err := b.engine(0).Work(t.Context(), j.ID, time.Hour); n > 1 && died && again.State == Underway && (err != nil || again.Lease == "") {
				t.Errorf("the lease of the dead was taken at once: %+v, %v", again, err)
			}
			if j = b.finished(j); j.State != Done || j.Done != 5 {
				t.Fatalf("died at %d: %s, %s, %d done", n, j.State, j.Problem, j.Done)
			}
			b.hiddenOrWhole(j)
			b.check(j)
			kind := map[string]string{Duplicate: "workspace.duplicated", Snapshot: "snapshot.published"}[makes]
			if events := b.events(kind, j.Target); events != 1 {
				t.Errorf("%d events tell of it", events)
			}
			if n == 1 && !died {
				t.Fatal("the process never dies")
			}
			if !died && n < 12 {
				t.Errorf("a copy takes only %d steps: this test shows little", n)
			}
		}
	}
}

// One that was slow comes back when another has finished and a member has changed
// and removed what was copied: it changes nothing.
func TestALateRepeatChangesNothing(t *testing.T) {
	b := newBench(t)
	j := b.job(func(*Job) {})
	slow, first := b.engine(0), true
	slow.between = func(where string) error {
		if where != "copy" || !first {
			return nil
		}
		first = false
		b.clock.Advance(2 * time.Minute)
		if done, err := b.engine(0).Work(t.Context(), j.ID, time.Hour); err != nil || done.State != Done {
			t.Errorf("%+v, %v", done, err)
		}
		n := j.names()
		b.put(j.Target+"/conceptSets/"+n.of(setA), map[string]any{"name": "Changed by a member"})
		if _, err := b.client.Doc(j.Target + "/conceptSets/" + n.of(setA) + "/versions/0001").Delete(t.Context()); err != nil {
			t.Error(err)
		}
		return nil
	}
	after, err := slow.Work(t.Context(), j.ID, time.Hour)
	if err != nil || after.State != Done || first {
		t.Fatalf("%+v, %v", after, err)
	}
	got, n := b.records(j.Target), j.names()
	if d := cmp.Diff(map[string]any{"name": "Changed by a member"}, got["conceptSets/"+n.of(setA)]); d != "" {
		t.Error(d)
	}
	if _, there := got["conceptSets/"+n.of(setA)+"/versions/0001"]; there {
		t.Error("what a member removed is there again")
	}
	if events := b.events("workspace.duplicated", j.Target); events != 1 {
		t.Errorf("%d events", events)
	}
}

func TestTwoInstancesAtOnce(t *testing.T) {
	b := newBench(t)
	j := b.job(func(*Job) {})
	done := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := b.engine(0).Work(t.Context(), j.ID, time.Hour)
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if j = b.finished(j); j.State != Done || j.Done != 5 {
		t.Fatalf("%+v", j)
	}
	b.check(j)
	if events := b.events("workspace.duplicated", j.Target); events != 1 {
		t.Errorf("%d events", events)
	}
}

// What cannot be finished is taken back whole, wherever the process dies.
func TestTakenBackAfterTheBound(t *testing.T) {
	b := newBench(t)
	for n := 1; ; n++ {
		j := b.job(func(*Job) {})
		if _, err := b.engine(12).Work(t.Context(), j.ID, time.Hour); !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		if n == 1 && (len(b.records(j.Target)) == 0 || !b.there(j.Claim)) {
			t.Fatal("nothing is copied yet: this test shows little")
		}
		b.clock.Advance(25 * time.Hour)
		_, err := b.engine(n).Work(t.Context(), j.ID, time.Hour)
		died := errors.Is(err, errDied)
		if err != nil && !died {
			t.Fatal(err)
		}
		j = b.finished(j)
		if j.State != Failed || j.Problem == "" || len(b.records(j.Target)) != 0 || b.there(j.Target) || b.there(j.Claim) || b.files.under(j.Target) != 0 {
			t.Fatalf("died at %d: %s, left: %v", n, j.State, slices.Sorted(maps.Keys(b.records(j.Target))))
		}
		if events := b.events("workspace.duplicationFailed", Collection+"/"+j.ID); events != 1 {
			t.Errorf("%d events", events)
		}
		if !died {
			break
		}
	}
}

// A claim that somebody else holds by now is not the job's to give back.
func TestAnothersClaimStays(t *testing.T) {
	b := newBench(t)
	j := b.job(func(j *Job) { j.GiveUpAt = morning })
	b.put(j.Claim, Claim{WorkspaceID: "another"})
	if j = b.finished(j); j.State != Failed || !b.there(j.Claim) {
		t.Errorf("%s, the claim is there: %v", j.State, b.there(j.Claim))
	}
}

func TestTheSourceMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench)
		want   string
		says   string
	}{
		"archived": {func(b *bench) { b.putSource(func(w *access.Workspace) { w.State = access.Archived }) }, Done, ""},
		"paused":   {func(b *bench) { b.putSource(func(w *access.Workspace) { w.State = access.Paused }) }, Failed, "review board paused"},
		"deleted":  {func(b *bench) { b.putSource(func(w *access.Workspace) { w.State = access.Deleted }) }, Failed, "no such workspace"},
		"purged": {func(b *bench) {
			if _, err := b.client.Doc(source).Delete(b.t.Context()); err != nil {
				b.t.Fatal(err)
			}
		}, Failed, "not there any more"},
		"left":           {func(b *bench) { b.putSource(func(w *access.Workspace) { delete(w.Members, "ben") }) }, Failed, "not shared with you"},
		"the tier ended": {func(b *bench) { b.clock.Advance(366 * 24 * time.Hour) }, Failed, "tier ended"},
		"disabled": {func(b *bench) {
			b.put("accounts/ben", access.Account{UID: "ben", Disabled: true})
		}, Failed, "disabled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			j := b.job(func(j *Job) { j.GiveUpAt = morning.AddDate(5, 0, 0) })
			if _, err := b.engine(4).Work(t.Context(), j.ID, time.Hour); !errors.Is(err, errDied) {
				t.Fatal(err)
			}
			c.change(b)
			j = b.finished(j)
			if j.State != c.want || !strings.Contains(j.Problem, c.says) {
				t.Errorf("%s: %s", j.State, j.Problem)
			}
			if c.want == Failed && (b.there(j.Target) || len(b.records(j.Target)) > 0) {
				t.Error("something is left")
			}
		})
	}
}

// Members come along only where it was asked for, those of the end; the one who
// asked owns the copy, and nobody else's costs are touched.
func TestMembersAndCosts(t *testing.T) {
	b := newBench(t)
	for _, with := range []bool{false, true} {
		j := b.finished(b.job(func(j *Job) { j.WithMembers = with }))
		snap, err := b.client.Doc(j.Target).Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var w access.Workspace
		if err := snap.DataTo(&w); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"ben": access.Owner}
		if with {
			want["ann"] = access.Owner
		}
		if d := cmp.Diff(want, w.Members); d != "" || w.OwnerUID != "ben" || w.State != access.Active {
			t.Errorf("%s, owner %s, %s", d, w.OwnerUID, w.State)
		}
		if told := b.events("workspace.shared", j.Target); told != len(want)-1 {
			t.Errorf("%d are told", told)
		}
		face, err := b.client.Collection(project.Collection).Doc(w.ID).Get(t.Context())
		if err != nil || face.Data()["ownerName"] != "Name of ben" || face.Data()["institution"] != "Example University" {
			t.Errorf("%v, %v", face.Data(), err)
		}
	}
	for _, collection := range []string{"spends", "credits", audit.Collection} {
		want := map[string]int{"spends": 1, "credits": 0, audit.Collection: 2}[collection]
		if snaps, err := b.client.Collection(collection).Documents(t.Context()).GetAll(); err != nil || len(snaps) != want {
			t.Errorf("%s: %d, %v", collection, len(snaps), err)
		}
	}
}

// A duplicate of a snapshot is a copy of a copy: everything refers to the newest.
func TestADuplicateOfASnapshot(t *testing.T) {
	b := newBench(t)
	s := b.finished(b.job(func(j *Job) {
		j.Makes, j.Target = Snapshot, community.Collection+"/"+id.New(id.Snapshot, morning)
	}))
	if s.State != Done || len(s.Items) != 5 {
		t.Fatalf("%+v", s)
	}
	j := b.job(func(j *Job) { j.Source = s.Target })
	if j = b.finished(j); j.State != Done || j.Done != 5 {
		t.Fatalf("%+v", j)
	}
	first, second, got := s.names(), j.names(), b.records(j.Target)
	a := got["cohorts/"+second.of(first.of(cohortA))]
	if a["createdBy"] != "ben" || a["workspaceId"] != second.workspace() {
		t.Errorf("%v", a)
	}
	file := b.files.files[j.Target+"/notebooks/"+second.of(first.of(bookA))+".ipynb"]
	if !strings.Contains(file, "/workspaces/"+second.workspace()+"/runs/"+yourRun) {
		t.Error(file)
	}
	// Taken back before the next one is whole.
	j = b.job(func(j *Job) { j.Source = s.Target })
	if _, err := b.engine(4).Work(t.Context(), j.ID, time.Hour); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	b.put(s.Target, community.Snapshot{State: community.Withdrawn})
	if j = b.finished(j); j.State != Failed || !strings.Contains(j.Problem, "taken back") {
		t.Errorf("%+v", j)
	}
}
