package copying

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/testkit"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// memory is files that lie nowhere.
type memory struct {
	mu    sync.Mutex
	files map[string]string
}

func (m *memory) Create(_ context.Context, object string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.files[object]; there {
		return fault.New(fault.Conflict, "There is one already.")
	}
	m.files[object] = string(body)
	return nil
}

func (m *memory) Read(_ context.Context, object string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, there := m.files[object]
	if !there {
		return nil, fault.New(fault.NotFound, "The notebook's file is not there any more.")
	}
	return []byte(body), nil
}

func (m *memory) Delete(_ context.Context, prefix string, most int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	removed := 0
	for _, object := range slices.Sorted(maps.Keys(m.files)) {
		if removed < most && strings.HasPrefix(object, prefix) {
			delete(m.files, object)
			removed++
		}
	}
	return removed, nil
}

func (m *memory) under(prefix string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for object := range m.files {
		if strings.HasPrefix(object, prefix) {
			n++
		}
	}
	return n
}

type nobody struct{}

func (nobody) Publish(context.Context, string, []byte, map[string]string) error { return nil }

// The source and what is in it.
const (
	sourceID = "ws_01JBBBBBBBBBBBBBBBBBBBBBBB"
	source   = access.Workspaces + "/" + sourceID
	setA     = "cs_01JAAAAAAAAAAAAAAAAAAAAAA1"
	cohortA  = "co_01JAAAAAAAAAAAAAAAAAAAAAA2"
	cohortB  = "co_01JAAAAAAAAAAAAAAAAAAAAAA3"
	dataA    = "ds_01JAAAAAAAAAAAAAAAAAAAAAA4"
	bookA    = "nb_01JAAAAAAAAAAAAAAAAAAAAAA5"
	runA     = "run_01JAAAAAAAAAAAAAAAAAAAAAA6"
	claimDoc = "workspaceNames/claim"
)

const book = `{"cells":[{"id":"about","cell_type":"markdown","metadata":{},"source":"- Rows: 8127364509"},
 {"id":"x","cell_type":"code","metadata":{},"execution_count":3,"outputs":[{"text":"SECRET row"}],"source":"rows = '/query/v1/workspaces/` + sourceID + `/runs/` + runA + `/results.csv'; cohort = '` + cohortA + `'"}],
 "metadata":{"kernelspec":{"name":"python3"}},"nbformat":4,"nbformat_minor":5}`

