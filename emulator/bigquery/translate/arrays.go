package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var arrays = []entry[scalarFunc]{
	{"$make_array", "*+", makeArray}, {"$make_array", "", makeArray},
	{"array_length", "a", form("len($1)")},
	{"array_concat", "a+", func(t *translator, c *googlesql.Call) string {
		return "(" + strings.Join(t.exprs(c.Args), " || ") + ")"
	}},
	{"array_reverse", "a", form("list_reverse($1)")},
	{"$array_at_offset", "ai", element(0, false)}, {"$array_at_ordinal", "ai", element(1, false)},
	{"$safe_array_at_offset", "ai", element(0, true)}, {"$safe_array_at_ordinal", "ai", element(1, true)},
	{"array_to_string", "as|ass|ax|axx", arrayToString},
	{"array_is_distinct", "a", isDistinct},
	{"generate_array", "ii", sequence("hub_generate_ints", "CAST(1 AS BIGINT)")}, {"generate_array", "iii", gofn("hub_generate_ints")},
	{"generate_array", "ff", sequence("hub_generate_floats", "CAST(1 AS DOUBLE)")}, {"generate_array", "fff", gofn("hub_generate_floats")},
	{"generate_array", "nn", sequence("hub_generate_numerics", "CAST(1 AS DECIMAL(38,9))")}, {"generate_array", "nnn", gofn("hub_generate_numerics")},
	{"generate_array", "gg|ggg", generateBigNumerics},
}

// makeArray is an array constructor. The type is said, as it may be empty.
func makeArray(t *translator, c *googlesql.Call) string {
	checkType(c.T)
	return "CAST([" + strings.Join(t.exprs(c.Args), ", ") + "] AS " + typeName(c.T) + ")"
}

// element reads an element by its place, counted from first; one outside is an
// error or, under SAFE_, NULL.
func element(first int, safe bool) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return t.once(t.exprs(c.Args), func(n []string) string {
			array, place := n[0], n[1]
			inside, at := place+" >= 1 AND "+place+" <= len("+array+")", place
			if first == 0 {
				inside, at = place+" >= 0 AND "+place+" < len("+array+")", "("+place+" + 1)"
			}
			found := "WHEN " + inside + " THEN list_extract(" + array + ", " + at + ")"
			if safe {
				return "(CASE " + found + " END)"
			}
			return "(CASE WHEN " + array + " IS NULL OR " + place + " IS NULL THEN NULL " + found +
				" ELSE CAST(hub_error('Array index ' || CAST(" + place + " AS VARCHAR) || ' is out of bounds') AS " + typeName(c.T) + ") END)"
		})
	}
}

// arrayToString is ARRAY_TO_STRING of STRINGs or BYTES.
func arrayToString(t *translator, c *googlesql.Call) string {
	name := "hub_array_join"
	switch {
	case c.Args[0].Type().Elem.Is(googlesql.KindString):
		name += "_text"
	case !c.Args[0].Type().Elem.Is(googlesql.KindBytes):
		refuse("%s", describe(c.Name, c.Args))
	}
	if len(c.Args) == 3 {
		name += "_nulls"
	}
	return t.goCall(c, name, t.exprs(c.Args)...)
}

// isDistinct tells whether an array repeats no element, where NULL and NaN are
// like themselves.
func isDistinct(t *translator, c *googlesql.Call) string {
	if !isDeepComparable(c.Args[0].Type().Elem) {
		refuse("%s", describe(c.Name, c.Args))
	}
	x, a := t.expr(c.Args[0]), t.alias("u")
	return "(SELECT CASE WHEN " + a + ".a IS NOT NULL THEN len(" + a + ".a) = (SELECT count(*) FROM (SELECT DISTINCT unnest(" + a + ".a) AS e)) END FROM (SELECT " + x + " AS a) AS " + a + ")"
}

// sequence is GENERATE_ARRAY without a step.
func sequence(name, step string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return t.goCall(c, name, append(t.exprs(c.Args), step)...)
	}
}

func generateBigNumerics(t *translator, c *googlesql.Call) string {
	step := literal(googlesql.Value{Type: googlesql.BigNumeric, V: "1"})
	if len(c.Args) == 3 {
		step = t.expr(c.Args[2])
	}
	return t.goCall(c, "hub_generate_bignumerics", t.expr(c.Args[0]), t.expr(c.Args[1]), step)
}
