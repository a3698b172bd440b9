package jobs

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// Params are a query's parameters with their types.
type Params struct {
	Named           map[string]googlesql.Value
	Positional      []googlesql.Value
	namedTypes      map[string]*googlesql.Type
	positionalTypes []*googlesql.Type
	// vars and temps are a script's; variable is the type of the variable that an
	// INSERT into variableTable stands for.
	vars     map[string]googlesql.Value
	temps    *tempTables
	variable *googlesql.Type
}

func (p *Params) index() {
	p.namedTypes = map[string]*googlesql.Type{}
	for n, v := range p.Named {
		p.namedTypes[n] = v.Type
	}
	p.positionalTypes = nil
	for _, v := range p.Positional {
		p.positionalTypes = append(p.positionalTypes, v.Type)
	}
}

// plan is a query that has been resolved and translated.
type plan struct {
	sql      translate.Statement
	analysis *googlesql.Analysis
	tables   []*store.Table
	release  func()
	stats    bq.JobStatistics
	billed   int64
	// catalog and params are what a query was resolved with; nil for another
	// statement.
	catalog *catalog
	params  Params
	// act does what a statement other than a query asks for; nil: a query.
	act func(context.Context, *Job) error
}

// catalog finds tables for the analyzer.
type catalog struct {
	store            *store.Store
	project, dataset string
	found            map[*googlesql.Table]*store.Table
	byKey            map[store.Key]*googlesql.Table
	// temps are the script's temporary tables, and variable stands for the variable
	// that is being set.
	temps    *tempTables
	variable *googlesql.Table
	// schemas are the views of INFORMATION_SCHEMA that were made.
	schemas map[string]*googlesql.Table
}

// newCatalog is a catalog of a project, for one statement.
func newCatalog(s *store.Store, project string) *catalog {
	return &catalog{store: s, project: project, found: map[*googlesql.Table]*store.Table{}, byKey: map[store.Key]*googlesql.Table{}, schemas: map[string]*googlesql.Table{}}
}

// of is the catalog as a view of a project sees it: without default data set.
func (c *catalog) of(project string) *catalog {
	v := *c
	v.project, v.dataset, v.temps, v.variable = project, "", nil, nil
	return &v
}

// schemaView makes a view of INFORMATION_SCHEMA, once for a statement.
func (c *catalog) schemaView(path []string) (*googlesql.Table, error) {
	name := c.project + "/" + strings.Join(path, ".")
	if t, ok := c.schemas[name]; ok {
		return t, nil
	}
	t, err := c.informationSchema(path)
	if err == nil {
		c.schemas[name] = t
	}
	return t, err
}

// Table implements googlesql.Catalog.
func (c *catalog) Table(path []string) (*googlesql.Table, error) {
	if c.variable != nil && len(path) == 1 && path[0] == variableTable {
		return c.variable, nil
	}
	if slices.ContainsFunc(path, isInformationSchema) {
		return c.schemaView(path)
	}
	if len(path) > 3 {
		return nil, googlesql.ErrTableNotFound
	}
	k, err := c.key(path)
	if err != nil {
		return nil, err
	}
	if t, ok := c.byKey[k]; ok {
		return t, nil
	}
	st, err := c.store.Table(k)
	if err != nil {
		var api *apierr.Error
		if errors.As(err, &api) && strings.Contains(api.Message, "Table") {
			return nil, googlesql.ErrTableNotFound
		}
		return nil, err
	}
	t := &googlesql.Table{Project: k.Project, Dataset: k.Dataset, Name: k.Table, Columns: st.Columns, Data: st.Physical}
	if v := st.Meta.View; v != nil {
		t.Data, t.View = nil, &googlesql.View{Query: v.Query, Catalog: c.of(k.Project)}
	}
	c.found[t], c.byKey[k] = st, t
	return t, nil
}

