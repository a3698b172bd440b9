package cohort

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
)

// comparedSide is one side of a comparison: a version on a release's vocabulary.
type comparedSide struct {
	Version int    `json:"version,omitempty" minimum:"0" maximum:"9999" doc:"The latest where left out."`
	Release string `json:"releaseId,omitempty" maxLength:"64" doc:"The data release whose vocabulary is used; the workspace's where left out."`
}

type compareIn struct {
	ConceptSetOf
	Body struct {
		From comparedSide `json:"from"`
		To   comparedSide `json:"to"`
	}
}

type compareOut struct {
	Body struct {
		From    comparedView    `json:"from"`
		To      comparedView    `json:"to"`
		Kept    int             `json:"keptTotal" doc:"Concepts on both sides."`
		Added   []conceptChange `json:"added" doc:"At most 200 concepts that only the later side has."`
		Removed []conceptChange `json:"removed" doc:"At most 200 concepts that only the earlier side has."`
		Came    int             `json:"addedTotal"`
		Went    int             `json:"removedTotal"`
	}
}

type comparedView struct {
	Version    int    `json:"version"`
	Hash       string `json:"definitionHash"`
	ReleaseID  string `json:"releaseId"`
	Vocabulary string `json:"vocabularyVersion"`
	Concepts   int    `json:"conceptsTotal"`
}

// conceptChange is a concept that one side has.
type conceptChange struct {
	Concept concept `json:"concept" doc:"As the side that has it knows it."`
	Before  string  `json:"before" doc:"Why it was in, or not."`
	After   string  `json:"after" doc:"Why it is in, or not."`
}

// maxChanges bounds how many changes of one direction are told; their totals are
// exact.
const maxChanges = 200

// side is a version of a concept set with what it stands for on a release.
type side struct {
	version conceptSetVersion
	items   []circe.Item
	data    release.Data
	ids     []int64
}

func (r room) side(ctx context.Context, p session.Principal, w access.Workspace, of ConceptSetOf, in comparedSide, path string) (side, error) {
	var s side
	var err error
	if in.Release == "" || in.Release == w.ReleaseID {
		s.data, err = r.releases.Of(ctx, w)
	} else {
		s.data, err = r.releases.Get(ctx, in.Release, w.Tier)
	}
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return s, fault.InvalidFields(fault.Field{Path: path + ".releaseId", Message: fault.Message(err)})
		}
		return s, err
	}
	return r.sideOn(ctx, p, of, in.Version, s.data)
}

// sideOn resolves a version of a concept set, the latest for 0, on the data of a release.
func (r room) sideOn(ctx context.Context, p session.Principal, of ConceptSetOf, number int, data release.Data) (side, error) {
	s := side{data: data}
	var err error
	if _, s.version, _, err = r.conceptSet(ctx, of, number); err != nil {
		return s, err
	}
	if s.items, err = s.version.items(); err != nil {
		return s, err
	}
	s.ids, err = r.resolved(ctx, p, s.items, s.data)
	return s, err
}

func (s side) view() comparedView {
	return comparedView{s.version.Number, s.version.Hash, s.data.Release.ID, s.data.Release.VocabularyVersion, len(s.ids)}
}

func (r room) compareConceptSets(ctx context.Context, in *compareIn) (*compareOut, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Read)
	if err != nil {
		return nil, err
	}
	from, err := r.side(ctx, p, w, in.ConceptSetOf, in.Body.From, "body.from")
	if err != nil {
		return nil, err
	}
	to, err := r.side(ctx, p, w, in.ConceptSetOf, in.Body.To, "body.to")
	if err != nil {
		return nil, err
	}
	out := &compareOut{}
	came, went := without(to.ids, from.ids), without(from.ids, to.ids)
	out.Body.From, out.Body.To = from.view(), to.view()
	out.Body.Came, out.Body.Went, out.Body.Kept = len(came), len(went), len(to.ids)-len(came)
	if out.Body.Added, err = r.changes(ctx, p, came, to, from, to); err != nil {
		return nil, err
	}
	out.Body.Removed, err = r.changes(ctx, p, went, from, from, to)
	return out, err
}

