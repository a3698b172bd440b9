package browser

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/disclosure"
)

// row is one concept as BigQuery has it, with raw counts.
type row struct {
	ID                              int64
	Name, Domain, Vocabulary        string
	Class, Standard, Code           string
	Persons, PersonsWithDescendants int64
}

// Concept is one concept as the public sees it.
type Concept struct {
	ID         int64            `json:"conceptId" doc:"OMOP concept_id."`
	Name       string           `json:"name"`
	Domain     string           `json:"domain" doc:"OMOP domain_id."`
	Vocabulary string           `json:"vocabulary" doc:"OMOP vocabulary_id."`
	Class      string           `json:"class,omitempty" doc:"OMOP concept_class_id."`
	Standard   string           `json:"standard,omitempty" doc:"OMOP standard_concept: S, C or absent."`
	Code       string           `json:"code,omitempty" doc:"The concept's code in its vocabulary."`
	Own        disclosure.Count `json:"participants" doc:"Participants with an event of this very concept."`
	Family     disclosure.Count `json:"participantsWithDescendants" doc:"Participants with an event of this concept or of one below it."`

	folded string // the name in lower case, for search
}

// Domain is how many concepts with participants a domain has.
type Domain struct {
	Name     string `json:"domain" doc:"OMOP domain_id."`
	Concepts int    `json:"concepts" doc:"Concepts that at least one participant has."`
}

// Catalogue is the concepts of one release that participants have. It never
// changes and holds no raw count.
type Catalogue struct {
	concepts []Concept
	byID     map[int64]int
	domains  []Domain
}

// newCatalogue applies the public rule to every count and sorts by what is
// shown: largest first, then by name and id.
func newCatalogue(rows []row, policy disclosure.Policy) *Catalogue {
	c := &Catalogue{concepts: make([]Concept, 0, len(rows)), byID: make(map[int64]int, len(rows))}
	for _, r := range rows {
		if r.PersonsWithDescendants <= 0 {
			continue
		}
		c.concepts = append(c.concepts, Concept{
			ID: r.ID, Name: r.Name, Domain: r.Domain, Vocabulary: r.Vocabulary, Class: r.Class, Standard: r.Standard, Code: r.Code,
			Own: policy.ShowPublic(r.Persons), Family: policy.ShowPublic(r.PersonsWithDescendants), folded: strings.ToLower(r.Name),
		})
	}
	slices.SortFunc(c.concepts, func(a, b Concept) int {
		return cmp.Or(cmp.Compare(b.Family.Value, a.Family.Value), strings.Compare(a.folded, b.folded), cmp.Compare(a.ID, b.ID))
	})
	count := map[string]int{}
	for i, one := range c.concepts {
		c.byID[one.ID] = i
		count[one.Domain]++
	}
	for name, n := range count {
		c.domains = append(c.domains, Domain{name, n})
	}
	slices.SortFunc(c.domains, func(a, b Domain) int {
		return cmp.Or(cmp.Compare(b.Concepts, a.Concepts), strings.Compare(a.Name, b.Name))
	})
	return c
}

// Concept gives one concept; false where no participant has it.
func (c *Catalogue) Concept(id int64) (Concept, bool) {
	i, ok := c.byID[id]
	if !ok {
		return Concept{}, false
	}
	return c.concepts[i], true
}

// Search gives up to limit concepts after the first skip that match, and
// whether there are more. Every word of the query must be in the name; a query
// that is a code or a concept id of a concept matches it as well. An empty
// domain is any.
func (c *Catalogue) Search(domain, query string, skip, limit int) (found []Concept, more bool) {
	query = strings.TrimSpace(query)
	words := strings.Fields(strings.ToLower(query))
	id, err := strconv.ParseInt(query, 10, 64)
	isID := err == nil
	found = make([]Concept, 0, limit)
	for _, one := range c.concepts {
		if domain != "" && !strings.EqualFold(domain, one.Domain) {
			continue
		}
		if !(isID && one.ID == id) && (query == "" || !strings.EqualFold(one.Code, query)) && !holdsAll(one.folded, words) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(found) == limit {
			return found, true
		}
		found = append(found, one)
	}
	return found, false
}

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