// resolve analyzes a statement against the store as it is now.
func (m *Manager) resolve(ctx context.Context, project string, q *bq.JobConfigurationQuery, p *Params) (*googlesql.Analysis, *catalog, error) {
	p.index()
	c := newCatalog(m.Store, project)
	if d := q.DefaultDataset; d != nil {
		c.dataset = d.DatasetId
		if d.ProjectId != "" {
			c.project = d.ProjectId
		}
	}
	c.temps = p.temps
	if p.variable != nil {
		c.variable = &googlesql.Table{Name: variableTable, Columns: []googlesql.Column{{Name: "x", Type: p.variable}}}
	}
	variables := make(map[string]*googlesql.Type, len(p.vars))
	for name, v := range p.vars {
		variables[name] = v.Type
	}
	a, err := googlesql.Analyze(ctx, q.Query, googlesql.Options{Catalog: c, NamedParams: p.namedTypes, PositionalParams: p.positionalTypes, Variables: variables})
	if err != nil {
		var g *googlesql.Error
		if errors.As(err, &g) && g.Kind == googlesql.ErrNotFound && len(g.Table) == 2 {
			g.Table = append([]string{c.project}, g.Table...)
		}
		if errors.As(err, &g) && g.Kind == googlesql.ErrNotFound && len(g.Table) == 1 {
			g.Table = []string{c.project, c.dataset, g.Table[0]}
		}
		return nil, nil, err
	}
	return a, c, nil
}

// tables gives the stored tables of a.Tables; nil for one that is made up, such
// as those of INFORMATION_SCHEMA.
func (c *catalog) tables(a *googlesql.Analysis) []*store.Table {
	out := make([]*store.Table, len(a.Tables))
	for i, u := range a.Tables {
		out[i] = c.found[u.Table]
	}
	return out
}

// stored leaves out the tables that are made up.
func stored(list []*store.Table) []*store.Table {
	return slices.DeleteFunc(slices.Clone(list), func(t *store.Table) bool { return t == nil })
}

// prepare resolves and translates a query and works out what it reads. The
// caller must call release.
func (m *Manager) prepare(ctx context.Context, project string, q *bq.JobConfigurationQuery, p Params) (*plan, error) {
	if q.UseLegacySql != nil && *q.UseLegacySql {
		return nil, apierr.NotImplemented("legacy SQL is not supported by the local BigQuery")
	}
	a, c, err := m.resolve(ctx, project, q, &p)
	if err != nil {
		return nil, err
	}
	pl := &plan{analysis: a, release: func() {}, params: p}
	if a.Statement != nil {
		return pl, m.prepareStatement(ctx, pl, &request{project: project, config: q, params: p}, c)
	}
	pl.catalog, pl.tables = c, c.tables(a)
	pl.release = m.Store.Acquire(stored(pl.tables))
	if pl.sql, err = translate.Query(a, m.values(p)); err != nil {
		pl.release()
		return nil, err
	}
	if err := m.account(ctx, pl); err != nil {
		pl.release()
		return nil, err
	}
	return pl, nil
}

// values are the parameters as the translation takes them.
func (m *Manager) values(p Params) translate.Params {
	named := p.Named
	if len(p.vars) > 0 {
		named = make(map[string]googlesql.Value, len(p.Named)+len(p.vars))
		maps.Copy(named, p.Named)
		for name, v := range p.vars {
			named[googlesql.VariableName(name)] = v
		}
	}
	return translate.Params{Named: named, Positional: p.Positional, Now: m.clock(), Stored: true}
}

func columnsOf(a *googlesql.Analysis) []googlesql.Column {
	out := make([]googlesql.Column, len(a.Columns))
	for i, c := range a.Columns {
		out[i] = googlesql.Column{Name: c.Name, Type: c.Type}
	}
	return out
}

// DryRun resolves a query and executes nothing.
func (m *Manager) DryRun(ctx context.Context, project string, config *bq.JobConfiguration, p Params) (*bq.Job, error) {
	if googlesql.IsScript(config.Query.Query) {
		return nil, apierr.NotImplemented("a dry run of a script is not supported by the local BigQuery").At("query")
	}
	pl, err := m.prepare(ctx, project, config.Query, p)
	if err != nil {
		return nil, QueryError(err)
	}
	pl.release()
	pl.stats.Query.TotalBytesBilled = 0
	return &bq.Job{Kind: "bigquery#job", Configuration: config, Statistics: &pl.stats, Status: &bq.JobStatus{State: "DONE"},
		JobReference: &bq.JobReference{ProjectId: project, Location: "US"}}, nil
}

