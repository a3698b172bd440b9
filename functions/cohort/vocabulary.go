package cohort

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/vocabulary"
)

func (r room) vocabularyRoutes(a *api.API) {
	for _, op := range []struct {
		path, id, summary, text string
		handle                  func(api.Operation)
	}{
		{"/v1/vocabulary", "searchVocabulary", "Search concepts",
			"By words of the name or of a synonym, by code, or by concept id. An id or a code that is the text comes first, then names that begin with it, names with all words, synonyms; of equal ones those that most participants have. Counts are rounded as for the public.",
			func(op api.Operation) { api.Handle(a, op, r.search) }},
		{"/v1/concepts/{concept}", "getConcept", "One concept with its synonyms and relationships", "Counts are rounded as for the public.",
			func(op api.Operation) { api.Handle(a, op, r.getConcept) }},
		{"/v1/concepts/{concept}/hierarchy", "showHierarchy", "Show a concept's hierarchy",
			"Its ancestors with their levels, and its children, those that most participants have first. Counts are rounded as for the public.",
			func(op api.Operation) { api.Handle(a, op, r.hierarchy) }},
		{"/v1/concepts/{concept}/siblings", "recommendSiblings", "Concepts beside one in the hierarchy",
			"Valid standard concepts that share a parent with it: those that share the most, then those that most participants have.",
			func(op api.Operation) { api.Handle(a, op, r.siblings) }},
	} {
		op.handle(api.Operation{Method: "GET", Path: op.path, ID: op.id, Rule: access.AtTier(access.Registered), Summary: op.summary, Access: api.SecondFactor, Description: op.text})
	}
}

type searchIn struct {
	Release    string   `query:"release" required:"true" minLength:"1" maxLength:"64" doc:"The data release."`
	Query      string   `query:"query" maxLength:"100" doc:"Words, a code, or a concept id. No character is a wildcard. Without it, all concepts that pass the filters."`
	Domain     []string `query:"domain,explode" maxItems:"20" doc:"Only concepts of these domains, such as Condition."`
	Vocabulary []string `query:"vocabulary,explode" maxItems:"20" doc:"Only concepts of these vocabularies, such as SNOMED."`
	Class      []string `query:"class,explode" maxItems:"20" doc:"Only concepts of these classes, such as Ingredient."`
	Standard   string   `query:"standard" enum:"standard,classification,nonStandard" doc:"Only standard concepts, classifications, or all others."`
	Validity   string   `query:"validity" enum:"valid,invalid" doc:"Only valid, or only invalid concepts."`
	Facets     bool     `query:"facets" doc:"Count the concepts by what can be filtered."`
	api.PageIn
}

// asked is what a cursor belongs to: everything but the page.
func (in searchIn) asked() searchIn {
	in.PageIn, in.Facets = api.PageIn{}, false
	return in
}

type searchOut struct{ Body searchBody }

type searchBody struct {
	Items      []found `json:"items" doc:"The concepts of this page."`
	Next       string  `json:"next,omitempty" doc:"Give it as cursor for the next page; absent after the last."`
	Total      int     `json:"total" doc:"How many concepts there are on all pages."`
	Facets     *facets `json:"facets,omitempty" doc:"With facets=true."`
	ReleaseID  string  `json:"releaseId"`
	Vocabulary string  `json:"vocabularyVersion"`
	Partial    bool    `json:"partial,omitempty" doc:"The release has more concepts than are searched: those that participants have and the standard ones went first."`
}

type found struct {
	concept
	MatchedBy string `json:"matchedBy,omitempty" enum:"id,code,name,synonym" doc:"What the text was found in."`
	Synonym   string `json:"synonym,omitempty" doc:"The synonym that it was found in."`
}

type facets struct {
	Domains      []facet `json:"domains"`
	Vocabularies []facet `json:"vocabularies"`
	Classes      []facet `json:"classes"`
	Standard     []facet `json:"standard"`
	Validity     []facet `json:"validity"`
}

type facet struct {
	Value    string `json:"value" doc:"What to filter by."`
	Concepts int    `json:"concepts" doc:"How many concepts there are with it, all other filters as they are. Concepts, not participants."`
}

