package omop

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var demo = Dataset{Project: "demo-hub", ID: "cdr_r1_controlled"}

func TestTablesAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range Tables() {
		if seen[table.Name] {
			t.Errorf("table %s twice", table.Name)
		}
		seen[table.Name] = true
		names := map[string]bool{}
		for _, c := range table.Columns {
			if names[c.Name] {
				t.Errorf("%s.%s twice", table.Name, c.Name)
			}
			names[c.Name] = true
			if c.Name != strings.ToLower(c.Name) {
				t.Errorf("%s.%s is not lower case", table.Name, c.Name)
			}
			if strings.HasSuffix(c.Name, "_concept_id") && c.Type != Int64 {
				t.Errorf("%s.%s is %s", table.Name, c.Name, c.Type)
			}
			if strings.HasSuffix(c.Name, "_datetime") != (c.Type == Datetime) {
				t.Errorf("%s.%s is %s", table.Name, c.Name, c.Type)
			}
			if strings.HasSuffix(c.Name, "_date") != (c.Type == Date) {
				t.Errorf("%s.%s is %s", table.Name, c.Name, c.Type)
			}
		}
	}
	for _, name := range needed {
		if !seen[name] {
			t.Errorf("needed table %s does not exist", name)
		}
	}
	// CDM v5.4 has 39 tables; COHORT and COHORT_DEFINITION are the results schema's.
	if len(seen) != 37 {
		t.Errorf("%d tables, want 37", len(seen))
	}
}

func TestEventColumnsExist(t *testing.T) {
	for _, e := range EventTables() {
		table, ok := TableNamed(e.Table)
		if !ok {
			t.Errorf("no table %s", e.Table)
			continue
		}
		for name, typ := range map[string]string{
			e.ID: Int64, e.Concept: Int64, e.SourceConcept: Int64, e.Start: Date, e.End: Date, e.Visit: Int64, "person_id": Int64,
		} {
			if name == "" {
				continue
			}
			if c, ok := table.Column(name); !ok || c.Type != typ {
				t.Errorf("%s.%s: %+v, want %s", e.Table, name, c, typ)
			}
		}
	}
}

func TestEssential(t *testing.T) {
	cases := []struct {
		table, column string
		want          bool
	}{
		{"person", "person_id", true},
		{"person", "year_of_birth", true},
		{"person", "month_of_birth", false},
		{"condition_occurrence", "condition_start_date", true},
		{"condition_occurrence", "condition_concept_id", true},
		{"condition_occurrence", "condition_type_concept_id", false},
		{"drug_exposure", "drug_exposure_end_date", false},
		{"metadata", "metadata_id", false},
		{"concept", "concept_code", false},
		{"fact_relationship", "", false},
	}
	for _, c := range cases {
		table, _ := TableNamed(c.table)
		if got := table.Essential(c.column); got != c.want {
			t.Errorf("%s.%s: %t, want %t", c.table, c.column, got, c.want)
		}
	}
}

func TestRenamedColumnsExistIn54Only(t *testing.T) {
	for name, columns := range renamed53 {
		table, ok := TableNamed(name)
		if !ok {
			t.Fatalf("no table %s", name)
		}
		for old, now := range columns {
			if _, ok := table.Column(now); !ok {
				t.Errorf("%s has no column %s", name, now)
			}
			if _, ok := table.Column(old); ok {
				t.Errorf("%s still has column %s", name, old)
			}
		}
	}
	if got := CurrentName("visit_detail", "visit_detail_parent_id"); got != "parent_visit_detail_id" {
		t.Errorf("visit_detail_parent_id became %s", got)
	}
	if got := CurrentName("person", "person_id"); got != "person_id" {
		t.Errorf("person_id became %s", got)
	}
}

// TestEveryColumnIsDecided holds the table of the registered tier against the CDM:
// each column once, with a reason, or the whole table.
func TestEveryColumnIsDecided(t *testing.T) {
	decided := map[[2]string]int{}
	for _, r := range Rulings() {
		decided[[2]string{r.Table, r.Column}]++
		if r.Reason == "" {
			t.Errorf("%s.%s is decided without a reason", r.Table, r.Column)
		}
	}
	for _, table := range Tables() {
		whole := decided[[2]string{table.Name, ""}]
		if whole > 1 {
			t.Errorf("%s is decided %d times", table.Name, whole)
		}
		for _, c := range table.Columns {
			if n := decided[[2]string{table.Name, c.Name}]; n+whole != 1 {
				t.Errorf("%s.%s is decided %d times, want once", table.Name, c.Name, n+whole)
			}
		}
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	for _, bad := range []string{"persons", "person\n keep colour | why", "person\n hide person_id | why", "person\n keep | why", "person\n none person_id | why"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("accepted: %q", bad)
				}
			}()
			rule(bad)
		}()
	}
}

