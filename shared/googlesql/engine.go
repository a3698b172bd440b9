package googlesql

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	gsql "github.com/goccy/go-googlesql"
)

// statementsPerCollection is how many statements may leave their handles to the
// garbage collector before it is run: with 100 the memory stays at about 114 MB,
// without it grows to gigabytes over 10,000 statements.
const statementsPerCollection = 100

// maxTablesKept bounds the analyzer's own table objects that are kept from one
// statement to the next.
const maxTablesKept = 500

// engine is the one analyzer of the process.
type engine struct {
	// busy holds one token while a statement is analyzed; a channel and not a
	// mutex, so that whoever waits can leave at the end of its context.
	busy  chan struct{}
	types *gsql.TypeFactory
	// dialect is BigQuery's; preview adds features that BigQuery lacks and is made
	// when it is first asked for.
	dialect *dialect
	preview *dialect
	tables  map[string]*gsql.SimpleTable
	count   int
	broken  error
}

var theEngine = sync.OnceValues(newEngine)

func newEngine() (*engine, error) {
	if err := gsql.Init(); err != nil {
		return nil, fmt.Errorf("start the GoogleSQL analyzer: %w", err)
	}
	e := &engine{busy: make(chan struct{}, 1), tables: map[string]*gsql.SimpleTable{}}
	var err error
	if e.types, err = gsql.NewTypeFactory(); err != nil {
		return nil, fmt.Errorf("start the GoogleSQL analyzer: %w", err)
	}
	if e.dialect, err = newDialect(nil, nil); err != nil {
		return nil, fmt.Errorf("start the GoogleSQL analyzer: %w", err)
	}
	if err := e.checkTimeZone(); err != nil {
		return nil, err
	}
	return e, nil
}

// checkTimeZone holds that a TIMESTAMP without zone is read as UTC.
func (e *engine) checkTimeZone() error {
	a, err := e.analyze(context.Background(), "SELECT TIMESTAMP '1970-01-02 00:00:00'", Options{})
	if err != nil {
		return fmt.Errorf("start the GoogleSQL analyzer: %w", err)
	}
	const day = int64(86400 * 1e6)
	p, ok := a.Root.(*ProjectScan)
	if !ok || len(p.Exprs) != 1 {
		return errors.New("start the GoogleSQL analyzer: the time zone could not be checked")
	}
	if lit, ok := p.Exprs[0].Expr.(*Literal); !ok || lit.Value.V != day {
		return errors.New("start the GoogleSQL analyzer: its default time zone is not UTC")
	}
	return nil
}

// tableKey tells apart tables that look different to the analyzer.
func tableKey(t *Table) string {
	var b strings.Builder
	b.WriteString(t.ID())
	if t.Values {
		b.WriteString("\x00\x00values")
	}
	for _, c := range t.Columns {
		b.WriteByte(0)
		b.WriteString(c.Name)
		b.WriteByte(1)
		b.WriteString(c.Type.String())
	}
	return b.String()
}

// prepare makes the analyzer's own object of a table. The object's full name is
// the key, by which the resolved tree is led back to t.
func (e *engine) prepare(key string, t *Table) error {
	st, err := gsql.NewSimpleTable(t.Name, 0)
	if err != nil {
		return err
	}
	if err := st.SetFullName(key); err != nil {
		return err
	}
	if err := st.SetIsValueTable(t.Values); err != nil {
		return err
	}
	for _, c := range t.Columns {
		typ, err := e.analyzerType(c.Type)
		if err != nil {
			return fmt.Errorf("column %s of %s: %w", c.Name, t.ID(), err)
		}
		col, err := gsql.NewSimpleColumn(t.Name, c.Name, typ, false, true)
		if err != nil {
			return err
		}
		if err := st.AddColumn2(col, false); err != nil {
			return fmt.Errorf("column %s of %s: %w", c.Name, t.ID(), err)
		}
	}
	if len(e.tables) >= maxTablesKept {
		clear(e.tables)
	}
	e.tables[key] = st
	return nil
}

// maxRounds bounds how often one statement is analyzed while its tables are
// being prepared; each round prepares at least one.
const maxRounds = 200

