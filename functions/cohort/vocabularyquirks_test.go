package cohort

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"researchhub.example/hub/scripts/cdr/loader"
	"researchhub.example/hub/shared/omop"
)

// quirksID names a release whose vocabulary has what goes wrong elsewhere.
const quirksID = "quirks_1"

// Concepts of the release.
const (
	disorder    = 100
	heart       = 110 // below disorder; 41 persons with descendants
	infarction  = 111 // below heart; exactly 20 persons
	arrhythmia  = 112 // below heart; exactly 21 persons
	oldHeart    = 113 // below heart, invalid
	kidney      = 120 // below disorder
	cardiorenal = 121 // below heart and kidney; 5 persons
	cycleA      = 130 // above and below cycleB
	cycleB      = 131
	menieres    = 140
	percent     = 141
	percentLike = 142
	classified  = 150 // a classification
	icdInfarct  = 900 // maps to infarction
	icdLost     = 901 // its mapping to infarction is invalid
)

// quirkFiles are the release's CDM files; later ones have one concept more and one
// link less.
func quirkFiles(later bool) map[string]string {
	f := map[string]*strings.Builder{}
	add := func(table, format string, args ...any) {
		if f[table] == nil {
			f[table] = &strings.Builder{}
		}
		fmt.Fprintf(f[table], format+"\n", args...)
	}
	add("person", "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,ethnicity_concept_id")
	add("observation_period", "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,period_type_concept_id")
	add("condition_occurrence", "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,condition_type_concept_id")
	event := 0
	has := func(person, concept int) {
		event++
		add("condition_occurrence", "%d,%d,%d,2015-02-01,2015-02-05,32817", event, person, concept)
	}
	for p := 1; p <= 60; p++ {
		add("person", "%d,8507,%d,6,15,8527,38003564", p, 1950+p)
		add("observation_period", "%d,%d,2014-01-01,2018-12-31,32817", p, p)
		if p <= 20 {
			has(p, infarction)
		} else if p <= 41 {
			has(p, arrhythmia)
		}
		if p <= 5 {
			has(p, cardiorenal)
		}
	}
	add("concept", "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,concept_code,valid_start_date,valid_end_date,invalid_reason")
	concept := func(id int, name, vocabulary, class, standard, code, invalid string) {
		add("concept", "%d,%s,Condition,%s,%s,%s,%s,1970-01-01,2099-12-31,%s", id, name, vocabulary, class, standard, code, invalid)
	}
	concept(disorder, "Disorder", "SNOMED", "Disorder", "S", "64572001", "")
	concept(heart, "Heart disease", "SNOMED", "Disorder", "S", "56265001", "")
	concept(infarction, "Myocardial infarction", "SNOMED", "Disorder", "S", "22298006", "")
	concept(arrhythmia, "Cardiac arrhythmia", "SNOMED", "Disorder", "S", "698247007", "")
	concept(oldHeart, "Old heart disease", "SNOMED", "Disorder", "", "111", "U")
	concept(kidney, "Kidney disease", "SNOMED", "Disorder", "S", "90708001", "")
	concept(cardiorenal, "Cardiorenal syndrome", "SNOMED", "Disorder", "S", "445236007", "")
	concept(cycleA, "Cycle a", "Local", "Finding", "S", "cyc", "")
	concept(cycleB, "Cycle b", "Local", "Finding", "S", "CYC", "")
	concept(menieres, "Ménière's disease", "SNOMED", "Disorder", "S", "13445001", "")
	concept(percent, "Burn of 10% of_body", "SNOMED", "Disorder", "S", "A_1", "")
	concept(percentLike, "Burn of 100 of body", "SNOMED", "Disorder", "S", "AB1", "")
	concept(classified, "Circulatory system", "ATC", "ATC 1st", "C", "C", "")
	concept(icdInfarct, "Acute myocardial infarction", "ICD10CM", "3-char billing code", "", "I21", "")
	concept(icdLost, "Old myocardial infarction", "ICD10CM", "3-char billing code", "", "I25.2", "")
	for _, c := range []struct {
		id                      int
		name, domain, vocab, cd string
	}{{8507, "MALE", "Gender", "Gender", "M"}, {8527, "White", "Race", "Race", "5"}, {38003564, "Not Hispanic", "Ethnicity", "Ethnicity", "NH"}, {32817, "EHR", "Type Concept", "Type Concept", "T"}} {
		add("concept", "%d,%s,%s,%s,x,S,%s,1970-01-01,2099-12-31,", c.id, c.name, c.domain, c.vocab, c.cd)
	}
	add("concept_ancestor", "ancestor_concept_id,descendant_concept_id,min_levels_of_separation,max_levels_of_separation")
	kin := func(above, below, least, most int) { add("concept_ancestor", "%d,%d,%d,%d", above, below, least, most) }
	for _, id := range []int{disorder, heart, infarction, arrhythmia, kidney, cardiorenal, cycleA, cycleB, menieres} {
		kin(id, id, 0, 0)
	}
	for _, k := range [][3]int{{disorder, heart, 1}, {disorder, kidney, 1}, {disorder, infarction, 2}, {disorder, arrhythmia, 2}, {disorder, cardiorenal, 2}, {disorder, menieres, 1},
		{heart, infarction, 1}, {heart, oldHeart, 1}, {heart, cardiorenal, 1}, {kidney, cardiorenal, 1}, {cycleA, cycleB, 1}, {cycleB, cycleA, 1}} {
		kin(k[0], k[1], k[2], k[2])
	}
	if !later {
		kin(heart, arrhythmia, 1, 1)
	}
	add("concept_relationship", "concept_id_1,concept_id_2,relationship_id,valid_start_date,valid_end_date,invalid_reason")
	related := func(from, to int, name, invalid string) {
		add("concept_relationship", "%d,%d,%s,1970-01-01,2099-12-31,%s", from, to, name, invalid)
	}
	related(icdInfarct, infarction, "Maps to", "")
	related(infarction, icdInfarct, "Mapped from", "")
	related(icdLost, infarction, "Maps to", "D")
	related(infarction, heart, "Is a", "")
	add("concept_synonym", "concept_id,concept_synonym_name,language_concept_id")
	add("concept_synonym", "%d,Heart attack,4180186", infarction)
	add("concept_synonym", "%d,Infarctus du myocarde,4180190", infarction)
	version := "v5.0 quirks one"
	if later {
		version = "v5.0 quirks two"
		concept(145, "Heart disease of athletes", "SNOMED", "Disorder", "S", "777", "")
		kin(heart, 145, 1, 1)
	}
	add("vocabulary", "vocabulary_id,vocabulary_name,vocabulary_reference,vocabulary_version,vocabulary_concept_id")
	add("vocabulary", "None,OMOP Standardized Vocabularies,x,%s,44819096", version)
	out := map[string]string{}
	for table, text := range f {
		out[table] = text.String()
	}
	return out
}

