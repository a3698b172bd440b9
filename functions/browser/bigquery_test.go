package browser

import (
	"fmt"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/emulator/bigquery/bqtest"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/testkit"
)

// loadConcepts makes a dataset's hub_concept table, with the columns that
// package omop says it has.
func loadConcepts(t *testing.T, c *bigquery.Client, dataset string) {
	t.Helper()
	if err := c.Dataset(dataset).Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var schema bigquery.Schema
	for _, index := range omop.IndexTables() {
		if index.Name != "hub_concept" {
			continue
		}
		for _, col := range index.Columns {
			kind := bigquery.StringFieldType
			if col.Type == omop.Int64 {
				kind = bigquery.IntegerFieldType
			}
			schema = append(schema, &bigquery.FieldSchema{Name: col.Name, Type: kind})
		}
	}
	var csv strings.Builder
	for _, r := range rows() {
		fmt.Fprintf(&csv, "%d,%s,%s,%s,,S,%s,%d,%d\n", r.ID, r.Name, r.Domain, r.Vocabulary, r.Code, r.Persons, r.PersonsWithDescendants)
	}
	src := bigquery.NewReaderSource(strings.NewReader(csv.String()))
	src.Schema = schema
	job, err := c.Dataset(dataset).Table("hub_concept").LoaderFrom(src).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status, err := job.Wait(t.Context())
	if err != nil || status.Err() != nil {
		t.Fatal(err, status.Err())
	}
}

func TestConceptsFromBigQuery(t *testing.T) {
	data, project := bqtest.Start(t)
	loadConcepts(t, data, "cdr_synthetic_registered__1")
	records := testkit.Firestore(t)
	published := release("synthetic", "cdr_synthetic_registered__1", start)
	loading := release("next", "cdr_next_registered__1", start)
	loading.State = omop.ReleaseLoading
	for _, r := range []omop.Release{published, loading} {
		if _, err := records.Collection(omop.ReleasesCollection).Doc(r.ID).Set(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	src := cloudSource{records, data, project, testLimits()}
	s := newService(src, disclosure.DefaultPolicy(), testLimits(), clock.NewManual(start))
	_, c, err := s.Catalogue(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	// An empty class is absent; the one nobody has stays away.
	want := newCatalogue(rows(), disclosure.DefaultPolicy())
	for i := range want.concepts {
		want.concepts[i].Standard = "S"
	}
	if diff := cmp.Diff(want.concepts, c.concepts, cmp.AllowUnexported(Concept{})); diff != "" {
		t.Error(diff)
	}
	if _, _, err := s.Catalogue(t.Context(), "next"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a release that is being loaded: %v", err)
	}

	t.Run("the most participants first", func(t *testing.T) {
		few := testLimits()
		few.MaxConcepts = 2
		got, err := cloudSource{records, data, project, few}.Concepts(t.Context(), "cdr_synthetic_registered__1")
		if err != nil || len(got) != 2 || got[0].ID != 3 || got[1].ID != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("a byte cap", func(t *testing.T) {
		none := testLimits()
		none.MaxBytes = 1
		if _, err := (cloudSource{records, data, project, none}).Concepts(t.Context(), "cdr_synthetic_registered__1"); !fault.Is(err, fault.Budget) {
			t.Errorf("%v", err)
		}
	})
	t.Run("a dataset name that is none", func(t *testing.T) {
		if _, err := src.Concepts(t.Context(), "x`; SELECT 1"); err == nil {
			t.Error("it reached BigQuery")
		}
	})
}
