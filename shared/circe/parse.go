package circe

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"researchhub.example/hub/shared/fault"
)

// maxDays bounds every number of days: definitions say 99,999 for "for ever".
const maxDays = 100_000

// Parse reads a Circe cohort expression. What is wrong with it, or not in this
// version, is named with its JSON path: see the package's documentation.
func Parse(raw []byte) (*Definition, error) { return parse(raw, &reader{}) }

// ParseCompatible is Parse for definitions that are run as OHDSI's SQL runs them:
// like OHDSI's own reader it passes over fields that it does not know, and warns
// of each.
func ParseCompatible(raw []byte) (*Definition, error) { return parse(raw, &reader{lenient: true}) }

func parse(raw []byte, r *reader) (*Definition, error) {
	root, err := readTree(raw)
	if err != nil {
		return nil, err
	}
	if root == nil {
		root = &node{}
	}
	d := r.definition(root)
	r.checkSets(d)
	if err := r.err(); err != nil {
		return nil, err
	}
	d.legacy = r.legacy
	d.warnings = append(append(d.warnings, r.legacy...), r.warnings...)
	d.canonical = sync.OnceValue(d.form)
	return d, nil
}

func (r *reader) definition(n *node) *Definition {
	o := r.object(n)
	o.ignore("Title", "cdmVersionRange")
	d := &Definition{}
	sets := o.list("ConceptSets")
	if len(sets) > MaxConceptSets {
		r.bad(o.take("ConceptSets"), "at most %d concept sets are accepted", MaxConceptSets)
		sets = nil
	}
	for _, s := range sets {
		d.ConceptSets = append(d.ConceptSets, r.conceptSet(s, d.ConceptSets))
	}
	if p := o.take("PrimaryCriteria"); p == nil {
		r.bad(&node{parent: n, key: "PrimaryCriteria"}, "the primary criteria are missing")
	} else {
		d.primary = r.primary(p)
	}
	if a := o.take("AdditionalCriteria"); a != nil {
		d.additional = r.group(a)
	}
	d.qualified = r.limit(o.take("QualifiedLimit"))
	d.expression = r.limit(o.take("ExpressionLimit"))
	for _, ru := range o.list("InclusionRules") {
		d.rules = append(d.rules, r.rule(ru))
	}
	d.end = r.end(o.take("EndStrategy"))
	for _, c := range o.list("CensoringCriteria") {
		d.censoring = append(d.censoring, r.criterion(c))
	}
	r.collapse(o.take("CollapseSettings"), d)
	if w := o.take("CensorWindow"); w != nil {
		wo := r.object(w)
		d.censorFrom, d.censorTo = r.date(wo.take("StartDate")), r.date(wo.take("EndDate"))
		wo.end()
	}
	o.end()
	r.oddDefinition(n, d)
	return d
}

// conceptSet reads one concept set; before are those that stand before it.
func (r *reader) conceptSet(n *node, before []ConceptSet) ConceptSet {
	o := r.object(n)
	s := ConceptSet{Name: o.text("name"), ID: noID}
	switch id := o.take("id"); {
	case id == nil:
		r.bad(n, "the concept set has no id")
	default:
		known := len(r.invalid)
		if s.ID = r.integer(id, 0, 1<<31-1); len(r.invalid) > known {
			s.ID = noID
		} else if slices.ContainsFunc(before, func(o ConceptSet) bool { return o.ID == s.ID }) {
			r.bad(id, "two concept sets have the id %d", s.ID)
		}
	}
	e := r.object(o.take("expression"))
	s.Items = r.itemsOf(e)
	e.end()
	o.end()
	return s
}

// ParseItems reads the expression of one concept set, as ATLAS exports it:
// {"items": […]}.
func ParseItems(raw []byte) ([]Item, error) {
	root, err := readTree(raw)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	if root == nil {
		root = &node{}
	}
	o := r.object(root)
	items := r.itemsOf(o)
	o.end()
	if len(items) == 0 && len(r.invalid) == 0 {
		r.bad(root, "at least one concept is needed in items")
	}
	return items, r.err()
}

func (r *reader) item(n *node) Item {
	o := r.object(n)
	it := Item{Excluded: o.flag("isExcluded"), Descendants: o.flag("includeDescendants"), Mapped: o.flag("includeMapped")}
	c := o.take("concept")
	o.end()
	if c == nil {
		r.bad(n, "the concept is missing")
		return it
	}
	it.ConceptID = r.concept(c)
	return it
}

