package directory

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/project"
)

func TestDownload(t *testing.T) {
	s, h := newRoom(t)
	write(t, s.client,
		made(1, `=HYPERLINK("http://evil.example","Asthma")`, func(p *project.Project) {
			p.OwnerName, p.Institution = "@ann", "\t+1"
			p.Purpose.Disease, p.Purpose.IntendedStudy = " =1+1", "A \"quoted\" text;\nwith lines,\r\n=2+2"
			p.Purpose.ScientificApproach, p.Purpose.AnticipatedFindings = "-2+3", "＝1"
			p.Purpose.FocusOnPopulations, p.Purpose.Populations, p.Purpose.OtherPopulation = true, []string{"other"}, "Night workers"
		}),
		made(2, "Asthma – 糖尿病", nil), made(3, "Gout", nil))
	w := get(t, h, "/v1/downloads/csv?query=asthma", "")
	text, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || w.Code != 200 || w.Header().Get("Content-Type") != "text/csv; charset=utf-8; header=present" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="research-projects.csv"` {
		t.Fatalf("%d %v %v %q", w.Code, err, w.Header(), text)
	}
	if len(lines) != 3 || lines[1][1] != "Asthma – 糖尿病" || lines[0][1] != "name" {
		t.Fatalf("%q", lines)
	}
	got := map[string]string{}
	for i, name := range lines[0] {
		got[name] = lines[2][i]
	}
	delete(got, "id")
	want := map[string]string{"name": `'=HYPERLINK("http://evil.example","Asthma")`, "tier": "registered", "release": "r2026", "owner": "'@ann", "institution": "' +1",
		"kinds": "Educational purpose", "disease": "' =1+1", "intended_study": `A "quoted" text; with lines,  =2+2`, "scientific_approach": "'-2+3",
		"anticipated_findings": "'＝1", "channels": "Publication in scientific journals", "outcomes": "None of these", "populations": "Other group: Night workers",
		"created": "2026-01-01T09:00:00Z", "updated": "2026-01-01T09:00:00Z"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, format := range []string{"csv", "json"} {
		path := "/v1/downloads/" + format + "?query=asthma"
		first := get(t, h, path, "")
		etag := first.Header().Get("ETag")
		if etag == "" || first.Header().Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("%s: %v", format, first.Header())
		}
		if w := get(t, h, path, etag); w.Code != 304 || w.Body.Len() != 0 {
			t.Errorf("%s again: %d", format, w.Code)
		}
		// Another instance gives the same tag; a change gives another.
		_, other := roomOn(t, s.client)
		if w := get(t, other, path, etag); w.Code != 304 {
			t.Errorf("%s of another instance: %d", format, w.Code)
		}
	}
	var file struct {
		Items []projectView `json:"items"`
	}
	for query, want := range map[string]int{"": 3, "query=asthma": 2, "query=asthma&year=2025": 0} {
		w := get(t, h, "/v1/downloads/json?"+query, "")
		if err := json.Unmarshal(w.Body.Bytes(), &file); err != nil || len(file.Items) != want || file.Items == nil {
			t.Errorf("%s: %v %s", query, err, w.Body)
		}
	}
	etag := get(t, h, "/v1/downloads/csv", "").Header().Get("ETag")
	write(t, s.client, made(4, "Asthma too", nil))
	if w := get(t, h, "/v1/downloads/csv", etag); w.Code != 200 || !strings.Contains(w.Body.String(), "Asthma too") {
		t.Errorf("after a change: %d", w.Code)
	}
}
