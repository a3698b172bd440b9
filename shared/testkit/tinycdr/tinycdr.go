// Package tinycdr gives tests a local BigQuery with a release of sixty persons in
// it, loaded the way real ones are, whose answers can be counted by hand.
//
// It links DuckDB and the GoogleSQL analyzer by way of the local BigQuery, which
// is why it stands beside testkit and not in it.
package tinycdr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"

	emulator "researchhub.example/hub/emulator/bigquery"
	"researchhub.example/hub/scripts/cdr/loader"
	"researchhub.example/hub/shared/omop"
)

// ReleaseID names the release.
const ReleaseID = "tiny_1"

// Concepts of the release, with their real ids.
const (
	Diabetes  = 201820  // the parent of Type2
	Type2     = 201826  // persons 1 to 50, once each on 2015-02-01
	Metformin = 1503297 // persons 1 to 30 ten days after, 31 to 40 sixty days after
	Insulin   = 1596977 // persons 1 to 5 on 2015-03-01
	HbA1c     = 3004410 // persons 1 to 25 on 2015-02-15, value 6 + person / 10
	Male      = 8507
	Female    = 8532
)

// What the release holds.
const (
	Persons         = 60 // odd ones men, born 1950 + person
	WithType2       = 50
	MetforminWithin = 30 // persons with Metformin within 30 days of Type2
	MetforminEver   = 40
	WithInsulin     = 5
)

// shared is the local BigQuery of a test binary, with the release in it.
var shared struct {
	once    sync.Once
	dir     string
	server  *emulator.Server
	client  *bigquery.Client
	release omop.Release
	err     error
}

// Main runs a package's tests and then stops the local BigQuery that they used:
// func TestMain(m *testing.M) { os.Exit(tinycdr.Main(m)) }.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		if err := errors.Join(shared.client.Close(), shared.server.Close(), os.RemoveAll(shared.dir)); err != nil {
			fmt.Fprintln(os.Stderr, "stop the local BigQuery:", err)
			return max(code, 1)
		}
	}
	return code
}

// project is the shared client's.
const project = "demo-test"

// Load gives a client of a local BigQuery that has the release in both tiers, one
// for all tests of the binary, and writes the release's record into this test's
// Firestore.
func Load(t testing.TB, records *firestore.Client) (*bigquery.Client, string) {
	t.Helper()
	shared.once.Do(func() { shared.err = load(records) })
	if shared.err != nil {
		t.Fatalf("load the release: %v", shared.err)
	}
	if _, err := records.Collection(omop.ReleasesCollection).Doc(ReleaseID).Set(context.Background(), shared.release); err != nil {
		t.Fatal(err)
	}
	return shared.client, project
}

