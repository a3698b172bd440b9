package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

// cached is a result that answers the same query again, while the tables that it
// was made of are the same (cloud.google.com/bigquery/docs/cached-results). A
// table that is written or described anew is another *store.Table.
type cached struct {
	table   *store.Table
	sources []*store.Table
	// sql is the translated statement, which holds the parameters' values.
	sql string
}

// cacheKey tells whether a query's result may be kept for others, and under what:
// the text, the default data set and the parameters. Queries with a destination,
// of tables that are made up, and those whose functions change from one run to the
// next are not kept.
func cacheKey(project string, q *bq.JobConfigurationQuery, pl *plan, p Params) string {
	if q.DestinationTable != nil || pl.act != nil || pl.analysis.Root == nil || slices.Contains(pl.tables, nil) || volatile(pl.analysis.Root) {
		return ""
	}
	b, err := json.Marshal([]any{project, q.Query, q.DefaultDataset, p.Text()})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Text writes the parameters so that equal ones, and only those, have one text.
func (p Params) Text() string {
	var b strings.Builder
	var write func(v googlesql.Value)
	write = func(v googlesql.Value) {
		list, nested := v.V.([]googlesql.Value)
		if !nested {
			fmt.Fprintf(&b, "%s %T %q;", v.Type, v.V, fmt.Sprint(v.V))
			return
		}
		fmt.Fprintf(&b, "%s %d{", v.Type, len(list))
		for _, e := range list {
			write(e)
		}
		b.WriteByte('}')
	}
	for _, n := range slices.Sorted(maps.Keys(p.Named)) {
		fmt.Fprintf(&b, "%q=", n)
		write(p.Named[n])
	}
	for _, v := range p.Positional {
		b.WriteByte('?')
		write(v)
	}
	return b.String()
}

// hit finds a kept result and holds it for one more job.
func (m *Manager) hit(key string, pl *plan) *store.Table {
	if key == "" {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cache[key]
	if !ok || c.sql != pl.sql.SQL || !slices.Equal(c.sources, pl.tables) || m.uses[c.table] == 0 {
		return nil
	}
	m.uses[c.table]++
	return c.table
}

// letGo takes back the hold of a job that did not come about.
func (m *Manager) letGo(t *store.Table) {
	if t == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.uses[t]--
}

// keep keeps a result that a job has just made.
func (m *Manager) keep(key string, pl *plan, t *store.Table) {
	if key == "" || t == nil || !t.Result {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cache[key] = &cached{table: t, sources: pl.tables, sql: pl.sql.SQL}
}

// dropCachedLocked forgets a result that is removed.
func (m *Manager) dropCachedLocked(t *store.Table) {
	for k, c := range m.cache {
		if c.table == t {
			delete(m.cache, k)
		}
	}
}

// free makes a query's statistics those of one that was answered without reading
// anything.
func (pl *plan) free() {
	q := *pl.stats.Query
	q.CacheHit, q.TotalBytesProcessed, q.TotalBytesBilled = true, 0, 0
	pl.stats.Query, pl.stats.TotalBytesProcessed, pl.billed = &q, 0, 0
}

// volatile tells whether a tree holds a function whose value changes from one run
// of a statement to the next, or a sample.
func volatile(root googlesql.Scan) bool {
	seen := map[any]bool{}
	var visit func(v reflect.Value) bool
	visit = func(v reflect.Value) bool {
		switch v.Kind() {
		case reflect.Interface:
			return visit(v.Elem())
		case reflect.Pointer:
			if v.IsNil() || seen[v.Interface()] {
				return false
			}
			seen[v.Interface()] = true
			switch x := v.Interface().(type) {
			case *googlesql.Call:
				n := strings.ToLower(x.Name)
				if changing[n] || strings.HasPrefix(n, "current_") || n == "session_user" {
					return true
				}
			case *googlesql.SampleScan, *googlesql.OtherScan, *googlesql.OtherExpr:
				return true
			case *googlesql.Type, *googlesql.Table, *googlesql.Col:
				return false
			}
			return visit(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() && visit(v.Field(i)) {
					return true
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				if visit(v.Index(i)) {
					return true
				}
			}
		}
		return false
	}
	return visit(reflect.ValueOf(root))
}
