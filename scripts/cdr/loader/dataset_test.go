package loader

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/omop"
)

// dataset makes a dataset of CDM tables in the hub's BigQuery, each by a statement
// that gives its rows.
func (h *hub) dataset(id string, tables map[string]string) omop.Dataset {
	h.t.Helper()
	ctx := context.Background()
	if err := h.bq.Dataset(id).Create(ctx, nil); err != nil {
		h.t.Fatal(err)
	}
	for name, sql := range tables {
		q := h.bq.Query(sql)
		q.Dst = h.bq.Dataset(id).Table(name)
		job, err := q.Run(ctx)
		if err == nil {
			err = await(ctx, job)
		}
		if err != nil {
			h.t.Fatalf("%s: %v", name, err)
		}
	}
	return omop.Dataset{Project: h.project, ID: id}
}

// odd is a CDM as BigQuery datasets have it: names in capitals, columns in another
// order, other types, a column of v5.3, one that is no column of the CDM.
func odd() map[string]string {
	return map[string]string{
		"PERSON": "SELECT 1970 AS YEAR_OF_BIRTH, 1 AS PERSON_ID, 8507 AS GENDER_CONCEPT_ID, 0 AS RACE_CONCEPT_ID, 0 AS ETHNICITY_CONCEPT_ID, " +
			"TIMESTAMP '1970-06-15 10:30:00+00' AS BIRTH_DATETIME, 'blue' AS colour",
		"observation_period": "SELECT 1 AS observation_period_id, 1 AS person_id, DATETIME '2010-01-31 00:00:00' AS observation_period_start_date, " +
			"DATE '2020-12-31' AS observation_period_end_date, 0 AS period_type_concept_id",
		"concept": "SELECT 201826 AS concept_id, 'Type 2 diabetes' AS concept_name, 'Condition' AS domain_id, 'SNOMED' AS vocabulary_id, " +
			"'Finding' AS concept_class_id, 'S' AS standard_concept, 44054006 AS concept_code, DATE '1970-01-01' AS valid_start_date, DATE '2099-12-31' AS valid_end_date",
		"concept_ancestor": "SELECT 201826 AS ancestor_concept_id, 201826 AS descendant_concept_id, 0 AS min_levels_of_separation, 0 AS max_levels_of_separation",
		"vocabulary":       "SELECT 'None' AS vocabulary_id, 'OMOP' AS vocabulary_name, 'v5.0 test' AS vocabulary_version, 0 AS vocabulary_concept_id",
		"measurement": "SELECT 1 AS measurement_id, 1 AS person_id, 3004410 AS measurement_concept_id, DATE '2015-01-01' AS measurement_date, " +
			"0 AS measurement_type_concept_id, NUMERIC '7.25' AS value_as_number",
		"visit_occurrence": "SELECT 1 AS visit_occurrence_id, 1 AS person_id, 9201 AS visit_concept_id, DATE '2015-01-01' AS visit_start_date, " +
			"DATE '2015-01-02' AS visit_end_date, 0 AS visit_type_concept_id, 8870 AS admitting_source_concept_id",
		"achilles_results": "SELECT 1 AS analysis_id",
	}
}

func TestLoadFromADataset(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	o := h.options("")
	o.From = h.dataset("cdm", odd())
	r, err := load(ctx, o, h.records)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT COUNT(*) FROM {person} WHERE person_id = 1 AND birth_datetime = DATETIME '1970-06-15 10:30:00' AND month_of_birth IS NULL",
		"SELECT COUNT(*) FROM {observation_period} WHERE observation_period_start_date = DATE '2010-01-31'",
		"SELECT COUNT(*) FROM {concept} WHERE concept_code = '44054006'",
		"SELECT COUNT(*) FROM {measurement} WHERE value_as_number = CAST(7.25 AS FLOAT64)",
		"SELECT COUNT(*) FROM {visit_occurrence} WHERE admitted_from_concept_id = 8870",
		"SELECT COUNT(*) FROM {hub_event} WHERE domain = 'Measurement'",
	} {
		if got := h.number(r, omop.TierControlled, sql); got != 1 {
			t.Errorf("%s is %d, want 1", sql, got)
		}
	}
	if !h.said("achilles_results") || !h.said("ignored, no columns of the CDM: colour") {
		t.Errorf("said %q", h.lines)
	}
	again, err := load(ctx, o, h.records)
	if err != nil || again.Datasets[omop.TierControlled] != r.Datasets[omop.TierControlled] {
		t.Errorf("loaded again: %+v, %v", again, err)
	}
	// The dataset that is read stays as it was; when it changes it is other data.
	q := h.bq.Query("INSERT INTO `" + h.project + ".cdm.measurement` (measurement_id, person_id, measurement_concept_id, measurement_date, measurement_type_concept_id) VALUES (2, 1, 3004410, DATE '2015-01-01', 0)")
	if job, err := q.Run(ctx); err != nil || await(ctx, job) != nil {
		t.Fatal(err)
	}
	if _, err := load(ctx, o, h.records); !errors.Is(err, ErrPublished) {
		t.Errorf("other data under the id of a published release: %v", err)
	}
}

