// Package store keeps the local BigQuery's data sets and tables in DuckDB.
//
// Every table has a physical table of an opaque name (BigQuery's names are
// case-sensitive and free, DuckDB's are not), and the descriptions live in an
// append-only log table of the same database, written in the transaction that
// writes the data: what was acknowledged is there after a kill, what was not is
// not. Replacing a table writes a new physical table beside the old one; the old
// one is dropped once the last query that reads it has ended.
package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// Key names a table.
type Key struct{ Project, Dataset, Table string }

// String writes the key as BigQuery's messages do.
func (k Key) String() string { return k.Project + ":" + k.Dataset + "." + k.Table }

// DatasetKey names a data set.
type DatasetKey struct{ Project, Dataset string }

// String writes the key as BigQuery's messages do.
func (k DatasetKey) String() string { return k.Project + ":" + k.Dataset }

// Dataset is a data set; it is never changed once stored, only replaced.
type Dataset struct {
	Key  DatasetKey
	Meta *bq.Dataset
}

// Table is a table at one version; it is never changed once stored.
type Table struct {
	Key     Key
	Meta    *bq.Table
	Columns []googlesql.Column
	Rows    int64
	// Physical is the table's name in DuckDB.
	Physical string
	// Result marks a query's anonymous result, which does not outlive the
	// process.
	Result bool

	sizes  sync.Mutex
	bytes  []int64
	layout *Layout
}

// Store is open on one database.
type Store struct {
	db    *duck.DB
	log   *slog.Logger
	clock func() time.Time

	mu       sync.RWMutex
	datasets map[DatasetKey]*Dataset
	tables   map[Key]*Table
	readers  map[string]int
	retired  map[string]bool
	seq      int64
	physical int64
	// marks are the jobs of a former process that had done their write.
	marks map[Key]bool
	// writing serializes the writers of one table.
	writing map[Key]*sync.Mutex
}

