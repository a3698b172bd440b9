package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var formats = []entry[scalarFunc]{
	{"format", "s", formatCall}, {"format", "s*+", formatCall},
}

// formatCall is FORMAT: the arguments go to the Go function in one text that
// says their types (functions/text.ReadValues).
func formatCall(t *translator, c *googlesql.Call) string {
	parts := []string{"''"}
	for _, a := range c.Args[1:] {
		parts = append(parts, t.described(a.Type(), t.expr(a), 0))
	}
	return t.goCall(c, "hub_format", t.expr(c.Args[0]), "("+strings.Join(parts, " || ")+")")
}

// described writes a value in the form that functions/text.ReadValues reads.
// depth keeps the lambdas' parameters apart.
func (t *translator) described(ty *googlesql.Type, x string, depth int) string {
	letter := kindLetters[ty.Kind]
	kind := string(letter)
	null := "'" + kind + "-'"
	v := "v" + strings.Repeat("_", depth+1)
	switch ty.Kind {
	case googlesql.KindArray:
		inner := t.described(ty.Elem, v, depth+1)
		return "(CASE WHEN " + x + " IS NULL THEN " + null + " ELSE '" + kind + "' || hub_sized(coalesce(array_to_string(list_transform(" +
			x + ", lambda " + v + ": " + inner + "), ''), '')) END)"
	case googlesql.KindStruct:
		parts := []string{"''"}
		for i, f := range ty.Fields {
			parts = append(parts, t.described(f.Type, "struct_extract("+v+", '"+fieldName(i)+"')", depth+1))
		}
		// The lambda gives the struct a name, so that its text stands here once.
		return "list_extract(list_transform([" + x + "], lambda " + v + ": CASE WHEN " + v + " IS NULL THEN " + null + " ELSE '" +
			kind + "' || hub_sized(" + strings.Join(parts, " || ") + ") END), 1)"
	case googlesql.KindString, googlesql.KindJSON:
		return "coalesce('" + kind + "' || hub_sized(" + x + "), " + null + ")"
	case googlesql.KindFloat64:
		return "coalesce('" + kind + "' || hub_sized(hub_f_signed(" + x + ")), " + null + ")"
	case googlesql.KindBytes:
		return "coalesce('" + kind + "' || hub_sized(hub_to_hex(" + x + ")), " + null + ")"
	}
	if letter == 0 || ty.Is(googlesql.KindRange, googlesql.KindEnum) {
		refuse("FORMAT of %s", ty)
	}
	text := t.cast(&googlesql.Cast{Expr: &written{x, ty}, T: googlesql.String})
	return "coalesce('" + kind + "' || hub_sized(" + text + "), " + null + ")"
}

// written is an expression that is in SQL already.
type written struct {
	sql string
	ty  *googlesql.Type
}

// Type implements googlesql.Expr.
func (w *written) Type() *googlesql.Type { return w.ty }
