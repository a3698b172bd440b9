package translate

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// aggregate is a call of an aggregate function, whether plain or over a window,
// with its arguments translated.
type aggregate struct {
	name     string
	args     []string
	types    []*googlesql.Type
	exprs    []googlesql.Expr
	distinct bool
	nulls    googlesql.Nulls
	order    string
	limit    int64 // -1: none
	filter   string
	t        *googlesql.Type
	// over is the window clause, or empty.
	over string
}

// apply writes a DuckDB aggregate with DISTINCT, ORDER BY, FILTER and OVER.
func (a *aggregate) apply(fn string, args ...string) string {
	return a.applyWhere("", fn, args...)
}

func (a *aggregate) applyWhere(also, fn string, args ...string) string {
	var b strings.Builder
	b.WriteString(fn + "(")
	if a.distinct {
		b.WriteString("DISTINCT ")
	}
	b.WriteString(strings.Join(args, ", "))
	b.WriteString(a.order + ")")
	where := a.filter
	switch {
	case where == "":
		where = also
	case also != "":
		where += " AND " + also
	}
	if where != "" {
		b.WriteString(" FILTER (WHERE " + where + ")")
	}
	b.WriteString(a.over)
	return b.String()
}

type aggregateFunc func(t *translator, a *aggregate) string

var aggregateTable = []entry[aggregateFunc]{
	{"$count_star", "", func(_ *translator, a *aggregate) string { return a.apply("count", "*") }},
	{"count", "*", func(_ *translator, a *aggregate) string {
		if a.distinct && !isComparable(a.types[0]) {
			refuse("COUNT(DISTINCT %s)", a.types[0])
		}
		return a.apply("count", a.args[0])
	}},
	{"countif", "b", func(_ *translator, a *aggregate) string {
		if a.distinct {
			refuse("COUNTIF(DISTINCT)")
		}
		return a.applyWhere("("+a.args[0]+")", "count", "*")
	}},
	{"sum", "i", func(_ *translator, a *aggregate) string { return "CAST(" + a.apply("sum", a.args[0]) + " AS BIGINT)" }},
	{"sum", "n", func(_ *translator, a *aggregate) string {
		return "CAST(" + a.apply("sum", a.args[0]) + " AS DECIMAL(38,9))"
	}},
	{"sum", "f", floatSum("sum")},
	{"avg", "i", func(_ *translator, a *aggregate) string { return a.apply("avg", a.args[0]) }},
	{"avg", "f", floatSum("avg")},
	{"min", "*", minMax("min")}, {"max", "*", minMax("max")},
	{"any_value", "*", func(_ *translator, a *aggregate) string { return a.apply("any_value", a.args[0]) }},
	{"logical_and", "b", func(_ *translator, a *aggregate) string { return a.apply("bool_and", a.args[0]) }},
	{"logical_or", "b", func(_ *translator, a *aggregate) string { return a.apply("bool_or", a.args[0]) }},
	{"bit_and", "i", bits("bit_and")}, {"bit_or", "i", bits("bit_or")}, {"bit_xor", "i", bits("bit_xor")},
	{"approx_count_distinct", "*", func(_ *translator, a *aggregate) string {
		if !isComparable(a.types[0]) {
			refuse("APPROX_COUNT_DISTINCT(%s)", a.types[0])
		}
		a.distinct = true
		return a.apply("count", a.args[0])
	}},
	{"max_by", "**", extremeBy("arg_max_null")}, {"min_by", "**", extremeBy("arg_min_null")},
	{"string_agg", "s|ss", stringAgg},
	{"array_agg", "*", arrayAgg},
	{"stddev_samp", "f", statistic("stddev_samp")}, {"stddev_pop", "f", statistic("stddev_pop")},
	{"var_samp", "f", statistic("var_samp")}, {"var_pop", "f", statistic("var_pop")},
}

var aggregates map[string][]entry[aggregateFunc]

func init() { aggregates = index(aggregateTable) }

