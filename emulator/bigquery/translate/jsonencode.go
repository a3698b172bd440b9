package translate

import (
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// jsonEncoder writes SQL that makes JSON of a SQL value, by its type: each leaf
// by a function, arrays and structs around them.
type jsonEncoder struct {
	t *translator
	// text makes a JSON-formatted STRING, as TO_JSON_STRING does: with the fields'
	// order and equal names.
	text bool
	// numbers is what becomes of a NUMERIC that no JSON number equals: strict,
	// round or string.
	numbers string
	// wide makes strings of INT64s beyond those that a FLOAT64 holds.
	wide bool
	// safe uses the functions' safe forms: what cannot be made is NULL, and so is
	// all that holds it.
	safe bool
}

func newJSONEncoder(t *translator, c *googlesql.Call) *jsonEncoder {
	e := &jsonEncoder{t: t, numbers: "strict", safe: c.Safe}
	if t.params.RoundJSON {
		e.numbers = "round"
	}
	return e
}

func (e *jsonEncoder) call(fn string, args ...string) string {
	if e.safe {
		fn += duck.SafeSuffix
	}
	return fn + "(" + strings.Join(args, ", ") + ")"
}

// expr encodes an expression. An array or struct that is more than a name is
// bound to one, so that it is written and computed once.
func (e *jsonEncoder) expr(x googlesql.Expr) string {
	if s, ok := x.(*googlesql.MakeStruct); ok {
		checkType(s.T)
		values := make([]string, len(s.Fields))
		for i, f := range s.Fields {
			values[i] = e.expr(f)
		}
		return e.object(s.T, values)
	}
	sql := e.t.expr(x)
	if _, isColumn := x.(*googlesql.ColRef); isColumn || !x.Type().Is(googlesql.KindArray, googlesql.KindStruct, googlesql.KindRange) {
		return e.value(x.Type(), sql)
	}
	v := e.t.alias("v")
	return "list_transform([" + sql + "], lambda " + v + ": " + e.value(x.Type(), v) + ")[1]"
}

// value encodes a value of a type; x is written more than once.
func (e *jsonEncoder) value(ty *googlesql.Type, x string) string {
	switch ty.Kind {
	case googlesql.KindInt64:
		if e.wide || e.text {
			return e.call("hub_json_of_int64", x, "TRUE")
		}
		return e.call("hub_json_of_int64", x, "FALSE")
	case googlesql.KindFloat64:
		if e.text {
			return e.call("hub_json_of_float64", x, "'text'")
		}
		return e.call("hub_json_of_float64", x, "'json'")
	case googlesql.KindBool:
		return "coalesce(CAST(" + x + " AS VARCHAR), 'null')"
	case googlesql.KindNumeric, googlesql.KindBigNumeric:
		mode := e.numbers
		if e.text {
			mode = "text"
		}
		return e.call("hub_json_of_"+strings.ToLower(ty.Kind.String()), x, "'"+mode+"'")
	case googlesql.KindString:
		if e.text {
			return e.call("hub_jsontext_of_string", x)
		}
		return e.call("hub_json_of_string", x)
	case googlesql.KindBytes:
		return `coalesce('"' || to_base64(` + x + `) || '"', 'null')`
	case googlesql.KindDate:
		return e.call("hub_json_of_date", x)
	case googlesql.KindDatetime:
		return e.call("hub_json_of_datetime", x, "''")
	case googlesql.KindTimestamp:
		return e.call("hub_json_of_datetime", x, "'Z'")
	case googlesql.KindTime:
		return e.call("hub_json_of_time", x)
	case googlesql.KindInterval:
		return e.call("hub_json_of_interval", x)
	case googlesql.KindJSON:
		return "coalesce(" + x + ", 'null')"
	case googlesql.KindArray:
		v := e.t.alias("v")
		return "(CASE WHEN " + x + " IS NULL THEN 'null' ELSE " +
			e.call("hub_json_make_array", "list_transform("+x+", lambda "+v+": "+e.value(ty.Elem, v)+")") + " END)"
	case googlesql.KindRange:
		ends := googlesql.StructOf(googlesql.Field{Name: "start", Type: ty.Elem}, googlesql.Field{Name: "end", Type: ty.Elem})
		values := make([]string, 2)
		for i := range values {
			// Unbounded is NULL or infinite.
			end := "struct_extract(" + x + ", '" + fieldName(i) + "')"
			values[i] = e.value(ty.Elem, "(CASE WHEN isfinite("+end+") THEN "+end+" END)")
		}
		return "(CASE WHEN " + x + " IS NULL THEN 'null' ELSE " + e.object(ends, values) + " END)"
	case googlesql.KindStruct:
		values := make([]string, len(ty.Fields))
		for i, f := range ty.Fields {
			values[i] = e.value(f.Type, "struct_extract("+x+", '"+fieldName(i)+"')")
		}
		return "(CASE WHEN " + x + " IS NULL THEN 'null' ELSE " + e.object(ty, values) + " END)"
	}
	refuse("JSON of a value of type %s", ty)
	return ""
}

func (e *jsonEncoder) object(ty *googlesql.Type, values []string) string {
	keys := make([]string, len(ty.Fields))
	for i, f := range ty.Fields {
		keys[i] = textLiteral(f.Name)
	}
	fn := "hub_json_make_object"
	if e.text {
		fn = "hub_jsontext_make_object"
	}
	return e.call(fn, jsonTexts(keys), jsonTexts(values))
}

// toJSON is TO_JSON and SAFE_TO_JSON.
func toJSON(t *translator, c *googlesql.Call) string {
	e := newJSONEncoder(t, c)
	if len(c.Args) == 2 {
		wide, ok := t.constant(c.Args[1])
		if !ok || wide.IsNull() {
			refuse("TO_JSON with a stringify_wide_numbers that is no constant")
		}
		if wide.V == true {
			e.wide, e.numbers = true, "string"
		}
	} else if c.Args[0].Type().Has(googlesql.KindNumeric, googlesql.KindBigNumeric) {
		refuse("%s", describe(c.Name, c.Args))
	}
	if c.Safe {
		t.safeCall = c
	}
	return e.expr(c.Args[0])
}

// toJSONString is TO_JSON_STRING.
func toJSONString(t *translator, c *googlesql.Call) string {
	e := &jsonEncoder{t: t, text: true, safe: c.Safe}
	if c.Safe {
		t.safeCall = c
	}
	if len(c.Args) == 1 {
		return e.expr(c.Args[0])
	}
	if ty := c.Args[0].Type(); ty.Has(googlesql.KindJSON) && !ty.Is(googlesql.KindJSON) {
		refuse("TO_JSON_STRING with pretty_print of JSON within %s", ty)
	}
	return e.call("hub_json_pretty", e.expr(c.Args[0]), t.expr(c.Args[1]))
}

// jsonArray is JSON_ARRAY.
func jsonArray(t *translator, c *googlesql.Call) string {
	if len(c.Args) == 0 {
		return "'[]'"
	}
	e := newJSONEncoder(t, c)
	values := make([]string, len(c.Args))
	for i, a := range c.Args {
		values[i] = e.expr(a)
	}
	return t.goCall(c, "hub_json_make_array", jsonTexts(values))
}

// jsonObject is JSON_OBJECT of keys and values in turn.
func jsonObject(t *translator, c *googlesql.Call) string {
	if len(c.Args) == 0 {
		return "'{}'"
	}
	e := newJSONEncoder(t, c)
	var keys, values []string
	for i := 0; i+1 < len(c.Args); i += 2 {
		if !c.Args[i].Type().Is(googlesql.KindString) {
			refuse("%s", describe(c.Name, c.Args))
		}
		keys = append(keys, t.expr(c.Args[i]))
		values = append(values, e.expr(c.Args[i+1]))
	}
	return t.goCall(c, "hub_json_object", jsonTexts(keys), jsonTexts(values))
}

// jsonObjectOfArrays is JSON_OBJECT of an array of keys and one of values.
func jsonObjectOfArrays(t *translator, c *googlesql.Call) string {
	e := newJSONEncoder(t, c)
	v := t.alias("v")
	keys := t.expr(c.Args[0])
	values := "list_transform(" + t.expr(c.Args[1]) + ", lambda " + v + ": " + e.value(c.Args[1].Type().Elem, v) + ")"
	return t.goCall(c, "hub_json_object", keys, values)
}
