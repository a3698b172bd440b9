package translate

import "researchhub.example/hub/shared/googlesql"

// divided is DIV or MOD of INT64: DuckDB's own operator, which is a fraction of a
// call's cost and truncates alike, where the divisor is a constant that cannot
// fail; otherwise the function that checks.
func divided(op, fn string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		if v, ok := t.constant(c.Args[1]); ok {
			// A divisor of -1 overflows on the least INT64.
			if n, isInt := v.V.(int64); isInt && n != 0 && n != -1 {
				args := t.exprs(c.Args)
				t.sure(c)
				return "(" + args[0] + " " + op + " " + args[1] + ")"
			}
		}
		return form(fn+"($1, $2)")(t, c)
	}
}
