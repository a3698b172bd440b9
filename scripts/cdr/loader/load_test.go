package loader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/emulator/bigquery/bqtest"
	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/testkit"
)

// hub is a local BigQuery, and records in memory, in which tests load.
type hub struct {
	t       *testing.T
	project string
	bq      *bigquery.Client
	records *memory
	lines   []string
}

func newHub(t *testing.T) *hub {
	t.Helper()
	client, project := bqtest.Start(t)
	return &hub{t: t, project: project, bq: client, records: newMemory()}
}

func (h *hub) options(folder string) Options {
	return Options{
		Folder: folder, Release: "r1", Project: h.project, BigQuery: h.bq,
		Progress: func(line string) { h.lines = append(h.lines, line) },
	}
}

func (h *hub) said(part string) bool {
	return slices.ContainsFunc(h.lines, func(line string) bool { return strings.Contains(line, part) })
}

// datasets lists the ids of the datasets there are.
func (h *hub) datasets() []string {
	h.t.Helper()
	var ids []string
	it := h.bq.Datasets(context.Background())
	for {
		d, err := it.Next()
		if errors.Is(err, iterator.Done) {
			slices.Sort(ids)
			return ids
		}
		if err != nil {
			h.t.Fatal(err)
		}
		ids = append(ids, d.DatasetID)
	}
}

// number runs a query of one number on a tier of a release; {table} stands for the
// full name of a table.
func (h *hub) number(r omop.Release, tier, sql string) int64 {
	h.t.Helper()
	d := omop.Dataset{Project: h.project, ID: r.Datasets[tier]}
	for _, t := range omop.Tables() {
		sql = strings.ReplaceAll(sql, "{"+t.Name+"}", d.Table(t.Name))
	}
	for _, t := range omop.IndexTables() {
		sql = strings.ReplaceAll(sql, "{"+t.Name+"}", d.Table(t.Name))
	}
	it, err := h.bq.Query(sql).Read(context.Background())
	if err != nil {
		h.t.Fatalf("%v\n%s", err, sql)
	}
	var row []bigquery.Value
	if err := it.Next(&row); err != nil {
		h.t.Fatalf("%v\n%s", err, sql)
	}
	return row[0].(int64)
}

