package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root finds the repository from this package's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatalf("shared/house is not two folders below the module's root: %v", err)
	}
	return dir
}

func TestThePictureHolds(t *testing.T) {
	m, err := Load(t.Context(), root(t), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Check(m, Rooms()) {
		t.Error(f)
	}
}

// The same path as above, from `go list` on, with a file in two rooms that is
// not there: the first imports the second.
func TestAPlantedImportIsSeenByGoList(t *testing.T) {
	dir := t.TempDir()
	plant := func(name, text string) string {
		at := filepath.Join(dir, name)
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	top := root(t)
	one := filepath.Join(top, "functions", "plantedone", "one.go")
	two := filepath.Join(top, "functions", "plantedtwo", "two.go")
	overlay := plant("overlay.json", `{"Replace":{`+
		quote(one)+`:`+quote(plant("one.txt", "package plantedone\n\nimport _ \"researchhub.example/hub/functions/plantedtwo\"\n"))+`,`+
		quote(two)+`:`+quote(plant("two.txt", "package plantedtwo\n\nimport _ \"researchhub.example/hub/shared/bigqueryx\"\n"))+`}}`)
	m, err := Load(t.Context(), top, overlay)
	if err != nil {
		t.Fatal(err)
	}
	rooms := append(Rooms(), Room{"plantedone", HTTP, records}, Room{"plantedtwo", HTTP, records})
	all := strings.Join(Check(m, rooms), "\n")
	for _, want := range []string{
		"functions/plantedone imports functions/plantedtwo: rooms have no doors",
		"functions/plantedtwo links BigQuery and has no business with it: functions/plantedtwo → shared/bigqueryx → cloud.google.com/go/bigquery",
		"functions/plantedone/function.go is missing",
		"emulator/functions.go does not import functions/plantedone",
		"infra/functions.tf has no entry for plantedone",
		"functions/plantedone does not call fn.Register",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not seen: %s\ngot:\n%s", want, all)
		}
	}
}

func quote(s string) string { return `"` + filepath.ToSlash(s) + `"` }

func TestEveryQueryHasItsIndex(t *testing.T) {
	m, err := Load(t.Context(), root(t), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range CheckIndexes(m, Queries()) {
		t.Error(f)
	}
}
