package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// casts is the conversion from one type to another, by the letters of table.go:
// a pattern, or the name of a Go function. What is missing is refused.
var casts = map[string]string{
	"if": "CAST($1 AS DOUBLE)", "is": "CAST($1 AS VARCHAR)", "ib": "($1 <> 0)", "in": "CAST($1 AS DECIMAL(38,9))", "ig": "hub_g_from_i",
	"fi": "hub_f_to_i", "fs": "hub_f_to_s", "fn": "hub_n_from_f", "fg": "hub_g_from_f",
	"bi": "CAST($1 AS BIGINT)", "bs": "CAST($1 AS VARCHAR)",
	"si": "hub_s_to_i", "sf": "hub_s_to_f", "sb": "hub_s_to_b", "sn": "hub_n_parse", "sg": "hub_g_parse",
	"sx": "encode($1)", "xs": "decode($1)",
	"ni": "hub_n_to_i", "nf": "hub_n_to_f", "ns": "hub_n_to_s", "ng": "hub_n2g",
	"gi": "hub_g_to_i", "gf": "hub_g_to_f", "gs": "hub_g_to_s", "gn": "hub_g2n",
}

// sureCasts are the conversions that no value makes fail.
var sureCasts = map[string]bool{
	"if": true, "is": true, "ib": true, "in": true, "ig": true, "bi": true, "bs": true, "fs": true, "sx": true,
	"nf": true, "ns": true, "ng": true, "gf": true, "gs": true, "ds": true,
}

func (t *translator) cast(c *googlesql.Cast) string {
	from, to := c.Expr.Type(), c.T
	if out, ok := t.formattedDate(c); ok {
		return out
	}
	if c.Format != nil || c.TimeZone != nil {
		refuse("CAST with FORMAT or AT TIME ZONE")
	}
	if v, ok := t.constant(c.Expr); ok && v.IsNull() {
		return literal(googlesql.Value{Type: to})
	}
	checkType(from)
	checkType(to)
	if c.Safe && !t.sureCast(from, to, c.Params) && (to.Is(googlesql.KindArray, googlesql.KindStruct)) {
		refuse("SAFE_CAST from %s to %s", from, to)
	}
	if sameShape(from, to) && c.Params == nil {
		return t.expr(c.Expr)
	}
	return t.castValue(c, c.Params)
}

// castValue converts a value, an array by its elements and a STRUCT by its
// fields.
func (t *translator) castValue(c *googlesql.Cast, p *googlesql.TypeParams) string {
	from, to := c.Expr.Type(), c.T
	x := t.expr(c.Expr)
	switch {
	case from.Is(googlesql.KindArray) && to.Is(googlesql.KindArray):
		e := t.alias("e")
		return "list_transform(" + x + ", lambda " + e + ": " + t.castPart(from.Elem, to.Elem, e, p.Child(0)) + ")"
	case from.Is(googlesql.KindStruct) && to.Is(googlesql.KindStruct) && len(from.Fields) == len(to.Fields):
		s := t.alias("s")
		fields := make([]string, len(to.Fields))
		for i, f := range to.Fields {
			part := "struct_extract(" + s + ", '" + fieldName(i) + "')"
			fields[i] = fieldName(i) + " := " + t.castPart(from.Fields[i].Type, f.Type, part, p.Child(i))
		}
		return "list_transform([" + x + "], lambda " + s + ": CASE WHEN " + s + " IS NULL THEN NULL ELSE struct_pack(" +
			strings.Join(fields, ", ") + ") END)[1]"
	}
	out := x
	if !sameShape(from, to) {
		out = t.castScalar(c, x)
	}
	if p != nil {
		out = fitParams(to, p, out, c.Safe)
	}
	return out
}

