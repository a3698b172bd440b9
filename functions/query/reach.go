package query

import (
	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/googlesql"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/release"
)

// reach is all that SQL of a caller's own may read in one workspace: the tables
// of the workspace's release and tier, and its own materialised cohorts. It is
// the catalog that such SQL is resolved against, and what BigQuery says that it
// would read is held against it too. There is no other list of what may be read,
// and what is not in it is not there.
type reach struct {
	// data is the release's dataset; names without dataset mean it.
	data omop.Dataset
	// own is the workspace's own data set, whose cohorts' tables may be read.
	own    omop.Dataset
	tables googlesql.Tables
}

// reachOf gives a workspace's. Who may ask in that workspace is decided before.
func reachOf(w access.Workspace, data release.Data) reach {
	d := data.Dataset
	r := reach{data: d, own: omop.Dataset{Project: d.Project, ID: dataset.OfWorkspace(w.ID)}, tables: googlesql.Tables{Project: d.Project, Dataset: d.ID}}
	for _, t := range omop.Tables() {
		r.tables.List = append(r.tables.List, tableOf(d, t.Name, t.Columns))
	}
	for _, t := range omop.IndexTables() {
		r.tables.List = append(r.tables.List, tableOf(d, t.Name, t.Columns))
	}
	return r
}

// tableOf describes a table to the analyzer.
func tableOf(d omop.Dataset, name string, columns []omop.Column) *googlesql.Table {
	t := &googlesql.Table{Project: d.Project, Dataset: d.ID, Name: name}
	for _, col := range columns {
		// Every type of package omop is a simple one; its tests hold that.
		typ, _ := googlesql.Simple(col.Type)
		t.Columns = append(t.Columns, googlesql.Column{Name: col.Name, Type: typ})
	}
	return t
}

// Table implements googlesql.Catalog. A cohort's table has one form, so it is
// described by its name alone; BigQuery says whether it is there.
func (r reach) Table(path []string) (*googlesql.Table, error) {
	project := r.own.Project
	if len(path) == 3 {
		project, path = path[0], path[1:]
	}
	if len(path) == 2 && r.isCohort(project, path[0], path[1]) {
		return tableOf(r.own, path[1], dataset.CohortColumns()), nil
	}
	if len(path) == 2 {
		path = []string{project, path[0], path[1]}
	}
	return r.tables.Table(path)
}

func (r reach) isCohort(project, datasetID, table string) bool {
	return project == r.own.Project && datasetID == r.own.ID && dataset.IsCohortTable(table)
}

// holds reports whether a table that something reads is within reach.
func (r reach) holds(project, datasetID, table string) bool {
	return project == r.data.Project && datasetID == r.data.ID || r.isCohort(project, datasetID, table)
}
