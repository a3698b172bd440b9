package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// caseInsensitive is BigQuery's collation; the others are GoogleSQL's.
const caseInsensitive = "und:ci"

// keys are the forms of a text by which a collation compares, $1 being the text.
// They are known for ASCII, where English has the root's order.
type keys struct{ equality, order string }

var (
	anyCase = keys{"hub_collation_key($1)", "hub_collation_order($1)"}
	exact   = keys{"hub_collation_exact($1)", "hub_collation_exact_order($1)"}

	collationForms = map[string]keys{"und:ci": anyCase, "en_US:ci": anyCase, "und:cs": exact, "en_US:cs": exact, "en_US": exact}
)

func collationKeys(name string) keys {
	k, ok := collationForms[name]
	if !ok {
		refuse("the collation %s", name)
	}
	return k
}

// collations are COLLATE, whose value is its text.
var collations = []entry[scalarFunc]{{"collate", "ss", collate}}

// likeKeys are the forms of value and pattern by which LIKE compares. A pattern
// with _ is an error beside a value that is not NULL, whatever the collation.
func likeKeys(value googlesql.Expr, collation string) (string, string) {
	if c, ok := value.(*googlesql.Call); ok && c.Name == "collate" {
		value = c.Args[0]
	}
	lit, ok := value.(*googlesql.Literal)
	known := ok && !lit.Value.IsNull()
	switch {
	case collation == caseInsensitive && known:
		return "hub_collation_like($1)", "hub_collation_pattern($1)"
	case collation == caseInsensitive:
		return "hub_collation_like($1)", "hub_collation_like($1)"
	case !known:
		refuse("LIKE by the collation %s", collation)
	}
	return "$1", "hub_collation_unknown($1)"
}

// collate is COLLATE. How its value compares, the calls that compare it know.
func collate(t *translator, c *googlesql.Call) string {
	v, ok := t.constant(c.Args[1])
	switch name, _ := v.V.(string); {
	case !ok || v.IsNull():
		refuse("COLLATE by what is no constant")
	case name != "" && name != "binary":
		collationKeys(name)
	}
	return t.expr(c.Args[0])
}

// The kinds of comparison.
const (
	byLike     = "like"
	byEquality = "equality"
	byOrder    = "order"
)

// comparisonOf tells how a function compares; empty when it is not supported for
// collated texts.
func comparisonOf(name string) string {
	name = strings.TrimPrefix(name, "$")
	for _, quantifier := range []string{"_array", "_any", "_all"} {
		name = strings.TrimSuffix(name, quantifier)
	}
	switch name {
	case "like", "not_like":
		return byLike
	case "equal", "not_equal", "eq", "ne", "in", "is_distinct_from", "is_not_distinct_from", "case_with_value",
		"strpos", "instr", "starts_with", "ends_with": // a key has the places of its text
		return byEquality
	case "less", "less_or_equal", "greater", "greater_or_equal", "between", "lt", "le", "gt", "ge":
		return byOrder
	}
	return ""
}

// collated translates a call that compares texts by a collation: the same call
// over their keys.
func (t *translator) collated(c *googlesql.Call) string {
	var first, rest string
	switch comparisonOf(c.Name) {
	case byLike:
		first, rest = likeKeys(c.Args[0], c.Collation)
	case byEquality:
		first = collationKeys(c.Collation).equality
		rest = first
	case byOrder:
		first = collationKeys(c.Collation).order
		rest = first
	default:
		refuse("%s by the collation %s", describe(c.Name, c.Args), c.Collation)
	}
	over := &googlesql.Call{Name: c.Name, Safe: c.Safe, T: c.T}
	for i, a := range c.Args {
		key := rest
		if i == 0 {
			key = first
		}
		ty := a.Type()
		if c.Name == "$case_with_value" && i > 0 && (i%2 == 0 || i == len(c.Args)-1) || c.Name == "instr" && i > 1 {
			over.Args = append(over.Args, a)
			continue
		}
		if !ty.Is(googlesql.KindString) && !(ty.Is(googlesql.KindArray) && ty.Elem.Is(googlesql.KindString)) {
			refuse("%s by the collation %s", describe(c.Name, c.Args), c.Collation)
		}
		over.Args = append(over.Args, &keyed{a, key})
	}
	return t.call(over)
}

// keyed is an expression whose text, or whose elements, are compared by a key.
type keyed struct {
	googlesql.Expr
	key string
}

func (t *translator) keyed(k *keyed) string {
	x := t.expr(k.Expr)
	if k.Type().Is(googlesql.KindArray) {
		return "list_transform(" + x + ", lambda k: " + fill(k.key, []string{"k"}) + ")"
	}
	return fill(k.key, []string{x})
}
