package googlesql

import (
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// binaryCollation is the name of the order of code points.
const binaryCollation = "binary"

// collation names the collation of an operation: empty for the order of code
// points. One of a struct's fields is not described.
func (c *converter) collation(list []*gsql.ResolvedCollation) string {
	name := ""
	for _, rc := range list {
		if must(rc.Empty()) {
			continue
		}
		if must(rc.NumChildren()) > 0 || name != "" && name != must(rc.CollationName()) {
			c.other("a collation within a structure")
			return ""
		}
		name = must(rc.CollationName())
	}
	if name == binaryCollation {
		return ""
	}
	return name
}

// collationName names the collation of an ordering, which must be a constant.
func (c *converter) collationName(e gsql.ResolvedExprNode) string {
	lit, _ := c.expr(e).(*Literal)
	if lit == nil || lit.Value.IsNull() {
		c.other("COLLATE by what is no constant")
		return ""
	}
	if name, _ := lit.Value.V.(string); name != binaryCollation {
		return name
	}
	return ""
}

// collates reports whether the statement can have collated values: no table's
// column has a collation, so it must say so.
func (c *converter) collates() bool { return strings.Contains(strings.ToLower(c.sql), "collat") }

// checkCollation notes a column with a collation. Calls say by which collation
// they compare it; grouping, sets and orderings do not.
func (c *converter) checkCollation(rc *gsql.ResolvedColumn) {
	if c.collates() && annotated(must(rc.TypeAnnotationMap())) {
		c.collated = true
	}
}

// comparesColumn notes a place that compares a column, or shows it to who would.
func (c *converter) comparesColumn(rc *gsql.ResolvedColumn) {
	if c.collates() && annotated(must(rc.TypeAnnotationMap())) {
		c.compares = true
	}
}

// settleCollation refuses a statement with a collated column in which something
// compares columns, whichever they are, without saying by which collation.
func (c *converter) settleCollation() {
	if c.collated && c.compares {
		c.other("a column with a collation")
	}
}

func annotated(m *gsql.AnnotationMap) bool { return m != nil && !must(m.Empty()) }

// neutral are the functions that do not compare texts.
var neutral = map[string]bool{
	"collate": true, "upper": true, "lower": true, "concat": true, "$concat_op": true, "substr": true, "length": true, "char_length": true,
	"byte_length": true, "if": true, "ifnull": true, "coalesce": true, "$case_no_value": true, "$is_null": true, "$make_array": true,
	"array_concat": true, "array_length": true, "format": true, "trim": true, "ltrim": true, "rtrim": true,
	"array_find": true, "array_find_all": true, "array_offset": true, "array_offsets": true, "array_filter": true, "array_transform": true,
}

// checkOperands refuses a function that has collated arguments and no collation,
// unless it is known not to compare.
func (c *converter) checkOperands(name string, args []gsql.ResolvedExprNode) {
	if neutral[name] || !c.collates() {
		return
	}
	for _, a := range args {
		if !isNilNode(a) && annotated(must(a.TypeAnnotationMap())) {
			c.other("a collated argument of " + strings.ToUpper(name))
		}
	}
}

// collationAnnotation is the analyzer's number for an annotation that is a
// collation.
const collationAnnotation = 1

// ownCollation is the collation of an expression's value; the analyzer does not
// say it of LIKE over a subquery.
func (c *converter) ownCollation(e gsql.ResolvedExprNode) string {
	if !c.collates() || isNilNode(e) {
		return ""
	}
	return c.annotation(must(e.TypeAnnotationMap()))
}

// columnCollation is the collation of a subquery's only column.
func (c *converter) columnCollation(n gsql.ResolvedScanNode) string {
	l, ok := n.(hasColumnList)
	if !c.collates() || !ok {
		return ""
	}
	cols := must(l.ColumnList())
	if len(cols) != 1 {
		c.compares = true
		return ""
	}
	return c.annotation(must(cols[0].TypeAnnotationMap()))
}

func (c *converter) annotation(m *gsql.AnnotationMap) string {
	if !annotated(m) {
		return ""
	}
	v := must(m.GetAnnotation(collationAnnotation))
	if v == nil || !must(v.HasStringValue()) {
		c.other("a collated operand of a subquery")
		return ""
	}
	if name := must(v.StringValue()); name != binaryCollation {
		return name
	}
	return ""
}

// merging are the aggregate functions that do not compare what they take.
var merging = map[string]bool{"array_agg": true, "array_concat_agg": true, "any_value": true, "count": true, "$count_star": true,
	"countif": true, "logical_and": true, "logical_or": true}
