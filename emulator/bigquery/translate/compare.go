package translate

import (
	"fmt"
	"regexp"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// Equality of STRUCTs and ARRAYs is three-valued in GoogleSQL: a difference
// found anywhere makes it FALSE, else a NULL anywhere makes it NULL. DuckDB's =
// takes nested NULLs for equal, so the comparison is written out.

// isDeepComparable reports whether values of the type can be compared for
// equality by equal, STRUCTs and ARRAYs included.
func isDeepComparable(ty *googlesql.Type) bool {
	switch ty.Kind {
	case googlesql.KindStruct:
		for _, f := range ty.Fields {
			if !isDeepComparable(f.Type) {
				return false
			}
		}
		return len(ty.Fields) > 0
	case googlesql.KindArray:
		return isDeepComparable(ty.Elem)
	}
	return isComparable(ty)
}

// isEqualable is isDeepComparable, of INTERVALs too, which equal and less compare
// by their key.
func isEqualable(ty *googlesql.Type) bool {
	switch ty.Kind {
	case googlesql.KindInterval:
		return true
	case googlesql.KindStruct:
		for _, f := range ty.Fields {
			if !isEqualable(f.Type) {
				return false
			}
		}
		return len(ty.Fields) > 0
	case googlesql.KindArray:
		return isEqualable(ty.Elem)
	}
	return isComparable(ty)
}

// isNested reports whether the type is a STRUCT or an ARRAY.
func isNested(ty *googlesql.Type) bool { return ty.Is(googlesql.KindStruct, googlesql.KindArray) }

// plainEqual reports whether DuckDB's = means GoogleSQL's on the type.
func plainEqual(ty *googlesql.Type) bool {
	return isComparable(ty) && !ty.Is(googlesql.KindFloat64)
}

// refersOnly matches SQL that is cheap to repeat: a column, or a part of one.
var refersOnly = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*(\[[a-z0-9]+\])?$`)

// once writes body with args given names, so that each is computed once however
// often body repeats it. No argument's name may be used in a subquery of body.
func (t *translator) once(args []string, body func(names []string) string) string {
	plain := true
	for _, a := range args {
		plain = plain && refersOnly.MatchString(a)
	}
	if plain {
		return body(args)
	}
	v := t.alias("v")
	names, fields := make([]string, len(args)), make([]string, len(args))
	for i, a := range args {
		names[i] = fmt.Sprintf("%s.a%d", v, i)
		fields[i] = fmt.Sprintf("a%d := %s", i, a)
	}
	return "(list_transform([struct_pack(" + strings.Join(fields, ", ") + ")], lambda " + v + ": " + body(names) + "))[1]"
}

// equal writes a = b on a type that isDeepComparable.
func (t *translator) equal(ty *googlesql.Type, a, b string) string {
	switch {
	case ty.Is(googlesql.KindFloat64):
		return "hub_feq(" + a + ", " + b + ")"
	case ty.Is(googlesql.KindInterval):
		return "(" + intervalKey(a) + " = " + intervalKey(b) + ")"
	case !isNested(ty):
		return "(" + a + " = " + b + ")"
	}
	return t.once([]string{a, b}, func(n []string) string {
		if ty.Is(googlesql.KindStruct) {
			// The fields of a NULL STRUCT are NULL, which makes the whole NULL.
			parts := make([]string, len(ty.Fields))
			for i, f := range ty.Fields {
				parts[i] = t.equal(f.Type, field(n[0], i), field(n[1], i))
			}
			return "(" + strings.Join(parts, " AND ") + ")"
		}
		return "(CASE WHEN " + n[0] + " IS NULL OR " + n[1] + " IS NULL THEN NULL WHEN len(" + n[0] + ") <> len(" + n[1] +
			") THEN FALSE ELSE " + t.allOf(t.elementwise(ty.Elem, n[0], n[1])) + " END)"
	})
}

func field(of string, i int) string { return "struct_extract(" + of + ", '" + fieldName(i) + "')" }

// elementwise lists the equality of two arrays' elements, by place, over the
// shorter one's length.
func (t *translator) elementwise(elem *googlesql.Type, a, b string) string {
	i := t.alias("i")
	return "list_transform(range(1, least(len(" + a + "), len(" + b + ")) + 1), lambda " + i + ": " +
		t.equal(elem, a+"["+i+"]", b+"["+i+"]") + ")"
}

// allOf is the conjunction of a list of truth values, TRUE when it is empty or
// NULL; anyOf the disjunction.
func (t *translator) allOf(list string) string { return t.decided(list, "FALSE", "TRUE") }

func (t *translator) anyOf(list string) string { return t.decided(list, "TRUE", "FALSE") }

func (t *translator) decided(list, found, other string) string {
	return t.once([]string{list}, func(n []string) string {
		v := t.alias("b")
		return "(CASE WHEN list_contains(" + n[0] + ", " + found + ") THEN " + found +
			" WHEN len(list_filter(" + n[0] + ", lambda " + v + ": " + v + " IS NULL)) > 0 THEN NULL ELSE " + other + " END)"
	})
}

// less writes a < b: of arrays, at the first place where they differ, or by
// length where one begins with the other.
func (t *translator) less(ty *googlesql.Type, a, b string) string {
	switch {
	case ty.Is(googlesql.KindFloat64):
		return "hub_flt(" + a + ", " + b + ")"
	case ty.Is(googlesql.KindInterval):
		return "(" + intervalKey(a) + " < " + intervalKey(b) + ")"
	case isComparable(ty) && !ty.Is(googlesql.KindRange):
		return "(" + a + " < " + b + ")"
	case !ty.Is(googlesql.KindArray) || !isComparable(ty.Elem) || ty.Elem.Is(googlesql.KindRange):
		refuse("an order of %s", ty)
	}
	return t.once([]string{a, b}, func(n []string) string {
		i := t.alias("i")
		at := "list_filter(range(1, least(len(" + n[0] + "), len(" + n[1] + ")) + 1), lambda " + i + ": (" +
			t.equal(ty.Elem, n[0]+"["+i+"]", n[1]+"["+i+"]") + ") IS NOT TRUE)[1]"
		return "(CASE WHEN " + n[0] + " IS NULL OR " + n[1] + " IS NULL THEN NULL ELSE " +
			t.once([]string{at, n[0], n[1]}, func(m []string) string {
				p, x, y := m[0], m[1], m[2]
				x1, y1 := x+"["+p+"]", y+"["+p+"]"
				nan := ""
				if ty.Elem.Is(googlesql.KindFloat64) {
					nan = " WHEN isnan(" + x1 + ") OR isnan(" + y1 + ") THEN " + refuseLater("an order of arrays with NaN")
				}
				return "(CASE WHEN " + p + " IS NULL THEN len(" + x + ") < len(" + y + ")" + nan + " ELSE " + t.less(ty.Elem, x1, y1) + " END)"
			}) + " END)"
	})
}

// compare writes a comparison by its GoogleSQL name without the $.
func (t *translator) compare(op string, ty *googlesql.Type, a, b string) string {
	switch op {
	case "equal":
		return t.equal(ty, a, b)
	case "not_equal":
		return "(NOT " + t.equal(ty, a, b) + ")"
	case "less":
		return t.less(ty, a, b)
	case "greater":
		return t.less(ty, b, a)
	}
	if ty.Is(googlesql.KindFloat64) {
		if op == "greater_or_equal" {
			a, b = b, a
		}
		return "hub_fle(" + a + ", " + b + ")"
	}
	if op == "less_or_equal" {
		return "(NOT " + t.less(ty, b, a) + ")"
	}
	return "(NOT " + t.less(ty, a, b) + ")"
}

// deep is the entry of a comparison of STRUCTs or ARRAYs.
func deep(op string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		ty := c.Args[0].Type()
		if !isEqualable(ty) || !sameShape(ty, c.Args[1].Type()) {
			refuse("%s", describe(c.Name, c.Args))
		}
		args := t.exprs(c.Args)
		return t.compare(op, ty, args[0], args[1])
	}
}

// quantified is x op ANY|ALL UNNEST(array): over a NULL array as over an empty
// one.
func quantified(op string, all bool) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		ty := c.Args[0].Type()
		if !isEqualable(ty) || !c.Args[1].Type().Is(googlesql.KindArray) || !sameShape(ty, c.Args[1].Type().Elem) {
			refuse("%s", describe(c.Name, c.Args))
		}
		return t.once(t.exprs(c.Args), func(n []string) string {
			e := t.alias("e")
			list := "coalesce(list_transform(" + n[1] + ", lambda " + e + ": " + t.compare(op, ty, n[0], e) + "), CAST([] AS BOOLEAN[]))"
			if all {
				return t.allOf(list)
			}
			return t.anyOf(list)
		})
	}
}

// quantifiers are the quantified comparisons with an array.
func quantifiers() []entry[scalarFunc] {
	var out []entry[scalarFunc]
	for name, op := range map[string]string{
		"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_or_equal", "gt": "greater", "ge": "greater_or_equal",
	} {
		out = append(out, entry[scalarFunc]{"$" + name + "_any_array", "*a", quantified(op, false)},
			entry[scalarFunc]{"$" + name + "_all_array", "*a", quantified(op, true)})
	}
	return out
}

// inDeep is IN over a type that DuckDB's IN does not treat as GoogleSQL does.
func inDeep(t *translator, c *googlesql.Call) string {
	ty := c.Args[0].Type()
	for _, a := range c.Args {
		if !isDeepComparable(ty) || !sameShape(ty, a.Type()) {
			refuse("%s", describe(c.Name, c.Args))
		}
	}
	return t.once(t.exprs(c.Args), func(n []string) string {
		parts := make([]string, len(n)-1)
		for i, a := range n[1:] {
			parts[i] = t.equal(ty, n[0], a)
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	})
}

// betweenDeep is BETWEEN over ARRAYs.
func betweenDeep(t *translator, c *googlesql.Call) string {
	ty := c.Args[0].Type()
	return t.once(t.exprs(c.Args), func(n []string) string {
		return "(" + t.compare("greater_or_equal", ty, n[0], n[1]) + " AND " + t.compare("less_or_equal", ty, n[0], n[2]) + ")"
	})
}

// volatileCalls are the functions that give another value each time.
var volatileCalls = map[string]bool{"rand": true, "generate_uuid": true}

// isVolatile reports whether the expression may give another value each time it
// is computed, so that it must not be repeated.
func isVolatile(e googlesql.Expr) bool {
	switch e := e.(type) {
	case *googlesql.Call:
		if volatileCalls[e.Name] {
			return true
		}
		for _, a := range e.Args {
			if isVolatile(a) {
				return true
			}
		}
	case *googlesql.Cast:
		return isVolatile(e.Expr)
	case *googlesql.GetField:
		return isVolatile(e.Expr)
	case *googlesql.MakeStruct:
		for _, a := range e.Fields {
			if isVolatile(a) {
				return true
			}
		}
	}
	return false
}

// orderKey writes what DuckDB must order an array by: NULL elements before all
// values and NaN before all numbers, as GoogleSQL orders them; and JSON by its key.
func (t *translator) orderKey(ty *googlesql.Type, x string) string {
	if ty.Is(googlesql.KindJSON) {
		return jsonKey(x)
	}
	if !ty.Is(googlesql.KindArray) || !isComparable(ty.Elem) || ty.Elem.Is(googlesql.KindRange) {
		refuse("ORDER BY %s", ty)
	}
	e := t.alias("e")
	nan := ""
	if ty.Elem.Is(googlesql.KindFloat64) {
		nan = "n := NOT isnan(" + e + "), "
	}
	return "list_transform(" + x + ", lambda " + e + ": struct_pack(m := " + e + " IS NOT NULL, " + nan + "v := " + e + "))"
}
