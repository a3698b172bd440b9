package workspace

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
)

// sent is one request.
type sent struct {
	method, path, token string
	body                any
}

// race sends two requests at once, with one etag, and gives the index of the one
// that won. The other must hear 412: whoever loses has not seen what the winner
// wrote.
func (r *room) race(etag string, both [2]sent) (winner int, a answered) {
	r.t.Helper()
	var results [2]answered
	var wg sync.WaitGroup
	for i, s := range both {
		wg.Go(func() { results[i] = r.do(s.method, s.path, s.token, etag, s.body) })
	}
	wg.Wait()
	ok := func(a answered) bool { return a.status >= 200 && a.status < 300 }
	for i := range results {
		if ok(results[i]) && results[1-i].status == 412 {
			return i, results[i]
		}
	}
	r.t.Fatalf("%s %s: %d %v; %s %s: %d %v; want one done and one 412", both[0].method, both[0].path, results[0].status, results[0].body,
		both[1].method, both[1].path, results[1].status, results[1].body)
	return 0, answered{}
}

// Two writers of one workspace, for each kind of change: one wins, the
// other hears 412 and has changed nothing, no update is lost, and the audit log
// has one entry for each change that was made.
func TestTwoWritersOfEachKind(t *testing.T) {
	purposeOf := func(disease string) map[string]any {
		p := newPurpose()
		p["disease"] = disease
		return map[string]any{"purpose": p}
	}
	round := 0
	kinds := map[string]func(i int) (method, path string, body any, done func(access.Workspace) bool){
		"purpose": func(i int) (string, string, any, func(access.Workspace) bool) {
			disease := fmt.Sprintf("Disease %d", i)
			return "PATCH", "", purposeOf(disease), func(w access.Workspace) bool { return w.Purpose.Disease == disease }
		},
		"name": func(i int) (string, string, any, func(access.Workspace) bool) {
			name := fmt.Sprintf("Name %d of round %d", i, round)
			return "PATCH", "", map[string]any{"name": name}, func(w access.Workspace) bool { return w.Name == name }
		},
		"member added": func(i int) (string, string, any, func(access.Workspace) bool) {
			uid := []string{"carl", "eve"}[i]
			return "PUT", "/members", map[string]any{"uid": uid, "role": "reader"}, func(w access.Workspace) bool { return w.Members[uid] == "reader" }
		},
		"role changed": func(i int) (string, string, any, func(access.Workspace) bool) {
			role := []string{"reader", "writer"}[i]
			return "PUT", "/members", map[string]any{"uid": "ben", "role": role}, func(w access.Workspace) bool { return w.Members["ben"] == role }
		},
		"member removed": func(i int) (string, string, any, func(access.Workspace) bool) {
			uid := []string{"ben", "zoe"}[i]
			return "DELETE", "/members/" + uid, nil, func(w access.Workspace) bool { return w.Members[uid] == "" }
		},
		"transfer": func(int) (string, string, any, func(access.Workspace) bool) {
			return "POST", "/transfer", map[string]any{"uid": "dora"}, func(w access.Workspace) bool { return w.OwnerUID == "dora" }
		},
		"archive": func(int) (string, string, any, func(access.Workspace) bool) {
			return "POST", "/archive", nil, func(w access.Workspace) bool { return w.State == access.Archived }
		},
		"delete": func(int) (string, string, any, func(access.Workspace) bool) {
			return "DELETE", "", nil, func(w access.Workspace) bool { return w.State == access.Deleted }
		},
	}
	names := slices.Sorted(maps.Keys(kinds))
	r := newRoom(t)
	r.put(access.Accounts, "zoe", account("zoe", access.Controlled))
	for i, first := range names {
		// Each kind meets its own and one other.
		for _, second := range []string{first, names[(i+1)%len(names)]} {
			round++
			t.Run(first+" and "+second, func(t *testing.T) {
				r := *r
				r.t = t
				ws, _ := r.created("ann", first+" and "+second)
				w := r.workspace(ws)
				w.Members = map[string]string{"ann": "owner", "dora": "owner", "ben": "owner", "zoe": "owner"}
				r.put(access.Workspaces, ws, w.Keyed())
				etag := r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag
				before, entries := r.workspace(ws), r.count(audit.Collection)
				var both [2]sent
				var done [2]func(access.Workspace) bool
				for k, kind := range []string{first, second} {
					method, path, body, d := kinds[kind](k)
					both[k], done[k] = sent{method, "/workspaces/" + ws + path, "ann", body}, d
				}
				if done[0](before) || done[1](before) {
					t.Fatal("what is to be done is done already")
				}
				winner, _ := r.race(etag, both)
				w = r.workspace(ws)
				if !done[winner](w) {
					t.Errorf("the winner's change is not there: %+v", w)
				}
				if first != second || !slices.Contains([]string{"transfer", "archive", "delete"}, first) {
					if done[1-winner](w) {
						t.Errorf("the loser's change is there: %+v", w)
					}
				}
				if n := r.count(audit.Collection) - entries; n != 1 {
					t.Errorf("%d audit entries for one change", n)
				}
			})
		}
	}
}
