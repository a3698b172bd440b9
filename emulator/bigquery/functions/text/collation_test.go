package text

import "testing"

func TestCollation(t *testing.T) {
	less := func(a, b string) string {
		x, err := CollationOrder(a)
		if err != nil {
			return say(nil, err)
		}
		y, err := CollationOrder(b)
		return say(x < y, err)
	}
	equal := func(a, b string) string {
		x, err := CollationKey(a)
		if err != nil {
			return say(nil, err)
		}
		y, err := CollationKey(b)
		return say(x == y, err)
	}
	exact := func(a, b string) string {
		x, err := CollationExactOrder(a)
		if err != nil {
			return say(nil, err)
		}
		y, err := CollationExactOrder(b)
		return say(x < y, err)
	}
	check(t, []sayCase{
		{"small before capital", exact("a", "A"), "true"},
		{"letter before case", exact("A", "b"), "true"},
		{"later letter before case", exact("Ab", "aC"), "true"},
		{"first case that differs", exact("aA", "Aa"), "true"},
		{"shorter before case", exact("A", "aa"), "true"},
		{"exact beyond ASCII", exact("é", "e"), "refused"},
		{"exact", say(CollationExact("aA-")), "aA-"},
		{"equal but for case", equal("GooGle-1", "googlE-1"), "true"},
		{"not equal", equal("a_b", "a-b"), "false"},
		{"beyond ASCII", equal("é", "e"), "refused"},
		{"control character", equal("a\x01", "a"), "refused"},
		{"order but for case", less("a", "B"), "true"},
		{"order of what is equal", less("A", "a"), "false"},
		{"digits before letters", less("9", "a"), "true"},
		{"space first", less("a b", "a0"), "true"},
		{"shorter first", less("a", "ab"), "true"},
		{"order of punctuation", less("-", "_"), "refused"},
		{"like", say(CollationLike("GOO%")), "goo%"},
		{"like with _", say(CollationLike("a_")), "refused"},
		{"pattern with _", say(CollationPattern("a_")), "error"},
		{"pattern with an escaped _", say(CollationPattern(`a\_`)), "refused"},
		{"pattern", say(CollationPattern("A%")), "a%"},
		{"pattern of another collation", say(CollationUnknown("A%")), "refused"},
		{"pattern of another collation with _", say(CollationUnknown("_")), "error"},
	})
}