// Query starts a query job. What is wrong with the statement itself is returned
// at once, as BigQuery does; what happens while it runs is the job's.
func (m *Manager) Query(ctx context.Context, id ID, config *bq.JobConfiguration, p Params) (*Job, error) {
	if err := m.checkNew(id); err != nil {
		return nil, err
	}
	if googlesql.IsScript(config.Query.Query) {
		return m.startScript(ctx, id, config, p)
	}
	pl, err := m.prepare(ctx, id.Project, config.Query, p)
	if err != nil {
		return nil, QueryError(err)
	}
	if pl.act != nil {
		return m.startStatement(id, config, pl)
	}
	cols := columnsOf(pl.analysis)
	key := cacheKey(id.Project, config.Query, pl, pl.params)
	var known *store.Table
	// Only who asks for the cache in so many words gets it: BigQuery promises no hit
	// to anybody, and a query that costs the same each time can be reckoned with.
	if use := config.Query.UseQueryCache; use != nil && *use {
		known = m.hit(key, pl)
	}
	dest := config.Query.DestinationTable
	if known != nil {
		config.Query.DestinationTable = known.Meta.TableReference
		pl.free()
	} else if dest == nil {
		config.Query.DestinationTable = anonymous(id.Project)
	} else if err := checkOutputNames(cols); err != nil {
		pl.release()
		return nil, err
	}
	j, err := m.start(id, config, pl.stats, func(ctx context.Context, j *Job) error {
		defer pl.release()
		if limit := config.Query.MaximumBytesBilled; limit > 0 && pl.billed > limit {
			return apierr.BytesBilled("Query exceeded limit for bytes billed: %d. %d or higher required.", limit, pl.billed)
		}
		if known != nil {
			j.mu.Lock()
			j.result, j.held = known, true
			j.mu.Unlock()
			return nil
		}
		t, err := m.execute(j.marked(ctx), config.Query, dest, cols, pl.sql)
		if err != nil {
			return certain(pl.sql, err)
		}
		j.mu.Lock()
		j.result = t
		j.mu.Unlock()
		m.keep(key, pl, t)
		return nil
	})
	if err != nil {
		pl.release()
		m.letGo(known)
		return nil, err
	}
	return j, nil
}

// certain turns an error of the data into a refusal where GoogleSQL may not have
// reported it.
func certain(st translate.Statement, err error) error {
	if st.Uncertain && QueryError(err).Reason == "invalidQuery" {
		return apierr.NotImplemented("an error (%s) in an expression that may not be needed is not supported by the local BigQuery", QueryError(err).Message).At("query")
	}
	return err
}

// execute runs the translated statement into its destination.
func (m *Manager) execute(ctx context.Context, q *bq.JobConfigurationQuery, dest *bq.TableReference, cols []googlesql.Column, st translate.Statement) (*store.Table, error) {
	refused := duck.WatchRefusals()
	if dest == nil {
		d := q.DestinationTable
		t, err := m.Store.SaveResult(ctx, store.Key{Project: d.ProjectId, Dataset: d.DatasetId, Table: d.TableId}, cols, st.SQL)
		if err == nil && st.Tries && refused() {
			return nil, errors.Join(errHidden, m.Store.DeleteTable(context.WithoutCancel(ctx), t.Key))
		}
		return t, err
	}
	w := store.Write{
		Key:         store.Key{Project: dest.ProjectId, Dataset: dest.DatasetId, Table: dest.TableId},
		Schema:      store.Schema(cols),
		Disposition: orDefault(q.WriteDisposition, "WRITE_EMPTY"),
		Create:      orDefault(q.CreateDisposition, "CREATE_IF_NEEDED"),
		Describe:    &bq.Table{Clustering: q.Clustering, TimePartitioning: q.TimePartitioning, RangePartitioning: q.RangePartitioning},
	}
	return m.Store.WriteTable(ctx, w, func(c *duck.Conn, physical string, _ []googlesql.Column, _ *bq.TableSchema) error {
		err := c.Exec(ctx, "INSERT INTO "+physical+" "+translate.StoredSelect(cols, st.SQL))
		if err == nil && st.Tries && refused() {
			return errHidden
		}
		return err
	})
}

// errHidden is a refusal that TRY may have turned into a NULL.
var errHidden = apierr.NotImplemented("a value that a function refuses, within SAFE or IFERROR, is not supported by the local BigQuery").At("query")

// checkOutputNames refuses what a stored table cannot have.
func checkOutputNames(cols []googlesql.Column) error {
	seen := map[string]bool{}
	for _, c := range cols {
		key := strings.ToLower(c.Name)
		if seen[key] {
			return apierr.InvalidQuery("Duplicate column names in the result are not supported when a destination table is present. Found duplicate(s): %s", c.Name).At("query")
		}
		seen[key] = true
	}
	return nil
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}
