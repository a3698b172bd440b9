package translate

import (
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
	// over is the window clause, or empty; partition is its PARTITION BY.
	over, partition string
	// post makes the result of what the aggregate has given, which it calls $r,
	// where DuckDB cannot say it in one; empty: nothing is left to do.
	post string
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

// native is an aggregate that DuckDB has under a name of its own.
func native(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string { return a.apply(fn, a.args...) }
}

var aggregateTable = []entry[aggregateFunc]{
	{"$count_star", "", func(_ *translator, a *aggregate) string { return a.apply("count", "*") }},
	{"count", "*", native("count")},
	{"countif", "b", countIf},
	{"any_value", "*", native("any_value")},
	{"logical_and", "b", native("bool_and")}, {"logical_or", "b", native("bool_or")},
	{"bit_and", "i", native("bit_and")}, {"bit_or", "i", native("bit_or")}, {"bit_xor", "i", native("bit_xor")},
	{"bit_and", "x|xe", bytesBits(0)}, {"bit_or", "x|xe", bytesBits(1)}, {"bit_xor", "x|xe", bytesBits(2)},
	{"approx_count_distinct", "*", func(_ *translator, a *aggregate) string {
		// An exact count is within the approximation that is promised.
		a.distinct = true
		requireGroupable(a)
		return a.apply("count", a.args[0])
	}},
	{"max_by", "**", extremeBy("max")}, {"min_by", "**", extremeBy("min")},
}

var aggregates map[string][]entry[aggregateFunc]

func init() {
	aggregates = index(aggregateTable, sumTable, intervalTable, statisticTable, arrayAggregates, quantileTable, topTable, sketchTable)
}

// countIf counts the rows for which the argument is TRUE; with DISTINCT all of
// these are one.
func countIf(_ *translator, a *aggregate) string {
	if a.distinct {
		return a.applyWhere("("+a.args[0]+")", "count", a.args[0])
	}
	return a.applyWhere("("+a.args[0]+")", "count", "*")
}

// bytesBits is a bitwise function of BYTES of one length, which its mode STRICT
// wants.
func bytesBits(code int) aggregateFunc {
	return func(t *translator, a *aggregate) string {
		if len(a.exprs) == 2 {
			if v, ok := t.constant(a.exprs[1]); !ok || v.V != "STRICT" {
				refuse("%s in a mode other than STRICT", strings.ToUpper(a.name))
			}
		}
		list := a.applyWhere(notNull(a.args[0]), "list", a.args[0])
		return "hub_bytes_bits(" + list + ", " + intLiteral(int64(code)) + ")"
	}
}

// extremeBy is MAX_BY or MIN_BY: rows whose second argument is NULL do not
// count, a NULL first argument does. What is to be answered when a key is NaN is
// not documented.
func extremeBy(end string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if !isMeasurable(a.types[1]) || a.distinct {
			refuse("%s_BY by %s", strings.ToUpper(end), a.types[1])
		}
		out := a.applyWhere("("+a.args[1]+") IS NOT NULL", "arg_"+end+"_null", a.args...)
		if a.types[1].Is(googlesql.KindFloat64) {
			return "(CASE WHEN " + a.apply("bool_or", "isnan("+a.args[1]+")") + " THEN " +
				refusal(strings.ToUpper(end)+"_BY by NaN") + " ELSE " + out + " END)"
		}
		return out
	}
}

// refusal writes an expression that refuses what only shows while the statement
// runs.
func refusal(what string) string {
	return "error(" + textLiteral("notImplemented: "+what+" is not supported by the local BigQuery") + ")"
}

func requireGroupable(a *aggregate) {
	for i, ty := range a.types {
		if a.distinct && !ty.Is(googlesql.KindEnum) && !isGroupable(ty) {
			refuse("%s(DISTINCT %s)", strings.ToUpper(a.name), ty)
		}
		if a.distinct {
			a.args[i] = grouped(ty, a.args[i])
		}
	}
}

// ordersItself are the aggregates whose result depends on the order of rows.
var ordersItself = map[string]bool{"array_agg": true, "string_agg": true, "array_concat_agg": true}

// handlesNulls are those that may be told what to do with NULLs.
var handlesNulls = map[string]bool{"array_agg": true, "percentile_cont": true, "percentile_disc": true, "approx_quantiles": true}

// nullsAnyway are those for which IGNORE NULLS is what they do anyway.
var nullsAnyway = map[string]bool{
	"count": true, "sum": true, "avg": true, "min": true, "max": true, "any_value": true, "string_agg": true, "array_concat_agg": true,
	"logical_and": true, "logical_or": true, "bit_and": true, "bit_or": true, "bit_xor": true, "countif": true,
}

func checkNulls(name string, n googlesql.Nulls) {
	if n == googlesql.NullsDefault || handlesNulls[name] || n == googlesql.NullsIgnore && nullsAnyway[name] {
		return
	}
	refuse("IGNORE or RESPECT NULLS with %s", strings.ToUpper(name))
}

// aggregateArgs translates arguments; a mode is read where it matters.
func (t *translator) aggregateArgs(list []googlesql.Expr) []string {
	out := make([]string, len(list))
	for i, e := range list {
		if !e.Type().Is(googlesql.KindEnum) {
			out[i] = t.expr(e)
		}
	}
	return out
}

// aggCall translates an aggregate function call. having is what HAVING MAX or
// HAVING MIN within it has been turned into, or empty.
func (t *translator) aggCall(c *googlesql.AggCall, having string) *aggregate {
	a := &aggregate{name: c.Name, args: t.aggregateArgs(c.Args), exprs: c.Args, distinct: c.Distinct, nulls: c.Nulls, limit: -1, t: c.T}
	if len(c.OrderBy) > 0 {
		a.order = " ORDER BY " + t.orderBy(c.OrderBy)
	}
	if c.Limit != nil {
		a.limit = t.count(c.Limit, "LIMIT")
	}
	if c.Where != nil {
		a.filter = "(" + t.expr(c.Where) + ")"
	}
	if having != "" {
		a.filter = strings.TrimPrefix(a.filter+" AND "+having, " AND ")
	}
	checkNulls(c.Name, c.Nulls)
	if (a.order != "" || a.limit >= 0) && !ordersItself[c.Name] {
		refuse("ORDER BY or LIMIT within %s", strings.ToUpper(c.Name))
	}
	return a
}

// aggregate writes the call, after which a.post says what is left to do.
func (t *translator) aggregate(a *aggregate) string {
	kinds := make([]googlesql.Kind, len(a.exprs))
	for i, x := range a.exprs {
		if !x.Type().Is(googlesql.KindEnum) {
			checkType(x.Type())
		}
		kinds[i] = x.Type().Kind
		a.types = append(a.types, x.Type())
	}
	checkType(a.t)
	f, ok := lookup(aggregates, a.name, kinds)
	if !ok {
		refuse("%s", describe(a.name, a.exprs))
	}
	requireGroupable(a)
	return f(t, a)
}
