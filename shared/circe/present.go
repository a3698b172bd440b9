package circe

import (
	"slices"

	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// This file leaves out what no event of a release can decide. A release never
// changes, so a criterion whose concepts do not occur in it has no events, now and
// for ever, and need not be asked for.

// occurring gives the concepts of a set that occur in a column, all of them where
// that is not known.
func (o Options) occurring(set int64, table, column string) []int64 {
	ids := o.Sets[set]
	bit, known := omop.Occurrence(table, column)
	if o.Occurs == nil || !known {
		return ids
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return o.Occurs[id]&bit == 0 })
}

// occurringSet gives the SQL of a criterion's concepts in a column of its table.
func (c *compiler) occurringSet(set int64, table, column string) string {
	return c.bind(statement.IntsParam("", append([]int64{}, c.o.occurring(set, table, column)...)))
}

// never reports that a criterion has no events.
func (o Options) never(cr *criterion) bool {
	d := cr.domain
	return o.Occurs != nil && (cr.set != nil && len(o.occurring(*cr.set, d.table, d.concept)) == 0 ||
		cr.source != nil && len(o.occurring(*cr.source, d.table, d.source)) == 0 ||
		cr.nested != nil && o.verdict(cr.nested) == fails)
}

// verdict is what is known of a condition beforehand.
type verdict int

const (
	open verdict = iota // an event may fulfil it, or not
	holds
	fails
)

func certain(b bool) verdict {
	if b {
		return holds
	}
	return fails
}

// verdict is what is known of a group.
func (o Options) verdict(g *group) verdict {
	_, v := o.folded(g)
	return v
}

// known is what is known of a correlated criterion.
func (o Options) known(m correlated) verdict {
	if !o.never(m.criterion) {
		return open
	}
	switch m.op {
	case "<=":
		return holds
	default:
		return certain(m.count == 0)
	}
}

// folded gives a group without the members of which all is known, and the verdict
// where that decides it.
func (o Options) folded(g *group) (*group, verdict) {
	if len(g.members)+len(g.demo)+len(g.groups) == 0 {
		return g, holds // an empty group lets everyone pass
	}
	out := &group{kind: g.kind, count: g.count, demo: g.demo}
	met := int64(0)
	failed := false
	count := func(v verdict) bool {
		switch v {
		case holds:
			met++
		case fails:
			failed = true
		case open:
			return true
		}
		return false
	}
	for _, m := range g.members {
		if count(o.known(m)) {
			out.members = append(out.members, m)
		}
	}
	for _, s := range g.groups {
		if s, v := o.folded(s); count(v) {
			out.groups = append(out.groups, s)
		}
	}
	left := int64(len(out.members) + len(out.demo) + len(out.groups))
	switch g.kind {
	case "ALL":
		switch {
		case failed:
			return nil, fails
		case left == 0:
			return nil, holds
		}
	case "ANY":
		switch {
		case met > 0:
			return nil, holds
		case left == 0:
			return nil, fails
		}
	case "AT_LEAST":
		out.count -= met
		switch {
		case out.count <= 0:
			return nil, holds
		case left < out.count:
			return nil, fails
		}
	default: // AT_MOST
		out.count -= met
		switch {
		case out.count < 0:
			return nil, fails
		case left <= out.count:
			return nil, holds
		}
	}
	return out, open
}

// folded gives the definition without what has no events; false where nobody can
// be in the cohort.
func (d *Definition) folded(o Options) (*Definition, bool) {
	if o.Occurs == nil {
		return d, true
	}
	f := *d
	f.primary.criteria = o.possible(d.primary.criteria)
	f.censoring = o.possible(d.censoring)
	if len(f.primary.criteria) == 0 {
		return nil, false
	}
	if d.additional != nil {
		g, v := o.folded(d.additional)
		switch v {
		case fails:
			return nil, false
		case holds:
			if g = nil; d.qualified != all {
				g = &group{kind: "ALL"} // the limit acts all the same
			}
		case open:
		}
		f.additional = g
	}
	f.rules = nil
	for _, r := range d.rules {
		switch g, v := o.folded(r.group); v {
		case fails:
			return nil, false
		case open:
			f.rules = append(f.rules, rule{r.name, g})
		case holds:
		}
	}
	if e := d.end; e.kind == "era" && len(o.occurring(e.set, "drug_exposure", "drug_concept_id")) == 0 &&
		len(o.occurring(e.set, "drug_exposure", "drug_source_concept_id")) == 0 {
		f.end = endStrategy{}
	}
	return &f, true
}

// possible are the criteria that may have events. One with a nested group is left
// without what is known of it.
func (o Options) possible(list []*criterion) []*criterion {
	var left []*criterion
	for _, cr := range list {
		if !o.never(cr) {
			left = append(left, cr)
		}
	}
	return left
}

// nobody is the query of no periods.
const nobody = "SELECT CAST(NULL AS INT64) AS person_id, CAST(NULL AS DATE) AS start_date, CAST(NULL AS DATE) AS end_date\nFROM (SELECT 1)\nWHERE FALSE"
