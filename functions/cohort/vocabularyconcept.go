package cohort

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/vocabulary"
)

type conceptIn struct {
	Concept int64  `path:"concept" minimum:"0" doc:"The concept's id."`
	Release string `query:"release" required:"true" minLength:"1" maxLength:"64" doc:"The data release."`
	api.PageIn
}

// page gives the part of a list that a request asks for, and the cursor of the
// next.
func page[T any](in *conceptIn, data omop.Dataset, list []T) ([]T, string, error) {
	return slicePage(in.PageIn, data, []string{in.Release, strconv.FormatInt(in.Concept, 10)}, list)
}

type conceptDetail struct {
	Body struct {
		concept
		Synonyms      []string       `json:"synonyms"`
		Relationships []relationView `json:"relationships" doc:"Valid relationships from this concept, a page of them, by name."`
		Next          string         `json:"next,omitempty" doc:"Give it as cursor for the next page of relationships; absent after the last."`
		Truncated     bool           `json:"truncated,omitempty" doc:"The concept has more relationships than are listed."`
	}
}

type relationView struct {
	Relationship string  `json:"relationship" doc:"The CDM's relationship_id, such as Maps to."`
	Concept      concept `json:"concept"`
}

func (r room) getConcept(ctx context.Context, in *conceptIn) (*conceptDetail, error) {
	data, cat, c, err := r.one(ctx, in.Release, in.Concept)
	if err != nil {
		return nil, err
	}
	l, err := r.linksOf(ctx, session.Must(ctx), data.Dataset, in.Concept)
	if err != nil {
		return nil, err
	}
	part, next, err := page(in, data.Dataset, l.related)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(part))
	for i, p := range part {
		ids[i] = p.id
	}
	list, err := r.named(ctx, cat, ids)
	if err != nil {
		return nil, err
	}
	out := &conceptDetail{}
	out.Body.concept, out.Body.Synonyms, out.Body.Next, out.Body.Truncated = r.vocabulary.show(c), cat.Synonyms(c.ID), next, l.cut
	if out.Body.Synonyms == nil {
		out.Body.Synonyms = []string{}
	}
	out.Body.Relationships = []relationView{}
	for _, p := range part {
		// A relationship to what the vocabulary does not have leads nowhere.
		if i := slices.IndexFunc(list, func(c vocabulary.Concept) bool { return c.ID == p.id }); i >= 0 {
			out.Body.Relationships = append(out.Body.Relationships, relationView{p.name, r.vocabulary.show(list[i])})
		}
	}
	return out, nil
}

type hierarchyOut struct {
	Body struct {
		Concept   concept        `json:"concept"`
		Ancestors []ancestorView `json:"ancestors" doc:"All concepts above it, the nearest first. Those of level 1 are its parents."`
		Children  []concept      `json:"children" doc:"The concepts right below it, a page of them, those that most participants have first."`
		Next      string         `json:"next,omitempty" doc:"Give it as cursor for the next page of children; absent after the last."`
		Below     int            `json:"childrenTotal" doc:"How many children there are on all pages."`
		Truncated bool           `json:"truncated,omitempty" doc:"The concept has more ancestors and children than are listed."`
	}
}

type ancestorView struct {
	concept
	Least int64 `json:"minLevels" doc:"Levels between the two on the shortest way up; 1 for a parent."`
	Most  int64 `json:"maxLevels" doc:"Levels on the longest way up."`
}

func (r room) hierarchy(ctx context.Context, in *conceptIn) (*hierarchyOut, error) {
	data, cat, c, err := r.one(ctx, in.Release, in.Concept)
	if err != nil {
		return nil, err
	}
	l, err := r.linksOf(ctx, session.Must(ctx), data.Dataset, in.Concept)
	if err != nil {
		return nil, err
	}
	ids := slices.Clone(l.below)
	for _, a := range l.above {
		ids = append(ids, a.id)
	}
	list, err := r.named(ctx, cat, ids)
	if err != nil {
		return nil, err
	}
	levels := map[int64]ancestor{}
	for _, a := range l.above {
		levels[a.id] = a
	}
	isBelow := map[int64]bool{}
	for _, id := range l.below {
		isBelow[id] = true
	}
	out := &hierarchyOut{}
	out.Body.Concept, out.Body.Truncated = r.vocabulary.show(c), l.cut
	out.Body.Ancestors, out.Body.Children = []ancestorView{}, []concept{}
	var children []vocabulary.Concept
	for _, one := range list {
		// In a cycle a concept is both.
		if a, above := levels[one.ID]; above {
			out.Body.Ancestors = append(out.Body.Ancestors, ancestorView{r.vocabulary.show(one), a.min, a.max})
		}
		if isBelow[one.ID] {
			children = append(children, one)
		}
	}
	slices.SortStableFunc(out.Body.Ancestors, func(p, q ancestorView) int { return cmp.Compare(p.Least, q.Least) })
	part, next, err := page(in, data.Dataset, children)
	if err != nil {
		return nil, err
	}
	for _, one := range part {
		out.Body.Children = append(out.Body.Children, r.vocabulary.show(one))
	}
	out.Body.Next, out.Body.Below = next, len(children)
	return out, nil
}

