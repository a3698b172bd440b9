package jobs

import (
	"context"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// request is what a statement was asked for with, to resolve it again when its
// turn has come.
type request struct {
	project string
	config  *bq.JobConfigurationQuery
	params  Params
}

// prepareStatement completes the plan of a statement other than a query. What
// can be found wrong without running it is found here.
func (m *Manager) prepareStatement(ctx context.Context, pl *plan, r *request, c *catalog) error {
	a := pl.analysis
	if len(a.Others) > 0 {
		return &translate.Unsupported{What: a.Others[0]}
	}
	switch s := a.Statement.(type) {
	case *googlesql.Insert:
		return m.prepareChange(ctx, pl, r, c, "INSERT", s.Table, false)
	case *googlesql.Update:
		return m.prepareChange(ctx, pl, r, c, "UPDATE", s.Table, true)
	case *googlesql.Delete:
		return m.prepareChange(ctx, pl, r, c, "DELETE", s.Table, true)
	case *googlesql.Merge:
		inserts := !slices.ContainsFunc(s.Whens, func(w googlesql.MergeWhen) bool { return w.Row == nil })
		return m.prepareChange(ctx, pl, r, c, "MERGE", s.Table, !inserts)
	case *googlesql.Truncate:
		return m.prepareChange(ctx, pl, r, c, "TRUNCATE_TABLE", s.Table, false)
	case *googlesql.Assert:
		return m.prepareAssert(ctx, pl, r, c, s)
	}
	return m.prepareDefinition(ctx, pl, r, c)
}

// setStats gives the plan its statistics: the bytes of the columns read, as
// those of the tables in the analysis.
func (m *Manager) setStats(ctx context.Context, pl *plan, c *catalog, statementType string) error {
	pl.tables = c.tables(pl.analysis)
	if err := m.account(ctx, pl); err != nil {
		return err
	}
	pl.stats.Query.StatementType, pl.stats.Query.Schema = statementType, nil
	return nil
}

// prepareChange is DML. whole tells that BigQuery counts the target's columns
// all, as it writes its rows anew
// (cloud.google.com/bigquery/docs/best-practices-costs, "DML statements").
func (m *Manager) prepareChange(ctx context.Context, pl *plan, r *request, c *catalog, what string, target *googlesql.TableScan, whole bool) error {
	if f := foreignForm(pl.analysis.Statement); f != "" {
		return &translate.Unsupported{What: f}
	}
	t := c.found[target.Table]
	if t == nil {
		return &translate.Unsupported{What: "changing " + target.Table.ID()}
	}
	if err := store.CheckTable(t); err != nil {
		return err
	}
	if what != "DELETE" && what != "TRUNCATE_TABLE" && t.Meta.Schema != nil && requiresWithin(t.Meta.Schema.Fields, false) {
		return &translate.Unsupported{What: what + " on a table with REQUIRED fields within records"}
	}
	if _, err := translate.Change(pl.analysis, m.values(r.params)); err != nil {
		return err
	}
	if whole {
		names := make([]string, len(t.Columns))
		for i, col := range t.Columns {
			names[i] = col.Name
		}
		uses := slices.DeleteFunc(slices.Clone(pl.analysis.Tables), func(u googlesql.TableUse) bool { return u.Table == target.Table })
		uses = append(uses, googlesql.TableUse{Table: target.Table, Columns: names})
		pl.analysis.Tables = uses
	}
	if err := m.setStats(ctx, pl, c, what); err != nil {
		return err
	}
	pl.stats.Query.ForceSendFields = append(pl.stats.Query.ForceSendFields, "NumDmlAffectedRows")
	pl.act = func(ctx context.Context, j *Job) error {
		n, err := m.change(j.marked(ctx), r, t.Key)
		if err != nil {
			return err
		}
		j.describeQuery(func(q *bq.JobStatistics2) {
			q.NumDmlAffectedRows = n.Total()
			q.DmlStats = &bq.DmlStatistics{InsertedRowCount: n.Inserted, UpdatedRowCount: n.Updated, DeletedRowCount: n.Deleted}
		})
		return nil
	}
	return nil
}

// requiresWithin tells whether a record among the fields has a REQUIRED field at
// any depth: the stored form does not hold DML to it.
func requiresWithin(fields []*bq.TableFieldSchema, inside bool) bool {
	return slices.ContainsFunc(fields, func(f *bq.TableFieldSchema) bool {
		return inside && strings.EqualFold(f.Mode, "REQUIRED") || requiresWithin(f.Fields, true)
	})
}

// change runs DML. It is resolved again once no other statement writes the
// table, as that may have changed it meanwhile.
func (m *Manager) change(ctx context.Context, r *request, k store.Key) (store.Changes, error) {
	var uncertain bool
	release := func() {}
	defer func() { release() }()
	_, n, err := m.Store.Change(ctx, k, func(*store.Table) (*translate.DML, error) {
		a, c, err := m.resolveIn(ctx, r)
		if err != nil {
			return nil, err
		}
		release = m.Store.Acquire(stored(c.tables(a)))
		d, err := translate.Change(a, m.values(r.params))
		if err != nil {
			return nil, err
		}
		uncertain = d.Uncertain
		return d, nil
	})
	return n, certain(translate.Statement{Uncertain: uncertain}, err)
}

// resolveIn resolves a request's statement.
func (m *Manager) resolveIn(ctx context.Context, r *request) (*googlesql.Analysis, *catalog, error) {
	return m.resolve(ctx, r.project, r.config, &r.params)
}

// describeQuery changes a job's statistics of its query.
func (j *Job) describeQuery(change func(*bq.JobStatistics2)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	q := *j.stats.Query
	change(&q)
	j.stats.Query = &q
}

// foreignForm names a form of DML that GoogleSQL has and BigQuery has not.
func foreignForm(s googlesql.Statement) string {
	var assert googlesql.Expr
	var returning *googlesql.Returning
	var items []*googlesql.UpdateItem
	switch s := s.(type) {
	case *googlesql.Insert:
		assert, returning = s.AssertRows, s.Returning
	case *googlesql.Update:
		assert, returning, items = s.AssertRows, s.Returning, s.Items
	case *googlesql.Delete:
		assert, returning = s.AssertRows, s.Returning
	case *googlesql.Merge:
		for _, w := range s.Whens {
			items = append(items, w.Items...)
		}
	}
	switch {
	case assert != nil:
		return "ASSERT_ROWS_MODIFIED"
	case returning != nil:
		return "THEN RETURN"
	case slices.ContainsFunc(items, func(it *googlesql.UpdateItem) bool { return !it.IsSet }):
		return "changing the elements of an array or JSON value"
	}
	return ""
}

// prepareAssert is ASSERT.
func (m *Manager) prepareAssert(ctx context.Context, pl *plan, r *request, c *catalog, s *googlesql.Assert) error {
	if _, err := translate.Value(s.Cond, m.values(r.params)); err != nil {
		return err
	}
	if err := m.setStats(ctx, pl, c, "ASSERT"); err != nil {
		return err
	}
	pl.act = func(ctx context.Context, _ *Job) error {
		a, c, err := m.resolveIn(ctx, r)
		if err != nil {
			return err
		}
		s, ok := a.Statement.(*googlesql.Assert)
		if !ok {
			return apierr.Internal("the statement has changed")
		}
		v, err := m.evaluate(ctx, a, c, s.Cond, r.params)
		if err != nil {
			return err
		}
		if v.V == true {
			return nil
		}
		if s.Description != "" {
			return apierr.InvalidQuery("%s", s.Description).At("query")
		}
		return apierr.InvalidQuery("Assertion failed").At("query")
	}
	return nil
}

// startStatement starts the job of a statement other than a query.
func (m *Manager) startStatement(id ID, config *bq.JobConfiguration, pl *plan) (*Job, error) {
	if config.Query.DestinationTable != nil {
		return nil, apierr.Invalid("Cannot set destination table in jobs with DML or DDL statements")
	}
	return m.start(id, config, pl.stats, func(ctx context.Context, j *Job) error {
		if err := checkBilled(config.Query, pl); err != nil {
			return err
		}
		return pl.act(ctx, j)
	})
}

// checkBilled holds a query to its maximumBytesBilled.
func checkBilled(q *bq.JobConfigurationQuery, pl *plan) error {
	if limit := q.MaximumBytesBilled; limit > 0 && pl.billed > limit {
		return apierr.BytesBilled("Query exceeded limit for bytes billed: %d. %d or higher required.", limit, pl.billed)
	}
	return nil
}
