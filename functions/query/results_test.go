package query

import (
	"fmt"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit/tinycdr"
)

// TestCSVOfOneColumnKeepsEveryRow: readers skip blank lines.
func TestCSVOfOneColumnKeepsEveryRow(t *testing.T) {
	h := newHouse(t)
	var run result
	h.want(202, "POST", base+"/runs", "owner", map[string]any{
		"sql": "SELECT CASE person_id WHEN 2 THEN NULL WHEN 60 THEN '' ELSE CAST(person_id AS STRING) END AS note FROM person ORDER BY person_id"}, &run)
	h.done(run.ID)
	var want strings.Builder
	want.WriteString("note\r\n")
	for i := 1; i <= tinycdr.Persons; i++ {
		if i == 2 || i == 60 {
			want.WriteString("\"\"\r\n")
			continue
		}
		fmt.Fprintf(&want, "%d\r\n", i)
	}
	if got := h.want(200, "GET", base+"/runs/"+run.ID+"/results.csv", "owner", nil, nil); got != want.String() {
		t.Errorf("got %q, want %q", got, want.String())
	}
}
