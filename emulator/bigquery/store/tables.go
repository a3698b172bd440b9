package store

import (
	"context"
	"regexp"
	"sort"
	"sync"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// Unicode letters, marks, numbers, connectors, dashes and spaces, as BigQuery
// allows in a table's name.
var tableName = regexp.MustCompile(`^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]+$`)

// lockWriting serializes the writers of one table or data set.
func (s *Store) lockWriting(k Key) (unlock func()) {
	s.mu.Lock()
	m, ok := s.writing[k]
	if !ok {
		m = &sync.Mutex{}
		s.writing[k] = m
	}
	s.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// Table finds a table.
func (s *Store) Table(k Key) (*Table, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t, ok := s.tables[k]; ok {
		return t, nil
	}
	if _, ok := s.datasets[DatasetKey{k.Project, k.Dataset}]; !ok {
		return nil, apierr.NotFound("Not found: Dataset %s:%s was not found in location US", k.Project, k.Dataset)
	}
	return nil, apierr.NotFound("Not found: Table %s was not found in location US", k)
}

// Tables lists a data set's tables by name.
func (s *Store) Tables(k DatasetKey) []*Table {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*Table
	for tk, t := range s.tables {
		if tk.Project == k.Project && tk.Dataset == k.Dataset && !t.Result {
			out = append(out, t)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Key.Table < out[j].Key.Table })
	return out
}

// CreateTable stores a new, empty table.
func (s *Store) CreateTable(ctx context.Context, k Key, meta *bq.Table) (*Table, error) {
	unlock := s.lockWriting(k)
	defer unlock()
	if _, err := s.Dataset(DatasetKey{k.Project, k.Dataset}); err != nil {
		return nil, err
	}
	if len(k.Table) > maxName || !tableName.MatchString(k.Table) {
		return nil, apierr.Invalid("Invalid table ID %q.", k.Table)
	}
	if _, err := s.Table(k); err == nil {
		return nil, apierr.Duplicate("Already Exists: Table %s", k)
	}
	cols, err := Columns(meta.Schema)
	if err != nil {
		return nil, err
	}
	t := &Table{Key: k, Columns: cols, Physical: s.newPhysical(false)}
	t.Meta = s.describe(k, meta, meta.Schema, 0)
	err = s.tx(ctx, func(c *duck.Conn) error {
		sql, err := createSQL(t.Physical, meta.Schema, cols)
		if err != nil {
			return err
		}
		if err := c.Exec(ctx, sql); err != nil {
			return err
		}
		return s.logTable(ctx, c, k, t.Physical, t.Meta)
	})
	if err != nil {
		return nil, err
	}
	s.put(t)
	return t, nil
}

// describe completes a table's description.
func (s *Store) describe(k Key, from *bq.Table, schema *bq.TableSchema, rows int64) *bq.Table {
	m := bq.Table{}
	if from != nil {
		m = *from
	}
	now := s.clock().UnixMilli()
	m.Kind, m.Id, m.Type = "bigquery#table", k.Project+":"+k.Dataset+"."+k.Table, "TABLE"
	m.TableReference = &bq.TableReference{ProjectId: k.Project, DatasetId: k.Dataset, TableId: k.Table}
	if m.CreationTime == 0 {
		m.CreationTime = now
	}
	m.LastModifiedTime = uint64(now)
	if m.View != nil {
		m.Type = "VIEW"
	}
	m.Etag, m.Schema, m.NumRows, m.Location = s.etag(), schema, uint64(rows), "US"
	return &m
}

func (s *Store) put(t *Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[t.Key] = t
}

// UpdateTable replaces a table's description by what change makes of a copy.
// The schema may only gain descriptions, not columns, so far.
func (s *Store) UpdateTable(ctx context.Context, k Key, change func(*bq.Table) error) (*Table, error) {
	unlock := s.lockWriting(k)
	defer unlock()
	old, err := s.Table(k)
	if err != nil {
		return nil, err
	}
	m := *old.Meta
	if err := change(&m); err != nil {
		return nil, err
	}
	cols, err := Columns(m.Schema)
	if err != nil {
		return nil, err
	}
	if !sameColumns(cols, old.Columns) {
		return nil, apierr.NotImplemented("changing the columns of a table is not supported by the local BigQuery")
	}
	t := &Table{Key: k, Columns: cols, Rows: old.Rows, Physical: old.Physical}
	t.Meta = s.describe(k, &m, m.Schema, old.Rows)
	if err := s.tx(ctx, func(c *duck.Conn) error { return s.logTable(ctx, c, k, t.Physical, t.Meta) }); err != nil {
		return nil, err
	}
	s.put(t)
	return t, nil
}

func sameColumns(a, b []googlesql.Column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || a[i].Type.String() != b[i].Type.String() {
			return false
		}
	}
	return true
}

// DeleteTable removes a table.
func (s *Store) DeleteTable(ctx context.Context, k Key) error {
	unlock := s.lockWriting(k)
	defer unlock()
	t, err := s.Table(k)
	if err != nil {
		return err
	}
	if !t.Result {
		if err := s.tx(ctx, func(c *duck.Conn) error { return s.logTable(ctx, c, k, t.Physical, nil) }); err != nil {
			return err
		}
	}
	s.mu.Lock()
	delete(s.tables, k)
	s.mu.Unlock()
	s.retire(t.Physical)
	return nil
}

// Acquire keeps the physical tables from being dropped until release is called.
func (s *Store) Acquire(tables []*Table) (release func()) {
	s.mu.Lock()
	for _, t := range tables {
		s.readers[t.Physical]++
	}
	s.mu.Unlock()
	return sync.OnceFunc(func() {
		for _, t := range tables {
			s.mu.Lock()
			s.readers[t.Physical]--
			last := s.readers[t.Physical] == 0
			if last {
				delete(s.readers, t.Physical)
			}
			drop := last && s.retired[t.Physical]
			s.mu.Unlock()
			if drop {
				s.drop(t.Physical)
			}
		}
	})
}

// retire drops a physical table as soon as nothing reads it.
func (s *Store) retire(physical string) {
	s.mu.Lock()
	s.retired[physical] = true
	busy := s.readers[physical] > 0
	s.mu.Unlock()
	if !busy {
		s.drop(physical)
	}
}

func (s *Store) drop(physical string) {
	s.mu.Lock()
	if !s.retired[physical] {
		s.mu.Unlock()
		return
	}
	delete(s.retired, physical)
	s.mu.Unlock()
	c, err := s.db.Conn()
	if err != nil {
		return // closing: the next start sweeps it
	}
	defer c.Release()
	if err := c.Exec(context.Background(), "DROP TABLE IF EXISTS "+physical); err != nil {
		s.log.Warn("a table that is no longer used could not be dropped; the next start does it", "table", physical, "error", err)
	}
}
