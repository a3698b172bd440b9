package directory

import (
	"cmp"
	"slices"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/project"
)

// maxFacetValues bounds the values shown of one facet, those chosen aside.
const maxFacetValues = 50

// facetValue is one value of a facet.
type facetValue struct {
	Value    string `json:"value"`
	Label    string `json:"label"`
	Projects int    `json:"projects" doc:"How many projects have it that pass the text and all other facets."`
	Chosen   bool   `json:"chosen,omitempty"`
}

// facetView is every facet with its counts. A facet's counts leave out what is
// chosen of the facet itself, so that they say what choosing more would add.
type facetView struct {
	Tier        []facetValue `json:"tier"`
	Kind        []facetValue `json:"kind"`
	Population  []facetValue `json:"population"`
	Institution []facetValue `json:"institution" doc:"The 50 with the most projects, and those chosen."`
	Year        []facetValue `json:"year"`
}

// tierChoices are the tiers that projects have.
func tierChoices() []project.Choice {
	return []project.Choice{{Code: string(access.Registered), Label: "Registered Tier"}, {Code: string(access.Controlled), Label: "Controlled Tier"}}
}

// facetView gives the facets by their counts.
func (x *index) facetView(counts [facetCount][]int, chosen [facetCount][]string) facetView {
	most := func(a, b facetValue) int {
		return cmp.Or(cmp.Compare(b.Projects, a.Projects), cmp.Compare(a.Label, b.Label))
	}
	latest := func(a, b facetValue) int { return cmp.Compare(b.Value, a.Value) }
	show := func(facet int, labels []project.Choice, order func(a, b facetValue) int) []facetValue {
		return x.facets[facet].view(counts[facet], chosen[facet], labels, order)
	}
	return facetView{
		Tier: show(tierFacet, tierChoices(), nil), Kind: show(kindFacet, project.Kinds(), nil), Population: show(populationFacet, project.Populations(), nil),
		Institution: show(institutionFacet, nil, most), Year: show(yearFacet, nil, latest),
	}
}

// view lists a facet's values that have projects or are chosen: those with labels
// in the labels' order, the others by order.
func (v *values) view(counts []int, chosen []string, labels []project.Choice, order func(a, b facetValue) int) []facetValue {
	list := []facetValue{}
	add := func(c project.Choice, n int) {
		if picked := slices.Contains(chosen, c.Code); n > 0 || picked {
			list = append(list, facetValue{c.Code, c.Label, n, picked})
		}
	}
	known := map[string]bool{}
	for _, c := range labels {
		known[c.Code] = true
		if n, there := v.numbers[c.Code]; there {
			add(c, counts[n])
		} else {
			add(c, 0)
		}
	}
	labelled := len(list)
	for n, text := range v.texts {
		if !known[text] {
			known[text] = true
			add(project.Choice{Code: text, Label: text}, counts[n])
		}
	}
	for _, text := range chosen {
		if !known[text] {
			known[text] = true
			add(project.Choice{Code: text, Label: text}, 0)
		}
	}
	if order != nil {
		slices.SortFunc(list[labelled:], order)
	}
	if len(list) > maxFacetValues {
		kept := list[:maxFacetValues:maxFacetValues]
		for _, one := range list[maxFacetValues:] {
			if one.Chosen {
				kept = append(kept, one)
			}
		}
		list = kept
	}
	return list
}