func load(records *firestore.Client) error {
	ctx := context.Background()
	var err error
	if shared.dir, err = os.MkdirTemp("", "tinycdr"); err != nil {
		return err
	}
	shared.server, err = emulator.Start(ctx, emulator.Config{Dir: filepath.Join(shared.dir, "bigquery"), MemoryLimit: "1GB",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	shared.client, err = bigquery.NewClient(ctx, project, option.WithEndpoint(shared.server.URL()), option.WithoutAuthentication())
	if err != nil {
		return err
	}
	folder := filepath.Join(shared.dir, "cdm")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for name, text := range tables() {
		if err := os.WriteFile(filepath.Join(folder, name+".csv"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	shared.release, err = loader.Load(ctx, loader.Options{Folder: folder, Release: ReleaseID, Title: "Sixty persons",
		Project: project, BigQuery: shared.client, Firestore: records})
	return err
}

// Dataset gives the dataset of a tier, as the release's record names it.
func Dataset(t testing.TB, records *firestore.Client, project, tier string) omop.Dataset {
	t.Helper()
	snap, err := records.Collection(omop.ReleasesCollection).Doc(ReleaseID).Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var r omop.Release
	if err := snap.DataTo(&r); err != nil {
		t.Fatal(err)
	}
	id, err := r.Dataset(tier)
	if err != nil {
		t.Fatal(err)
	}
	return omop.Dataset{Project: project, ID: id}
}

func tables() map[string]string {
	person := lines("person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,ethnicity_concept_id")
	period := lines("observation_period_id,person_id,observation_period_start_date,observation_period_end_date,period_type_concept_id")
	condition := lines("condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,condition_type_concept_id")
	drug := lines("drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,drug_type_concept_id,days_supply")
	measurement := lines("measurement_id,person_id,measurement_concept_id,measurement_date,measurement_type_concept_id,value_as_number")
	for p := 1; p <= Persons; p++ {
		gender := Female
		if p%2 == 1 {
			gender = Male
		}
		person.add("%d,%d,%d,6,15,8527,38003564", p, gender, 1950+p)
		period.add("%d,%d,2014-01-01,2018-12-31,32817", p, p)
		if p <= WithType2 {
			condition.add("%d,%d,%d,2015-02-01,2015-02-05,32817", 1000+p, p, Type2)
		}
		switch {
		case p <= MetforminWithin:
			drug.add("%d,%d,%d,2015-02-11,2015-03-12,32817,30", 2000+p, p, Metformin)
		case p <= MetforminEver:
			drug.add("%d,%d,%d,2015-04-02,2015-05-01,32817,30", 2000+p, p, Metformin)
		}
		if p <= WithInsulin {
			drug.add("%d,%d,%d,2015-03-01,,32817,", 3000+p, p, Insulin)
		}
		if p <= 25 {
			measurement.add("%d,%d,%d,2015-02-15,32817,%g", 4000+p, p, HbA1c, 6+float64(p)/10)
		}
	}
	concept := lines("concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,concept_code,valid_start_date,valid_end_date,invalid_reason")
	for _, c := range []struct {
		id                        int
		name, domain, vocab, code string
	}{
		{Diabetes, "Diabetes mellitus", "Condition", "SNOMED", "73211009"}, {Type2, "Type 2 diabetes mellitus", "Condition", "SNOMED", "44054006"},
		{Metformin, "metformin", "Drug", "RxNorm", "6809"}, {Insulin, "insulin human", "Drug", "RxNorm", "5856"},
		{HbA1c, "Hemoglobin A1c", "Measurement", "LOINC", "4548-4"}, {Male, "MALE", "Gender", "Gender", "M"}, {Female, "FEMALE", "Gender", "Gender", "F"},
		{8527, "White", "Race", "Race", "5"}, {38003564, "Not Hispanic or Latino", "Ethnicity", "Ethnicity", "Not Hispanic"}, {32817, "EHR", "Type Concept", "Type Concept", "OMOP4976890"},
	} {
		concept.add("%d,%s,%s,%s,x,S,%s,1970-01-01,2099-12-31,", c.id, c.name, c.domain, c.vocab, c.code)
	}
	ancestor := lines("ancestor_concept_id,descendant_concept_id,min_levels_of_separation,max_levels_of_separation")
	for _, id := range []int{Diabetes, Type2, Metformin, Insulin, HbA1c} {
		ancestor.add("%d,%d,0,0", id, id)
	}
	ancestor.add("%d,%d,1,1", Diabetes, Type2)
	vocabulary := lines("vocabulary_id,vocabulary_name,vocabulary_reference,vocabulary_version,vocabulary_concept_id")
	vocabulary.add("None,OMOP Standardized Vocabularies,x,v5.0 tiny,44819096")
	return map[string]string{"person": person.text(), "observation_period": period.text(), "condition_occurrence": condition.text(),
		"drug_exposure": drug.text(), "measurement": measurement.text(), "concept": concept.text(), "concept_ancestor": ancestor.text(), "vocabulary": vocabulary.text()}
}

type file struct{ strings.Builder }

func lines(header string) *file {
	f := &file{}
	f.add("%s", header)
	return f
}

func (f *file) add(format string, args ...any) { fmt.Fprintf(f, format+"\n", args...) }

func (f *file) text() string { return f.String() }
