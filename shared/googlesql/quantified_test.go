package googlesql

import "testing"

func TestSpellQuantified(t *testing.T) {
	for in, want := range map[string]string{
		"SELECT 1 = ANY (1, f(2))":          "SELECT 1 = ANY  UNNEST([1, f(2)])",
		"SELECT 1 <= some(SELECT x FROM t)": "SELECT 1 <= some UNNEST(ARRAY(SELECT x FROM t))",
		"SELECT 1 != ALL (2 = ANY (3), 4)":  "SELECT 1 != ALL  UNNEST([2 = ANY  UNNEST([3]), 4])",
		"SELECT 1 < ALL UNNEST([1])":        "SELECT 1 < ALL UNNEST([1])",
		"SELECT x LIKE ANY ('a')":           "SELECT x LIKE ANY ('a')",
		"SELECT ALL (1)":                    "SELECT ALL (1)",
		"SELECT 1 = ANY ()":                 "SELECT 1 = ANY ()",
		"SELECT 1 = ANY ((SELECT 1))":       "SELECT 1 = ANY ((SELECT 1))",
		"SELECT '= ANY (1)' -- = ANY (1)\n": "SELECT '= ANY (1)' -- = ANY (1)\n",
	} {
		if got := spellQuantified(in); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}
