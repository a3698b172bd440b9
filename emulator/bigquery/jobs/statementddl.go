package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// existing says what CREATE does about what is there.
var existing = map[googlesql.CreateMode]store.Existing{
	googlesql.CreateNew: store.RefuseExisting, googlesql.CreateOrReplace: store.ReplaceExisting, googlesql.CreateIfNotExists: store.KeepExisting,
}

// key completes a table's name; a single one may be a temporary table's.
func (c *catalog) key(path []string) (store.Key, error) {
	if len(path) == 1 {
		if k, ok := c.temps.find(path[0]); ok {
			return k, nil
		}
	}
	return c.lasting(path)
}

// lasting completes the name of a table that is no temporary one.
func (c *catalog) lasting(path []string) (store.Key, error) {
	k := store.Key{Project: c.project, Dataset: c.dataset}
	switch len(path) {
	case 1:
		if c.dataset == "" {
			return k, apierr.InvalidQuery("Table %q must be qualified with a dataset (e.g. dataset.table).", path[0]).At("query")
		}
		k.Table = path[0]
	case 2:
		k.Dataset, k.Table = path[0], path[1]
	case 3:
		k.Project, k.Dataset, k.Table = path[0], path[1], path[2]
	default:
		return k, apierr.InvalidQuery("Invalid table name: %s", strings.Join(path, ".")).At("query")
	}
	if strings.EqualFold(k.Dataset, "INFORMATION_SCHEMA") {
		return k, apierr.InvalidQuery("INFORMATION_SCHEMA cannot be changed").At("query")
	}
	return k, nil
}

// schemaKey completes a data set's name.
func (c *catalog) schemaKey(path []string) (store.DatasetKey, error) {
	switch len(path) {
	case 1:
		return store.DatasetKey{Project: c.project, Dataset: path[0]}, nil
	case 2:
		return store.DatasetKey{Project: path[0], Dataset: path[1]}, nil
	}
	return store.DatasetKey{}, apierr.InvalidQuery("Invalid dataset name: %s", strings.Join(path, ".")).At("query")
}

func tableRef(k store.Key) *bq.TableReference {
	return &bq.TableReference{ProjectId: k.Project, DatasetId: k.Dataset, TableId: k.Table}
}

// prepareDefinition completes the plan of DDL.
func (m *Manager) prepareDefinition(ctx context.Context, pl *plan, r *request, c *catalog) error {
	switch s := pl.analysis.Statement.(type) {
	case *googlesql.CreateTable:
		return m.prepareCreateTable(ctx, pl, r, c, s)
	case *googlesql.CreateView:
		return m.prepareCreateView(ctx, pl, c, s)
	case *googlesql.CreateSchema:
		return m.prepareCreateSchema(ctx, pl, c, s)
	case *googlesql.Drop:
		return m.prepareDrop(ctx, pl, c, s)
	case *googlesql.AlterTable:
		return m.prepareAlter(ctx, pl, c, s)
	}
	return &translate.Unsupported{What: "the statement " + pl.analysis.Kind}
}

// definition gives the plan what all DDL has: its statistics, and the job's work
// with the operation that it did.
func (m *Manager) definition(ctx context.Context, pl *plan, c *catalog, what string, k store.Key, run func(context.Context) (string, error)) error {
	if err := m.setStats(ctx, pl, c, what); err != nil {
		return err
	}
	pl.stats.Query.DdlTargetTable = tableRef(k)
	if k.Table == "" {
		pl.stats.Query.DdlTargetTable = nil
		pl.stats.Query.DdlTargetDataset = &bq.DatasetReference{ProjectId: k.Project, DatasetId: k.Dataset}
	}
	pl.act = func(ctx context.Context, j *Job) error {
		op, err := run(j.marked(ctx))
		if err != nil {
			return err
		}
		j.describeQuery(func(q *bq.JobStatistics2) { q.DdlOperationPerformed = op })
		return nil
	}
	return nil
}

// operation names what CREATE did.
func operation(existed bool, mode googlesql.CreateMode) string {
	switch {
	case existed && mode == googlesql.CreateIfNotExists:
		return "SKIP"
	case existed:
		return "REPLACE"
	}
	return "CREATE"
}

