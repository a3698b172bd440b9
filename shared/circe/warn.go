package circe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/fault"
)

// maxWarnings bounds how many warnings one definition has.
const maxWarnings = 50

// MaxText is the longest text that an attribute may be compared with, in bytes.
const MaxText = 1000

// warn notes what is allowed, and differs from what OHDSI's SQL does or is
// hardly meant.
func (r *reader) warn(n *node, format string, args ...any) {
	switch {
	case n == nil:
	case len(r.warnings) == maxWarnings:
		r.warnings = append(r.warnings, fault.Field{Path: "$", Message: "there is more to warn of than is shown here"})
	case len(r.warnings) < maxWarnings:
		r.warnings = append(r.warnings, fault.Field{Path: clip(n.path()), Message: fmt.Sprintf(format, args...)})
	}
}

// oddDefinition warns of a definition's limits and dates.
func (r *reader) oddDefinition(n *node, d *Definition) {
	primary := n.field("PrimaryCriteria")
	if primary != nil && primary.field("PrimaryCriteriaLimit").field("Type") == nil {
		r.warn(primary, "there is no PrimaryCriteriaLimit: a person's first event is taken, as OHDSI's SQL does")
	}
	if n.field("ExpressionLimit").field("Type") == nil && d.primary.limit == all {
		r.warn(n, "there is no ExpressionLimit: a person's first event is taken, as OHDSI's SQL does")
	}
	if q := n.field("QualifiedLimit"); q.field("Type") != nil && d.additional == nil && d.qualified != d.primary.limit && d.qualified != d.expression {
		r.warn(q, "without AdditionalCriteria this limit does nothing, as in OHDSI's SQL")
	}
	if d.additional != nil && n.field("QualifiedLimit").field("Type") == nil && d.primary.limit == all {
		r.warn(n, "there is no QualifiedLimit: a person's first event is taken, as OHDSI's SQL does")
	}
	if d.censorFrom != "" && d.censorTo != "" && d.censorFrom > d.censorTo {
		r.warn(n.field("CensorWindow"), "the window ends before it starts, so nobody is in the cohort")
	}
}

// oddCriterion warns of a criterion's attributes. n is what stands under the
// name of the criteria type.
func (r *reader) oddCriterion(n *node, c *criterion) {
	name := c.domain.name
	has := func(attr string) bool {
		return slices.ContainsFunc(c.filters, func(f filter) bool { return f.name == attr })
	}
	if name == "Specimen" {
		r.warn(n.field("DateAdjustment"), "OHDSI's SQL ignores the DateAdjustment of a Specimen; the hub moves its dates")
		r.warn(n.field("SpecimenSourceConcept"), "OHDSI's SQL ignores the SpecimenSourceConcept; the hub asks for it")
	}
	if name == "DrugExposure" {
		r.warn(n.field("OccurrenceEndDate"), "OHDSI's SQL compares the exposure's start with this date; the hub compares its end")
	}
	if name == "DrugEra" && has("GapDays") {
		does := "does not run with GapDays alone"
		if has("EraLength") {
			does = "compares the gap days with the range of EraLength"
		}
		r.warn(n.field("GapDays"), "OHDSI's SQL %s; the hub compares them with their own range", does)
	}
	if name == "Measurement" && has("Abnormal") && !(has("ValueAsNumber") && has("RangeLow") && has("RangeHigh") && (has("ValueAsConcept") || has("ValueAsConceptCS"))) {
		r.warn(n.field("Abnormal"), "OHDSI's SQL does not run with Abnormal alone; the hub takes values outside their range, and those called abnormal")
	}
	r.warn(n.field("PlaceOfServiceLocation"), "OHDSI's SQL does not run with PlaceOfServiceLocation; the hub asks where the care site was during the visit")
	if p := c.period; p != nil && p.start != "" && p.end != "" && p.start > p.end {
		r.warn(n.field("UserDefinedPeriod"), "the period ends before it starts")
	}
	r.oddFilters(n, c.filters)
}

// oddFilters warns of attributes' conditions.
func (r *reader) oddFilters(n *node, filters []filter) {
	for _, f := range filters {
		at := n.field(f.name)
		switch f.attr.kind {
		case textFilter:
			if len(f.text) > MaxText {
				r.bad(at, "a text of at most %d bytes is expected", MaxText)
			}
			if at.field("Text") == nil {
				r.warn(at, "there is no Text: OHDSI's SQL looks for the word null; the hub for an empty text")
			}
			if f.text == "" && strings.TrimPrefix(f.rng.op, "!") != "eq" {
				r.warn(at, "an empty text stands in every text")
			}
			if strings.TrimPrefix(f.rng.op, "!") != "eq" && strings.ContainsAny(f.text, "%_") {
				r.warn(at, "OHDSI's SQL takes %% and _ for wildcards; the hub looks for the characters themselves")
			}
		case dateRange, intRange, decimalRange:
			r.oddRange(at, f.rng, f.attr.kind)
		case conceptSet:
			if f.name == "RaceCS" || f.name == "EthnicityCS" {
				r.warn(at, "OHDSI's SQL looks for these concepts in the gender; the hub looks where the name says")
			}
		}
	}
}

func (r *reader) oddRange(n *node, v *valueRange, k kind) {
	between := strings.TrimPrefix(v.op, "!") == "bt"
	if k == dateRange {
		if between && v.from > v.to {
			r.warn(n, "no date lies between these two")
		}
		return
	}
	kept := map[kind]int{intRange: 0, decimalRange: 4}[k]
	for _, text := range []string{v.from, v.to} {
		if _, decimals, _ := strings.Cut(text, "."); len(decimals) > kept {
			r.warn(n, "OHDSI's SQL drops decimals after the first %d; the hub compares with the number as it is", kept)
			break
		}
	}
	if from, to := number(v.from), number(v.to); between && from > to {
		r.warn(n, "no number lies between these two")
	}
}

// number reads what scalar wrote.
func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return f
}

// oddCorrelated warns of a member of a group.
func (r *reader) oddCorrelated(n *node, c correlated) {
	occurrence := n.field("Occurrence")
	if c.unique && c.criterion != nil && c.criterion.nested != nil {
		r.warn(occurrence, "OHDSI's SQL does not run with IsDistinct on a criterion that has criteria of its own; the hub counts the different ones")
	}
	if c.op == ">=" && c.count == 0 {
		r.warn(occurrence, "at least none is always so")
	}
	if w := n.field("EndWindow"); w != nil && w.field("UseEventEnd") == nil {
		r.warn(w, "there is no UseEventEnd: the window looks at the event's end, as in OHDSI's SQL")
	}
	for i, w := range []*window{c.start, c.end} {
		if w != nil && !w.from.open && !w.to.open && w.from.days > w.to.days {
			r.warn(n.field([]string{"StartWindow", "EndWindow"}[i]), "the window ends before it starts, so no event lies in it")
		}
	}
}

// oddGroup warns of a group that no event, or every event, fulfils.
func (r *reader) oddGroup(n *node, g *group) {
	parts := int64(len(g.members) + len(g.demo) + len(g.groups))
	switch {
	case parts == 0:
	case g.kind == "AT_LEAST" && g.count > parts:
		r.warn(n, "there are only %d criteria in the group, so nothing fulfils it", parts)
	case g.kind == "AT_LEAST" && g.count == 0, g.kind == "AT_MOST" && g.count >= parts:
		r.warn(n, "everything fulfils this group")
	}
}
