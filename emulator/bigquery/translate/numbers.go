package translate

import "researchhub.example/hub/shared/googlesql"

var numbers = join(errorFunctions, []entry[scalarFunc]{
	{"div", "ii", form("hub_idiv($1, $2)")}, {"mod", "ii", form("hub_imod($1, $2)")},
	{"abs", "i", form("hub_iabs($1)")}, {"abs", "f|n", form("abs($1)")},
	{"sign", "i", form("CAST(sign($1) AS BIGINT)")},
	{"round", "f", form("round($1)")}, {"round", "fi", form("hub_round($1, $2)")}, {"trunc", "f", form("trunc($1)")},
	{"floor", "f", form("floor($1)")}, {"ceil", "f", form("ceil($1)")},
	{"sqrt", "f", form("hub_sqrt($1)")}, {"exp", "f", form("hub_exp($1)")}, {"ln", "f", form("hub_ln($1)")},
	{"log10", "f", form("hub_log10($1)")}, {"pow", "ff", form("hub_pow($1, $2)")},
	{"is_nan", "f", form("isnan($1)")}, {"is_inf", "f", form("isinf($1)")},
	{"safe_divide", "ff", form("hub_safe_fdiv($1, $2)")},
	{"ieee_divide", "ff", form("($1 / $2)")},
	{"safe_add", "ii", safe("$1 + $2")}, {"safe_subtract", "ii", safe("$1 - $2")}, {"safe_multiply", "ii", safe("$1 * $2")},
	{"safe_negate", "i", safe("- $1")},
	{"least", "*+", typed(allComparable, extreme("least"))},
	{"greatest", "*+", typed(allComparable, extreme("greatest"))},
})

// safe is a SAFE_ function: NULL in place of an error of its own.
func safe(pattern string) scalarFunc {
	plain := form("(" + pattern + ")")
	return func(t *translator, c *googlesql.Call) string {
		for _, a := range c.Args {
			if !steady(a) {
				refuse("%s of an argument that may fail by itself", describe(c.Name, c.Args))
			}
		}
		return t.try(plain(t, c))
	}
}
