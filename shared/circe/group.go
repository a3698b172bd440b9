package circe

import (
	"slices"
	"strings"
)

func (r *reader) group(n *node) *group {
	g := &group{}
	r.countCriterion(n)
	o := r.object(n)
	g.kind = strings.ToUpper(o.text("Type"))
	count, counted := o.integer("Count", 0, MaxCriteria)
	g.count = count
	switch g.kind {
	case "ALL", "ANY":
	case "AT_LEAST", "AT_MOST":
		if !counted {
			r.bad(n, "a Count is needed with %s", g.kind)
		}
	default:
		r.bad(o.at("Type"), "the Type ALL, ANY, AT_LEAST or AT_MOST is expected")
	}
	for _, c := range o.list("CriteriaList") {
		g.members = append(g.members, r.correlated(c))
	}
	for _, c := range o.list("DemographicCriteriaList") {
		g.demo = append(g.demo, r.demographic(c))
	}
	for _, c := range o.list("Groups") {
		g.groups = append(g.groups, r.group(c))
	}
	o.end()
	r.oddGroup(n, g)
	return g
}

func (r *reader) countCriterion(n *node) {
	if r.criteria++; r.criteria == MaxCriteria+1 {
		r.bad(n, "at most %d criteria and groups are accepted", MaxCriteria)
	}
}

func (r *reader) correlated(n *node) correlated {
	var c correlated
	o := r.object(n)
	if cr := o.take("Criteria"); cr == nil {
		r.bad(n, "the Criteria are missing")
	} else {
		c.criterion = r.criterion(cr)
	}
	if w := o.take("StartWindow"); w != nil {
		c.start = r.window(w, false)
	}
	if w := o.take("EndWindow"); w != nil {
		c.end = r.window(w, true)
	}
	c.restrict, c.ignorePeriod = o.flag("RestrictVisit"), o.flag("IgnoreObservationPeriod")
	occ := o.take("Occurrence")
	o.end()
	if occ == nil {
		r.bad(n, "the Occurrence is missing")
		return c
	}
	oo := r.object(occ)
	kind, typed := oo.integer("Type", 0, 2)
	c.op = []string{"=", "<=", ">="}[kind]
	count, counted := oo.integer("Count", 0, 1_000_000)
	if c.count = count; !typed || !counted {
		r.warn(occ, "what is not said of the Occurrence is taken for 0, as OHDSI's SQL does: the Type for exactly, the Count for none")
	}
	c.unique = oo.flag("IsDistinct")
	c.column = oo.text("CountColumn")
	if c.column == "" && c.unique {
		c.column = "DOMAIN_CONCEPT"
	}
	if c.column != "" && c.criterion != nil && c.criterion.domain != nil && c.criterion.domain.countExpr(c.column) == "" {
		if slices.Contains(countColumns, c.column) {
			r.bad(oo.at("CountColumn"), "%s cannot be counted by %s", c.criterion.domain.name, c.column)
		} else {
			r.bad(oo.at("CountColumn"), "the CountColumn is not one of Circe's")
		}
	}
	oo.end()
	r.oddCorrelated(n, c)
	return c
}

// countColumns are the names that Circe has for what is counted.
var countColumns = []string{"DAYS_SUPPLY", "DOMAIN_CONCEPT", "DOMAIN_SOURCE_CONCEPT", "DURATION", "END_DATE", "ERA_OCCURRENCES", "GAP_DAYS",
	"QUANTITY", "RANGE_HIGH", "RANGE_LOW", "REFILLS", "START_DATE", "UNIT", "VALUE_AS_NUMBER", "VALUE_AS_CONCEPT", "VISIT_ID", "VISIT_DETAIL_ID"}

// countExpr is the SQL over t of a count column, "" where the domain has none.
func (d *domain) countExpr(column string) string {
	if c, ok := d.counts[column]; ok {
		return "t." + c
	}
	switch column {
	case "DOMAIN_CONCEPT":
		if d.concept == "" {
			return ""
		}
		return "t." + d.concept
	case "START_DATE":
		return "t." + d.start
	case "END_DATE":
		return d.end
	case "DURATION":
		return "DATE_DIFF(" + d.end + ", t." + d.start + ", DAY)"
	case "VISIT_ID":
		if d.visit == "" {
			return ""
		}
		return "t." + d.visit
	}
	return ""
}

// window reads a window; an end window looks at the event's end unless it says
// otherwise, a start window at the event's start.
func (r *reader) window(n *node, end bool) *window {
	o := r.object(n)
	w := &window{indexEnd: o.flag("UseIndexEnd"), eventAtEnd: end}
	if u := o.take("UseEventEnd"); u != nil {
		w.eventAtEnd = o.flag("UseEventEnd")
	}
	w.from, w.to = r.bound(n, o.take("Start")), r.bound(n, o.take("End"))
	o.end()
	return w
}

func (r *reader) bound(parent, n *node) bound {
	if n == nil {
		r.bad(parent, "a window needs Start and End")
		return bound{}
	}
	o := r.object(n)
	sign, found := o.integer("Coeff", -1, 1)
	if !found || sign == 0 {
		r.bad(o.at("Coeff"), "a Coeff of -1 (before) or 1 (after) is needed")
	}
	days, given := o.integer("Days", 0, maxDays)
	o.end()
	return bound{open: !given, days: sign * days, sign: sign}
}

func (r *reader) demographic(n *node) demographic {
	r.countCriterion(n)
	o := r.object(n)
	var d demographic
	for _, name := range personNames {
		d.filters = r.attribute(o, d.filters, name, personAttributes[name])
	}
	o.end()
	r.oddFilters(n, d.filters)
	return d
}
