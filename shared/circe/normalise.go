package circe

import "encoding/json"

// This file turns a definition back into Circe JSON: see Canonical.

// former makes the parts of a form; sets are the definition's concept sets.
type former struct {
	*writer
	sets map[int64]reference
}

func (w *writer) definition(d *Definition) fields {
	f := former{w, map[int64]reference{}}
	for _, s := range d.ConceptSets {
		f.sets[s.ID] = w.holding(s.Items)
	}
	var criteria []any
	for _, c := range d.primary.criteria {
		criteria = append(criteria, f.criterion(c))
	}
	out := fields{
		"PrimaryCriteria": fields{"CriteriaList": criteria, "PrimaryCriteriaLimit": limitForm(d.primary.limit),
			"ObservationWindow": fields{"PriorDays": d.primary.priorDays, "PostDays": d.primary.postDays}},
		"ExpressionLimit": limitForm(d.expression),
		"EndStrategy":     f.end(d.end),
	}
	if d.additional != nil {
		// Without additional criteria the limit does nothing.
		out["AdditionalCriteria"], out["QualifiedLimit"] = f.group(d.additional), limitForm(d.qualified)
	}
	var rules, censoring []any
	for _, r := range d.rules {
		rules = append(rules, fields{"expression": f.group(r.group)})
	}
	for _, c := range d.censoring {
		censoring = append(censoring, f.criterion(c))
	}
	out["InclusionRules"], out["CensoringCriteria"] = rules, f.sorted(censoring)
	if d.eraPad > 0 {
		out["CollapseSettings"] = fields{"CollapseType": "ERA", "EraPad": d.eraPad}
	}
	if d.censorFrom != "" || d.censorTo != "" {
		out["CensorWindow"] = fields{"StartDate": d.censorFrom, "EndDate": d.censorTo}
	}
	return out
}

func limitForm(l limit) fields {
	return fields{"Type": []string{"First", "Last", "All"}[l]}
}

func (f former) end(e endStrategy) any {
	switch e.kind {
	case "offset":
		field := "StartDate"
		if e.atEnd {
			field = "EndDate"
		}
		return fields{"DateOffset": fields{"DateField": field, "Offset": e.offset}}
	case "era":
		era := fields{"DrugCodesetId": f.reference(f.sets, &e.set), "GapDays": e.gap, "Offset": e.offset}
		if e.hasDays {
			era["DaysSupplyOverride"] = e.days
		}
		return fields{"CustomEra": era}
	}
	return nil
}

func (f former) criterion(c *criterion) fields {
	body := fields{"First": c.first}
	body["CodesetId"] = f.reference(f.sets, c.set)
	if c.source != nil {
		body[c.domain.sourceField] = f.reference(f.sets, c.source)
	}
	if a := c.adjust; a != nil {
		date := map[bool]string{false: "START_DATE", true: "END_DATE"}
		body["DateAdjustment"] = fields{"StartWith": date[a.startFromEnd], "StartOffset": a.start, "EndWith": date[a.endFromEnd], "EndOffset": a.end}
	}
	if p := c.period; p != nil {
		body["UserDefinedPeriod"] = fields{"StartDate": p.start, "EndDate": p.end}
	}
	f.filters(body, c.filters)
	if c.nested != nil {
		body["CorrelatedCriteria"] = f.group(c.nested)
	}
	return fields{c.domain.name: body}
}

func (f former) filters(into fields, list []filter) {
	for _, x := range list {
		switch x.attr.kind {
		case setNumber, careSiteRegion:
			into[x.name] = f.reference(f.sets, x.set)
		case dateRange, intRange, decimalRange:
			into[x.name] = rangeForm(x.rng, x.attr.kind)
		case conceptList:
			var concepts []any
			for _, id := range x.concepts {
				concepts = append(concepts, fields{"CONCEPT_ID": id})
			}
			into[x.name] = f.once(f.sorted(concepts))
			if x.attr.exclude != "" {
				into[x.attr.exclude] = x.exclude
			}
		case conceptSet:
			into[x.name] = fields{"CodesetId": f.reference(f.sets, x.set), "IsExclusion": x.exclude}
		case textFilter:
			into[x.name] = fields{"Text": x.text, "Op": x.rng.op}
		case abnormal:
			into[x.name] = true
		}
	}
}

// once leaves the first of equal concepts that follow each other.
func (f former) once(list []any) []any {
	var out []any
	last := ""
	for _, v := range list {
		f.value(v)
		key := f.String()
		f.Reset()
		if key != last {
			out = append(out, v)
		}
		last = key
	}
	return out
}

func rangeForm(v *valueRange, k kind) fields {
	scalar := func(s string) any {
		switch {
		case s == "":
			return nil
		case k == dateRange:
			return s
		}
		return json.Number(s)
	}
	return fields{"Op": v.op, "Value": scalar(v.from), "Extent": scalar(v.to)}
}

func (f former) group(g *group) fields {
	var members, demographics, groups []any
	for _, m := range g.members {
		members = append(members, f.correlated(m))
	}
	for _, d := range g.demo {
		body := fields{}
		f.filters(body, d.filters)
		demographics = append(demographics, body)
	}
	for _, n := range g.groups {
		groups = append(groups, f.group(n))
	}
	out := fields{"Type": g.kind, "CriteriaList": f.sorted(members), "DemographicCriteriaList": f.sorted(demographics), "Groups": f.sorted(groups)}
	if g.kind == "AT_LEAST" || g.kind == "AT_MOST" {
		out["Count"] = g.count
	}
	return out
}

func (f former) correlated(m correlated) fields {
	types := map[string]int64{"=": 0, "<=": 1, ">=": 2}
	occurrence := fields{"Type": types[m.op], "Count": m.count, "IsDistinct": m.unique, "CountColumn": m.column}
	return fields{"Criteria": f.criterion(m.criterion), "StartWindow": windowForm(m.start, false), "EndWindow": windowForm(m.end, true),
		"RestrictVisit": m.restrict, "IgnoreObservationPeriod": m.ignorePeriod, "Occurrence": occurrence}
}

func windowForm(w *window, end bool) any {
	if w == nil {
		return nil
	}
	out := fields{"Start": boundForm(w.from), "End": boundForm(w.to), "UseIndexEnd": w.indexEnd}
	if w.eventAtEnd != end {
		out["UseEventEnd"] = always(w.eventAtEnd)
	}
	return out
}

func boundForm(b bound) fields {
	out := fields{"Coeff": b.sign}
	if !b.open {
		out["Days"] = b.days * b.sign
		if b.days == 0 {
			// No days before is no days after.
			out["Coeff"] = int64(1)
		}
	}
	return out
}