func synthetic(t *testing.T, persons int) string {
	t.Helper()
	dir := t.TempDir()
	if err := seed.Write(context.Background(), dir, seed.Options{Persons: persons, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadMakesBothTiersAndPublishes(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	o := h.options(synthetic(t, 120))
	o.Title = "Release 1"
	o.Now = func() time.Time { return time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC) }
	r, err := load(ctx, o, h.records)
	if err != nil {
		t.Fatal(err)
	}
	if stored := h.records.records["r1"]; stored.State != omop.ReleasePublished || stored.Title != "Release 1" ||
		stored.Persons != 120 || stored.VocabularyVersion != "hub synthetic sample 1" || stored.CDMVersion != "5.4" ||
		!stored.LoadedAt.Equal(o.Now()) || stored.Rows["measurement"] != r.Rows["measurement"] {
		t.Errorf("record %+v", stored)
	}
	for _, tier := range []string{omop.TierControlled, omop.TierRegistered} {
		for sql, want := range map[string]int64{
			"SELECT COUNT(*) FROM {person}":                                  120,
			"SELECT COUNT(*) FROM {hub_person}":                              120,
			"SELECT COUNT(*) FROM {measurement}":                             r.Rows["measurement"],
			"SELECT COUNT(*) FROM {episode}":                                 0,
			"SELECT COUNT(*) FROM {note}":                                    0,
			"SELECT COUNT(*) FROM {hub_event} WHERE domain = 'Condition'":    r.Rows["condition_occurrence"],
			"SELECT COUNT(*) FROM {hub_event} WHERE domain = 'Visit'":        r.Rows["visit_occurrence"],
			"SELECT COUNT(*) FROM {hub_person} WHERE death_date IS NOT NULL": r.Rows["death"],
			"SELECT COUNT(*) FROM {hub_concept}":                             r.Rows["concept"],
		} {
			if got := h.number(r, tier, sql); got != want {
				t.Errorf("%s: %s is %d, want %d", tier, sql, got, want)
			}
		}
	}
	// What only the controlled tier holds.
	for _, sql := range []string{
		"SELECT COUNT(*) FROM {location}",
		"SELECT COUNT(*) FROM {provider}",
		"SELECT COUNT(*) FROM {person} WHERE month_of_birth IS NOT NULL OR birth_datetime IS NOT NULL OR location_id IS NOT NULL",
		"SELECT COUNT(*) FROM {measurement} WHERE provider_id IS NOT NULL",
		"SELECT COUNT(*) FROM {visit_occurrence} WHERE visit_start_datetime IS NOT NULL",
	} {
		if got := h.number(r, omop.TierControlled, sql); got == 0 {
			t.Errorf("controlled: %s is 0", sql)
		}
		if got := h.number(r, omop.TierRegistered, sql); got != 0 {
			t.Errorf("registered: %s is %d", sql, got)
		}
	}
	// And all else that the registered tier lacks.
	lacking := map[string][]string{}
	for _, d := range omop.Drops(omop.TierRegistered) {
		condition := "TRUE"
		if d.Column != "" {
			condition = "`" + d.Column + "` IS NOT NULL"
		}
		lacking[d.Table] = append(lacking[d.Table], condition)
	}
	for table, conditions := range lacking {
		sql := "SELECT COUNT(*) FROM {" + table + "} WHERE " + strings.Join(conditions, " OR ")
		if got := h.number(r, omop.TierRegistered, sql); got != 0 {
			t.Errorf("registered: %s is %d", sql, got)
		}
	}
	// Counts of concepts: type 2 diabetes is counted for diabetes mellitus as well.
	diabetic := h.number(r, omop.TierControlled, "SELECT COUNT(DISTINCT person_id) FROM {condition_occurrence} WHERE condition_concept_id = 201826")
	if diabetic == 0 {
		t.Fatal("nobody has type 2 diabetes")
	}
	for sql, want := range map[string]int64{
		"SELECT persons FROM {hub_concept} WHERE concept_id = 201826":                  diabetic,
		"SELECT persons FROM {hub_concept} WHERE concept_id = 201820":                  0,
		"SELECT persons_with_descendants FROM {hub_concept} WHERE concept_id = 201820": diabetic,
	} {
		if got := h.number(r, omop.TierRegistered, sql); got != want {
			t.Errorf("%s is %d, want %d", sql, got, want)
		}
	}
	// Where concepts occur: type 2 diabetes among the conditions alone, for itself and
	// below diabetes mellitus.
	bit, _ := omop.Occurrence("condition_occurrence", "condition_concept_id")
	drug, _ := omop.Occurrence("drug_exposure", "drug_concept_id")
	for sql, want := range map[string]int64{
		fmt.Sprintf("SELECT COUNT(*) FROM {hub_concept_member} WHERE concept_id = 201820 AND member_id = 201826 AND below = 1 AND occurs & %d = %d", bit|drug, bit): 1,
		fmt.Sprintf("SELECT COUNT(*) FROM {hub_concept_member} WHERE concept_id = 201826 AND member_id = 201826 AND below = 0 AND occurs & %d = %d", bit|drug, bit): 1,
		fmt.Sprintf("SELECT COUNT(*) FROM {hub_concept_member} WHERE below = 0 AND occurs & %d = %d", bit, bit):                                                     h.number(r, omop.TierRegistered, "SELECT COUNT(DISTINCT condition_concept_id) FROM {condition_occurrence} JOIN {concept} ON concept_id = condition_concept_id"),
		"SELECT COUNT(*) FROM {hub_concept_member} WHERE below = 0":                                                                                                 r.Rows["concept"],
		"SELECT COUNT(*) FROM {hub_concept_member} WHERE below = 1":                                                                                                 h.number(r, omop.TierRegistered, "SELECT COUNT(*) FROM {concept_ancestor} JOIN {concept} ON concept_id = descendant_concept_id WHERE invalid_reason IS NULL"),
	} {
		if got := h.number(r, omop.TierRegistered, sql); got != want || want == 0 {
			t.Errorf("%s is %d, want %d", sql, got, want)
		}
	}
	if !h.said("not there, made empty") || !h.said("release r1 is published: 120 persons") {
		t.Errorf("progress: %q", h.lines)
	}
}

func TestBrokenDataLeavesEverythingAsItWas(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	published, err := load(ctx, h.options(folderOf(t, minimal())), h.records)
	if err != nil {
		t.Fatal(err)
	}
	before := h.datasets()

	rows := strings.Repeat("1,8507,1970,0,0\n", 5000)
	files := with(minimal(), "person.csv", "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n"+rows+"2,8532,nineteen eighty,0,0\n")
	o := h.options(folderOf(t, files))
	o.Replace = true
	_, err = load(ctx, o, h.records)
	var data *DataError
	if !errors.As(err, &data) || data.File != "person.csv" || data.Row != 5001 || data.Column != "year_of_birth" {
		t.Errorf("got %v, want the place of the fault", err)
	}
	if got := h.datasets(); !slices.Equal(got, before) {
		t.Errorf("datasets %v, want %v", got, before)
	}
	if got := h.records.records["r1"]; got.Datasets[omop.TierControlled] != published.Datasets[omop.TierControlled] {
		t.Errorf("the record changed: %+v", got)
	}
	if got := h.number(published, omop.TierControlled, "SELECT COUNT(*) FROM {person}"); got != 2 {
		t.Errorf("%d persons in the published release, want 2", got)
	}
}

func TestStoppedLoadLeavesNothing(t *testing.T) {
	h := newHub(t)
	ctx, cancel := context.WithCancel(context.Background())
	o := h.options(folderOf(t, minimal()))
	o.Progress = func(line string) {
		if strings.HasPrefix(line, "table ") && strings.Contains(line, ", person: ") {
			cancel()
		}
	}
	if _, err := load(ctx, o, h.records); err == nil {
		t.Fatal("no error though the context ended")
	}
	if got := h.datasets(); len(got) != 0 {
		t.Errorf("datasets left: %v", got)
	}
	if got := h.records.records["r1"]; got.State == omop.ReleasePublished {
		t.Errorf("record %+v", got)
	}
}

func TestOddDataIsReportedNotRefused(t *testing.T) {
	h := newHub(t)
	files := minimal()
	files["condition_occurrence.csv"] = "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,condition_type_concept_id\n" +
		"1,1,201826,2015-01-01,2014-01-01,\n2,99,201826,2015-01-01,,0\n3,2,777,2015-01-01,,0\n"
	r, err := load(context.Background(), h.options(folderOf(t, files)), h.records)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"warning: condition_occurrence.person_id: rows that refer to a row that is not there: 1, such as 2",
		"warning: condition_occurrence.condition_end_date: rows that end before they start: 1, such as 1",
		"warning: condition_occurrence.condition_type_concept_id: rows that have no value, and the CDM requires one: 1, such as 1",
		"warning: condition_occurrence.condition_concept_id: rows that name a concept that the vocabulary lacks: 1, such as 777",
	} {
		if !h.said(line) {
			t.Errorf("not said: %s; said %q", line, h.lines)
		}
	}
	if got := h.number(r, omop.TierControlled, "SELECT COUNT(*) FROM {hub_event}"); got != 2 {
		t.Errorf("%d events of known persons, want 2", got)
	}
	// A concept that the vocabulary lacks has a row all the same.
	const lacking = "SELECT persons_with_descendants FROM {hub_concept} WHERE concept_id = 777 AND " +
		"concept_name = 'Concept 777' AND domain_id = 'Condition' AND vocabulary_id = 'None'"
	if got := h.number(r, omop.TierControlled, lacking); got != 1 {
		t.Errorf("%d persons with a concept that the vocabulary lacks, want 1", got)
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	cases := []struct {
		change func(*Options)
		want   string
	}{
		{func(o *Options) { o.Release = "R 1" }, "release id"},
		{func(o *Options) { o.Tiers = []string{omop.TierRegistered} }, "cannot be left out"},
		{func(o *Options) { o.Tiers = []string{omop.TierControlled, "public"} }, `tier "public"`},
		{func(o *Options) { o.Project = "a`b" }, "project id"},
	}
	for _, c := range cases {
		o := Options{Folder: t.TempDir(), Release: "r1", Project: "demo-hub"}
		c.change(&o)
		if _, err := load(context.Background(), o, newMemory()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// TestGiBleed loads OHDSI's Eunomia data set and finds its known figures again.
func TestGiBleed(t *testing.T) {
	folder := testkit.TestData(t, "omop/gibleed")
	h := newHub(t)
	start := time.Now()
	r, err := load(context.Background(), h.options(folder), h.records)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded in %s", time.Since(start).Round(time.Millisecond))
	if r.Persons != 2694 || r.VocabularyVersion != "v5.0 18-JAN-19" {
		t.Errorf("record %+v", r)
	}
	if !h.said("achilles_results.csv.gz") || !h.said("warning: observation_period.person_id: rows that refer to a row that is not there: 2649") {
		t.Errorf("progress: %q", h.lines)
	}
	persons := func(table, column string, id int64) string {
		return fmt.Sprintf("SELECT COUNT(DISTINCT t.person_id) FROM {%s} AS t JOIN (SELECT descendant_concept_id FROM {concept_ancestor} "+
			"WHERE ancestor_concept_id = %d UNION DISTINCT SELECT %d) AS d ON d.descendant_concept_id = t.%s", table, id, id, column)
	}
	for _, tier := range []string{omop.TierControlled, omop.TierRegistered} {
		for _, c := range []struct {
			what, sql string
			want      int64
		}{
			{"celecoxib", persons("drug_exposure", "drug_concept_id", 1118084), 1844},
			{"diclofenac", persons("drug_exposure", "drug_concept_id", 1124300), 850},
			{"GI bleed", persons("condition_occurrence", "condition_concept_id", 192671), 479},
			{"celecoxib in the index", "SELECT persons_with_descendants FROM {hub_concept} WHERE concept_id = 1118084", 1844},
			{"diclofenac in the index", "SELECT persons_with_descendants FROM {hub_concept} WHERE concept_id = 1124300", 850},
			{"GI bleed in the index", "SELECT persons FROM {hub_concept} WHERE concept_id = 192671", 479},
			{"condition rows", "SELECT COUNT(*) FROM {condition_occurrence}", 65332},
		} {
			if got := h.number(r, tier, c.sql); got != c.want {
				t.Errorf("%s tier: %s is %d, want %d", tier, c.what, got, c.want)
			}
		}
	}
}