// analyze resolves one statement and converts the result. It holds the engine.
func (e *engine) analyze(ctx context.Context, sql string, opts Options) (a *Analysis, err error) {
	select {
	case e.busy <- struct{}{}:
		defer func() { <-e.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e.broken != nil {
		return nil, e.broken
	}
	// A fault inside the analyzer (its stack overflowing, say) must be this
	// statement's error and not the process's end.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			if f, ok := r.(conversionFailure); ok {
				a, err = nil, &Error{Kind: ErrInternal, Message: f.Error()}
				return
			}
			a, err = nil, &Error{Kind: ErrInternal, Message: fmt.Sprintf("the GoogleSQL analyzer failed on this statement: %v", r)}
		}
	}()
	if e.count++; e.count%statementsPerCollection == 0 {
		defer runtime.GC()
	}
	r, err := e.resolve(sql, opts, 0)
	if err != nil {
		return nil, err
	}
	return r.converter(&grafts{}).analysis(r.out), nil
}

// resolve resolves a statement, or a view that is depth views below it. The
// engine must be held.
func (e *engine) resolve(sql string, opts Options, depth int) (*resolved, error) {
	d, err := e.dialectOf(opts)
	if err != nil {
		return nil, err
	}
	options, err := e.options(opts, d)
	if err != nil {
		return nil, err
	}
	cb := &catalogCallback{catalog: opts.Catalog, ready: e.tables, known: map[string]*Table{}, views: map[string]*resolvedView{}}
	if cb.catalog == nil {
		cb.catalog = Tables{}
	}
	tables, err := gsql.NewCatalogFromImpl(cb)
	if err != nil {
		return nil, &Error{Kind: ErrInternal, Message: err.Error()}
	}
	catalogs := []gsql.CatalogNode{d.builtins, tables}
	if len(opts.Variables) > 0 {
		variables, err := e.variables(opts.Variables)
		if err != nil {
			return nil, &Error{Kind: ErrInternal, Message: err.Error()}
		}
		catalogs = append(catalogs, variables)
	}
	all, err := gsql.NewMultiCatalogCreate("all", catalogs)
	if err != nil {
		return nil, &Error{Kind: ErrInternal, Message: err.Error()}
	}
	for range maxRounds {
		cb.begin()
		out, err := gsql.AnalyzeStatement(sql, options, all, e.types)
		if err == nil {
			return &resolved{out, cb, sql, opts}, nil
		}
		if len(cb.wanted) == 0 {
			return nil, cb.explain(sql, err)
		}
		for key, t := range cb.wanted {
			if t.View != nil {
				err = e.prepareView(cb, key, t, depth+1)
			} else if err = e.prepare(key, t); err != nil {
				err = &Error{Kind: ErrInternal, Message: err.Error()}
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return nil, &Error{Kind: ErrTooLarge, Message: "the statement names too many tables"}
}

// options makes the analyzer's options for one statement.
func (e *engine) options(opts Options, d *dialect) (*gsql.AnalyzerOptions, error) {
	o, err := gsql.NewAnalyzerOptions2()
	if err != nil {
		return nil, &Error{Kind: ErrInternal, Message: err.Error()}
	}
	errs := []error{
		o.SetLanguage(d.language),
		o.SetPruneUnusedColumns(true),
		// LIKE ANY and ALL stay what they are; the analyzer would make aggregates of
		// them and lose the collation of a subquery's left side.
		o.EnableRewrite(gsql.ResolvedASTRewriteRewriteLikeAnyAll, false),
		o.SetErrorMessageMode(gsql.ErrorMessageModeErrorMessageOneLine),
	}
	if opts.TimeZone != LosAngeles {
		// The zero TimeZone is UTC, BigQuery's default; the analyzer's own is Los
		// Angeles. newEngine checks that this holds.
		errs = append(errs, o.SetDefaultTimeZone(&gsql.TimeZone{}))
	}
	if len(opts.PositionalParams) > 0 {
		errs = append(errs, o.SetParameterMode(gsql.ParameterModeParameterPositional))
	}
	for name, t := range opts.NamedParams {
		typ, err := e.analyzerType(t)
		if err != nil {
			return nil, &Error{Message: fmt.Sprintf("query parameter %s: %v", name, err)}
		}
		errs = append(errs, o.AddQueryParameter(name, typ))
	}
	for i, t := range opts.PositionalParams {
		typ, err := e.analyzerType(t)
		if err != nil {
			return nil, &Error{Message: fmt.Sprintf("query parameter %d: %v", i+1, err)}
		}
		errs = append(errs, o.AddPositionalQueryParameter(typ))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, newError(err.Error())
	}
	return o, nil
}
