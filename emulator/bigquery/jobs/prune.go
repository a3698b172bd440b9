package jobs

import (
	"context"
	"reflect"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/load"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

// pruning finds out which partitions and blocks of its tables a query reads: those
// that the conditions between a table and constants leave over. Whatever it does
// not understand restricts nothing, so that what is counted is never too low.
type pruning struct {
	ctx   context.Context
	m     *Manager
	plan  *plan
	scans []scanUse
	// same maps a column to the one that it shows unchanged.
	same map[int]int
	// values are the constants that have been worked out; nil: none.
	values map[googlesql.Expr]*googlesql.Value
	// unknown is set by a part of the tree that is not known here.
	unknown bool
}

// scanUse is one reading of a table, with the conditions that its rows must meet.
type scanUse struct {
	scan    *googlesql.TableScan
	filters []googlesql.Expr
}

// prune gives the sizes of the columns as far as the query reads them, by the
// table's place in the analysis; upper tells that clustering has lowered them,
// which BigQuery only knows as an upper bound before the query is run.
func (m *Manager) prune(ctx context.Context, pl *plan) (sizes map[int][]int64, upper bool, err error) {
	wanted := false
	for _, t := range pl.tables {
		if t != nil {
			part, cluster := store.LayoutColumns(t)
			wanted = wanted || part >= 0 || cluster >= 0
		}
	}
	if !wanted {
		return nil, false, nil
	}
	if pl.analysis.Root == nil || pl.catalog == nil {
		for _, t := range pl.tables {
			if t != nil && t.Meta.RequirePartitionFilter {
				return nil, false, apierr.NotImplemented("this statement over the table %s, which requires a partition filter, is not supported by the local BigQuery", t.Key).At("query")
			}
		}
		return nil, false, nil
	}
	p := &pruning{ctx: ctx, m: m, plan: pl, same: map[int]int{}, values: map[googlesql.Expr]*googlesql.Value{}}
	p.walk(pl.analysis.Root, nil)
	if !p.seesAll(pl.analysis.Root) {
		p.unknown = true
	}
	sizes = map[int][]int64{}
	for i, u := range pl.analysis.Tables {
		t := pl.tables[i]
		if t == nil {
			continue
		}
		bytes, clustered, err := p.table(u.Table, t)
		if err != nil {
			return nil, false, err
		}
		if bytes != nil {
			sizes[i], upper = bytes, upper || clustered
		}
	}
	return sizes, upper, nil
}

// table gives the sizes of what is read of one table; nil: all of it.
func (p *pruning) table(table *googlesql.Table, t *store.Table) (bytes []int64, clustered bool, err error) {
	part, cluster := store.LayoutColumns(t)
	if part < 0 && cluster < 0 {
		return nil, false, nil
	}
	type limits struct{ part, cluster valueSet }
	var reads []limits
	restricted := !p.unknown
	for _, use := range p.scans {
		if use.scan.Table != table {
			continue
		}
		partSet, byPart := p.restrict(use, part, t)
		clusterSet, byCluster := p.restrict(use, cluster, t)
		if t.Meta.RequirePartitionFilter && !byPart {
			return nil, false, apierr.InvalidQuery("Cannot query over table '%s.%s.%s' without a filter over column(s) '%s' that can be used for partition elimination",
				t.Key.Project, t.Key.Dataset, t.Key.Table, t.Columns[part].Name).At("query")
		}
		restricted = restricted && (byPart || byCluster)
		clustered = clustered || byCluster
		reads = append(reads, limits{partSet, clusterSet})
	}
	if p.unknown && t.Meta.RequirePartitionFilter {
		return nil, false, apierr.NotImplemented("this form of query over the table %s, which requires a partition filter, is not supported by the local BigQuery", t.Key).At("query")
	}
	if !restricted || len(reads) == 0 {
		return nil, false, nil
	}
	layout, err := p.m.Store.Blocks(p.ctx, t)
	if err != nil {
		return nil, false, err
	}
	bytes = make([]int64, len(t.Columns))
	for _, b := range layout.Blocks {
		for _, r := range reads {
			if r.part.touches(b.Partition) && r.cluster.touches(b.Cluster) {
				for k, n := range b.Bytes {
					bytes[k] += n
				}
				break
			}
		}
	}
	return bytes, clustered && layout.ClusterColumn >= 0, nil
}

// restrict gives the values of a column that a scan's conditions leave over, and
// whether there is a condition on it.
func (p *pruning) restrict(use scanUse, column int, t *store.Table) (set valueSet, ok bool) {
	set = anyValue()
	if column < 0 {
		return set, false
	}
	for i, index := range use.scan.Index {
		if index != column {
			continue
		}
		for _, f := range use.filters {
			if s, has := p.set(f, use.scan.Cols[i].ID, t.Columns[column].Type); has {
				set, ok = set.intersect(s.tidy()), true
			}
		}
	}
	return set, ok
}

// set gives the values of a column for which a condition may be TRUE; ok is false
// when the condition says nothing of it.
func (p *pruning) set(e googlesql.Expr, id int, t *googlesql.Type) (set valueSet, ok bool) {
	c, isCall := e.(*googlesql.Call)
	if !isCall || c.Safe {
		return set, false
	}
	switch c.Name {
	case "$and":
		set = anyValue()
		for _, a := range c.Args {
			if s, has := p.set(a, id, t); has {
				set, ok = set.intersect(s.tidy()), true
			}
		}
		return set, ok
	case "$or":
		for _, a := range c.Args {
			s, has := p.set(a, id, t)
			if !has {
				return set, false
			}
			set = set.union(s)
		}
		return set, true
	case "$is_null":
		return valueSet{null: true}, p.is(c.Args[0], id)
	case "$not":
		if n, is := c.Args[0].(*googlesql.Call); is && n.Name == "$is_null" && p.is(n.Args[0], id) {
			return valueSet{spans: []span{{}}}, true
		}
		return set, false
	case "$between":
		if !p.is(c.Args[0], id) {
			return set, false
		}
		low, ok1 := p.compare("$greater_or_equal", c.Args[1], t)
		high, ok2 := p.compare("$less_or_equal", c.Args[2], t)
		return low.intersect(high), ok1 && ok2
	case "$in":
		if !p.is(c.Args[0], id) {
			return set, false
		}
		var list []span
		for _, a := range c.Args[1:] {
			s, has := p.compare("$equal", a, t)
			if !has {
				return set, false
			}
			list = append(list, s.spans...)
		}
		return valueSet{spans: list}.tidy(), true
	case "$in_array":
		if !p.is(c.Args[0], id) {
			return set, false
		}
		return p.elements(c.Args[1], t)
	}
	if _, comparison := mirrored[c.Name]; !comparison || len(c.Args) != 2 {
		return set, false
	}
	if p.is(c.Args[0], id) {
		return p.compare(c.Name, c.Args[1], t)
	}
	if p.is(c.Args[1], id) {
		return p.compare(mirrored[c.Name], c.Args[0], t)
	}
	return set, false
}

// mirrored are the comparisons with their sides changed.
var mirrored = map[string]string{"$equal": "$equal", "$less": "$greater", "$less_or_equal": "$greater_or_equal",
	"$greater": "$less", "$greater_or_equal": "$less_or_equal"}

// is tells whether an expression is the column itself.
func (p *pruning) is(e googlesql.Expr, id int) bool {
	r, ok := e.(*googlesql.ColRef)
	if !ok {
		return false
	}
	at := r.Col.ID
	for range len(p.same) + 1 {
		if at == id {
			return true
		}
		next, ok := p.same[at]
		if !ok {
			return false
		}
		at = next
	}
	return false
}

// compare gives the values that a comparison with a constant leaves over. An open
// end is taken for a closed one, which is never too few.
func (p *pruning) compare(op string, e googlesql.Expr, t *googlesql.Type) (set valueSet, ok bool) {
	v := p.constant(e)
	if v == nil || v.Type.Kind != t.Kind {
		return set, false
	}
	if v.IsNull() {
		return set, true // a comparison with NULL is never TRUE
	}
	b, ok := boundOf(*v)
	if !ok {
		return set, false
	}
	switch op {
	case "$equal":
		return single(b), true
	case "$less", "$less_or_equal":
		return valueSet{spans: []span{{high: &b}}}, true
	}
	return valueSet{spans: []span{{low: &b}}}, true
}

// elements gives the values of a constant array.
func (p *pruning) elements(e googlesql.Expr, t *googlesql.Type) (set valueSet, ok bool) {
	v := p.constant(e)
	if v == nil || v.Type.Kind != googlesql.KindArray || v.Type.Elem.Kind != t.Kind {
		return set, false
	}
	list, _ := v.V.([]googlesql.Value)
	for _, x := range list {
		if x.IsNull() {
			continue
		}
		b, ok := boundOf(x)
		if !ok {
			return set, false
		}
		set.spans = append(set.spans, span{&b, &b})
	}
	return set.tidy(), true
}

// boundOf gives a value's place in its column's order.
func boundOf(v googlesql.Value) (store.Bound, bool) {
	switch x := v.V.(type) {
	case int64:
		return store.Bound{Number: x}, true
	case int32:
		return store.Bound{Number: int64(x)}, true
	case string:
		switch v.Type.Kind {
		case googlesql.KindString:
			return store.Bound{Text: append([]byte{}, x...)}, true
		case googlesql.KindDatetime:
			us, ok := load.ParseMicros(x, false)
			return store.Bound{Number: us}, ok
		}
	}
	return store.Bound{}, false
}

// constant works out an expression of literals and parameters; nil: it is none, or
// it fails.
func (p *pruning) constant(e googlesql.Expr) *googlesql.Value {
	if v, ok := p.values[e]; ok {
		return v
	}
	var out *googlesql.Value
	switch e := e.(type) {
	case *googlesql.Literal:
		out = &e.Value
	case *googlesql.Param:
		if v, ok := p.plan.params.Named[e.Name]; ok && e.Name != "" {
			out = &v
		} else if e.Position > 0 && e.Position <= len(p.plan.params.Positional) {
			out = &p.plan.params.Positional[e.Position-1]
		}
	default:
		if constantTree(e) {
			if v, err := p.m.evaluate(p.ctx, p.plan.analysis, p.plan.catalog, e, p.plan.params); err == nil {
				out = &v
			}
		}
	}
	p.values[e] = out
	return out
}

// changing are the functions whose value is not the same for a whole statement.
var changing = map[string]bool{"rand": true, "generate_uuid": true, "error": true}

// constantTree tells whether an expression is made of literals and parameters.
func constantTree(e googlesql.Expr) bool {
	switch e := e.(type) {
	case *googlesql.Literal, *googlesql.Param:
		return true
	case *googlesql.Cast:
		return e.Format == nil && e.TimeZone == nil && constantTree(e.Expr)
	case *googlesql.Call:
		if changing[e.Name] {
			return false
		}
		for _, a := range e.Args {
			if !constantTree(a) {
				return false
			}
		}
		return true
	}
	return false
}

// seesAll holds that the walk has come by every table scan that there is: a part
// of the tree that it does not know could hide one.
func (p *pruning) seesAll(root googlesql.Scan) bool {
	all := map[*googlesql.TableScan]bool{}
	seen := map[any]bool{}
	var visit func(v reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface:
			visit(v.Elem())
		case reflect.Pointer:
			if v.IsNil() || seen[v.Interface()] {
				return
			}
			seen[v.Interface()] = true
			switch x := v.Interface().(type) {
			case *googlesql.TableScan:
				all[x] = true
			case *googlesql.Type, *googlesql.Table, *googlesql.Col:
				return
			}
			visit(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					visit(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				visit(v.Index(i))
			}
		}
	}
	visit(reflect.ValueOf(root))
	for _, u := range p.scans {
		delete(all, u.scan)
	}
	return len(all) == 0
}