// castPart converts an element or a field, whose value has been written.
func (t *translator) castPart(from, to *googlesql.Type, x string, p *googlesql.TypeParams) string {
	if sameShape(from, to) && p == nil {
		return x
	}
	t.boundArgs++
	col := &googlesql.Col{ID: boundIDs - t.boundArgs, Type: from}
	t.refs[col.ID] = x
	return t.castValue(&googlesql.Cast{Expr: &googlesql.ColRef{Col: col}, T: to}, p)
}

// castScalar converts x, which is c's argument. Under SAFE_CAST only the
// conversion itself may give NULL for an error.
func (t *translator) castScalar(c *googlesql.Cast, x string) string {
	if out, ok := t.dateCast(c, x); ok {
		return out
	}
	from, to := c.Expr.Type(), c.T
	key := castKey(from, to)
	pattern, ok := casts[key]
	if !ok {
		refuse("CAST from %s to %s", from, to)
	}
	if !strings.Contains(pattern, "$") {
		if c.Safe {
			pattern += duck.SafeSuffix
		}
		return pattern + "(" + x + ")"
	}
	if !c.Safe || sureCasts[key] {
		return fill(pattern, []string{x})
	}
	if t.steady(c.Expr) {
		return t.try(fill(pattern, []string{x}))
	}
	v := t.alias("v")
	return "list_transform([" + x + "], lambda " + v + ": " + t.try(fill(pattern, []string{v})) + ")[1]"
}

func castKey(from, to *googlesql.Type) string {
	if kindLetters[from.Kind] == 0 || kindLetters[to.Kind] == 0 {
		return ""
	}
	return string(kindLetters[from.Kind]) + string(kindLetters[to.Kind])
}

// sureCast tells that a conversion cannot fail for any value.
func (t *translator) sureCast(from, to *googlesql.Type, p *googlesql.TypeParams) bool {
	switch {
	case p != nil || from.Kind == to.Kind && from.Is(googlesql.KindStruct) && len(from.Fields) != len(to.Fields):
		return false
	case sameShape(from, to):
		return true
	case from.Is(googlesql.KindArray) && to.Is(googlesql.KindArray):
		return t.sureCast(from.Elem, to.Elem, nil)
	case from.Is(googlesql.KindStruct) && to.Is(googlesql.KindStruct):
		for i := range from.Fields {
			if !t.sureCast(from.Fields[i].Type, to.Fields[i].Type, nil) {
				return false
			}
		}
		return true
	}
	return sureCasts[castKey(from, to)]
}

// fitParams holds a converted value to the parameters of its type, as
// STRING(10) or NUMERIC(10, 2): a text that is too long is an error, a number is
// rounded to the scale and is an error when it has too many digits.
func fitParams(to *googlesql.Type, p *googlesql.TypeParams, x string, safe bool) string {
	suffix := ""
	if safe {
		suffix = duck.SafeSuffix
	}
	switch {
	case to.Is(googlesql.KindNumeric) && p.Precision > 0:
		return fmt.Sprintf("hub_n_fit%s(%s, CAST(%d AS BIGINT), CAST(%d AS BIGINT))", suffix, x, p.Precision, p.Scale)
	case to.Is(googlesql.KindBigNumeric) && p.Precision > 0:
		return fmt.Sprintf("hub_g_fit%s(%s, CAST(%d AS BIGINT), CAST(%d AS BIGINT))", suffix, x, p.Precision, p.Scale)
	case to.Is(googlesql.KindString) && p.MaxLength > 0:
		return fmt.Sprintf("hub_s_fit%s(%s, CAST(%d AS BIGINT))", suffix, x, p.MaxLength)
	case to.Is(googlesql.KindBytes) && p.MaxLength > 0:
		return fmt.Sprintf("hub_x_fit%s(%s, CAST(%d AS BIGINT))", suffix, x, p.MaxLength)
	}
	refuse("CAST to %s with parameters", to)
	return ""
}

// sameShape reports whether two types look the same in DuckDB (a STRUCT's field
// names do not show there).
func sameShape(a, b *googlesql.Type) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case googlesql.KindArray, googlesql.KindRange:
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
