package jobs

import (
	"context"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// Copy starts a job that copies tables.
func (m *Manager) Copy(id ID, config *bq.JobConfiguration) (*Job, error) {
	c := config.Copy
	if op := strings.ToUpper(c.OperationType); op != "" && op != "COPY" && op != "OPERATION_TYPE_UNSPECIFIED" {
		return nil, apierr.NotImplemented("copy jobs of type %s are not supported by the local BigQuery", clip(c.OperationType))
	}
	if c.DestinationEncryptionConfiguration != nil || c.DestinationExpirationTime != "" {
		return nil, apierr.NotImplemented("encryption keys and expiration times of copies are not supported by the local BigQuery")
	}
	sources := c.SourceTables
	if c.SourceTable != nil {
		sources = append([]*bq.TableReference{c.SourceTable}, sources...)
	}
	dest, err := tableKey(id.Project, c.DestinationTable, "destinationTable")
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, apierr.Invalid("Required parameter is missing: sourceTables")
	}
	keys := make([]store.Key, len(sources))
	for i, s := range sources {
		if keys[i], err = tableKey(id.Project, s, "sourceTable"); err != nil {
			return nil, err
		}
	}
	config.JobType = "COPY"
	return m.start(id, config, bq.JobStatistics{Copy: &bq.JobStatistics5{}}, func(ctx context.Context, j *Job) error {
		return m.copyTables(ctx, j, keys, dest)
	})
}

func tableKey(project string, t *bq.TableReference, what string) (store.Key, error) {
	if t == nil || t.DatasetId == "" || t.TableId == "" {
		return store.Key{}, apierr.Invalid("Required parameter is missing: %s", what)
	}
	return store.Key{Project: orDefault(t.ProjectId, project), Dataset: t.DatasetId, Table: t.TableId}, nil
}

func (m *Manager) copyTables(ctx context.Context, j *Job, keys []store.Key, dest store.Key) error {
	var tables []*store.Table
	stats := &bq.JobStatistics5{}
	for _, k := range keys {
		t, err := m.Store.Table(k)
		if err != nil {
			return err
		}
		if err := store.CheckTable(t); err != nil {
			return err
		}
		if t.Meta.Schema == nil {
			return apierr.Invalid("The table %s has no schema and cannot be copied.", k)
		}
		if len(tables) > 0 && !sameFields(t.Meta.Schema.Fields, tables[0].Meta.Schema.Fields) {
			return apierr.Invalid("Source tables %s and %s have different schemas and cannot be copied together.", keys[0], k)
		}
		tables = append(tables, t)
	}
	release := m.Store.Acquire(tables)
	defer release()
	for _, t := range tables {
		sizes, err := m.Store.Bytes(ctx, t)
		if err != nil {
			return err
		}
		stats.CopiedRows += t.Rows
		for _, n := range sizes {
			stats.CopiedLogicalBytes += n
		}
	}
	c := j.Config.Copy
	first := tables[0].Meta
	w := store.Write{Key: dest, Schema: first.Schema, Disposition: orDefault(c.WriteDisposition, "WRITE_EMPTY"), Create: orDefault(c.CreateDisposition, "CREATE_IF_NEEDED"),
		Describe: &bq.Table{Clustering: first.Clustering, TimePartitioning: first.TimePartitioning, RangePartitioning: first.RangePartitioning}}
	if w.Disposition == "WRITE_APPEND" {
		if old, err := m.Store.Table(dest); err == nil && len(old.Columns) > 0 {
			w.Describe = nil // the rows take the layout of the table that they are added to
		}
	}
	t, err := m.Store.WriteTable(j.marked(ctx), w, func(conn *duck.Conn, physical string, cols []googlesql.Column, _ *bq.TableSchema) error {
		names := make([]string, len(cols))
		for i := range cols {
			names[i] = translate.ColumnName(i)
		}
		// One statement, so that a source that is the destination too is read as it
		// was before.
		parts := make([]string, len(tables))
		for i, s := range tables {
			parts[i] = "SELECT " + strings.Join(names, ", ") + " FROM " + s.Physical
		}
		return conn.Exec(ctx, "INSERT INTO "+physical+" "+strings.Join(parts, " UNION ALL "))
	})
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.result, j.stats.Copy = t, stats
	return nil
}
