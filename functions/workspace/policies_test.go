package workspace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/policy"
)

// A version moves: the workspace says what changed, and an owner acknowledges
// again.
func TestAPolicyMoves(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	etag = r.share(ws, "ann", etag, "dora", access.Writer)
	path := "/workspaces/" + ws + "/policies"
	status := func(token string) map[string][]any {
		t.Helper()
		got := map[string][]any{}
		for _, one := range r.want(200, "GET", path, token, "", nil).body["items"].([]any) {
			p := one.(map[string]any)
			var says []any
			for _, c := range p["changes"].([]any) {
				says = append(says, c.(map[string]any)["says"])
			}
			got[p["id"].(string)] = append([]any{p["acknowledged"], p["version"], p["upToDate"]}, says...)
		}
		return got
	}
	want := map[string][]any{policy.StigmatizingResearch: {"1", "1", true}, policy.EthicalConduct: {"1", "1", true}}
	if d := cmp.Diff(want, status("dora")); d != "" {
		t.Error(d)
	}
	second := policy.Policy{ID: policy.EthicalConduct, Version: "2", EffectiveAt: morning.Add(time.Hour), Title: "T", Summary: "S", Source: "s", Changes: "Name your partners."}
	r.service.policies = append(r.service.policies, second)
	if d := cmp.Diff(want, status("ann")); d != "" {
		t.Errorf("before it takes effect: %s", d)
	}
	acknowledge := func(version string) map[string]any {
		return map[string]any{"policies": []map[string]any{{"id": policy.StigmatizingResearch, "version": "1"}, {"id": policy.EthicalConduct, "version": version}}}
	}
	if got := r.want(200, "PUT", path, "ann", etag, acknowledge("1")).etag; got != etag {
		t.Error("acknowledging what is acknowledged changes the workspace")
	}
	r.clock.Advance(time.Hour)
	want[policy.EthicalConduct] = []any{"1", "2", false, "Name your partners."}
	if d := cmp.Diff(want, status("ann")); d != "" {
		t.Errorf("after it took effect: %s", d)
	}
	r.want(428, "PUT", path, "ann", "", acknowledge("2"))
	r.want(412, "PUT", path, "ann", `"2020-01-01T00:00:00Z"`, acknowledge("2"))
	r.want(403, "PUT", path, "dora", etag, acknowledge("2"))
	r.want(422, "PUT", path, "ann", etag, acknowledge("1"))
	r.want(422, "PUT", path, "ann", etag, map[string]any{"policies": []map[string]any{}})
	r.want(422, "PUT", path, "ann", etag, map[string]any{"policies": []map[string]any{{"id": policy.StigmatizingResearch, "version": "1"},
		{"id": policy.EthicalConduct, "version": "2"}, {"id": "somethingElse", "version": "1"}}})
	r.want(200, "PUT", path, "ann", etag, acknowledge("2"))
	want[policy.EthicalConduct] = []any{"2", "2", true}
	if d := cmp.Diff(want, status("dora")); d != "" {
		t.Errorf("after it was acknowledged: %s", d)
	}
	// A new workspace takes the version in force from the start.
	body := newBody()
	body["name"] = "Another"
	r.want(422, "POST", "/workspaces", "ann", "", body)
	body["policies"] = acknowledge("2")["policies"]
	r.want(201, "POST", "/workspaces", "ann", "", body)
}
