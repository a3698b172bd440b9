package directory

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/project"
)

// Chosen is what somebody looks for: a text and values of facets. It is exported
// because huma does not look into an embedded type that is not.
type Chosen struct {
	Query       string   `query:"query" maxLength:"200" doc:"Words and \"phrases\"; beginnings, other forms and spellings of words are found too."`
	Tier        []string `query:"tier,explode" maxItems:"2" enum:"registered,controlled"`
	Kind        []string `query:"kind,explode" maxItems:"20" doc:"Kinds of a purpose; any of them."`
	Population  []string `query:"population,explode" maxItems:"20" doc:"Populations in focus; any of them."`
	Institution []string `query:"institution,explode" maxItems:"20" doc:"Names of institutions; any of them."`
	Year        []string `query:"year,explode" maxItems:"20" doc:"Years in which projects began; any of them."`
	Sort        string   `query:"sort" enum:"relevance,newest,updated,name" doc:"relevance with a text, else newest."`
}

// facets gives the chosen values in the order of the facets.
func (c Chosen) facets() [facetCount][]string {
	return [facetCount][]string{tierFacet: c.Tier, kindFacet: c.Kind, populationFacet: c.Population, institutionFacet: c.Institution, yearFacet: c.Year}
}

// asked is a search that has been read.
type asked struct {
	groups []group
	facets [facetCount][]string
	order  string
	// mark tells it from another search, in cursors.
	mark string
}

func (c Chosen) read() (asked, error) {
	var form fault.Form
	for path, one := range map[string]struct{ got, known []string }{
		"query.kind": {c.Kind, project.Codes(project.Kinds())}, "query.population": {c.Population, project.Codes(project.Populations())},
	} {
		for _, code := range one.got {
			if !slices.Contains(one.known, code) {
				form.Say(path, "There is no such value: take one of the facet's.")
			}
		}
	}
	for _, year := range c.Year {
		if n, err := strconv.Atoi(year); err != nil || n < 1900 || n > 9999 {
			form.Say("query.year", "A year has four digits.")
		}
	}
	for _, name := range c.Institution {
		if len(name) > 400 {
			form.Say("query.institution", "No institution has so long a name.")
		}
	}
	a := asked{facets: c.facets(), order: c.Sort}
	if err := form.Err(); err != nil {
		return a, err
	}
	var err error
	if a.groups, err = parse(c.Query); err != nil {
		return a, err
	}
	if a.order == "" || a.order == byRelevance && len(a.groups) == 0 {
		if a.order = byNewest; len(a.groups) > 0 {
			a.order = byRelevance
		}
	}
	text, err := json.Marshal([]any{a.groupTexts(), a.facets, a.order})
	sum := sha256.Sum256(text)
	a.mark = hex.EncodeToString(sum[:6])
	return a, fault.Wrap("directory.read", err)
}

func (a asked) groupTexts() [][]string {
	var list [][]string
	for _, g := range a.groups {
		list = append(list, append([]string{strconv.FormatBool(g.exact)}, g.words...))
	}
	return list
}

// hitView is a project in a list.
type hitView struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Tier        access.Tier `json:"tier"`
	ReleaseID   string      `json:"releaseId"`
	OwnerName   string      `json:"ownerName"`
	Institution string      `json:"institution"`
	Disease     string      `json:"disease,omitempty"`
	Kinds       []string    `json:"kinds"`
	Populations []string    `json:"populations"`
	Summary     string      `json:"summary" doc:"The intended study, cut after some lines."`
	CreatedAt   time.Time   `json:"createdAt"`
	UpdatedAt   time.Time   `json:"updatedAt"`
	Highlights  []highlight `json:"highlights,omitempty" doc:"What matched, the weightier field first."`
}

// summaryRunes is how much of a project's study a list shows.
const summaryRunes = 300

