package query

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/googlesql"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit"
)

// TestCompiledCohortsPassTheAnalyzer is here and not in package circe, so that
// circe's tests need not link the analyzer.
func TestCompiledCohortsPassTheAnalyzer(t *testing.T) {
	data := omop.Dataset{Project: "demo-test", ID: "cdr"}
	files, err := filepath.Glob("../../shared/circe/testdata/*.sql")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d goldens, %v", len(files), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// A parameter a line follows the SQL.
		sql, tail, _ := strings.Cut(string(b), "\n-- {")
		st := statement.Statement{SQL: sql}
		for line := range strings.SplitSeq("-- {"+tail, "\n") {
			var p statement.Param
			if text, ok := strings.CutPrefix(line, "-- "); ok {
				if err := json.Unmarshal([]byte(text), &p); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				st.Params = append(st.Params, p)
			}
		}
		analyze(t, filepath.Base(file), st, data)
	}
}

// TestLibraryPassesTheAnalyzer compiles a part of OHDSI's own definitions.
func TestLibraryPassesTheAnalyzer(t *testing.T) {
	data := omop.Dataset{Project: "demo-test", ID: "cdr"}
	files, err := filepath.Glob(filepath.Join(testkit.TestData(t, "circe"), "definitions", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	compiled := 0
	for i := 0; i < len(files); i += 40 {
		b, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		d, err := circe.Parse(b)
		if err != nil {
			continue // not in this version: package circe's tests say what is
		}
		st, err := d.Count(circe.Options{Data: data})
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(files[i]), err)
			continue
		}
		compiled++
		analyze(t, filepath.Base(files[i]), st, data)
	}
	if compiled < 20 {
		t.Errorf("only %d of %d definitions compile", compiled, len(files)/40)
	}
}

func analyze(t *testing.T, name string, st statement.Statement, data omop.Dataset) {
	t.Helper()
	params := map[string]*googlesql.Type{}
	for _, p := range st.Params {
		switch p.Kind {
		case statement.Int64Array:
			params[p.Name] = googlesql.ArrayOf(googlesql.Int64)
		default:
			params[p.Name], _ = googlesql.Simple(string(p.Kind))
		}
	}
	a, err := googlesql.Analyze(context.Background(), st.SQL, googlesql.Options{Catalog: reachOf(access.Workspace{ID: wsID}, release.Data{Dataset: data}), NamedParams: params, ReadOnly: true})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if len(a.Others) > 0 {
		t.Errorf("%s uses what the local BigQuery cannot run: %v", name, a.Others)
	}
}
