package seed

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/testkit"
)

func TestAncestors(t *testing.T) {
	seen := map[[2]int64]kinship{}
	for _, k := range ancestors() {
		if _, ok := seen[[2]int64{k.ancestor, k.descendant}]; ok {
			t.Errorf("%d above %d twice", k.ancestor, k.descendant)
		}
		seen[[2]int64{k.ancestor, k.descendant}] = k
	}
	for _, want := range []kinship{
		{201820, 201826, 1, 1}, {201826, 443731, 2, 2}, {201820, 376065, 3, 3}, {201826, 201826, 0, 0},
		{1503297, 40164929, 1, 1}, {1137529, 40169281, 1, 1}, {441840, 192671, 2, 2}, {4274025, 443731, 2, 4},
	} {
		if diff := cmp.Diff(want, seen[[2]int64{want.ancestor, want.descendant}], cmp.AllowUnexported(kinship{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if _, ok := seen[[2]int64{201826, 201820}]; ok {
		t.Error("a child stands above its parent")
	}
}

func TestSampleIsComplete(t *testing.T) {
	ids := map[int64]bool{}
	for _, c := range sample {
		if ids[c.id] {
			t.Errorf("concept %d twice", c.id)
		}
		ids[c.id] = true
	}
	check := func(where string, id int64) {
		if !ids[id] {
			t.Errorf("%s names concept %d, which is not in the sample", where, id)
		}
	}
	for child, up := range parents {
		check("parents", child)
		for _, id := range up {
			check("parents", id)
		}
	}
	for i := range diseases {
		for _, c := range diseases[i].first {
			check("diseases", c.concept)
		}
		for _, c := range diseases[i].later {
			check("diseases", c.concept)
		}
		for _, c := range diseases[i].procedure {
			check("diseases", c.concept)
		}
		for _, r := range diseases[i].after {
			if r.disease >= i {
				t.Errorf("disease %d looks at disease %d, which is drawn later", i, r.disease)
			}
		}
	}
	for _, th := range therapies {
		for _, c := range th.drugs {
			check("therapies", c.concept)
		}
	}
	for _, o := range offLabel {
		check("offLabel", o.drug)
	}
	for source, to := range mappedTo {
		check("mappedTo", source)
		check("mappedTo", to)
	}
	for _, s := range synonyms {
		check("synonyms", s.id)
	}
}

// TestSampleAgreesWithRealVocabulary holds the sample against every concept that
// the real data sets at hand quote.
func TestSampleAgreesWithRealVocabulary(t *testing.T) {
	type facts struct{ Code, Vocabulary, Domain string }
	mine := map[int64]facts{}
	for _, c := range sample {
		mine[c.id] = facts{c.code, c.vocabulary, c.domain}
	}
	checked := map[int64]bool{}
	compare := func(where string, id int64, quoted facts) {
		if want, ok := mine[id]; ok {
			checked[id] = true
			if diff := cmp.Diff(quoted, want); diff != "" {
				t.Errorf("%s: concept %d (-quoted +sample):\n%s", where, id, diff)
			}
		}
	}

	f, err := os.Open(filepath.Join(testkit.TestData(t, "omop/gibleed"), "concept.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(gz).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all[1:] {
		id, err := strconv.ParseInt(r[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		compare("gibleed", id, facts{r[6], r[3], r[2]})
	}
	definitions, err := filepath.Glob(filepath.Join(testkit.TestData(t, "circe/definitions"), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range definitions {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			ConceptSets []struct {
				Expression struct {
					Items []struct {
						Concept struct {
							ID         int64  `json:"CONCEPT_ID"`
							Code       string `json:"CONCEPT_CODE"`
							Vocabulary string `json:"VOCABULARY_ID"`
							Domain     string `json:"DOMAIN_ID"`
						} `json:"concept"`
					} `json:"items"`
				} `json:"expression"`
			} `json:"ConceptSets"`
		}
		if json.Unmarshal(b, &d) != nil {
			continue // some definitions are broken on purpose
		}
		for _, set := range d.ConceptSets {
			for _, item := range set.Expression.Items {
				// Small definitions made by hand name concepts by their ids only.
				if c := item.Concept; c.Vocabulary != "Synth" && c.Vocabulary != "" {
					compare(path, c.ID, facts{c.Code, c.Vocabulary, c.Domain})
				}
			}
		}
	}
	if len(checked) < 80 {
		t.Errorf("only %d concepts could be checked", len(checked))
	}
	t.Logf("%d of %d concepts checked", len(checked), len(sample))
}
