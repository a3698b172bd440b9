package store

import (
	"context"
	"regexp"
	"sort"
	"sync"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
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
	if t, ok := s.tables[k]; ok && !s.expired(t) {
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
		if tk.Project == k.Project && tk.Dataset == k.Dataset && !t.Result && !s.expired(t) {
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
	if meta.ExpirationTime != 0 && meta.ExpirationTime <= s.clock().UnixMilli() {
		return nil, apierr.Invalid("Invalid value for expirationTime: it is in the past.")
	}
	if err := CheckLayout(meta, cols); err != nil {
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
		if d, err := s.Dataset(DatasetKey{k.Project, k.Dataset}); err == nil && m.ExpirationTime == 0 && d.Meta.DefaultTableExpirationMs > 0 {
			m.ExpirationTime = now + d.Meta.DefaultTableExpirationMs
		}
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
	old := s.tables[t.Key]
	s.tables[t.Key] = t
	s.mu.Unlock()
	if old != nil && s.expired(old) && old.Physical != t.Physical {
		s.retire(old.Physical) // nobody else knows of it any more
	}
}

// expired tells whether a table's time is over: it is then no longer there.
func (s *Store) expired(t *Table) bool {
	return t.Meta != nil && t.Meta.ExpirationTime > 0 && s.clock().UnixMilli() >= t.Meta.ExpirationTime
}

// Expire removes the tables whose time is over.
func (s *Store) Expire(ctx context.Context) {
	s.mu.RLock()
	var over []*Table
	for _, t := range s.tables {
		if s.expired(t) {
			over = append(over, t)
		}
	}
	s.mu.RUnlock()
	for _, t := range over {
		if err := s.remove(ctx, t); err != nil {
			s.log.Warn("an expired table could not be removed; the next try follows", "table", t.Key.String(), "error", err)
		}
	}
}

// remove removes a table, if it is still the one of its name.
func (s *Store) remove(ctx context.Context, t *Table) error {
	unlock := s.lockWriting(t.Key)
	defer unlock()
	s.mu.RLock()
	same := s.tables[t.Key] == t
	s.mu.RUnlock()
	if !same {
		return nil
	}
	return s.deleteLocked(ctx, t)
}

// UpdateTable replaces a table's description by what change makes of a copy. The
// schema may gain columns at the end, and REQUIRED ones may become NULLABLE.
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
	if m.Schema == nil {
		m.Schema = old.Meta.Schema
	}
	cols, err := Columns(m.Schema)
	if err != nil {
		return nil, err
	}
	if m.ExpirationTime != old.Meta.ExpirationTime && m.ExpirationTime != 0 && m.ExpirationTime <= s.clock().UnixMilli() {
		return nil, apierr.Invalid("Invalid value for expirationTime: it is in the past.")
	}
	if !sameLayout(&m, old.Meta) {
		return nil, apierr.Invalid("Cannot change partitioning spec for a partitioned table.")
	}
	if err := CheckLayout(&m, cols); err != nil {
		return nil, err
	}
	t := &Table{Key: k, Columns: cols, Rows: old.Rows, Physical: old.Physical}
	var changes []string
	switch {
	case old.Meta.Type != "TABLE": // a view's schema is not the caller's to change
		t.Columns, m.Schema = old.Columns, old.Meta.Schema
	case len(old.Columns) == 0 && len(cols) > 0:
		t.Physical = s.newPhysical(false)
		create, err := createSQL(t.Physical, m.Schema, cols)
		if err != nil {
			return nil, err
		}
		changes = []string{create}
	default:
		if old.Meta.Schema != nil {
			if err := replaceSchema(k, old.Meta.Schema.Fields, m.Schema.Fields, ""); err != nil {
				return nil, err
			}
		}
		copied := recordsChanged(old.Columns, cols)
		if copied {
			t.Physical = s.newPhysical(false)
		}
		if changes, err = evolveSQL(old, t.Physical, m.Schema, cols, copied); err != nil {
			return nil, err
		}
	}
	t.Meta = s.describeAs(old.Meta.Type, k, &m, m.Schema, old.Rows)
	err = s.tx(ctx, func(c *duck.Conn) error {
		for _, sql := range changes {
			if err := c.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return s.logTable(ctx, c, k, t.Physical, t.Meta)
	})
	if err != nil {
		return nil, err
	}
	s.put(t)
	if t.Physical != old.Physical {
		s.retire(old.Physical)
	}
	return t, nil
}

// describeAs is describe for a table that may be a view.
func (s *Store) describeAs(kind string, k Key, from *bq.Table, schema *bq.TableSchema, rows int64) *bq.Table {
	m := s.describe(k, from, schema, rows)
	if kind != "" {
		m.Type = kind
	}
	return m
}

// DeleteTable removes a table.
func (s *Store) DeleteTable(ctx context.Context, k Key) error {
	unlock := s.lockWriting(k)
	defer unlock()
	t, err := s.Table(k)
	if err != nil {
		return err
	}
	return s.deleteLocked(ctx, t)
}

func (s *Store) deleteLocked(ctx context.Context, t *Table) error {
	k := t.Key
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
