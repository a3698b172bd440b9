package loader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/omop"
)

// faulty is a folder with every fault that the checks look for, each of its own
// number of rows.
func faulty() map[string]string {
	files := minimal()
	files["person.csv"] = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,ethnicity_concept_id\n" +
		"1,8507,1970,6,15,0,0\n2,8532,1980,,,0,0\n3,8532,1849,,,0,0\n4,8532,2026,,,0,0\n"
	files["observation_period.csv"] = "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,period_type_concept_id\n" +
		"1,1,2010-01-31,20201231,0\n2,2,2010-01-01,2020-12-31,0\n3,99,2010-01-01,2020-12-31,0\n"
	files["cdm_source.csv"] = "cdm_source_name,cdm_source_abbreviation,cdm_holder,source_release_date,cdm_release_date,cdm_version_concept_id,vocabulary_version\nA,A,A,2020-12-31,2021-06-30,0,v5\n"
	files["death.csv"] = "person_id,death_date\n2,2015-06-01\n"
	files["condition_occurrence.csv"] = "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,condition_type_concept_id,visit_occurrence_id\n" +
		"1,1,201826,2015-01-01,2015-01-02,0,\n" + // as it should be
		"2,1,201826,2015-01-01,2014-12-31,0,\n" + // ends before it starts
		"3,1,777,2015-01-01,,0,\n4,1,777,2015-01-01,,0,\n5,1,776,2015-01-01,,0,\n6,1,0,2015-01-01,,0,\n" + // three of unknown concepts
		"7,1,201826,2015-01-01,,0,12\n8,1,201826,2015-01-01,,0,13\n" + // two of unknown visits
		"9,1,201826,1970-06-14,,0,\n10,1,201826,1970-05-30,,0,\n11,1,201826,1969-12-31,,0,\n12,1,201826,1970-06-15,,0,\n" + // three before birth, four outside of observation
		"13,2,201826,2015-06-02,,0,\n14,2,201826,2015-06-01,,0,\n" + // one after death
		"15,1,201826,1899-12-31,,0,\n16,1,201826,2021-07-01,2021-06-30,0,\n" + // two outside of the release; one more before birth, one that ends before it starts
		"17,1,201826,2015-01-01,,,\n" // without its type
	return files
}

func TestEveryKindOfFaultIsFound(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	o := h.options(folderOf(t, faulty()))
	o.Now = func() time.Time { return time.Date(2021, 7, 31, 0, 0, 0, 0, time.UTC) }
	r, err := load(ctx, o, h.records)
	if err != nil {
		t.Fatal(err)
	}
	report, err := readReport(ctx, o, h.records)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report {
		if f.Table == "condition_occurrence" || f.Table == "person" && f.Check != OrphanConcept || f.Table == "observation_period" {
			got = append(got, fmt.Sprintf("%s %s %s.%s %d %s", f.Severity, f.Check, f.Table, f.Column, f.Rows, f.Example))
		}
		if !h.said(f.String()) {
			t.Errorf("not said: %s", f)
		}
	}
	want := []string{
		"warning outside_observation person.person_id 2 3",
		"warning implausible_birth person.year_of_birth 2 3",
		"warning foreign_key observation_period.person_id 1 3",
		"warning missing_value condition_occurrence.condition_type_concept_id 1 17",
		"warning foreign_key condition_occurrence.visit_occurrence_id 2 7",
		"warning orphan_concept condition_occurrence.condition_concept_id 3 776",
		"warning ends_before_start condition_occurrence.condition_end_date 2 2",
		"warning before_birth condition_occurrence.condition_start_date 4 9",
		"warning after_death condition_occurrence.condition_start_date 1 13",
		"warning outside_release condition_occurrence.condition_start_date 2 15",
		"warning outside_observation condition_occurrence.condition_start_date 6 9",
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if err := h.bq.Dataset(r.Datasets[omop.TierControlled]).Table(reportTable).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := readReport(ctx, o, h.records); err == nil || !strings.Contains(err.Error(), "before reports were kept") {
		t.Errorf("a report that was not kept: %v", err)
	}
	o.Release = "r2"
	if _, err := readReport(ctx, o, h.records); err == nil || !strings.Contains(err.Error(), "there is no release r2") {
		t.Errorf("the report of a release that is not there: %v", err)
	}
	if r.Errors != 0 || r.Warnings != len(report) {
		t.Errorf("the record says %d errors and %d warnings of %d findings", r.Errors, r.Warnings, len(report))
	}
}

func TestErrorsAreNotPublishedUnlessAccepted(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	files := minimal()
	files["person.csv"] += "2,8532,1980,0,0\n2,8507,1981,0,0\n"
	files["concept_ancestor.csv"] += "201826,201826,0,0\n"
	folder := folderOf(t, files)
	_, err := load(ctx, h.options(folder), h.records)
	var faults *CheckError
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), "error: person.person_id: rows that share their key with another row: 3, such as 2") {
		t.Fatalf("got %v", err)
	}
	if got := h.datasets(); len(got) != 0 || h.records.records["r1"].State == omop.ReleasePublished {
		t.Errorf("datasets left: %v, record %+v", got, h.records.records["r1"])
	}
	if !h.said("warning: concept_ancestor.ancestor_concept_id: rows that say what another row says: 2") {
		t.Errorf("said %q", h.lines)
	}
	o := h.options(folder)
	o.AcceptErrors = true
	r, err := load(ctx, o, h.records)
	if err != nil || r.Errors != 1 || r.State != omop.ReleasePublished {
		t.Errorf("accepted: %+v, %v", r, err)
	}
}

func TestEmptyNeededTablesAreFaults(t *testing.T) {
	h := newHub(t)
	files := minimal()
	files["person.csv"], _, _ = strings.Cut(files["person.csv"], "1,")
	_, err := load(context.Background(), h.options(folderOf(t, files)), h.records)
	if err == nil || !strings.Contains(err.Error(), "error: person: the table is empty") {
		t.Errorf("got %v", err)
	}
}

func TestSpansPairWhatBelongsTogether(t *testing.T) {
	for table, want := range map[string][]span{
		"drug_exposure":        {{"drug_exposure_start_date", "drug_exposure_end_date"}, {"drug_exposure_start_date", "verbatim_end_date"}},
		"procedure_occurrence": {{"procedure_date", "procedure_end_date"}},
		"concept":              {{"valid_start_date", "valid_end_date"}},
		"measurement":          nil,
	} {
		named, _ := omop.TableNamed(table)
		if got := spans(named); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", table, got, want)
		}
	}
	for _, table := range omop.Tables() {
		for _, s := range spans(table) {
			if s.start == "" {
				t.Errorf("%s.%s is the end of nothing", table.Name, s.end)
			}
		}
	}
}