// floatSum is SUM or AVG of FLOAT64: finite values must have a finite result.
func floatSum(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		sum := a.apply(fn, a.args[0])
		plain := *a
		plain.distinct, plain.order = false, ""
		odd := plain.applyWhere("NOT isfinite("+a.args[0]+")", "count", "*")
		return "hub_fsum(" + sum + ", " + odd + ")"
	}
}

// minMax is MIN or MAX. A NaN among FLOAT64 makes the result NaN, which DuckDB
// gives for MAX only.
func minMax(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if !isComparable(a.types[0]) {
			refuse("%s(%s)", strings.ToUpper(fn), a.types[0])
		}
		out := a.apply(fn, a.args[0])
		if fn == "min" && a.types[0].Is(googlesql.KindFloat64) {
			return "(CASE WHEN " + a.apply("bool_or", "isnan("+a.args[0]+")") + " THEN CAST('nan' AS DOUBLE) ELSE " + out + " END)"
		}
		return out
	}
}

func bits(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string { return a.apply(fn, a.args[0]) }
}

func statistic(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string { return a.apply(fn, a.args[0]) }
}

// extremeBy is MAX_BY or MIN_BY: rows whose second argument is NULL do not
// count, a NULL first argument does.
func extremeBy(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if !isComparable(a.types[1]) || a.types[1].Is(googlesql.KindFloat64) || a.distinct {
			refuse("MAX_BY or MIN_BY by %s", a.types[1])
		}
		return a.applyWhere("("+a.args[1]+") IS NOT NULL", fn, a.args...)
	}
}

func (a *aggregate) slice(list string) string {
	if a.limit >= 0 {
		return fmt.Sprintf("list_slice(%s, 1, %d)", list, a.limit)
	}
	return list
}

func stringAgg(t *translator, a *aggregate) string {
	delim := "','"
	if len(a.args) == 2 {
		v, ok := t.constant(a.exprs[1])
		s, isText := v.V.(string)
		if !ok || !isText {
			refuse("STRING_AGG by a delimiter that is NULL or no constant")
		}
		delim = textLiteral(s)
	}
	if a.limit == 0 {
		refuse("STRING_AGG with LIMIT 0")
	}
	list := a.applyWhere("("+a.args[0]+") IS NOT NULL", "list", a.args[0])
	return "array_to_string(" + a.slice(list) + ", " + delim + ")"
}

func arrayAgg(_ *translator, a *aggregate) string {
	if a.t.Elem.Is(googlesql.KindArray) {
		refuse("an array of arrays")
	}
	if a.distinct && !isComparable(a.types[0]) {
		refuse("ARRAY_AGG(DISTINCT %s)", a.types[0])
	}
	also := ""
	if a.nulls == googlesql.NullsIgnore {
		also = "(" + a.args[0] + ") IS NOT NULL"
	}
	return a.slice(a.applyWhere(also, "list", a.args[0]))
}

// aggCall translates an aggregate function call.
func (t *translator) aggCall(c *googlesql.AggCall) string {
	if c.HavingMax != nil || c.HavingMin != nil {
		refuse("HAVING MAX or MIN within an aggregate function")
	}
	a := &aggregate{name: c.Name, args: t.exprs(c.Args), exprs: c.Args, distinct: c.Distinct, nulls: c.Nulls, limit: -1, t: c.T}
	if len(c.OrderBy) > 0 {
		a.order = " ORDER BY " + t.orderBy(c.OrderBy)
	}
	if c.Limit != nil {
		a.limit = t.count(c.Limit, "LIMIT")
	}
	if c.Where != nil {
		a.filter = "(" + t.expr(c.Where) + ")"
	}
	if c.Nulls != googlesql.NullsDefault && c.Name != "array_agg" {
		refuse("IGNORE or RESPECT NULLS with %s", strings.ToUpper(c.Name))
	}
	if (a.order != "" || a.limit >= 0) && !slices.Contains([]string{"array_agg", "string_agg"}, c.Name) {
		refuse("ORDER BY or LIMIT within %s", strings.ToUpper(c.Name))
	}
	return t.aggregate(a, c.Args)
}