// quirky are the releases' records, loaded once for all tests of the binary.
var quirky struct {
	once        sync.Once
	first, last omop.Release
	err         error
}

// quirks gives this house the release, as it was first loaded.
func (h *house) quirks() {
	h.t.Helper()
	quirky.once.Do(func() {
		if quirky.first, quirky.err = h.load(false); quirky.err == nil {
			quirky.last, quirky.err = h.load(true)
		}
	})
	if quirky.err != nil {
		h.t.Fatalf("load the release: %v", quirky.err)
	}
	h.moveTo(quirky.first)
}

// moveTo writes the release's record as a load does at its end.
func (h *house) moveTo(r omop.Release) {
	h.t.Helper()
	if _, err := h.client.Collection(omop.ReleasesCollection).Doc(r.ID).Set(h.t.Context(), r); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) load(later bool) (omop.Release, error) {
	folder, err := os.MkdirTemp("", "quirks")
	if err != nil {
		return omop.Release{}, err
	}
	defer os.RemoveAll(folder)
	for name, text := range quirkFiles(later) {
		if err := os.WriteFile(filepath.Join(folder, name+".csv"), []byte(text), 0o600); err != nil {
			return omop.Release{}, err
		}
	}
	id := quirksID
	if later {
		// Loaded under a name of its own, because a load takes its release's earlier
		// dataset away; the record then says that it is the same release.
		id += "_later"
	}
	r, err := loader.Load(h.t.Context(), loader.Options{Folder: folder, Release: id, Title: "Quirks", Project: h.project, BigQuery: h.room.desk.BigQuery, Firestore: h.client})
	r.ID = quirksID
	return r, err
}

func TestQuirksAreLoaded(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	if quirky.first.Datasets[omop.TierRegistered] == quirky.last.Datasets[omop.TierRegistered] || quirky.first.VocabularyVersion == quirky.last.VocabularyVersion {
		t.Errorf("%+v and %+v", quirky.first, quirky.last)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