// bench is a store with a source and an engine.
type bench struct {
	t      *testing.T
	client *firestore.Client
	clock  *clock.Manual
	files  *memory
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, client: testkit.Firestore(t), clock: clock.NewManual(morning), files: &memory{files: map[string]string{}}}
	domains := access.TierRule{Kind: "domains", List: []string{"university.example"}}
	b.put("institutions/university", access.Institution{ID: "university", Name: "Example University", Rules: map[string]access.TierRule{"registered": domains}})
	for _, uid := range []string{"ann", "ben"} {
		a := access.Account{UID: uid, Email: uid + "@university.example", Name: "Name of " + uid, InstitutionID: "university", Modules: map[string]access.ModuleFact{}}
		for _, q := range access.Requirements() {
			a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: morning}
		}
		b.put("accounts/"+uid, a)
	}
	b.putSource(func(*access.Workspace) {})
	record := func(id, name string, more map[string]any) map[string]any {
		m := map[string]any{"id": id, "workspaceId": sourceID, "name": name, "createdBy": "SECRETuid", "updatedBy": "SECRETuid", "createdAt": morning, "schemaVersion": int64(1),
			"somethingNew": "SECRET of " + name}
		maps.Copy(m, more)
		return m
	}
	b.put(source+"/conceptSets/"+setA, record(setA, "Insulins", map[string]any{"version": int64(12), "definitionHash": "h"}))
	for _, n := range []string{"0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012"} {
		b.put(source+"/conceptSets/"+setA+"/versions/"+n, record(n, "", map[string]any{"conceptSetId": setA, "expression": `{"items":[` + n + `]}`}))
	}
	b.put(source+"/cohorts/"+cohortA, record(cohortA, "Diabetes", map[string]any{"version": int64(1), "kind": "circe", "definition": "{ \"Title\" : 1 }", "definitionHash": "ha"}))
	b.put(source+"/cohorts/"+cohortA+"/versions/1", record("1", "Diabetes", map[string]any{"cohortId": cohortA, "definition": "{ \"Title\" : 1 }"}))
	b.put(source+"/cohorts/"+cohortB, record(cohortB, "Both", map[string]any{"kind": "combination", "definition": `{"op":"union","of":[{"cohort":"` + cohortA + `","version":1}]}`, "definitionHash": "hb"}))
	b.put(source+"/dataSets/"+dataA, record(dataA, "Rows", map[string]any{"cohortIds": []any{cohortA, cohortB}, "definitionHash": "hd",
		"statement": map[string]any{"sql": "SELECT @cohort_id0", "params": []any{map[string]any{"name": "cohort_id0", "text": cohortA}}}}))
	object := source + "/notebooks/" + bookA + ".ipynb"
	b.put(source+"/notebooks/"+bookA, record(bookA, "Look", map[string]any{"language": "python", "runId": runA, "dataSetId": dataA, "object": object, "bytes": int64(len(book))}))
	b.files.files[object] = book
	for _, path := range []string{"/runs/" + runA, "/notes/nt_01JAAAAAAAAAAAAAAAAAAAAAA7", "/participantReviews/pr_1", "/cohorts/" + cohortA + "/counts/1"} {
		b.put(source+path, map[string]any{"id": "SECRET", "cost": "12.00"})
	}
	b.put("spends/sp_1", map[string]any{"workspaceId": sourceID, "uid": "ann", "cost": "12.00"})
	return b
}

func (b *bench) put(path string, v any) {
	b.t.Helper()
	if _, err := b.client.Doc(path).Set(b.t.Context(), v); err != nil {
		b.t.Fatal(err)
	}
}

// putSource writes the source, changed.
func (b *bench) putSource(change func(*access.Workspace)) {
	b.t.Helper()
	w := access.Workspace{ID: sourceID, Name: "Source", Tier: access.Registered, ReleaseID: "r2026", OwnerUID: "ann", State: access.Active,
		Members: map[string]string{"ann": access.Owner, "ben": access.Reader}, Purpose: access.Purpose{Kinds: []string{"educational"}}}
	change(&w)
	b.put(source, w.Keyed())
}

// engine is one process: it dies at the n-th thing that leaves it, 0 for never.
func (b *bench) engine(diesAt int) *Engine {
	rules := DefaultRules()
	rules.Records = 4
	log := slog.New(slog.DiscardHandler)
	e := &Engine{Gate: access.Gate{Client: b.client, Rules: access.DefaultRules(), Clock: b.clock}, Files: b.files, Check: SourceCheck{}, Rules: rules, Log: log,
		Events: outbox.Sender{Client: b.client, Publisher: nobody{}, Log: log, Clock: b.clock}}
	n := 0
	e.between = func(string) error {
		if n++; diesAt > 0 && n >= diesAt {
			return errDied // and from then on: nothing leaves a dead process
		}
		return nil
	}
	return e
}

var errDied = errors.New("the process died")

