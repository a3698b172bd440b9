package cohort

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

// run executes a statement and counts its rows.
func (h *house) run(st statement.Statement) int {
	h.t.Helper()
	ctx := context.Background()
	job, err := bigqueryx.Run(ctx, h.room.desk.BigQuery, bigqueryx.Job{Statement: st, MaxBytesBilled: 1 << 30})
	if err != nil {
		h.t.Fatalf("%v\n%s", err, st.SQL)
	}
	it, err := job.Read(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	for n := 0; ; n++ {
		var row []bigquery.Value
		if err := it.Next(&row); errors.Is(err, iterator.Done) {
			return n
		} else if err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestEveryRouteNeedsASecondFactor(t *testing.T) {
	h := newHouse(t)
	for _, r := range h.api.Routes() {
		if r.Access != session.SecondFactor {
			t.Errorf("%s %s does not need a second factor", r.Method, r.Path)
		}
		path := strings.NewReplacer("{workspace}", wsID, "{cohort}", "co_01JBBBBBBBBBBBBBBBBBBBBBBB", "{dataSet}", "ds_01JBBBBBBBBBBBBBBBBBBBBBBB", "{concept}", "1").Replace(r.Path)
		for token, want := range map[string]int{"": 401, "bad": 401, "owner@1": 403} {
			if got, text := h.call(r.Method, path, token, "{}", nil); got != want {
				t.Errorf("%s %s as %q: %d, want %d: %s", r.Method, r.Path, token, got, want, text)
			}
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	h := newHouse(t)
	id := h.cohort(withDrug(tinycdr.Metformin, 30))
	in := func(ws, rest string) string { return "/cohort/v1/workspaces/" + ws + rest }
	create := `{"name":"n","definition":` + withDrug(tinycdr.Metformin, 30) + `}`
	for _, tc := range []struct {
		what, method, path, body                        string
		owner, writer, reader, lapsed, stranger, paused int
	}{
		{"list", "GET", "/cohorts", "", 200, 200, 200, 403, 404, 200},
		{"create", "POST", "/cohorts", create, 201, 201, 403, 403, 404, 403}, // paused: read only
		{"estimate", "POST", "/cohorts/" + id + "/estimate", "", 200, 200, 403, 403, 404, 403},
		{"count", "POST", "/cohorts/" + id + "/count", "", 200, 200, 403, 403, 404, 403},
		{"data sets", "GET", "/datasets", "", 200, 200, 200, 403, 404, 200},
	} {
		for token, want := range map[string]int{"owner": tc.owner, "writer": tc.writer, "reader": tc.reader, "lapsed": tc.lapsed, "stranger": tc.stranger} {
			if got, text := h.call(tc.method, in(wsID, tc.path), token, tc.body, nil); got != want {
				t.Errorf("%s as %s: %d, want %d: %s", tc.what, token, got, want, text)
			}
		}
		if got, text := h.call(tc.method, in(pausedWS, tc.path), "owner", tc.body, nil); got != tc.paused {
			t.Errorf("%s in a paused workspace: %d, want %d: %s", tc.what, got, tc.paused, text)
		}
	}
	// A cohort of one workspace is not there in another.
	h.want(404, "GET", in(pausedWS, "/cohorts/"+id), "owner", nil, nil)
	h.want(404, "GET", in(wsID, "/cohorts/..%2F"+id), "owner", nil, nil)
}
