package reminders

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/testkit"
)

func (noFiles) Create(context.Context, string, []byte) error { return nil }

func (noFiles) Read(context.Context, string) ([]byte, error) {
	return nil, fault.New(fault.NotFound, "The notebook's file is not there any more.")
}

type nowhere struct{}

func (nowhere) Publish(context.Context, string, []byte, map[string]string) error { return nil }

// A copy whose process has died is made whole by the schedule, once its lease is
// over.
func TestCopiesGoOnWithoutARequest(t *testing.T) {
	c := testkit.Firestore(t)
	now := clock.NewManual(time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC))
	put := func(path string, v any) {
		if _, err := c.Doc(path).Set(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	domains := access.TierRule{Kind: "domains", List: []string{"university.example"}}
	put("institutions/university", access.Institution{ID: "university", Rules: map[string]access.TierRule{"registered": domains}})
	a := access.Account{UID: "ann", Email: "ann@university.example", InstitutionID: "university", Modules: map[string]access.ModuleFact{}}
	for _, q := range access.Requirements() {
		a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: now.Now()}
	}
	put("accounts/ann", a)
	from := access.Workspace{ID: id.New(id.Workspace, now.Now()), Name: "From", Tier: access.Registered, OwnerUID: "ann", Members: map[string]string{"ann": access.Owner}, State: access.Active}
	to := from
	to.ID, to.Name, to.State = id.New(id.Workspace, now.Now()), "To", access.Copying
	put("workspaces/"+from.ID, from.Keyed())
	put("workspaces/"+to.ID, to.Keyed())
	put("workspaces/"+from.ID+"/cohorts/"+id.New(id.Cohort, now.Now()), map[string]any{"name": "Diabetes"})
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	e := &copying.Engine{Gate: access.Gate{Client: c, Rules: access.DefaultRules(), Clock: now}, Files: noFiles{}, Check: copying.SourceCheck{}, Rules: copying.DefaultRules(), Log: log,
		Events: outbox.Sender{Client: c, Publisher: nowhere{}, Log: log, Clock: now}}
	j := e.Begun(copying.Job{ID: id.New(id.Copying, now.Now()), Makes: copying.Duplicate, Source: "workspaces/" + from.ID, Target: "workspaces/" + to.ID,
		Claim: "workspaceNames/none", Actor: "ann", Tier: access.Registered, State: copying.Underway})
	j.Lease, j.LeaseUntil, j.DueAt = "the dead", now.Now().Add(time.Minute), now.Now().Add(time.Minute)
	put(copying.Collection+"/"+j.ID, j)
	sweep := &copies{engine: e, limit: 5}
	for _, want := range []bool{false, true, true} {
		if err := sweep.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := e.Get(t.Context(), j.ID)
		if done := after.State == copying.Done; err != nil || done != want {
			t.Fatalf("%s: %s, %v", after.State, after.Problem, err)
		}
		now.Advance(2 * time.Minute)
	}
	for _, collection := range []string{"workspaces/" + to.ID + "/cohorts", project.Collection} {
		if snaps, err := c.Collection(collection).Documents(t.Context()).GetAll(); err != nil || len(snaps) != 1 {
			t.Errorf("%s: %d, %v", collection, len(snaps), err)
		}
	}
}