// standardNames are the words of the filter for the CDM's marks.
var standardNames = map[string]string{"standard": "S", "classification": "C", "nonStandard": ""}

// search looks into the vocabulary in memory.
func (r room) search(ctx context.Context, in *searchIn) (*searchOut, error) {
	p := session.Must(ctx)
	if err := r.pace.take(p.UID); err != nil {
		return nil, err
	}
	data, cat, err := r.catalogue(ctx, p, in.Release)
	if err != nil {
		return nil, err
	}
	if vocabulary.Words(in.Query) > vocabulary.MaxWords {
		return nil, fault.InvalidFields(fault.Field{Path: "query.query", Message: "at most " + strconv.Itoa(vocabulary.MaxWords) + " words are searched for"})
	}
	q := vocabulary.Query{Text: in.Query, Domains: in.Domain, Vocabularies: in.Vocabulary, Classes: in.Class, Limit: in.Limit, Facets: in.Facets}
	if in.Standard != "" {
		q.Standard = []string{standardNames[in.Standard]}
	}
	if in.Validity != "" {
		valid := in.Validity == "valid"
		q.Valid = &valid
	}
	if q.After, err = parseCursor(in.Cursor, data.Dataset, in.asked()); err != nil {
		return nil, err
	}
	res := cat.Search(q)
	out := &searchOut{searchBody{Items: make([]found, len(res.Hits)), Total: res.Total, ReleaseID: data.Release.ID,
		Vocabulary: data.Release.VocabularyVersion, Partial: cat.partial}}
	for i, h := range res.Hits {
		out.Body.Items[i] = found{concept: r.vocabulary.show(h.Concept), Synonym: h.Synonym}
		if in.Query != "" {
			out.Body.Items[i].MatchedBy = matchedBy(h.Place.Rank())
		}
	}
	if res.More {
		out.Body.Next = cursorOf(data.Dataset, in.asked(), res.Hits[len(res.Hits)-1].Place)
	}
	if res.Facets != nil {
		out.Body.Facets = facetsOf(res.Facets)
	}
	return out, nil
}

func matchedBy(r vocabulary.Rank) string {
	switch {
	case r == vocabulary.ByID:
		return "id"
	case r == vocabulary.ByCode:
		return "code"
	case r < vocabulary.BySynonym:
		return "name"
	default:
		return "synonym"
	}
}

// maxFacets bounds the values of one facet; vocabularies have hundreds of classes.
const maxFacets = 50

func facetsOf(f *vocabulary.Facets) *facets {
	standard := map[string]int{}
	for name, mark := range standardNames {
		if n := f.Standard[mark]; n > 0 {
			standard[name] = n
		}
	}
	validity := map[string]int{"valid": f.Valid, "invalid": f.Invalid}
	maps.DeleteFunc(validity, func(_ string, n int) bool { return n == 0 })
	return &facets{Domains: most(f.Domains), Vocabularies: most(f.Vocabularies), Classes: most(f.Classes), Standard: most(standard), Validity: most(validity)}
}

// most gives the values with the most concepts first.
func most(counts map[string]int) []facet {
	list := make([]facet, 0, len(counts))
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, facet{v, counts[v]})
	}
	slices.SortStableFunc(list, func(a, b facet) int { return b.Concepts - a.Concepts })
	return list[:min(len(list), maxFacets)]
}

// catalogue gives the vocabulary of a release as the caller's tier may see it.
func (r room) catalogue(ctx context.Context, p session.Principal, releaseID string) (release.Data, *catalogue, error) {
	tier, err := r.gate.Tier(ctx, p.UID)
	if err != nil {
		return release.Data{}, nil, err
	}
	if !tier.Covers(access.Registered) {
		return release.Data{}, nil, fault.New(fault.Denied, "The vocabulary needs the registered tier. Your access is %s: see what is missing under your account.", tier)
	}
	data, err := r.releases.Get(ctx, releaseID, tier)
	if err != nil && tier == access.Controlled && fault.Is(err, fault.NotFound) {
		data, err = r.releases.Get(ctx, releaseID, access.Registered)
	}
	if err != nil {
		return release.Data{}, nil, err
	}
	cat, err := r.vocabulary.of(ctx, data)
	return data, cat, err
}
