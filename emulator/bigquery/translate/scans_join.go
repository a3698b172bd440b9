package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var joinWords = map[googlesql.JoinType]string{
	googlesql.JoinInner: " JOIN ", googlesql.JoinLeft: " LEFT JOIN ",
	googlesql.JoinRight: " RIGHT JOIN ", googlesql.JoinFull: " FULL JOIN ",
}

func (t *translator) joinScan(s *googlesql.JoinScan) *rel {
	left := t.wrap(t.scan(s.Left), googlesql.ColumnsOf(s.Left))
	if s.Lateral {
		t.correlated++
		defer func() { t.correlated-- }()
		right := t.isolate(t.scan(s.Right), googlesql.ColumnsOf(s.Right))
		on := "TRUE"
		if s.On != nil && s.Type == googlesql.JoinLeft && hasSubquery(s.On) {
			right.where = append(right.where, t.joinCondition(s.On))
			right = t.isolate(right, googlesql.ColumnsOf(s.Right))
		} else if s.On != nil {
			done := t.withoutQueries()
			on = t.joinCondition(s.On)
			done()
		}
		return &rel{from: left.from + lateralWord(s.Type) + right.from + " ON " + on, joined: true}
	}
	right := t.wrap(t.scan(s.Right), googlesql.ColumnsOf(s.Right))
	if right.joined {
		right.from = "(" + right.from + ")"
	}
	if s.On == nil && s.Type == googlesql.JoinInner {
		return &rel{from: left.from + " CROSS JOIN " + right.from, joined: true}
	}
	if s.On != nil && s.Type != googlesql.JoinInner {
		if hasSubquery(s.On) {
			return t.joinOnSubquery(s, left, right)
		}
		defer t.withoutQueries()()
	}
	on := "TRUE"
	if s.On != nil {
		on = t.joinCondition(s.On)
	}
	if t.correlated > 0 {
		// DuckDB cannot take a correlated query with these apart.
		switch s.Type {
		case googlesql.JoinRight:
			if left.joined {
				left.from = "(" + left.from + ")"
			}
			return &rel{from: right.from + " LEFT JOIN " + left.from + " ON " + on, joined: true}
		case googlesql.JoinFull:
			matched := &rel{from: left.from + " LEFT JOIN " + right.from + " ON " + on}
			return t.fullJoin(s, left, right, matched, on)
		}
	}
	return &rel{from: left.from + joinWords[s.Type] + right.from + " ON " + on, joined: true}
}

// fullJoin puts the left side's rows, matched, together with the right side's
// that match none.
func (t *translator) fullJoin(s *googlesql.JoinScan, left, right, matched *rel, on string) *rel {
	lcols, rcols := googlesql.ColumnsOf(s.Left), googlesql.ColumnsOf(s.Right)
	cols := append(append([]*googlesql.Col{}, lcols...), rcols...)
	first := matched.selectSQL(t.selectList(cols))
	rest := &rel{from: right.from, where: []string{"NOT EXISTS (SELECT 1 FROM " + left.from + " WHERE " + on + ")"}}
	for _, c := range lcols {
		t.refs[c.ID] = "CAST(NULL AS " + typeName(c.Type) + ")"
	}
	second := rest.selectSQL(t.selectList(cols))
	if strings.Contains(first, "random()") {
		refuse("FULL JOIN of values that differ each time")
	}
	return t.derived(first+" UNION ALL "+second, cols)
}

func lateralWord(kind googlesql.JoinType) string {
	switch kind {
	case googlesql.JoinInner:
		return " JOIN LATERAL "
	case googlesql.JoinLeft:
		return " LEFT JOIN LATERAL "
	}
	refuse("RIGHT or FULL JOIN LATERAL")
	return ""
}

// isolate makes a relation a subquery of its own, even when it is plain.
func (t *translator) isolate(r *rel, cols []*googlesql.Col) *rel {
	return t.derived(r.selectSQL(t.selectList(cols)), cols)
}

// joinOnSubquery is an outer join whose condition has a subquery, which DuckDB
// takes only as a filter within LATERAL.
func (t *translator) joinOnSubquery(s *googlesql.JoinScan, left, right *rel) *rel {
	inner, cols := right, googlesql.ColumnsOf(s.Right)
	switch s.Type {
	case googlesql.JoinRight:
		if left.joined {
			left.from = "(" + left.from + ")"
		}
		left, inner, cols = right, left, googlesql.ColumnsOf(s.Left)
	case googlesql.JoinFull:
		refuse("a subquery in the condition of FULL JOIN")
	}
	filtered := &rel{from: inner.from, where: []string{t.joinCondition(s.On)}}
	return &rel{from: left.from + " LEFT JOIN LATERAL " + t.isolate(filtered, cols).from + " ON TRUE", joined: true}
}

