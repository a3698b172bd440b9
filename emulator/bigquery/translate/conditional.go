package translate

import "researchhub.example/hub/shared/googlesql"

// conditionals are the calls of which some arguments may not be needed.
var conditionals = map[string]bool{
	"if": true, "ifnull": true, "coalesce": true, "nullif": true, "$case_no_value": true, "$case_with_value": true,
	"$and": true, "$or": true,
}

// noteConditional notes an aggregate that stands in a conditional: GoogleSQL
// does not let it fail where its value is not needed, DuckDB computes it first.
// As long as nothing fails both agree; see Statement.Uncertain.
func (t *translator) noteConditional(c *googlesql.Call) {
	if !conditionals[c.Name] || len(t.aggregated) == 0 {
		return
	}
	for _, a := range c.Args[min(1, len(c.Args)):] {
		if t.refersToAggregate(a) {
			t.uncertain = true
		}
	}
}

func (t *translator) refersToAggregate(e googlesql.Expr) bool {
	switch e := e.(type) {
	case *googlesql.ColRef:
		return t.aggregated[e.Col.ID]
	case *googlesql.Cast:
		return t.refersToAggregate(e.Expr)
	case *googlesql.GetField:
		return t.refersToAggregate(e.Expr)
	case *googlesql.Call:
		for _, a := range e.Args {
			if t.refersToAggregate(a) {
				return true
			}
		}
	case *googlesql.MakeStruct:
		for _, a := range e.Fields {
			if t.refersToAggregate(a) {
				return true
			}
		}
	}
	return false
}
