package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

func stringsReplace(s, old, new string) string { return strings.ReplaceAll(s, old, new) }

var arrays = []entry[scalarFunc]{
	{"$make_array", "*+", makeArray}, {"$make_array", "", makeArray},
	{"array_length", "a", form("len($1)")},
	{"array_concat", "a+", func(t *translator, c *googlesql.Call) string {
		return "(" + strings.Join(t.exprs(c.Args), " || ") + ")"
	}},
	{"array_reverse", "a", form("list_reverse($1)")},
	{"$array_at_offset", "ai", at("($2 + 1)", "$2 >= 0 AND $2 < len($1)")},
	{"$array_at_ordinal", "ai", at("$2", "$2 >= 1 AND $2 <= len($1)")},
	{"$safe_array_at_offset", "ai", form("(CASE WHEN $2 >= 0 THEN list_extract($1, $2 + 1) END)")},
	{"$safe_array_at_ordinal", "ai", form("(CASE WHEN $2 >= 1 THEN list_extract($1, $2) END)")},
	{"array_to_string", "as", arrayToString},
	{"generate_array", "ii|iii", generateArray},
}

// makeArray is an array constructor. The type is said, as it may be empty.
func makeArray(t *translator, c *googlesql.Call) string {
	checkType(c.T)
	return "CAST([" + strings.Join(t.exprs(c.Args), ", ") + "] AS " + typeName(c.T) + ")"
}

// at reads an element, or fails when the place is outside.
func at(place, inside string) scalarFunc {
	return form("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN " + inside + " THEN list_extract($1, " + place +
		") ELSE error('Array index ' || CAST($2 AS VARCHAR) || ' is out of bounds') END)")
}

// arrayToString leaves out NULL elements, as DuckDB does.
func arrayToString(t *translator, c *googlesql.Call) string {
	if !c.Args[0].Type().Elem.Is(googlesql.KindString) {
		refuse("%s", describe(c.Name, c.Args))
	}
	args := t.exprs(c.Args)
	return "(CASE WHEN " + args[0] + " IS NULL OR " + args[1] + " IS NULL THEN NULL ELSE coalesce(array_to_string(" + args[0] + ", " + args[1] + "), '') END)"
}

func generateArray(t *translator, c *googlesql.Call) string {
	args := t.exprs(c.Args)
	if len(c.Args) == 3 {
		v, ok := t.constant(c.Args[2])
		if n, isInt := v.V.(int64); !ok || !isInt || n == 0 {
			refuse("GENERATE_ARRAY with a step that is zero, NULL or no constant")
		}
	}
	return "generate_series(" + strings.Join(args, ", ") + ")"
}