func (m *Manager) prepareCreateTable(ctx context.Context, pl *plan, r *request, c *catalog, s *googlesql.CreateTable) error {
	k, err := m.newTableKey(ctx, r, c, s)
	if err != nil {
		return err
	}
	meta, err := tableMeta(s, c)
	if err != nil {
		return err
	}
	if _, err := store.Columns(meta.Schema); err != nil {
		return err
	}
	var query translate.Statement
	if s.AsSelect {
		if query, err = translate.Query(asQuery(pl.analysis), m.values(r.params)); err != nil {
			return err
		}
	}
	if s.Mode == googlesql.CreateNew {
		if _, err := m.Store.Table(k); err == nil {
			return apierr.Duplicate("Already Exists: Table %s", k)
		}
	}
	what := "CREATE_TABLE"
	if s.AsSelect {
		what = "CREATE_TABLE_AS_SELECT"
	}
	return m.definition(ctx, pl, c, what, k, func(ctx context.Context) (string, error) {
		release := func() {}
		defer func() { release() }()
		var fill store.Fill
		switch {
		case s.AsSelect:
			fill = m.fillFrom(ctx, r, &query, &release)
		case s.Copy != nil:
			from := c.found[s.Copy]
			fill = func(db *duck.Conn, physical string, _ []googlesql.Column, _ *bq.TableSchema) error {
				return db.Exec(ctx, "INSERT INTO "+physical+" SELECT * FROM "+from.Physical+" ORDER BY rowid")
			}
		}
		_, existed, err := m.Store.Define(ctx, k, meta, existing[s.Mode], fill)
		return operation(existed, s.Mode), certain(query, err)
	})
}

// newTableKey completes the name of the table that CREATE TABLE makes.
func (m *Manager) newTableKey(ctx context.Context, r *request, c *catalog, s *googlesql.CreateTable) (store.Key, error) {
	switch {
	case !s.Temp:
		return c.lasting(s.Path)
	case r.params.temps == nil:
		return store.Key{}, apierr.InvalidQuery("Use of CREATE TEMPORARY TABLE requires a script or session").At("query")
	case len(s.Path) != 1:
		return store.Key{}, apierr.InvalidQuery("CREATE TEMP TABLE cannot be qualified with a dataset: %s", strings.Join(s.Path, ".")).At("query")
	}
	return m.temporary(ctx, r.params.temps, r.project, s.Path[0])
}

// fillFrom fills a new table with the statement's query, which is resolved when
// its turn has come.
func (m *Manager) fillFrom(ctx context.Context, r *request, query *translate.Statement, release *func()) store.Fill {
	return func(db *duck.Conn, physical string, cols []googlesql.Column, _ *bq.TableSchema) error {
		a, c, err := m.resolveIn(ctx, r)
		if err != nil {
			return err
		}
		*release = m.Store.Acquire(stored(c.tables(a)))
		if *query, err = translate.Query(asQuery(a), m.values(r.params)); err != nil {
			return err
		}
		if len(a.Columns) != len(cols) {
			return apierr.Internal("the query of the new table has changed")
		}
		for i, col := range columnsOf(a) {
			if col.Type.String() != cols[i].Type.String() {
				return apierr.Internal("the query of the new table has changed")
			}
		}
		refused := duck.WatchRefusals()
		if err := db.Exec(ctx, "INSERT INTO "+physical+" "+translate.StoredSelect(cols, query.SQL)); err != nil {
			return err
		}
		if query.Tries && refused() {
			return errHidden
		}
		return nil
	}
}

// asQuery is the query of CREATE TABLE AS or CREATE VIEW.
func asQuery(a *googlesql.Analysis) *googlesql.Analysis {
	q := *a
	q.Kind, q.Statement = googlesql.StatementQuery, nil
	return &q
}

func (m *Manager) prepareCreateSchema(ctx context.Context, pl *plan, c *catalog, s *googlesql.CreateSchema) error {
	k, err := c.schemaKey(s.Path)
	if err != nil {
		return err
	}
	if s.Mode == googlesql.CreateOrReplace {
		return &translate.Unsupported{What: "CREATE OR REPLACE SCHEMA"}
	}
	var d bq.Dataset
	if err := datasetOptions(&d, s.Options); err != nil {
		return err
	}
	if _, err := m.Store.Dataset(k); err == nil && s.Mode == googlesql.CreateNew {
		return apierr.Duplicate("Already Exists: Dataset %s", k)
	}
	return m.definition(ctx, pl, c, "CREATE_SCHEMA", store.Key{Project: k.Project, Dataset: k.Dataset}, func(ctx context.Context) (string, error) {
		fresh := d
		_, err := m.Store.CreateDataset(ctx, k, &fresh)
		var api *apierr.Error
		if errors.As(err, &api) && api.Reason == "duplicate" && s.Mode == googlesql.CreateIfNotExists {
			return "SKIP", nil
		}
		return "CREATE", err
	})
}