func (r *reader) concept(n *node) int64 {
	o := r.object(n)
	id, found := o.integer("CONCEPT_ID", 0, maxConceptID-1)
	if !found {
		r.bad(n, "the concept has no CONCEPT_ID")
	}
	o.ignoreWords()
	o.end()
	return id
}

// noID is that of a concept set whose own cannot be read.
const noID = -1

func (r *reader) primary(n *node) primary {
	o := r.object(n)
	var p primary
	for _, c := range o.list("CriteriaList") {
		p.criteria = append(p.criteria, r.criterion(c))
	}
	if len(p.criteria) == 0 {
		r.bad(n, "at least one primary criterion is needed")
	}
	w := r.object(o.take("ObservationWindow"))
	p.priorDays, _ = w.integer("PriorDays", 0, maxDays)
	p.postDays, _ = w.integer("PostDays", 0, maxDays)
	w.end()
	p.limit = r.limit(o.take("PrimaryCriteriaLimit"))
	o.end()
	return p
}

// limit reads {"Type": "First"}; an absent one means First.
func (r *reader) limit(n *node) limit {
	o := r.object(n)
	t := o.text("Type")
	o.end()
	switch strings.ToLower(t) {
	case "", "first":
		return first
	case "last":
		return last
	case "all":
		return all
	}
	r.bad(o.at("Type"), "First, Last or All is expected")
	return first
}

func (r *reader) rule(n *node) rule {
	o := r.object(n)
	ru := rule{name: o.text("name")}
	o.ignore("description")
	if e := o.take("expression"); e == nil {
		r.bad(n, "the rule has no expression")
	} else {
		ru.group = r.group(e)
	}
	o.end()
	return ru
}

func (r *reader) end(n *node) endStrategy {
	if n == nil {
		return endStrategy{}
	}
	var e endStrategy
	o := r.object(n)
	offset, era := o.take("DateOffset"), o.take("CustomEra")
	o.end()
	switch {
	case offset != nil && era != nil:
		r.bad(n, "DateOffset or CustomEra is expected, not both")
	case offset != nil:
		e.kind = "offset"
		oo := r.object(offset)
		switch field := oo.take("DateField"); {
		case field == nil || field.value == "StartDate":
		case field.value == "EndDate":
			e.atEnd = true
		default:
			r.bad(field, "StartDate or EndDate is expected")
		}
		e.offset, _ = oo.integer("Offset", -maxDays, maxDays)
		oo.end()
	case era != nil:
		e.kind = "era"
		oo := r.object(era)
		var found bool
		if e.set, found = oo.setID("DrugCodesetId"); !found {
			r.bad(era, "the DrugCodesetId is missing")
		}
		e.gap, _ = oo.integer("GapDays", 0, maxDays)
		e.offset, _ = oo.integer("Offset", -maxDays, maxDays)
		e.days, e.hasDays = oo.integer("DaysSupplyOverride", 0, maxDays)
		oo.end()
	default:
		r.bad(n, "DateOffset or CustomEra is expected")
	}
	return e
}

func (r *reader) collapse(n *node, d *Definition) {
	o := r.object(n)
	if t := o.take("CollapseType"); t != nil && t.value != "ERA" {
		r.bad(t, "ERA is expected")
	}
	d.eraPad, _ = o.integer("EraPad", 0, maxDays)
	o.end()
}

// date reads a day of the form 2026-01-31; "" where it is absent.
func (r *reader) date(n *node) string {
	if n == nil {
		return ""
	}
	s, ok := n.value.(string)
	t, err := time.Parse(time.DateOnly, s)
	if !ok || err != nil || t.Year() < 1 {
		r.bad(n, "a date of the form 2026-01-31 is expected")
		return ""
	}
	return s
}

// checkSets warns of a reference to a concept set that is not there, which OHDSI
// takes for an empty one, or that names no concept.
func (r *reader) checkSets(d *Definition) {
	named := map[int64]int{}
	for _, s := range d.ConceptSets {
		named[s.ID] = 0
		for _, it := range s.Items {
			if !it.Excluded {
				named[s.ID]++
			}
		}
	}
	for _, ref := range r.refs {
		id, err := ref.value.(json.Number).Int64()
		if err != nil || len(d.warnings) == maxProblems {
			continue
		}
		switch concepts, there := named[id]; {
		case !there:
			d.warnings = append(d.warnings, fault.Field{Path: clip(ref.path()), Message: "no concept set has this id, so nothing matches"})
		case concepts == 0:
			d.warnings = append(d.warnings, fault.Field{Path: clip(ref.path()), Message: "the concept set names no concept, so nothing matches"})
		}
	}
}

// Warnings name what is allowed and hardly meant.
func (d *Definition) Warnings() []fault.Field { return d.warnings }