type siblingsOut struct{ Body api.Page[sibling] }

type sibling struct {
	concept
	Shared int64 `json:"sharedParents" doc:"How many parents it shares."`
}

// maxSiblings bounds what is recommended.
const maxSiblings = 200

// siblingsStatement gives the children of the parents of concepts with how many
// parents they share, without the concepts themselves, all above and below them,
// and what is to be left out. Counts decide as they are shown.
func siblingsStatement(data omop.Dataset, ids, without []int64, multiple int64) statement.Statement {
	kin := data.Table("concept_ancestor")
	return statement.Statement{SQL: `SELECT s.descendant_concept_id AS id, COUNT(DISTINCT s.ancestor_concept_id) AS shared
FROM ` + kin + ` AS s
JOIN (SELECT DISTINCT ancestor_concept_id FROM ` + kin + ` WHERE descendant_concept_id IN UNNEST(@ids) AND ancestor_concept_id <> descendant_concept_id AND min_levels_of_separation = 1) AS p
ON p.ancestor_concept_id = s.ancestor_concept_id
JOIN ` + data.Table("hub_concept") + ` AS h ON h.concept_id = s.descendant_concept_id
JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = s.descendant_concept_id
WHERE s.min_levels_of_separation = 1 AND s.descendant_concept_id <> s.ancestor_concept_id
AND c.standard_concept = 'S' AND c.invalid_reason IS NULL
AND s.descendant_concept_id NOT IN UNNEST(@without)
AND s.descendant_concept_id NOT IN (SELECT ancestor_concept_id FROM ` + kin + ` WHERE descendant_concept_id IN UNNEST(@ids))
AND s.descendant_concept_id NOT IN (SELECT descendant_concept_id FROM ` + kin + ` WHERE ancestor_concept_id IN UNNEST(@ids))
GROUP BY s.descendant_concept_id, h.persons_with_descendants
ORDER BY shared DESC, DIV(h.persons_with_descendants + @multiple - 1, @multiple) DESC, id
LIMIT ` + strconv.Itoa(maxSiblings), Params: []statement.Param{statement.IntsParam("ids", ids), statement.IntsParam("without", without),
		statement.IntParam("multiple", multiple)}}
}

// siblings recommends what stands beside a concept.
func (r room) siblings(ctx context.Context, in *conceptIn) (*siblingsOut, error) {
	data, cat, c, err := r.one(ctx, in.Release, in.Concept)
	if err != nil {
		return nil, err
	}
	key := "siblings " + data.Dataset.ID + " " + strconv.FormatInt(c.ID, 10)
	list, known := r.vocabulary.beside.get(key)
	if !known {
		if list, err = r.recommended(ctx, session.Must(ctx), cat, []int64{c.ID}, []int64{c.ID}); err != nil {
			return nil, err
		}
		r.vocabulary.beside.put(key, list)
	}
	part, next, err := page(in, data.Dataset, list)
	if err != nil {
		return nil, err
	}
	return &siblingsOut{api.Page[sibling]{Items: part, Next: next}}, nil
}

// recommended gives the siblings of concepts, with their counts under the rules.
func (r room) recommended(ctx context.Context, p session.Principal, cat *catalogue, ids, without []int64) ([]sibling, error) {
	if err := r.limits.Allow(ctx, paidQueries, p.UID); err != nil {
		return nil, err
	}
	var order []int64
	shared := map[int64]int64{}
	err := r.vocabulary.rows(ctx, siblingsStatement(cat.data, ids, without, max(1, countPolicy(r.policy).PublicMultiple)), func(v []bigquery.Value) error {
		id, _ := v[0].(int64)
		shared[id], _ = v[1].(int64)
		order = append(order, id)
		return nil
	})
	if err != nil {
		return nil, err
	}
	concepts, err := r.named(ctx, cat, order)
	if err != nil {
		return nil, err
	}
	list := make([]sibling, 0, len(concepts))
	for _, c := range concepts {
		list = append(list, sibling{r.vocabulary.show(c), shared[c.ID]})
	}
	slices.SortStableFunc(list, func(a, b sibling) int { return cmp.Compare(b.Shared, a.Shared) })
	return list, nil
}