// Open reads the log, compacts it and drops what nothing refers to.
func Open(ctx context.Context, db *duck.DB, log *slog.Logger, clock func() time.Time) (*Store, error) {
	s := &Store{db: db, log: log, clock: clock, datasets: map[DatasetKey]*Dataset{}, tables: map[Key]*Table{},
		readers: map[string]int{}, retired: map[string]bool{}, marks: map[Key]bool{}, writing: map[Key]*sync.Mutex{}}
	c, err := db.Conn()
	if err != nil {
		return nil, err
	}
	defer c.Release()
	if err := c.Exec(ctx, "CREATE TABLE IF NOT EXISTS hub_log (seq BIGINT, kind VARCHAR, project VARCHAR, dataset VARCHAR, name VARCHAR, physical VARCHAR, body VARCHAR)"); err != nil {
		return nil, fmt.Errorf("open the list of tables: %w", err)
	}
	if err := s.replay(ctx, c); err != nil {
		return nil, err
	}
	if err := s.sweep(ctx, c); err != nil {
		return nil, err
	}
	if err := s.dropHidden(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Store) replay(ctx context.Context, c *duck.Conn) error {
	var failed error
	err := c.Query(ctx, "SELECT seq, kind, project, dataset, name, physical, body FROM hub_log ORDER BY seq", func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			text := func(col int) string { return string(ch.Cols[col].Bytes(i)) }
			s.seq = ch.Cols[0].Int64(i)
			deleted := !ch.Cols[6].Valid(i)
			switch text(1) {
			case "dataset":
				key := DatasetKey{text(2), text(3)}
				if deleted {
					delete(s.datasets, key)
					continue
				}
				d := &Dataset{Key: key, Meta: &bq.Dataset{}}
				if failed = json.Unmarshal([]byte(text(6)), d.Meta); failed != nil {
					return failed
				}
				s.datasets[key] = d
			case "job":
				s.marks[Key{Project: text(2), Table: text(4)}] = true
			case "table":
				key := Key{text(2), text(3), text(4)}
				if deleted {
					delete(s.tables, key)
					continue
				}
				t := &Table{Key: key, Physical: text(5), Meta: &bq.Table{}}
				if failed = json.Unmarshal([]byte(text(6)), t.Meta); failed != nil {
					return failed
				}
				if t.Columns, failed = Columns(t.Meta.Schema); failed != nil {
					return failed
				}
				s.tables[key] = t
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the list of tables: %w", err)
	}
	for _, t := range s.tables {
		n, err := c.Int(ctx, "SELECT count(*) FROM "+t.Physical)
		if err != nil {
			return fmt.Errorf("open the table %s: %w", t.Key, err)
		}
		t.Rows = n
		t.Meta.NumRows = uint64(n)
	}
	return nil
}

// sweep drops the physical tables that no description refers to, and keeps of
// the log what still counts.
func (s *Store) sweep(ctx context.Context, c *duck.Conn) error {
	used := map[string]bool{"hub_log": true}
	for _, t := range s.tables {
		used[strings.TrimPrefix(t.Physical, "main.")] = true
	}
	var names []string
	err := c.Query(ctx, "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() AND table_schema = 'main'", func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			names = append(names, string(ch.Cols[0].Bytes(i)))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("list the stored tables: %w", err)
	}
	for _, n := range names {
		var num int64
		if _, err := fmt.Sscanf(n, "t%d", &num); err == nil && num > s.physical {
			s.physical = num
		}
	}
	return c.InTx(ctx, func() error {
		for _, n := range names {
			if !used[n] {
				if err := c.Exec(ctx, "DROP TABLE main."+duck.Ident(n)); err != nil {
					return err
				}
			}
		}
		if err := c.Exec(ctx, "DELETE FROM hub_log WHERE kind <> 'job'"); err != nil {
			return err
		}
		for _, d := range s.datasets {
			if err := s.logDataset(ctx, c, d.Key, d.Meta); err != nil {
				return err
			}
		}
		for _, t := range s.tables {
			if err := s.logTable(ctx, c, t.Key, t.Physical, t.Meta); err != nil {
				return err
			}
		}
		return nil
	})
}

// nextSeq numbers an entry of the log.
func (s *Store) nextSeq() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	return s.seq
}

// newPhysical makes an unused name in DuckDB.
func (s *Store) newPhysical(result bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.physical++
	if result {
		return fmt.Sprintf("%s.main.r%d", duck.Results, s.physical)
	}
	return fmt.Sprintf("main.t%d", s.physical)
}

func (s *Store) logEntry(ctx context.Context, c *duck.Conn, kind string, k Key, physical string, body any) error {
	text := "NULL"
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("write the description of %s: %w", k, err)
		}
		if strings.Contains(string(b), "\x00") {
			return apierr.Invalid("a description must not hold NUL")
		}
		text = duck.Text(string(b))
	}
	return c.Exec(ctx, fmt.Sprintf("INSERT INTO hub_log VALUES (%d, %s, %s, %s, %s, %s, %s)", s.nextSeq(),
		duck.Text(kind), duck.Text(k.Project), duck.Text(k.Dataset), duck.Text(k.Table), duck.Text(physical), text))
}

func (s *Store) logDataset(ctx context.Context, c *duck.Conn, k DatasetKey, d *bq.Dataset) error {
	var body any
	if d != nil {
		body = d
	}
	return s.logEntry(ctx, c, "dataset", Key{k.Project, k.Dataset, ""}, "", body)
}

func (s *Store) logTable(ctx context.Context, c *duck.Conn, k Key, physical string, t *bq.Table) error {
	var body any
	if t != nil {
		body = t
	}
	if err := s.logMark(ctx, c); err != nil {
		return err
	}
	return s.logEntry(ctx, c, "table", k, physical, body)
}

// tx runs f in a transaction on a connection of its own.
func (s *Store) tx(ctx context.Context, f func(c *duck.Conn) error) error {
	c, err := s.db.Conn()
	if err != nil {
		return err
	}
	defer c.Release()
	return c.InTx(ctx, func() error { return f(c) })
}
