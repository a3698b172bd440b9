package circe

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// MaxResolved is the most rows that a statement of Resolve may answer with: a
// concept is there once for each one that is named and takes it in.
const MaxResolved = 4 * MaxConcepts

// Concepts are what concept sets stand for on a release.
type Concepts struct {
	// Sets are the concept ids of each set, in order. A set that is not there is
	// empty.
	Sets map[int64][]int64
	// Occurs tells in which columns of the release a concept of the sets occurs, as
	// omop.Occurrence gives them; nil where that is not known.
	Occurs map[int64]int64
}

// Resolution asks a release what concept sets stand for.
type Resolution struct {
	// Statement gives rows of four INT64, in no order; Answer reads them. Without a
	// concept there is nothing to ask: its SQL is "".
	Statement statement.Statement
	sets      []ConceptSet
}

// Answer reads one run of a Resolution's statement.
type Answer struct {
	sets    []ConceptSet
	members map[int64][]member
	whole   map[int64][]int64
	occurs  map[int64]int64
	rows    int
}

// member is a concept that a named one takes in.
type member struct{ id, kind int64 }

// The kinds of a row: the member is the named concept, or below it, or mapped to
// one of those; or a member of a whole set, whose excluded concepts are gone.
const (
	itself = iota
	below
	mappedToItself
	mappedToBelow
	ofSet
)

// Resolve prepares the resolving of concept sets. A named concept counts where
// CONCEPT has it, a descendant where it is not invalid, and what maps to either
// where the item says so; the excluded ones are then taken away.
func Resolve(sets []ConceptSet, data omop.Dataset) (*Resolution, error) {
	if err := data.Check(); err != nil {
		return nil, fault.Because(fault.Internal, err, "")
	}
	if len(sets) > maxSets {
		return nil, fault.New(fault.TooLarge, "There are %d concept sets; at most %d are resolved at once.", len(sets), maxSets)
	}
	r := &Resolution{sets: sets}
	r.Statement = lookUp(sets, data)
	if slices.ContainsFunc(sets, func(s ConceptSet) bool {
		return slices.ContainsFunc(s.Items, func(it Item) bool { return it.Excluded && it.Descendants })
	}) {
		// What is taken away again may be most of the vocabulary, and stays there.
		r.Statement = subtract(sets, data)
	}
	return r, nil
}

// lookUp asks for each named concept once, whatever sets name it.
func lookUp(sets []ConceptSet, data omop.Dataset) statement.Statement {
	var alone, families, mapped, mappedFamilies []int64
	for _, s := range sets {
		for _, it := range s.Items {
			if it.Descendants {
				families = append(families, it.ConceptID)
			} else {
				alone = append(alone, it.ConceptID)
			}
			switch {
			case it.Mapped && it.Descendants:
				mappedFamilies = append(mappedFamilies, it.ConceptID)
			case it.Mapped:
				mapped = append(mapped, it.ConceptID)
			}
		}
	}
	// A family's rows hold the concept's own.
	families, mappedFamilies = distinct(families), distinct(mappedFamilies)
	alone, mapped = without(distinct(alone), families), without(distinct(mapped), mappedFamilies)
	var st statement.Statement
	var parts []string
	ask := func(name string, ids []int64, sql string) {
		if len(ids) > 0 {
			st.Params = append(st.Params, statement.IntsParam(name, ids))
			parts = append(parts, sql)
		}
	}
	table := data.Table("hub_concept_member")
	ask("families", families, "SELECT m.concept_id AS named, m.member_id AS concept_id, m.below AS way, m.occurs\nFROM "+table+
		" AS m\nWHERE m.concept_id IN UNNEST(@families)")
	ask("alone", alone, "SELECT m.concept_id AS named, m.member_id AS concept_id, m.below AS way, m.occurs\nFROM "+table+
		" AS m\nWHERE m.concept_id IN UNNEST(@alone) AND m.below = 0")
	maps := "SELECT m.concept_id AS named, r.concept_id_1 AS concept_id, m.below + 2 AS way, COALESCE(o.occurs, -1) AS occurs\nFROM " + table +
		" AS m" + mapsTo(data, "m.member_id") + "\nWHERE m.concept_id IN UNNEST("
	ask("mappedFamilies", mappedFamilies, maps+"@mappedFamilies)")
	ask("mapped", mapped, maps+"@mapped) AND m.below = 0")
	st.SQL = strings.Join(parts, "\nUNION ALL\n")
	return st
}