// withoutQueries has IN UNNEST written without a query, as DuckDB allows none in
// the condition of an outer join; what it returns ends that.
func (t *translator) withoutQueries() func() {
	outer := t.noQueries
	t.noQueries = true
	return func() { t.noQueries = outer }
}

// hasSubquery reports whether an expression contains a query.
func hasSubquery(e googlesql.Expr) bool {
	switch e := e.(type) {
	case *googlesql.Subquery:
		return true
	case *googlesql.Call:
		for _, a := range e.Args {
			if hasSubquery(a) {
				return true
			}
		}
	case *googlesql.Cast:
		return hasSubquery(e.Expr)
	case *googlesql.GetField:
		return hasSubquery(e.Expr)
	case *googlesql.MakeStruct:
		for _, a := range e.Fields {
			if hasSubquery(a) {
				return true
			}
		}
	case *googlesql.WithExpr:
		return true
	}
	return false
}

// arrayScan is UNNEST, alone or joined to its input.
func (t *translator) arrayScan(s *googlesql.ArrayScan) *rel {
	if len(s.Arrays) == 0 || len(s.Arrays) != len(s.Elems) {
		refuse("UNNEST without an array")
	}
	for _, c := range s.Elems {
		checkType(c.Type)
	}
	var in *rel
	if s.Input != nil {
		in = t.wrap(t.scan(s.Input), googlesql.ColumnsOf(s.Input))
	}
	d := t.unnest(s)
	if in == nil {
		if s.On != nil || s.Outer {
			refuse("UNNEST with a condition")
		}
		return d
	}
	on := "TRUE"
	if s.On != nil && s.Outer && hasSubquery(s.On) {
		cols := append([]*googlesql.Col{}, s.Elems...)
		if s.Offset != nil {
			cols = append(cols, s.Offset)
		}
		d.where = append(d.where, t.joinCondition(s.On))
		d = t.isolate(d, cols)
	} else if s.On != nil {
		done := t.withoutQueries()
		on = t.joinCondition(s.On)
		done()
	}
	kind := googlesql.JoinInner
	if s.Outer {
		kind = googlesql.JoinLeft
	}
	return &rel{from: in.from + lateralWord(kind) + d.from + " ON " + on, joined: true}
}

// unnest makes rows of arrays, side by side.
func (t *translator) unnest(s *googlesql.ArrayScan) *rel {
	cols := append([]*googlesql.Col{}, s.Elems...)
	if s.Offset != nil {
		cols = append(cols, s.Offset)
	}
	arrays := t.exprs(s.Arrays)
	if len(arrays) == 1 && s.Offset == nil {
		return t.derived("SELECT unnest("+arrays[0]+") AS "+outputName(s.Elems[0]), cols)
	}
	// The arrays are named, as they are needed more than once.
	in, a := make([]string, len(arrays)), t.alias("u")
	lengths := make([]string, len(arrays))
	for i, x := range arrays {
		in[i] = fmt.Sprintf("%s AS a%d", x, i)
		lengths[i] = fmt.Sprintf("coalesce(len(%s.a%d), 0)", a, i)
	}
	if len(arrays) == 1 {
		return t.derived("SELECT unnest("+a+".a0) AS "+outputName(s.Elems[0])+", unnest(range(len("+a+".a0))) AS "+outputName(s.Offset)+
			" FROM (SELECT "+in[0]+") AS "+a, cols)
	}
	from := "(SELECT " + a + ".*, " + t.zipLength(s.Mode, lengths) + " AS n FROM (SELECT " + strings.Join(in, ", ") + ") AS " + a + ") AS " + a
	items := make([]string, 0, len(arrays)+1)
	for i, c := range s.Elems {
		items = append(items, fmt.Sprintf("unnest(list_resize(%s.a%d, %s.n)) AS %s", a, i, a, outputName(c)))
	}
	place := "k0"
	if s.Offset != nil {
		place = outputName(s.Offset)
	}
	items = append(items, "unnest(range("+a+".n)) AS "+place)
	return t.derived("SELECT "+strings.Join(items, ", ")+" FROM "+from, cols)
}

// zipLength is how many rows arrays of these lengths make together.
func (t *translator) zipLength(mode googlesql.Expr, lengths []string) string {
	all := strings.Join(lengths, ", ")
	longest := "greatest(" + all + ")"
	if mode == nil {
		return longest
	}
	return "(CASE " + t.expr(mode) + " WHEN 'PAD' THEN " + longest + " WHEN 'TRUNCATE' THEN least(" + all +
		") WHEN 'STRICT' THEN (CASE WHEN least(" + all + ") = " + longest + " THEN " + longest +
		" ELSE error('Unnested arrays under STRICT mode must have equal lengths') END)" +
		" ELSE error('UNNEST does not allow NULL mode argument') END)"
}
