package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// jsonCalls are the functions of JSON. The extraction functions take JSON or a
// JSON-formatted STRING, and JSONPaths of one of two styles.
var jsonCalls = join(
	jsonExtraction("json_query", "query", "_std", false), jsonExtraction("json_extract", "query", "_old", false),
	jsonExtraction("json_value", "value", "_std", true), jsonExtraction("json_extract_scalar", "value", "_old", true),
	jsonExtraction("json_query_array", "query_array", "_std", true), jsonExtraction("json_extract_array", "query_array", "_old", true),
	jsonExtraction("json_value_array", "value_array", "_std", true), jsonExtraction("json_extract_string_array", "value_array", "_old", true),
	[]entry[scalarFunc]{
		{"$json_field", "js", gofn("hub_json_field")},
		{"$subscript", "js", gofn("hub_json_field")}, {"$subscript", "ji", gofn("hub_json_element")},
		{"parse_json", "ss", gofn("hub_json_parse")},
		{"json_type", "j", gofn("hub_json_type")},
		{"json_keys", "jis", gofn("hub_json_keys")},
		{"json_contains", "jj", gofn("hub_json_contains")},
		{"json_flatten", "j", gofn("hub_json_flatten")},

		{"bool", "j", gofn("hub_json_bool")}, {"bool_array", "j", gofn("hub_json_bool_array")},
		{"int64", "j", gofn("hub_json_int64")}, {"int64_array", "j", gofn("hub_json_int64_array")},
		{"float64", "js", gofn("hub_json_float64")}, {"float64_array", "js", gofn("hub_json_float64_array")},
		{"double", "js", gofn("hub_json_float64")}, {"double_array", "js", gofn("hub_json_float64_array")},
		{"string", "j", gofn("hub_json_string")}, {"string_array", "j", gofn("hub_json_string_array")},
		{"lax_bool", "j", gofn("hub_json_lax_bool")}, {"lax_bool_array", "j", gofn("hub_json_lax_bool_array")},
		{"lax_int64", "j", gofn("hub_json_lax_int64")}, {"lax_int64_array", "j", gofn("hub_json_lax_int64_array")},
		{"lax_float64", "j", gofn("hub_json_lax_float64")}, {"lax_float64_array", "j", gofn("hub_json_lax_float64_array")},
		{"lax_double", "j", gofn("hub_json_lax_float64")}, {"lax_double_array", "j", gofn("hub_json_lax_float64_array")},
		{"lax_string", "j", gofn("hub_json_lax_string")}, {"lax_string_array", "j", gofn("hub_json_lax_string_array")},

		{"to_json", "*b", toJSON}, {"safe_to_json", "*", toJSON},
		{"to_json_string", "*", toJSONString}, {"to_json_string", "*b", toJSONString},
		{"json_array", "", jsonArray}, {"json_array", "*+", jsonArray},
		{"json_object", "", jsonObject}, {"json_object", "aa", jsonObjectOfArrays}, {"json_object", "s*+", jsonObject},
		{"json_set", "js*+", jsonMutator("hub_json_set", false)},
		{"json_array_append", "js*+", jsonMutator("hub_json_array_append", true)},
		{"json_array_insert", "js*+", jsonMutator("hub_json_array_insert", true)},
		{"json_remove", "js+", jsonRemove},
		{"json_strip_nulls", "jsbb", gofn("hub_json_strip_nulls")},

		{"$equal", "jj", jsonByKey("($1 = $2)")}, {"$not_equal", "jj", jsonByKey("($1 <> $2)")},
		{"$less", "jj", jsonByKey("($1 < $2)")}, {"$less_or_equal", "jj", jsonByKey("($1 <= $2)")},
		{"$greater", "jj", jsonByKey("($1 > $2)")}, {"$greater_or_equal", "jj", jsonByKey("($1 >= $2)")},
		{"$between", "jjj", jsonByKey("($1 BETWEEN $2 AND $3)")},
		{"$is_distinct_from", "jj", jsonByKey("($1 IS DISTINCT FROM $2)")},
		{"$is_not_distinct_from", "jj", jsonByKey("($1 IS NOT DISTINCT FROM $2)")},
		{"$in", "j+", func(t *translator, c *googlesql.Call) string {
			args := jsonKeysOf(t.exprs(c.Args))
			return "(" + args[0] + " IN (" + strings.Join(args[1:], ", ") + "))"
		}},
	},
)

// jsonExtraction gives the entries of an extraction function, whose JSONPath may be
// missing where optional says so.
func jsonExtraction(name, fn, style string, optional bool) []entry[scalarFunc] {
	list := []entry[scalarFunc]{
		{name, "js", gofn("hub_json_" + fn + style)},
		{name, "ss", gofn("hub_jsontext_" + fn + style)},
	}
	if !optional {
		return list
	}
	whole := func(fn string) scalarFunc {
		return func(t *translator, c *googlesql.Call) string {
			return t.goCall(c, fn, t.expr(c.Args[0]), "'$'")
		}
	}
	return append(list,
		entry[scalarFunc]{name, "j", whole("hub_json_" + fn + style)},
		entry[scalarFunc]{name, "s", whole("hub_jsontext_" + fn + style)})
}

// jsonByKey compares JSON values by their sort keys.
func jsonByKey(pattern string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return fill(pattern, jsonKeysOf(t.exprs(c.Args)))
	}
}

func jsonKeysOf(args []string) []string {
	for i, a := range args {
		args[i] = jsonKey(a)
	}
	return args
}

// jsonKey is what orders and tells apart JSON values.
func jsonKey(x string) string { return "hub_json_key(" + x + ")" }

// jsonTexts writes a list of strings.
func jsonTexts(list []string) string {
	return "CAST([" + strings.Join(list, ", ") + "] AS VARCHAR[])"
}

func jsonRemove(t *translator, c *googlesql.Call) string {
	args := t.exprs(c.Args)
	return t.goCall(c, "hub_json_remove", args[0], jsonTexts(args[1:]))
}

// jsonMutator writes a mutator of pairs of a JSONPath and a value, which become lists
// of JSONPaths and of JSON. each marks the values that are arrays.
func jsonMutator(fn string, each bool) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		n := len(c.Args)
		if n < 4 || n%2 != 0 {
			refuse("%s", describe(c.Name, c.Args))
		}
		enc := newJSONEncoder(t, c)
		var paths, values []string
		marks := make([]byte, 0, n/2)
		for i := 1; i+1 < n-1; i += 2 {
			if !c.Args[i].Type().Is(googlesql.KindString) {
				refuse("%s", describe(c.Name, c.Args))
			}
			paths = append(paths, t.expr(c.Args[i]))
			values = append(values, enc.expr(c.Args[i+1]))
			mark := byte('-')
			if c.Args[i+1].Type().Is(googlesql.KindArray) {
				mark = 'e'
			}
			marks = append(marks, mark)
		}
		args := []string{t.expr(c.Args[0]), jsonTexts(paths), jsonTexts(values), t.expr(c.Args[n-1])}
		if each {
			args = append(args, "'"+string(marks)+"'")
		}
		return t.goCall(c, fn, args...)
	}
}