func (t *translator) aggregate(a *aggregate, args []googlesql.Expr) string {
	kinds := make([]googlesql.Kind, len(args))
	for i, x := range args {
		checkType(x.Type())
		kinds[i] = x.Type().Kind
		a.types = append(a.types, x.Type())
	}
	checkType(a.t)
	f, ok := lookup(aggregates, a.name, kinds)
	if !ok {
		refuse("%s", describe(a.name, args))
	}
	return f(t, a)
}

// aggregateScan translates GROUP BY.
func (t *translator) aggregateScan(s *googlesql.AggregateScan) *rel {
	r := t.scan(s.Input)
	if r.limit != "" || r.with != "" {
		r = t.wrap(r, googlesql.ColumnsOf(s.Input))
	}
	r.order = ""
	r = t.groupKeys(s, r)
	keys := make([]string, len(s.GroupBy))
	var items []string
	var cols []*googlesql.Col
	for i, g := range s.GroupBy {
		keys[i] = t.expr(g.Expr)
		items = append(items, keys[i]+" AS "+outputName(g.Col))
		cols = append(cols, g.Col)
	}
	for _, a := range s.Aggs {
		call, ok := a.Expr.(*googlesql.AggCall)
		if !ok {
			refuse("an aggregate that is no function call")
		}
		items = append(items, t.aggCall(call)+" AS "+outputName(a.Col))
		t.aggregated[a.Col.ID] = true
		cols = append(cols, a.Col)
	}
	for _, g := range s.Grouping {
		items = append(items, "CAST(grouping("+keys[g.Of]+") AS BIGINT) AS "+outputName(g.Col))
		cols = append(cols, g.Col)
	}
	tail := ""
	switch {
	case s.Sets != nil:
		sets := make([]string, len(s.Sets))
		for i, set := range s.Sets {
			names := make([]string, len(set))
			for k, of := range set {
				names[k] = keys[of]
			}
			sets[i] = "(" + strings.Join(names, ", ") + ")"
		}
		tail = " GROUP BY GROUPING SETS (" + strings.Join(sets, ", ") + ")"
	case len(keys) > 0:
		tail = " GROUP BY " + strings.Join(keys, ", ")
	}
	if len(s.Aggs) == 0 && len(keys) == 0 {
		items = append(items, "count(*) AS k0")
	}
	return t.derived(r.selectSQL(strings.Join(items, ", "), tail), cols)
}

// groupKeys makes the grouping keys columns of a derived relation when they are
// expressions, so that they can be named more than once.
func (t *translator) groupKeys(s *googlesql.AggregateScan, r *rel) *rel {
	computed := false
	for _, g := range s.GroupBy {
		if !isComparable(g.Col.Type) {
			refuse("GROUP BY %s", g.Col.Type)
		}
		if _, ok := g.Expr.(*googlesql.ColRef); !ok {
			computed = true
		}
	}
	if !computed {
		return r
	}
	input := googlesql.ColumnsOf(s.Input)
	items := []string{}
	if len(input) > 0 {
		items = append(items, t.selectList(input))
	}
	cols := append([]*googlesql.Col{}, input...)
	for i, g := range s.GroupBy {
		key := &googlesql.Col{ID: -g.Col.ID, Name: g.Col.Name, Type: g.Col.Type}
		items = append(items, t.expr(g.Expr)+" AS "+keyName(key))
		s.GroupBy[i].Expr = &googlesql.ColRef{Col: key}
		cols = append(cols, key)
	}
	d := t.derived(r.selectSQL(strings.Join(items, ", ")), input)
	alias := d.from[strings.LastIndex(d.from, " AS ")+4:]
	for _, c := range cols {
		if c.ID < 0 {
			t.refs[c.ID] = alias + "." + keyName(c)
		}
	}
	return d
}

func keyName(c *googlesql.Col) string { return fmt.Sprintf("g%d", -c.ID) }