func hitOf(e *entry) hitView {
	u := e.Purpose
	h := hitView{ID: e.ID, Name: e.Name, Tier: e.Tier, ReleaseID: e.ReleaseID, OwnerName: e.OwnerName, Institution: e.Institution, Disease: u.Disease,
		Kinds: nonNil(u.Kinds), Populations: []string{}, Summary: u.IntendedStudy, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}
	if u.FocusOnPopulations {
		h.Populations = nonNil(u.Populations)
	}
	if r := []rune(h.Summary); len(r) > summaryRunes {
		h.Summary = string(r[:summaryRunes]) + " …"
	}
	return h
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// searchPage is one page of what a search finds.
type searchPage struct {
	Items  []hitView `json:"items"`
	Next   string    `json:"next,omitempty" doc:"The cursor of the next page; none after the last."`
	Total  int       `json:"total" doc:"How many projects the whole search finds."`
	Facets facetView `json:"facets"`
	// What the reader should know of how it was found.
	Relaxed     bool         `json:"relaxed,omitempty" doc:"No project has all the words: these have the most of them."`
	Corrections []correction `json:"corrections,omitempty" doc:"Words that no project has, and what was searched instead."`
	Changed     bool         `json:"changed,omitempty" doc:"The directory has changed since the page before. Projects that did not change come once nevertheless."`
	Partial     bool         `json:"partial,omitempty" doc:"There are more projects than this search can hold: the oldest are missing."`
}

// cursor is where a list goes on.
type cursor struct {
	After      key    `json:"a"`
	Search     string `json:"q"`
	Generation string `json:"g"`
	// Way is how the text was understood: the groups needed and the corrections.
	Way string `json:"w,omitempty"`
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// errCursor is what a cursor gets that belongs to no page of this search.
func errCursor() error {
	return fault.InvalidFields(fault.Field{Path: "query.cursor", Message: "The cursor is not one that this search gave: start from the first page."})
}

func parseCursor(text string, a asked) (*cursor, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // the first page has none
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	var c cursor
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Search != a.mark || c.After.ID == "" {
		return nil, errCursor()
	}
	return &c, nil
}

// generation tells states of the records apart; it is the same on every instance
// that knows the same records.
func generation(n int, latest time.Time) string {
	return strconv.FormatInt(int64(n), 36) + "." + strconv.FormatInt(latest.UnixMicro(), 36)
}

// find runs a search in the index.
func (x *index) find(a asked, after *cursor, limit int) (selection, []sought, matched, []correction, string, error) {
	list, corrected := x.seek(a.groups)
	m := x.match(list)
	way := ""
	if len(a.groups) > 0 && (m.need < len(a.groups) || len(corrected) > 0) {
		sum := sha256.Sum256(fmt.Append(nil, m.need, corrected))
		way = hex.EncodeToString(sum[:4])
	}
	var from *key
	if after != nil {
		if after.Way != way {
			// Every project's place would be another than on the page before.
			return selection{}, nil, m, nil, "", fault.New(fault.Stale, "The directory has changed and the search now finds others: start from the first page.")
		}
		from = &after.After
	}
	if len(list) > 0 && m.need == 0 {
		m.need = 1 // nothing has any of it
	}
	return x.selectPage(m, x.chosen(a.facets), a.order, from, limit), list, m, corrected, way, nil
}

func (s *service) search(ctx context.Context, in *struct {
	Chosen
	Conditional
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor string `query:"cursor" maxLength:"800"`
}) (*cached[searchPage], error) {
	a, err := in.read()
	if err != nil {
		return nil, err
	}
	after, err := parseCursor(in.Cursor, a)
	if err != nil {
		return nil, err
	}
	var page searchPage
	viewed := s.mirror.view(ctx, func(x state) {
		found, list, m, corrected, way, e := x.find(a, after, in.Limit)
		if err = e; err != nil {
			return
		}
		page = searchPage{Items: make([]hitView, 0, len(found.entries)), Total: found.total, Facets: x.facetView(found.counts, a.facets),
			Relaxed: m.need < len(a.groups) && found.total > 0, Corrections: corrected, Changed: after != nil && after.Generation != x.generation, Partial: x.partial}
		for _, e := range found.entries {
			h := hitOf(e)
			h.Highlights = x.highlights(e, list)
			page.Items = append(page.Items, h)
		}
		if found.more {
			page.Next = cursor{found.last, a.mark, x.generation, way}.String()
		}
	})
	if viewed != nil {
		return nil, viewed
	}
	if err != nil {
		return nil, err
	}
	return cache(page, in.Conditional, s.maxAge)
}