func TestDatasetsThatAreRefused(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	with := func(table, sql string) map[string]string {
		all := odd()
		delete(all, table)
		if sql != "" {
			all[table] = sql
		}
		return all
	}
	for name, c := range map[string]struct {
		tables map[string]string
		want   string
	}{
		"no_vocabulary": {with("vocabulary", ""), "table vocabulary is missing"},
		"text_for_ids":  {with("PERSON", "SELECT 'a' AS person_id, 8507 AS gender_concept_id, 1970 AS year_of_birth, 0 AS race_concept_id, 0 AS ethnicity_concept_id"), "PERSON, column person_id: its type is STRING, of which the CDM's INT64 cannot be made"},
		"no_birth":      {with("PERSON", "SELECT 1 AS person_id, 8507 AS gender_concept_id, 0 AS race_concept_id, 0 AS ethnicity_concept_id"), "PERSON, column year_of_birth: this column is missing"},
		"null_birth": {with("PERSON", "SELECT 1 AS person_id, 8507 AS gender_concept_id, CAST(NULL AS INT64) AS year_of_birth, 0 AS race_concept_id, 0 AS ethnicity_concept_id"),
			"error: person.year_of_birth: rows that have no value, and the CDM requires one: 1, such as 1"},
	} {
		o := h.options("")
		o.From = h.dataset(name, c.tables)
		if _, err := load(ctx, o, h.records); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "person, column", "PERSON, column"), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	o := h.options("")
	o.From = omop.Dataset{Project: h.project, ID: "none"}
	if _, err := load(ctx, o, h.records); err == nil || !strings.Contains(err.Error(), "look at dataset "+h.project+".none") {
		t.Errorf("a dataset that is not there: %v", err)
	}
	o.Folder = t.TempDir()
	if _, err := load(ctx, o, h.records); err == nil || !strings.Contains(err.Error(), "either a folder or a dataset") {
		t.Errorf("both: %v", err)
	}
}

// TestDatasetThatChangesWhileItIsRead: what was published must be one state of it.
func TestDatasetThatChangesWhileItIsRead(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	o := h.options("")
	o.From = h.dataset("cdm", odd())
	o.Progress = func(line string) {
		if !strings.HasPrefix(line, "table ") || !strings.Contains(line, ", person: ") {
			return
		}
		job, err := h.bq.Query("DELETE FROM `" + h.project + ".cdm.measurement` WHERE TRUE").Run(ctx)
		if err != nil || await(ctx, job) != nil {
			t.Errorf("change the dataset: %v", err)
		}
	}
	_, err := load(ctx, o, h.records)
	if err == nil || !strings.Contains(err.Error(), "run again when nobody writes to it") {
		t.Errorf("got %v", err)
	}
	if got := h.datasets(); len(got) != 1 {
		t.Errorf("datasets left: %v", got)
	}
}

func TestCastable(t *testing.T) {
	for _, c := range []struct {
		from bigquery.FieldType
		to   string
		want bool
	}{
		{bigquery.FloatFieldType, omop.Int64, false}, {bigquery.IntegerFieldType, omop.Float64, true},
		{bigquery.StringFieldType, omop.Date, false}, {bigquery.TimestampFieldType, omop.Date, true},
		{bigquery.DateFieldType, omop.Datetime, true}, {bigquery.IntegerFieldType, omop.String, true}, {bigquery.RecordFieldType, omop.String, false},
	} {
		if got := castable(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %t", c.from, c.to, got)
		}
	}
}
