package translate

import (
	"strings"

	"researchhub.example/hub/emulator/bigquery/functions/text"
	"researchhub.example/hub/shared/googlesql"
)

var likes = []entry[scalarFunc]{
	{"$like", "ss", like}, {"$like", "xx", textfn("like")},
	{"$like_any", "s+|x+", likeList("like_any")}, {"$like_all", "s+|x+", likeList("like_all")},
	{"$not_like_any", "s+|x+", likeList("not_like_any")}, {"$not_like_all", "s+|x+", likeList("not_like_all")},
	{"$like_any_array", "sa|xa", textfn("like_any")}, {"$like_all_array", "sa|xa", textfn("like_all")},
	{"$not_like_any_array", "sa|xa", textfn("not_like_any")}, {"$not_like_all_array", "sa|xa", textfn("not_like_all")},
}

// like is LIKE. By a constant pattern that is well formed it is DuckDB's, which
// reads it once for all rows; by any other one it is ours, because DuckDB
// reports a wrong pattern only when it comes to its end.
func like(t *translator, c *googlesql.Call) string {
	v, constant := t.constant(c.Args[1])
	if s, isText := v.V.(string); constant && isText && text.LikePattern(s, text.Chars) == nil {
		args := t.exprs(c.Args)
		return "(" + args[0] + " LIKE " + args[1] + ` ESCAPE '\')`
	}
	return textfn("like")(t, c)
}

// likeList is value LIKE ANY | ALL (pattern, ...).
func likeList(name string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		ty := c.Args[0].Type()
		list := "CAST([" + strings.Join(t.exprs(c.Args[1:]), ", ") + "] AS " + typeName(ty) + "[])"
		return t.goCall(c, textName(ty, name), t.expr(c.Args[0]), list)
	}
}

// likeSubqueries name the functions for LIKE over a subquery.
var likeSubqueries = map[googlesql.SubqueryKind]string{
	googlesql.SubqueryLikeAny: "like_any", googlesql.SubqueryLikeAll: "like_all",
	googlesql.SubqueryNotLikeAny: "not_like_any", googlesql.SubqueryNotLikeAll: "not_like_all",
}

// likeSubquery is value LIKE ANY | ALL (SELECT ...).
func (t *translator) likeSubquery(s *googlesql.Subquery, col *googlesql.Col) string {
	ty := s.In.Type()
	if !ty.Is(googlesql.KindString, googlesql.KindBytes) || !col.Type.Is(ty.Kind) {
		refuse("LIKE of %s over a subquery of %s", ty, col.Type)
	}
	in := t.expr(s.In)
	value, pattern := "$1", "$1"
	if s.Collation != "" {
		value, pattern = likeKeys(s.In, s.Collation)
	}
	list := "coalesce(ARRAY(" + t.scan(s.Scan).selectSQL(t.soleColumn(col)) + "), CAST([] AS " + typeName(ty) + "[]))"
	if pattern != "$1" {
		list = "list_transform(" + list + ", lambda k: " + fill(pattern, []string{"k"}) + ")"
	}
	return textName(ty, likeSubqueries[s.Kind]) + "(" + fill(value, []string{in}) + ", " + list + ")"
}

// textName is the name of the Go function for STRING or for BYTES.
func textName(ty *googlesql.Type, name string) string {
	if ty.Is(googlesql.KindBytes) {
		return "hub_bytes_" + name
	}
	return "hub_" + name
}