func (m *Manager) prepareDrop(ctx context.Context, pl *plan, c *catalog, s *googlesql.Drop) error {
	if s.Object == "SCHEMA" {
		return m.prepareDropSchema(ctx, pl, c, s)
	}
	if s.Object != "TABLE" && s.Object != "VIEW" {
		return &translate.Unsupported{What: "DROP " + s.Object}
	}
	k, err := c.key(s.Path)
	if err != nil {
		return err
	}
	drop := func(ctx context.Context, dry bool) (string, error) {
		t, err := m.Store.Table(k)
		if isNotFound(err) && s.IfExists {
			return "SKIP", nil
		}
		if err != nil {
			return "", err
		}
		if (t.Meta.View != nil) != (s.Object == "VIEW") {
			return "", apierr.Invalid("%s is not allowed for this operation because it is currently a %s.", k, t.Meta.Type)
		}
		if dry {
			return "DROP", nil
		}
		return "DROP", m.Store.DeleteTable(ctx, k)
	}
	if _, err := drop(ctx, true); err != nil {
		return err
	}
	return m.definition(ctx, pl, c, "DROP_"+s.Object, k, func(ctx context.Context) (string, error) { return drop(ctx, false) })
}

func isNotFound(err error) bool {
	var api *apierr.Error
	return errors.As(err, &api) && api.Reason == "notFound"
}

func (m *Manager) prepareDropSchema(ctx context.Context, pl *plan, c *catalog, s *googlesql.Drop) error {
	k, err := c.schemaKey(s.Path)
	if err != nil {
		return err
	}
	if _, err := m.Store.Dataset(k); err != nil && !s.IfExists {
		return err
	}
	return m.definition(ctx, pl, c, "DROP_SCHEMA", store.Key{Project: k.Project, Dataset: k.Dataset}, func(ctx context.Context) (string, error) {
		err := m.Store.DeleteDataset(ctx, k, s.Cascade)
		if isNotFound(err) && s.IfExists {
			return "SKIP", nil
		}
		return "DROP", err
	})
}

func (m *Manager) prepareAlter(ctx context.Context, pl *plan, c *catalog, s *googlesql.AlterTable) error {
	if s.Object == "SCHEMA" {
		return m.prepareAlterSchema(ctx, pl, c, s)
	}
	k, err := c.key(s.Path)
	if err != nil {
		return err
	}
	rename := ""
	for _, a := range s.Actions {
		if a.Kind == googlesql.RenameTable {
			if len(s.Actions) > 1 {
				return &translate.Unsupported{What: "RENAME TO beside other actions"}
			}
			rename = a.NewName
		}
	}
	shape := func(t *store.Table) (*store.Shape, error) {
		if (t.Meta.View != nil) != (s.Object == "VIEW") {
			return nil, apierr.Invalid("%s is not allowed for this operation because it is currently a %s.", k, t.Meta.Type)
		}
		return alteredTable(t, s.Actions)
	}
	t, err := m.Store.Table(k)
	switch {
	case isNotFound(err) && s.IfExists:
	case err != nil:
		return err
	default:
		if _, err := shape(t); err != nil {
			return err
		}
	}
	return m.definition(ctx, pl, c, "ALTER_"+s.Object, k, func(ctx context.Context) (string, error) {
		_, err := m.Store.Alter(ctx, k, rename, shape)
		if isNotFound(err) && s.IfExists {
			return "SKIP", nil
		}
		return "ALTER", err
	})
}

func (m *Manager) prepareAlterSchema(ctx context.Context, pl *plan, c *catalog, s *googlesql.AlterTable) error {
	k, err := c.schemaKey(s.Path)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(s.Actions, func(a googlesql.AlterAction) bool { return a.Kind != googlesql.SetOptions }) {
		return &translate.Unsupported{What: "this form of ALTER SCHEMA"}
	}
	change := func(d *bq.Dataset) error {
		for _, a := range s.Actions {
			if err := datasetOptions(d, a.Options); err != nil {
				return err
			}
		}
		return nil
	}
	if err := change(&bq.Dataset{}); err != nil {
		return err
	}
	if _, err := m.Store.Dataset(k); err != nil && !s.IfExists {
		return err
	}
	return m.definition(ctx, pl, c, "ALTER_SCHEMA", store.Key{Project: k.Project, Dataset: k.Dataset}, func(ctx context.Context) (string, error) {
		_, err := m.Store.UpdateDataset(ctx, k, change)
		if isNotFound(err) && s.IfExists {
			return "SKIP", nil
		}
		return "ALTER", err
	})
}
