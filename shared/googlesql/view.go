package googlesql

import (
	"fmt"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// maxViewDepth is BigQuery's limit on views of views.
const maxViewDepth = 16

// maxGrafts bounds how many views, and views in views, one statement may read:
// two views that each read another twice grow as powers of two.
const maxGrafts = 200

// columnsPerGraft keeps the column ids of the parts of a tree apart.
const columnsPerGraft = 1 << 24

// resolved is a statement as the analyzer has resolved it.
type resolved struct {
	out  *gsql.AnalyzerOutput
	cb   *catalogCallback
	sql  string
	opts Options
}

// resolvedView is a view with the analyzer's object of it.
type resolvedView struct {
	*resolved
	table *gsql.SimpleTable
}

// grafts counts the views that have been put into one tree.
type grafts struct{ count int }

func (r *resolved) converter(g *grafts) *converter {
	return &converter{tables: r.cb.known, views: r.cb.views, named: r.opts.NamedParams, positional: r.opts.PositionalParams, sql: r.sql, grafts: g}
}

// prepareView resolves a view's query and makes the analyzer's object of its
// columns. A fault of the query is told as the view's.
func (e *engine) prepareView(cb *catalogCallback, key string, t *Table, depth int) error {
	fail := func(format string, args ...any) error {
		return &Error{Message: fmt.Sprintf("the view %s cannot be read: ", t.ID()) + fmt.Sprintf(format, args...)}
	}
	if depth > maxViewDepth {
		return fail("views are nested more than %d levels deep, or the view reads itself", maxViewDepth)
	}
	opts := Options{Catalog: t.View.Catalog, Preview: false}
	if err := checkLimits(t.View.Query); err != nil {
		return fail("%v", err)
	}
	if err := checkWidth(t.View.Query, opts); err != nil {
		return fail("%v", err)
	}
	r, err := e.resolve(t.View.Query, opts, depth)
	if err != nil {
		return fail("%v", err)
	}
	q, ok := must(r.out.ResolvedStatement()).(*gsql.ResolvedQueryStmt)
	if !ok || must(q.IsValueTable()) {
		return fail("its query is not a SELECT of columns")
	}
	st, err := gsql.NewSimpleTable(t.Name, 0)
	if err != nil {
		return &Error{Kind: ErrInternal, Message: err.Error()}
	}
	if err := st.SetFullName(key); err != nil {
		return &Error{Kind: ErrInternal, Message: err.Error()}
	}
	anonymous, seen := 0, map[string]bool{}
	for _, oc := range must(q.OutputColumnList()) {
		name := must(oc.Name())
		if isAnonymous(name) {
			name = anonymousName(anonymous)
			anonymous++
		}
		if seen[strings.ToLower(name)] {
			return fail("it has two columns named %s", name)
		}
		seen[strings.ToLower(name)] = true
		col, err := gsql.NewSimpleColumn(t.Name, name, must(must(oc.Column()).Type()), false, true)
		if err != nil {
			return &Error{Kind: ErrInternal, Message: err.Error()}
		}
		if err := st.AddColumn2(col, false); err != nil {
			return &Error{Kind: ErrInternal, Message: err.Error()}
		}
	}
	cb.views[key] = &resolvedView{r, st}
	return nil
}

// graft puts a view's query into the scan of the view. Every mention of a view
// has a tree of its own, as each loses what is not needed of it.
func (c *converter) graft(s *TableScan, key string) {
	v, ok := c.views[key]
	if !ok {
		panic(conversionFailure{fmt.Errorf("the statement reads a view that the catalog did not give")})
	}
	if c.grafts.count++; c.grafts.count > maxGrafts {
		panic(conversionFailure{fmt.Errorf("the statement reads more than %d views", maxGrafts)})
	}
	sub := v.converter(c.grafts)
	sub.offset, sub.prefix = c.grafts.count*columnsPerGraft, fmt.Sprintf("view%d.", c.grafts.count)
	sub.cols, sub.depth = map[int]*Col{}, c.depth
	q, ok := must(v.out.ResolvedStatement()).(*gsql.ResolvedQueryStmt)
	if !ok {
		panic(conversionFailure{fmt.Errorf("a view is no query")})
	}
	s.View = sub.scan(must(q.Query()))
	out := sub.outputColumns(must(q.OutputColumnList()))
	for _, i := range s.Index {
		s.ViewOut = append(s.ViewOut, out[i].Col)
	}
	for _, what := range sub.others {
		c.other(what)
	}
	for _, u := range sub.uses {
		c.use(u.Table, nil)
	}
}
