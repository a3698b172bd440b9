package loader

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/googlesql"
	"researchhub.example/hub/shared/omop"
)

var kinds = map[string]*googlesql.Type{
	omop.Int64: googlesql.Int64, omop.Float64: googlesql.Float64, omop.String: googlesql.String,
	omop.Date: googlesql.Date, omop.Datetime: googlesql.Datetime,
}

func catalogTable(d omop.Dataset, name string, columns []omop.Column) *googlesql.Table {
	t := &googlesql.Table{Project: d.Project, Dataset: d.ID, Name: name}
	for _, c := range columns {
		t.Columns = append(t.Columns, googlesql.Column{Name: c.Name, Type: kinds[c.Type]})
	}
	return t
}

// TestStatementsAreGoogleSQL resolves every statement that package omop makes with
// the real analyzer, and holds its result against the table it is to fill.
func TestStatementsAreGoogleSQL(t *testing.T) {
	d := omop.Dataset{Project: "demo-hub", ID: omop.AttemptDatasetID("r1", omop.TierControlled, "01abc")}
	var catalog googlesql.Tables
	for _, table := range omop.Tables() {
		catalog.List = append(catalog.List, catalogTable(d, table.Name, table.Columns))
	}
	for _, index := range omop.IndexTables() {
		catalog.List = append(catalog.List, catalogTable(d, index.Name, index.Columns))
	}
	check := func(name, sql string, columns []omop.Column) {
		t.Helper()
		a, err := googlesql.Analyze(context.Background(), sql, googlesql.Options{Catalog: catalog, ReadOnly: true,
			NamedParams: map[string]*googlesql.Type{"first": googlesql.Date, "last": googlesql.Date}})
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, sql)
			return
		}
		if len(a.Others) > 0 {
			t.Errorf("%s: the statement uses %v, which the local BigQuery does not know", name, a.Others)
		}
		var want, got []string
		for _, c := range columns {
			want = append(want, c.Name+" "+c.Type)
		}
		for _, c := range a.Columns {
			got = append(got, c.Name+" "+c.Type.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, table := range omop.Tables() {
		for _, tier := range []string{omop.TierControlled, omop.TierRegistered} {
			check(tier+" "+table.Name, omop.TierQuery(table, tier, d), table.Columns)
		}
	}
	for _, index := range omop.IndexTables() {
		check(index.Name, index.Query(d), index.Columns)
	}
	every := map[string]int64{}
	for _, table := range omop.Tables() {
		every[table.Name] = 1
	}
	found := []omop.Column{{Name: "check_name", Type: omop.String}, {Name: "column_name", Type: omop.String}, {Name: "n", Type: omop.Int64}, {Name: "example", Type: omop.String}}
	for _, table := range omop.Tables() {
		check("checks of "+table.Name, checks{from: d, rows: every}.statement(table), found)
	}
	check("vocabulary version", omop.VocabularyVersion(d), []omop.Column{{Name: "vocabulary_version", Type: omop.String}})
}