// job writes a job of ben's as it begins, with its target and its claim.
func (b *bench) job(change func(*Job)) Job {
	b.t.Helper()
	targetID := id.New(id.Workspace, morning)
	j := b.engine(0).Begun(Job{ID: id.New(id.Copying, morning), Makes: Duplicate, Source: source, Target: access.Workspaces + "/" + targetID,
		Claim: claimDoc, Actor: "ben", Tier: access.Registered, Name: "Copy", State: Underway, Total: 5})
	change(&j)
	targetID = strings.SplitN(j.Target, "/", 2)[1]
	if j.Makes == Snapshot {
		j.Actor = "ann"
		b.put(j.Target, community.Snapshot{ID: targetID, WorkspaceID: sourceID, Category: "community", Title: "Copy", Tier: access.Registered, PublisherUID: "ann", State: community.Copying}.Keyed())
		b.put(j.Claim, Claim{SnapshotID: targetID})
	} else {
		b.put(j.Target, access.Workspace{ID: targetID, Name: "Copy", Tier: access.Registered, ReleaseID: "r2026", OwnerUID: "ben", State: access.Copying,
			Members: map[string]string{"ben": access.Owner}, Purpose: access.Purpose{Kinds: []string{"educational"}}}.Keyed())
		b.put(j.Claim, Claim{WorkspaceID: targetID})
	}
	b.put(Collection+"/"+j.ID, j)
	return j
}

// finished lets a job go on until it has ended, sweep after sweep.
func (b *bench) finished(j Job) Job {
	b.t.Helper()
	for range 5 {
		b.clock.Advance(2 * time.Minute)
		if _, err := b.engine(0).Sweep(b.t.Context(), 10); err != nil {
			b.t.Fatal(err)
		}
		after, err := b.engine(0).Get(b.t.Context(), j.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		if after.Ended() {
			return after
		}
	}
	b.t.Fatal("the job does not end")
	return j
}

// records gives all records below a document, by path below it, with their fields.
func (b *bench) records(path string) map[string]map[string]any {
	b.t.Helper()
	found := map[string]map[string]any{}
	var look func(ref *firestore.DocumentRef, at string)
	look = func(ref *firestore.DocumentRef, at string) {
		collections, err := ref.Collections(b.t.Context()).GetAll()
		if err != nil {
			b.t.Fatal(err)
		}
		for _, c := range collections {
			refs, err := c.DocumentRefs(b.t.Context()).GetAll()
			if err != nil {
				b.t.Fatal(err)
			}
			for _, one := range refs {
				name := at + c.ID + "/" + one.ID
				snap, err := one.Get(b.t.Context())
				if err == nil {
					found[name] = snap.Data()
				}
				look(one, name+"/")
			}
		}
	}
	look(b.client.Doc(path), "")
	return found
}

func (b *bench) there(path string) bool {
	b.t.Helper()
	snaps, err := b.client.GetAll(b.t.Context(), []*firestore.DocumentRef{b.client.Doc(path)})
	if err != nil {
		b.t.Fatal(err)
	}
	return snaps[0].Exists()
}

// hiddenOrWhole fails when a part of a copy shows itself: to its owner, in a list,
// or to the public.
func (b *bench) hiddenOrWhole(j Job) {
	b.t.Helper()
	now, err := b.engine(0).Get(b.t.Context(), j.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	name := strings.SplitN(j.Target, "/", 2)[1]
	if j.Makes == Snapshot {
		snap, err := b.client.Doc(j.Target).Get(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		var s community.Snapshot
		if err := snap.DataTo(&s); err != nil {
			b.t.Fatal(err)
		}
		if shown := len(s.ListKeys) > 0 || s.State == community.Published || b.there(project.Listings+"/"+name); shown != (now.State == Done) {
			b.t.Errorf("the job is %s and the snapshot is shown: %v", now.State, shown)
		}
		return
	}
	snap, err := b.client.Doc(j.Target).Get(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var w access.Workspace
	if err := snap.DataTo(&w); err != nil {
		b.t.Fatal(err)
	}
	opens := access.May(w, "ben", access.Registered, access.Inspect) == nil
	face := b.there(project.Collection + "/" + name)
	if listed, whole := len(w.ListKeys)+len(w.MemberUIDs) > 0, now.State == Done; opens != whole || listed != whole || face != whole {
		b.t.Errorf("the job is %s; the copy opens: %v, is listed: %v, is public: %v", now.State, opens, listed, face)
	}
}