// TestRegisteredTierLacksWhatSinglesOut names what may never be kept, whatever the
// table comes to say.
func TestRegisteredTierLacksWhatSinglesOut(t *testing.T) {
	for _, table := range Tables() {
		for _, c := range table.Columns {
			place := slices.Contains([]string{"location_id", "care_site_id", "provider_id", "zip", "address_1", "latitude", "longitude"}, c.Name)
			kept := slices.ContainsFunc(Rulings(), func(r Ruling) bool { return r.Table == table.Name && r.Column == c.Name && r.Keeps })
			if kept && (place || c.Type == Datetime || strings.HasPrefix(c.Name, "cause_") || c.Name == "month_of_birth" || c.Name == "day_of_birth") {
				t.Errorf("registered keeps %s.%s", table.Name, c.Name)
			}
		}
	}
	if got := Drops(TierControlled); len(got) != 0 {
		t.Errorf("the controlled tier drops %v", got)
	}
	has := func(table, column string) bool {
		return slices.ContainsFunc(Drops(TierRegistered), func(d Drop) bool { return d.Table == table && d.Column == column })
	}
	for _, want := range [][2]string{{"death", "cause_concept_id"}, {"person", "birth_datetime"}, {"location", ""}, {"measurement", "provider_id"}} {
		if !has(want[0], want[1]) {
			t.Errorf("registered keeps %s.%s", want[0], want[1])
		}
	}
	for _, kept := range [][2]string{{"person", "year_of_birth"}, {"condition_occurrence", "condition_start_date"}, {"person", "race_concept_id"}} {
		if has(kept[0], kept[1]) {
			t.Errorf("registered drops %s.%s", kept[0], kept[1])
		}
	}
}

func TestTierQuery(t *testing.T) {
	death, _ := TableNamed("death")
	want := "SELECT `person_id`, `death_date`, CAST(NULL AS DATETIME) AS `death_datetime`, `death_type_concept_id`, " +
		"CAST(NULL AS INT64) AS `cause_concept_id`, CAST(NULL AS STRING) AS `cause_source_value`, " +
		"CAST(NULL AS INT64) AS `cause_source_concept_id` FROM `demo-hub.cdr_r1_controlled.death`"
	if diff := cmp.Diff(want, TierQuery(death, TierRegistered, demo)); diff != "" {
		t.Errorf("registered death (-want +got):\n%s", diff)
	}
	if got := TierQuery(death, TierControlled, demo); strings.Contains(got, "NULL") {
		t.Errorf("the controlled tier loses something: %s", got)
	}
	site, _ := TableNamed("care_site")
	want = "SELECT `care_site_id`, `care_site_name`, `place_of_service_concept_id`, `location_id`, `care_site_source_value`, " +
		"`place_of_service_source_value` FROM `demo-hub.cdr_r1_controlled.care_site` WHERE FALSE"
	if diff := cmp.Diff(want, TierQuery(site, TierRegistered, demo)); diff != "" {
		t.Errorf("registered care_site (-want +got):\n%s", diff)
	}
}

func TestReleaseIDs(t *testing.T) {
	for _, good := range []string{"synthetic", "gibleed", "r2026q4", "c2026_q4_r1"} {
		if err := CheckReleaseID(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "R1", "a__b", "a-b", "1a", "a_", "a`b", "a.b", strings.Repeat("a", 64)} {
		if CheckReleaseID(bad) == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	id := AttemptDatasetID("r1", TierControlled, "01abc")
	if got, ok := Attempt(id, "r1", TierControlled); !ok || got != "01abc" {
		t.Errorf("attempt of %s: %q, %t", id, got, ok)
	}
	if _, ok := Attempt(id, "r", TierControlled); ok {
		t.Errorf("%s taken for an attempt of another release", id)
	}
}

func TestReleaseDataset(t *testing.T) {
	r := Release{ID: "r1", State: ReleasePublished, Datasets: map[string]string{TierControlled: "d"}}
	if got, err := r.Dataset(TierControlled); err != nil || got != "d" {
		t.Errorf("controlled: %q, %v", got, err)
	}
	if _, err := r.Dataset(TierRegistered); err == nil {
		t.Error("a tier without a dataset has one")
	}
	r.State = ReleaseLoading
	if _, err := r.Dataset(TierControlled); err == nil {
		t.Error("a release that is loading can be read")
	}
}

func TestDatasetCheck(t *testing.T) {
	if err := demo.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Dataset{{"demo-hub", "a`b"}, {"demo hub", "a"}, {"", "a"}, {"demo-hub", ""}, {"demo-hub", "a.b"}} {
		if bad.Check() == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
	if got := demo.Table("person"); got != "`demo-hub.cdr_r1_controlled.person`" {
		t.Errorf("table name %s", got)
	}
}

func TestIndexTablesNameTheirColumns(t *testing.T) {
	for _, index := range IndexTables() {
		q := index.Query(demo)
		for _, c := range index.Columns {
			if !strings.Contains(q, " AS "+c.Name) {
				t.Errorf("%s: the query does not yield %s", index.Name, c.Name)
			}
		}
		for _, c := range index.Cluster {
			if !slices.ContainsFunc(index.Columns, func(col Column) bool { return col.Name == c }) {
				t.Errorf("%s is clustered by %s, which it has not", index.Name, c)
			}
		}
	}
}
