package translate

import (
	"researchhub.example/hub/shared/googlesql"
)

// casts is the conversion from one type to another, by the letters of table.go.
// What is missing is refused.
var casts = map[string]string{
	"if": "CAST($1 AS DOUBLE)", "is": "CAST($1 AS VARCHAR)", "ib": "($1 <> 0)", "in": "CAST($1 AS DECIMAL(38,9))",
	"fi": "hub_f2i($1)", "fs": "hub_f2s($1)",
	"bi": "CAST($1 AS BIGINT)", "bs": "CAST($1 AS VARCHAR)",
	"si": "hub_s2i($1)", "sf": "hub_s2f($1)", "sb": "hub_s2b($1)", "sx": "encode($1)",
	"xs": "decode($1)",
	"ni": "CAST($1 AS BIGINT)", "nf": "CAST(CAST($1 AS VARCHAR) AS DOUBLE)",
	"ns": "regexp_replace(regexp_replace(CAST($1 AS VARCHAR), '0+$', ''), '[.]$', '')",
}

func (t *translator) cast(c *googlesql.Cast) string {
	from, to := c.Expr.Type(), c.T
	if out, ok := t.formattedDate(c); ok {
		return out
	}
	if c.Format != nil || c.TimeZone != nil || c.Params != "" {
		refuse("CAST with FORMAT, AT TIME ZONE or type parameters")
	}
	if v, ok := t.constant(c.Expr); ok && v.IsNull() {
		return literal(googlesql.Value{Type: to})
	}
	checkType(from)
	checkType(to)
	x := t.expr(c.Expr)
	if out, ok := t.dateCast(c, x); ok {
		return out
	}
	if sameShape(from, to) {
		return x
	}
	pattern, ok := casts[string(kindLetters[from.Kind])+string(kindLetters[to.Kind])]
	if !ok || kindLetters[from.Kind] == 0 || kindLetters[to.Kind] == 0 {
		refuse("CAST from %s to %s", from, to)
	}
	out := fill(pattern, []string{x})
	if c.Safe {
		if !steady(c.Expr) {
			refuse("SAFE_CAST of an expression that may fail by itself")
		}
		return t.try(out)
	}
	return out
}

// sameShape reports whether two types look the same in DuckDB (a STRUCT's field
// names do not show there).
func sameShape(a, b *googlesql.Type) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case googlesql.KindArray:
		return sameShape(a.Elem, b.Elem)
	case googlesql.KindStruct:
		if len(a.Fields) != len(b.Fields) {
			return false
		}
		for i := range a.Fields {
			if !sameShape(a.Fields[i].Type, b.Fields[i].Type) {
				return false
			}
		}
	}
	return true
}
