package translate

import (
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
	"researchhub.example/hub/shared/googlesql"
)

// jsonSettings are the assignments to the inside of one JSON value, as SQL.
type jsonSettings struct{ paths, values []string }

// changedJSON writes a JSON value x after assignments to its inside, which are
// all made at once.
func (d *dml) changedJSON(x string, list []setting) string {
	var j jsonSettings
	for _, s := range list {
		if len(s.fields) > 0 {
			refuse("this target of SET")
		}
		d.collectJSON(&j, quotedKeys(nil, s.keys), s.item)
	}
	return "hub_json_assign(" + x + ", [" + strings.Join(j.paths, ", ") + "], [" + strings.Join(j.values, ", ") + "])"
}

// quotedKeys adds keys, as JSON texts, to the steps of a path.
func quotedKeys(steps, keys []string) []string {
	for _, k := range keys {
		steps = append(steps, duck.Text(jsonvalue.Quote(k)))
	}
	return steps
}

func (d *dml) collectJSON(j *jsonSettings, steps []string, it *googlesql.UpdateItem) {
	if it.IsSet {
		j.paths = append(j.paths, "('[' || "+strings.Join(steps, " || ',' || ")+" || ']')")
		j.values = append(j.values, d.jsonSetValue(it.Value))
		return
	}
	if len(it.Deletes)+len(it.Updates)+len(it.Inserts) > 0 {
		refuse("a nested statement over a JSON value")
	}
	for _, e := range it.Elements {
		var step string
		switch t := e.Subscript.Type(); t.Kind {
		case googlesql.KindInt64:
			step = "CAST(" + d.expr(e.Subscript) + " AS VARCHAR)"
		case googlesql.KindString:
			step = "hub_json_of_string(" + d.expr(e.Subscript) + ")"
		default:
			refuse("a subscript of type %s", t)
		}
		_, _, keys := pathOf(e.Item.Target)
		d.collectJSON(j, quotedKeys(append(append([]string{}, steps...), step), keys), e.Item)
	}
}

// jsonSetValue writes the value of an assignment. The analyzer converts what is
// no JSON by TO_JSON, which makes a JSON null of NULL; an assignment of NULL
// removes instead.
func (d *dml) jsonSetValue(e googlesql.Expr) string {
	if e == nil {
		refuse("DEFAULT within a JSON value")
	}
	c, ok := e.(*googlesql.Call)
	if !ok || c.Name != "to_json" {
		return d.expr(e)
	}
	v, known := d.constant(c.Args[0])
	switch {
	case known && v.IsNull():
		return "CAST(NULL AS VARCHAR)"
	case known:
		return d.expr(e)
	}
	return "(CASE WHEN " + d.expr(c.Args[0]) + " IS NULL THEN " + fail(duck.RefusalMark+"setting a member of a JSON value to NULL that is no literal is not supported by the local BigQuery") +
		" ELSE " + d.expr(e) + " END)"
}
