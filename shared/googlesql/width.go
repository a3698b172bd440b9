package googlesql

import (
	"fmt"
	"strings"
)

// Bounds on what a short text can grow to. `SELECT *` over two copies of the
// step before doubles a statement's columns with every step, and so does a
// STRUCT of two copies; the analyzer would spell them all out, and its work
// cannot be interrupted. Columns count with their STRUCT fields.
const (
	// MaxWidth is the widest table or subquery of a statement, in columns:
	// BigQuery's own limit on a table's.
	MaxWidth = 10_000
	// MaxTotalWidth bounds the sum over all tables, joins, subqueries and named
	// queries of a statement.
	MaxTotalWidth = 50_000
	// maxLookups bounds the estimate's own work.
	maxLookups = 2_000_000
)

// field is a column of a relation as the estimate sees it.
type field struct {
	// name is in lower case; empty: none.
	name string
	// leaves is the number of single values in it, at least 1.
	leaves int
}

// relation is the estimate's view of a table, subquery or named query.
type relation struct {
	fields []field
	// opaque is the greatest number of leaves that a name may stand for that is
	// not among the fields: the inside of a STRUCT spread over columns.
	opaque int
}

// leaves is the relation's width.
func (r relation) leaves() int {
	n := 0
	for _, f := range r.fields {
		n += f.leaves
	}
	return n
}

// rangeVar is an item of a FROM clause.
type rangeVar struct {
	name string
	rel  relation
}

// named is an entry of a WITH clause.
type named struct {
	rel relation
	// lo and hi are the tokens of an entry that is not measured yet.
	lo, hi  int
	in      *scope
	pending bool
}

// scope is what names stand for at a place of the statement.
type scope struct {
	parent *scope
	vars   []rangeVar
	// alone are names outside of any relation, such as those of WITH(...).
	alone map[string]int
	ctes  map[string]*named
	// index is made of vars at the first look-up.
	index map[string]int
	// opaque is the greatest of the vars', made with index.
	opaque int
}

func (s *scope) add(v rangeVar) {
	s.vars = append(s.vars, v)
	s.index = nil
}

// all gives the columns of every item, as * does.
func (s *scope) all() relation {
	var out relation
	for _, v := range s.vars {
		out.fields = append(out.fields, v.rel.fields...)
		out.opaque = max(out.opaque, v.rel.opaque)
	}
	return out
}

func (s *scope) cte(name string) *named {
	for ; s != nil; s = s.parent {
		if n, ok := s.ctes[name]; ok {
			return n
		}
	}
	return nil
}

// measurer estimates, from the tokens alone, how wide a statement's relations
// become. The estimate is from above: what it does not understand counts with
// all that stands in it.
type measurer struct {
	sql     string
	toks    []token
	match   []int
	catalog Catalog
	params  map[string]int
	tables  map[string]relation
	total   int
	lookups int
}

// tooWide is thrown where a bound is passed.
type tooWide struct{ err *Error }

// checkWidth refuses a statement whose tables, subqueries and types would grow
// beyond MaxWidth or MaxTotalWidth.
func checkWidth(sql string, opts Options) (err error) {
	m := &measurer{sql: sql, catalog: opts.Catalog, params: map[string]int{}, tables: map[string]relation{}}
	if m.catalog == nil {
		m.catalog = Tables{}
	}
	for name, t := range opts.NamedParams {
		m.params["@"+strings.ToLower(name)] = typeLeaves(t)
	}
	for _, t := range opts.PositionalParams {
		m.params["?"] = max(m.params["?"], typeLeaves(t))
	}
	m.scan()
	for _, t := range m.toks {
		if t.kind == tokenQuotedName && strings.HasPrefix(sql[t.pos+1:], t.text) {
			continue
		}
		if t.kind == tokenQuotedName {
			line, col := lineColumn(sql, t.pos)
			return &Error{Line: line, Column: col, Message: "backslashes in quoted names are not accepted"}
		}
	}
	defer func() {
		if r := recover(); r != nil {
			w, ok := r.(tooWide)
			if !ok {
				panic(r)
			}
			err = w.err
		}
	}()
	top := &scope{}
	start := len(m.toks)
	for i := 0; i < len(m.toks); i = m.skip(i) {
		if m.startsQuery(i) {
			start = i
			break
		}
	}
	m.expr(0, start, top)
	for lo := start; lo < len(m.toks); lo++ {
		end := m.find(lo, len(m.toks), func(i int) bool { return m.symbol(i, ";") })
		m.query(lo, end, top, nil)
		lo = end
	}
	return nil
}

// typeLeaves counts the single values of a type.
func typeLeaves(t *Type) int {
	if t == nil {
		return 1
	}
	if t.Elem != nil {
		return typeLeaves(t.Elem)
	}
	n := 0
	for _, f := range t.Fields {
		n += typeLeaves(f.Type)
	}
	return max(1, n)
}

// charge adds the width of a relation made at token i.
func (m *measurer) charge(i, width int) {
	m.total += width
	if width <= MaxWidth && m.total <= MaxTotalWidth {
		return
	}
	m.refuse(i, fmt.Sprintf("the statement has too many columns: at most %d in one table, join or subquery and %d in all of them together are accepted, counting the fields of each STRUCT",
		MaxWidth, MaxTotalWidth))
}

func (m *measurer) refuse(i int, message string) {
	pos := len(m.sql)
	if i < len(m.toks) {
		pos = m.toks[i].pos
	}
	line, col := lineColumn(m.sql, pos)
	panic(tooWide{&Error{Kind: ErrTooLarge, Message: message, Line: line, Column: col}})
}

// lookup counts one step of the estimate's own work.
func (m *measurer) lookup(i int) {
	if m.lookups++; m.lookups > maxLookups {
		m.refuse(i, "the statement is too complex: too many names in nested subqueries")
	}
}

// resolve gives the leaves of a name path, 1 where it is not known.
func (m *measurer) resolve(i int, path []string, s *scope) int {
	for ; s != nil; s = s.parent {
		m.lookup(i)
		if n, ok := s.alone[path[0]]; ok {
			return n
		}
		if s.index == nil {
			s.index, s.opaque = map[string]int{}, 0
			for _, v := range s.vars {
				s.opaque = max(s.opaque, v.rel.opaque)
				s.index[v.name] = max(s.index[v.name], v.rel.leaves())
				for _, f := range v.rel.fields {
					s.index[f.name] = max(s.index[f.name], f.leaves)
				}
			}
		}
		n := s.index[path[0]]
		for _, v := range s.vars {
			if len(path) > 1 && v.name == path[0] {
				n = max(1, v.rel.opaque)
				for _, f := range v.rel.fields {
					if f.name == path[1] {
						n = max(n, f.leaves)
					}
				}
			}
		}
		if n > 0 {
			return n
		}
		if s.opaque > 1 {
			return s.opaque
		}
	}
	return 1
}

// table gives the columns of a table of the catalog; one that is not there is
// the analyzer's to refuse.
func (m *measurer) table(path []string) relation {
	key := strings.Join(path, ".")
	rel, ok := m.tables[key]
	if ok {
		return rel
	}
	if t, err := m.catalog.Table(SplitPath(path)); err == nil {
		for _, c := range t.Columns {
			rel.fields = append(rel.fields, field{strings.ToLower(c.Name), typeLeaves(c.Type)})
		}
	}
	m.tables[key] = rel
	return rel
}
