package seed

import (
	"cmp"
	"slices"
)

// parents is the hierarchy of the sample: each concept's nearest ancestors that are
// in the sample too. It follows SNOMED CT and RxNorm with the levels between left
// out, so that levels of separation here are those within the sample.
var parents = map[int64][]int64{
	4274025: {441840}, 437312: {441840},
	134057: {4274025}, 321588: {134057}, 4185932: {321588}, 4329847: {4185932}, 312327: {4329847}, 314666: {4329847},
	317576: {321588}, 44784217: {321588}, 313217: {44784217}, 4154290: {313217}, 316139: {321588}, 319835: {316139},
	316866: {134057}, 320128: {316866}, 381316: {134057}, 443454: {381316},
	320136: {4274025}, 317009: {320136}, 4051466: {317009}, 255573: {320136}, 255848: {320136},
	4181583: {320136}, 257011: {4181583}, 4112343: {257011}, 40481087: {4181583}, 256451: {320136}, 260139: {256451},
	201820: {4274025}, 201826: {201820}, 443732: {201826},
	376065: {443732}, 443729: {443732}, 443731: {443732, 198124}, 443733: {443732},
	198124: {4274025}, 46271022: {198124}, 443601: {46271022}, 443597: {46271022}, 443612: {46271022}, 443611: {46271022},
	432586: {4274025}, 440383: {432586}, 4152280: {440383}, 442077: {432586}, 4182210: {432586}, 378419: {4182210},
	73553: {4274025}, 80180: {73553}, 4079750: {80180}, 192671: {437312, 4274025},
	318800: {4274025}, 140673: {4274025}, 433736: {4274025}, 432867: {4274025},

	40164929: {1503297}, 1332419: {1332418}, 1545959: {1545958}, 1539411: {1539403}, 40163554: {1310149},
	19018935: {1326303}, 19059056: {1112807}, 19075601: {1322184}, 1118088: {1118084}, 40162359: {1124300},
	19019273: {1115008}, 19078461: {1177480}, 1127433: {1125315}, 1154615: {1154343}, 40169216: {1149380},
	40169281: {1149380, 1137529}, 1551192: {1551099}, 40174880: {1501700}, 40223768: {715997}, 19073183: {1713332},
}

// kinship is one row of CONCEPT_ANCESTOR.
type kinship struct {
	ancestor, descendant int64
	minLevels, maxLevels int64
}

// ancestors returns the closure of parents over the standard clinical concepts of
// the sample, each concept its own ancestor at level 0, sorted.
func ancestors() []kinship {
	var all []kinship
	for _, c := range sample {
		if c.standard != "S" || !clinical(c.domain) {
			continue
		}
		levels := map[int64]kinship{}
		climb(c.id, c.id, 0, levels)
		for _, k := range levels {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b kinship) int {
		return cmp.Or(cmp.Compare(a.ancestor, b.ancestor), cmp.Compare(a.descendant, b.descendant))
	})
	return all
}

// climb notes every way up from a concept; the sample is a few levels deep.
func climb(from, at, level int64, levels map[int64]kinship) {
	k, seen := levels[at]
	if !seen {
		k = kinship{at, from, level, level}
	}
	k.minLevels, k.maxLevels = min(k.minLevels, level), max(k.maxLevels, level)
	levels[at] = k
	for _, parent := range parents[at] {
		climb(from, parent, level+1, levels)
	}
}

func clinical(domain string) bool {
	return slices.Contains([]string{"Condition", "Drug", "Procedure", "Measurement", "Observation", "Visit"}, domain)
}

// ingredientsOf returns the ingredients of a drug; an ingredient is its own.
func ingredientsOf(drug int64) []int64 {
	if p, ok := parents[drug]; ok {
		return p
	}
	return []int64{drug}
}
