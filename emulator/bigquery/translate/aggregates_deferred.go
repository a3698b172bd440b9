package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// late are the aggregates that can fail by themselves, as what they gather and
// what is made of it where it is used ($r).
var late = map[string]func(a *aggregate) (sql, then string){
	"sum i": func(a *aggregate) (string, string) { return a.apply("sum", a.args[0]), "CAST($r AS BIGINT)" },
	"sum f": func(a *aggregate) (string, string) {
		odd, sum, small := floatParts(a)
		return "struct_pack(o := " + odd + ", s := " + sum + ", m := " + small + ")", "hub_float_sum(($r).o, ($r).s, ($r).m)"
	},
	"sum n": numericLate("hub_numeric_sum"), "avg n": numericLate("hub_numeric_avg"),
}

func numericLate(fn string) func(a *aggregate) (string, string) {
	return func(a *aggregate) (string, string) {
		whole, broken, n := numericParts(a)
		return "struct_pack(w := " + whole + ", b := " + broken + ", n := " + n + ")", fn + "(($r).w, ($r).b, ($r).n)"
	}
}

// cannotFail are the aggregates, by name alone or with their arguments' types,
// that fail only where their arguments do.
var cannotFail = map[string]bool{
	"$count_star": true, "count": true, "countif": true, "any_value": true, "logical_and": true, "logical_or": true,
	"approx_count_distinct": true, "min": true, "max": true, "array_agg": true, "string_agg": true,
	"array_concat_agg": true, "avg i": true, "avg f": true, "bit_and i": true, "bit_or i": true, "bit_xor i": true,
}

// deferred is an aggregate that must not fail where its value is not needed: its
// column is NULL when it failed, and otherwise a STRUCT of what then makes the
// value of.
type deferred struct {
	sql, then string
}

// guardColumn makes the arguments of an aggregate a column that is NULL in the rows in
// which they fail; ok is false when it cannot be done.
func (t *translator) guardColumn(c *googlesql.AggCall) (column string, ok bool) {
	if c.HavingMax != nil || c.HavingMin != nil || len(c.OrderBy) > 0 || c.Limit != nil || regroups(c) {
		return "", false
	}
	for _, x := range append([]googlesql.Expr{c.Where}, c.Args...) {
		if holdsSubquery(x) {
			return "", false
		}
	}
	where := "TRUE"
	if c.Where != nil {
		where = "(" + t.expr(c.Where) + ")"
	}
	fields := []string{"w := coalesce(" + where + ", FALSE)"}
	for i, x := range c.Args {
		if _, constant := t.constant(x); constant {
			fields = append(fields, argName(i)+" := "+t.expr(x))
			continue
		}
		fields = append(fields, argName(i)+" := CASE WHEN "+where+" THEN "+t.expr(x)+" END")
	}
	return t.try("struct_pack(" + strings.Join(fields, ", ") + ")"), true
}

func argName(i int) string { return "a" + string(rune('0'+i)) }

// deferredCall writes an aggregate over the column that guardColumn has made.
func (t *translator) deferredCall(c *googlesql.AggCall, column string) (*deferred, bool) {
	a := &aggregate{name: c.Name, exprs: c.Args, distinct: c.Distinct, nulls: c.Nulls, limit: -1, t: c.T, filter: "(" + column + ").w"}
	key := c.Name
	for i, x := range c.Args {
		a.args = append(a.args, "("+column+")."+argName(i))
		key += " " + string(kindLetters[x.Type().Kind])
	}
	var sql string
	then := "$r"
	if f, ok := late[key]; ok && !(c.Distinct && strings.HasSuffix(key, "n")) {
		checkType(c.T)
		sql, then = f(a)
	} else if cannotFail[c.Name] || cannotFail[key] {
		if sql = t.aggregate(a); a.post != "" {
			return nil, false
		}
	} else {
		return nil, false
	}
	return &deferred{"(CASE WHEN bool_or(" + column + " IS NULL) THEN NULL ELSE struct_pack(v := " + sql + ") END)", then}, true
}

// value refers to a deferred aggregate's value, which fails if it did.
func (d *deferred) value(ref string, ty *googlesql.Type) string {
	return "(CASE WHEN " + ref + " IS NULL THEN CAST(hub_error('an argument of an aggregate function is in error') AS " + typeName(ty) + ") ELSE " +
		strings.ReplaceAll(d.then, "$r", "("+ref+").v") + " END)"
}
