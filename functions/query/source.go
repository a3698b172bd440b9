package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/statement"
)

// source says what to run: a data set of the workspace, or SQL.
type source struct {
	DataSetID string `json:"dataSetId,omitempty" maxLength:"40" doc:"A data set of this workspace; or else sql."`
	SQL       string `json:"sql,omitempty" maxLength:"65536" doc:"One GoogleSQL query over the tables of the workspace's release and tier, whose names need no dataset, and its materialised cohorts, named as materialising gave them."`
}

// prepared is a statement that may run.
type prepared struct {
	statement statement.Statement
	data      release.Data
	dataSetID string
	// reach is what SQL of the caller's own may read; nil for a data set.
	reach *reach
	// hash names what is run: the data set's, or that of the SQL.
	hash string
}

// prepare finds the data set's statement or passes the SQL through the gate.
func (r room) prepare(ctx context.Context, w access.Workspace, s source) (prepared, error) {
	var p prepared
	if (s.DataSetID == "") == (s.SQL == "") {
		return p, fault.InvalidFields(fault.Field{Path: "body", Message: "give dataSetId or sql, one of them"})
	}
	var err error
	if p.data, err = r.releases.Of(ctx, w); err != nil {
		return p, err
	}
	if s.SQL != "" {
		sum := sha256.Sum256([]byte(s.SQL))
		r := reachOf(w, p.data)
		p.hash, p.reach = hex.EncodeToString(sum[:]), &r
		p.statement, err = gateSQL(ctx, s.SQL, r)
		return p, err
	}
	missing := fault.New(fault.NotFound, "There is no such data set in this workspace.")
	if id.Check(id.DataSet, s.DataSetID) != nil {
		return p, missing
	}
	snap, err := r.workspace(w.ID).Collection(dataset.DataSets).Doc(s.DataSetID).Get(ctx)
	if f := firestorex.Fault("query.dataSet", err); f != nil {
		if fault.Is(f, fault.NotFound) {
			return p, missing
		}
		return p, f
	}
	var d dataset.DataSet
	if err := snap.DataTo(&d); err != nil {
		return p, fault.Wrap("query.dataSet", err)
	}
	p.statement, p.dataSetID, p.hash = d.Statement, d.ID, d.DefinitionHash
	return p, nil
}

// priced estimates, and refuses SQL of a caller's own that by BigQuery's own word
// would read a table out of reach: nobody needs to trust the gate alone.
func (r room) priced(ctx context.Context, p prepared) (bigqueryx.Estimate, money.Amount, error) {
	e, cost, err := r.desk.Estimate(ctx, p.statement)
	switch {
	case p.reach == nil:
		return e, cost, err
	case fault.Is(err, fault.NotFound):
		return e, cost, fault.Because(fault.Invalid, err, "BigQuery does not find a table that the query names. A cohort's table is there once the cohort was materialised.")
	case err != nil:
		return e, cost, err
	}
	return e, cost, inside(*p.reach, e.Tables)
}

// inside refuses tables out of reach.
func inside(r reach, tables []*bigquery.Table) error {
	for _, t := range tables {
		if !r.holds(t.ProjectID, t.DatasetID, t.TableID) {
			return errOutside
		}
	}
	return nil
}

var errOutside = fault.New(fault.Invalid, "The query reads a table outside this workspace's data.")