// without gives the ids of a sorted list that another does not have.
func without(ids, others []int64) []int64 {
	var list []int64
	for _, id := range ids {
		if _, found := slices.BinarySearch(others, id); !found {
			list = append(list, id)
		}
	}
	return list
}

// changes tells of concepts why they are in or out on both sides; has is the one
// that has them. Those that most participants have come first.
func (r room) changes(ctx context.Context, p session.Principal, ids []int64, has, from, to side) ([]conceptChange, error) {
	list := []conceptChange{}
	if len(ids) == 0 {
		return list, nil
	}
	cat, err := r.vocabulary.of(ctx, has.data)
	if err != nil {
		return nil, err
	}
	concepts, err := r.named(ctx, cat, ids)
	if err != nil {
		return nil, err
	}
	concepts = concepts[:min(len(concepts), maxChanges)]
	told := make([]int64, len(concepts))
	for i, c := range concepts {
		told[i] = c.ID
	}
	before, err := r.reasons(ctx, p, from, told)
	if err != nil {
		return nil, err
	}
	after, err := r.reasons(ctx, p, to, told)
	if err != nil {
		return nil, err
	}
	for _, c := range concepts {
		list = append(list, conceptChange{r.vocabulary.show(c), before[c.ID].say(), after[c.ID].say()})
	}
	return list, nil
}

// reason is why a concept is in or out of a set.
type reason struct {
	known   bool
	invalid string
	in, out []way
	more    int
}

// way is how an item of a set reaches a concept.
type way struct {
	item       int64
	descendant bool
	// target is the concept that it maps to, 0 where it is reached itself.
	target int64
}

// maxWays bounds the ways that are told of one concept.
const maxWays = 3

func (r room) reasons(ctx context.Context, p session.Principal, s side, ids []int64) (map[int64]*reason, error) {
	if err := r.limits.Allow(ctx, paidQueries, p.UID); err != nil {
		return nil, err
	}
	st, err := circe.Reasons(s.items, ids, s.data.Dataset)
	if err != nil {
		return nil, err
	}
	all := map[int64]*reason{}
	for _, id := range ids {
		all[id] = &reason{}
	}
	return all, r.vocabulary.rows(ctx, st, func(v []bigquery.Value) error {
		id, _ := v[0].(int64)
		one := all[id]
		one.known, _ = v[1].(bool)
		one.invalid = textOf(v[2])
		item, reached := v[3].(int64)
		if !reached {
			return nil
		}
		w := way{item: item}
		excluded, _ := v[4].(bool)
		w.descendant, _ = v[5].(bool)
		w.target, _ = v[6].(int64)
		switch {
		case len(one.in)+len(one.out) >= maxWays && !(excluded && len(one.out) == 0):
			one.more++
		case excluded:
			one.out = append(one.out, w)
		default:
			one.in = append(one.in, w)
		}
		return nil
	})
}

// say tells it in words.
func (r *reason) say() string {
	var text string
	switch {
	case !r.known:
		return "not in: the vocabulary does not have it"
	case len(r.out) > 0:
		text = "not in: excluded as " + ways(r.out)
	case len(r.in) > 0:
		text = "in: " + ways(r.in)
	case r.invalid != "":
		return "not in: it is invalid (" + r.invalid + ") and not named itself"
	default:
		return "not in: nothing in the set reaches it"
	}
	if r.more > 0 {
		text += fmt.Sprintf(", and in %d more ways", r.more)
	}
	return text
}

func ways(list []way) string {
	var said []string
	for _, w := range list {
		switch {
		case w.target != 0 && w.descendant:
			said = append(said, fmt.Sprintf("mapped to %d, which is below %d", w.target, w.item))
		case w.target != 0:
			said = append(said, fmt.Sprintf("mapped to %d, which is named", w.target))
		case w.descendant:
			said = append(said, fmt.Sprintf("below %d", w.item))
		default:
			said = append(said, "named")
		}
	}
	return strings.Join(said, "; ")
}
