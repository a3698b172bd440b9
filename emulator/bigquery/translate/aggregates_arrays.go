package translate

import (
	"fmt"

	"researchhub.example/hub/shared/googlesql"
)

var arrayAggregates = []entry[aggregateFunc]{
	{"array_agg", "*", arrayAgg},
	{"array_concat_agg", "a", arrayConcatAgg},
	{"string_agg", "s|ss", stringAgg},
	{"string_agg", "x|xx", bytesAgg},
}

// slice keeps the first elements of a list. LIMIT 0 must have been seen to: it
// leaves no rows, of which GoogleSQL makes NULL.
func (a *aggregate) slice(list string) string {
	if a.limit < 0 {
		return list
	}
	return fmt.Sprintf("list_slice(%s, 1, %d)", list, a.limit)
}

// notNull is the condition that an argument is not NULL. A STRUCT is asked for
// as a whole, as DuckDB does.
func notNull(arg string) string { return "(" + arg + ") IS NOT NULL" }

func arrayAgg(_ *translator, a *aggregate) string {
	if a.t.Elem.Is(googlesql.KindArray) {
		refuse("an array of arrays")
	}
	if a.limit == 0 {
		return "CAST(NULL AS " + typeName(a.t) + ")"
	}
	also := ""
	if a.nulls == googlesql.NullsIgnore {
		also = notNull(a.args[0])
	}
	return a.slice(a.applyWhere(also, "list", a.args[0]))
}

// arrayConcatAgg leaves out NULL arrays; LIMIT counts arrays, not elements.
func arrayConcatAgg(_ *translator, a *aggregate) string {
	if a.limit == 0 {
		return "CAST(NULL AS " + typeName(a.t) + ")"
	}
	return "flatten(" + a.slice(a.applyWhere(notNull(a.args[0]), "list", a.args[0])) + ")"
}

// delimiter reads STRING_AGG's second argument, which GoogleSQL wants constant.
func (t *translator) delimiter(a *aggregate, comma googlesql.Value) string {
	if len(a.exprs) == 1 {
		return literal(comma)
	}
	v, ok := t.constant(a.exprs[1])
	if !ok || v.IsNull() {
		refuse("STRING_AGG by a delimiter that is NULL or no constant")
	}
	return literal(v)
}

func stringAgg(t *translator, a *aggregate) string {
	delim := t.delimiter(a, googlesql.Value{Type: googlesql.String, V: ","})
	if a.limit == 0 {
		return "CAST(NULL AS VARCHAR)"
	}
	list := a.applyWhere(notNull(a.args[0]), "list", a.args[0])
	return "array_to_string(" + a.slice(list) + ", " + delim + ")"
}

func bytesAgg(t *translator, a *aggregate) string {
	delim := t.delimiter(a, googlesql.Value{Type: googlesql.Bytes, V: []byte(",")})
	if a.limit == 0 {
		return "CAST(NULL AS BLOB)"
	}
	list := a.applyWhere(notNull(a.args[0]), "list", a.args[0])
	return "hub_bytes_join(" + a.slice(list) + ", " + delim + ")"
}