// mapsTo joins what maps to a concept as r, with where that occurs as o: a concept
// that CONCEPT lacks may occur anywhere.
func mapsTo(data omop.Dataset, concept string) string {
	return "\nJOIN " + data.Table("concept_relationship") + " AS r ON r.concept_id_2 = " + concept +
		" AND r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL" +
		"\nLEFT JOIN " + data.Table("hub_concept_member") + " AS o ON o.concept_id = r.concept_id_1 AND o.below = 0"
}

func distinct(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// without takes ids away from a list; both are in order.
func without(ids, away []int64) []int64 {
	return slices.DeleteFunc(ids, func(id int64) bool {
		_, found := slices.BinarySearch(away, id)
		return found
	})
}

// An item travels as one number: the concept, the set's place, and its flags. One
// list of numbers is read at once, where lists side by side would be joined.
const (
	flagExcluded    = 1
	flagDescendants = 2
	flagMapped      = 4
	flagBits        = 3
	setBits         = 12
	kindBits        = setBits + flagBits
	// maxSets is the most concept sets that one statement resolves.
	maxSets = 1 << setBits
	// maxConceptID bounds a concept's id; the CDM's are 32-bit integers.
	maxConceptID = 1 << 47
)

// subtract asks for whole sets without what they exclude.
func subtract(sets []ConceptSet, data omop.Dataset) statement.Statement {
	var items []int64
	mapped := false
	for place, s := range sets {
		for _, it := range s.Items {
			if it.ConceptID < 0 || it.ConceptID >= maxConceptID {
				continue // no vocabulary has it
			}
			mapped = mapped || it.Mapped
			items = append(items, it.ConceptID<<kindBits|int64(place)<<flagBits|flags(it))
		}
	}
	sql := `WITH meant AS (
SELECT m.member_id AS concept_id, code & 32767 AS kind, m.occurs
FROM UNNEST(@items) AS code
JOIN ` + data.Table("hub_concept_member") + ` AS m ON m.concept_id = code >> 15
WHERE m.below = 0 OR code & 2 = 2
)`
	from := "meant"
	if mapped {
		from = `(
SELECT concept_id, kind, occurs FROM meant
UNION ALL
SELECT r.concept_id_1 AS concept_id, n.kind, COALESCE(o.occurs, -1) AS occurs
FROM meant AS n` + mapsTo(data, "n.concept_id") + `
WHERE n.kind & 4 = 4
)`
	}
	sql += "\nSELECT kind >> 3 AS place, concept_id, " + fmt.Sprint(ofSet) + " AS way, MAX(occurs) AS occurs\nFROM " + from +
		"\nGROUP BY place, concept_id\nHAVING MAX(kind & 1) = 0"
	return statement.Statement{SQL: sql, Params: []statement.Param{statement.IntsParam("items", items)}}
}

// Statements are the one to run, or none where nothing is named.
func (r *Resolution) Statements() []statement.Statement {
	if r.Statement.SQL == "" {
		return nil
	}
	return []statement.Statement{r.Statement}
}

// Answer is an answer before its first row.
func (r *Resolution) Answer() *Answer {
	return &Answer{sets: r.sets, members: map[int64][]member{}, whole: map[int64][]int64{}, occurs: map[int64]int64{}}
}

// Add takes a row. More than MaxResolved of them are fault.TooLarge.
func (a *Answer) Add(key, concept, kind, occurs int64) error {
	if a.rows++; a.rows > MaxResolved {
		return fault.New(fault.TooLarge, "The concept sets hold more than %d concepts, those that are there several times counted each time. Name fewer, or more special ones.", MaxResolved)
	}
	if kind == ofSet {
		id := a.sets[key].ID
		a.whole[id] = append(a.whole[id], concept)
	} else {
		a.members[key] = append(a.members[key], member{concept, kind})
	}
	a.occurs[concept] |= occurs
	return nil
}

// Concepts puts the sets together after the last row.
func (a *Answer) Concepts() Concepts {
	c := Concepts{Sets: a.whole, Occurs: a.occurs}
	if len(c.Sets) > 0 {
		for _, ids := range c.Sets {
			slices.Sort(ids)
		}
		return c
	}
	for _, s := range a.sets {
		var ids, out []int64
		for _, it := range s.Items {
			for _, m := range a.members[it.ConceptID] {
				if !it.takes(m.kind) {
					continue
				}
				if it.Excluded {
					out = append(out, m.id)
				} else {
					ids = append(ids, m.id)
				}
			}
		}
		c.Sets[s.ID] = without(distinct(ids), distinct(out))
	}
	return c
}

// takes reports whether an item takes in a member of that kind.
func (it Item) takes(kind int64) bool {
	switch kind {
	case itself:
		return true
	case below:
		return it.Descendants
	case mappedToItself:
		return it.Mapped
	default:
		return it.Mapped && it.Descendants
	}
}
