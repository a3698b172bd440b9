package circe

import (
	"slices"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/statement"
)

// criterion names the query of a criterion's events: person_id, event_id,
// start_date, end_date, visit_occurrence_id and, where counted is given, value.
func (c *compiler) criterion(cr *criterion, counted string) string {
	d := cr.domain
	columns := []string{"person_id", d.id, d.start}
	columns = append(columns, d.endColumns...)
	if d.visit != "" {
		columns = append(columns, d.visit)
	}
	joins := map[join]bool{}
	var where, filters []string
	if cr.set != nil {
		where = append(where, "t."+d.concept+" IN UNNEST("+c.occurringSet(*cr.set, d.table, d.concept)+")")
	}
	if cr.source != nil {
		where = append(where, "t."+d.source+" IN UNNEST("+c.occurringSet(*cr.source, d.table, d.source)+")")
	}
	adjust := cr.adjust
	if c.o.Compatible && d.name == "Specimen" {
		adjust = nil // OHDSI's SQL leaves it out
	}
	dates := func(expr string) string { return expr }
	if adjust != nil {
		dates = d.onAdjusted
		filters = append(filters, "t."+adjustedEnd+" >= t."+adjustedStart)
	}
	start, end := dates("t."+d.start), dates(d.end)
	if cr.period != nil {
		var held []string
		start, end, held = c.held(cr.period, start, end)
		filters = append(filters, held...)
	}
	for _, f := range c.compatible(cr) {
		joins[f.attr.join] = true
		columns = append(columns, f.attr.columns...)
		attr := *f.attr
		attr.expr = dates(attr.expr)
		f.attr = &attr
		filters = append(filters, c.filter(f))
	}
	if col, ok := d.counts[counted]; ok {
		columns = append(columns, col)
	}
	if counted == "DOMAIN_CONCEPT" {
		columns = append(columns, d.concept)
	}
	from := c.events(d) + " AS t"
	if cr.first || adjust != nil {
		slices.Sort(columns)
		columns = slices.Compact(columns)
		inner := "(\n  SELECT t." + strings.Join(columns, ", t.")
		if adjust != nil {
			inner += ",\n    " + c.adjusted(adjust, "t."+d.start, d.end)
		}
		if cr.first {
			// First is the first of the concept set; what else is asked is asked of it.
			inner += ",\n    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t." + d.start + ", t." + d.id + ") AS place"
		}
		from = inner + "\n  FROM " + from + whereAll(where) + "\n) AS t"
		where = nil
		if cr.first {
			where = []string{"t.place = 1"}
		}
	}
	visit := "CAST(NULL AS INT64)"
	if d.visit != "" {
		visit = "t." + d.visit
	}
	sql := "SELECT t.person_id, t." + d.id + " AS event_id, " + start + " AS start_date, " + end + " AS end_date, " + visit + " AS visit_occurrence_id"
	if counted != "" {
		sql += ", " + dates(d.countExpr(counted)) + " AS value"
	}
	sql += "\nFROM " + from + c.joins(joins) + whereAll(append(where, filters...))
	name := c.add("events", sql)
	if cr.nested == nil {
		return name
	}
	// Nested criteria look at each of these events in its observation period.
	inner := c.add("nested", "SELECT e.*,\n"+
		"  o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end\nFROM "+name+" AS e\nJOIN "+
		c.table("observation_period")+" AS o ON o.person_id = e.person_id\n"+
		"  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date")
	keys := nestedColumns
	if counted != "" {
		keys = append(slices.Clone(keys), "value")
	}
	g, v := c.o.folded(cr.nested)
	switch v {
	case holds:
		g = &group{kind: "ALL"} // that an event lies in an observation period is asked all the same
	case fails:
		g = cr.nested
	case open:
	}
	return c.grouped(g, looked{inner, keys, false})
}

func whereAll(conditions []string) string {
	if len(conditions) == 0 {
		return ""
	}
	return "\nWHERE " + strings.Join(conditions, "\n  AND ")
}

func (c *compiler) joins(j map[join]bool) string {
	var sql string
	if j[joinPerson] {
		sql += "\nJOIN " + c.table("person") + " AS p ON p.person_id = t.person_id"
	}
	if j[joinProvider] {
		sql += "\nLEFT JOIN " + c.table("provider") + " AS pr ON pr.provider_id = t.provider_id"
	}
	if j[joinVisit] {
		sql += "\nJOIN " + c.table("visit_occurrence") + " AS v ON v.visit_occurrence_id = t.visit_occurrence_id AND v.person_id = t.person_id"
	}
	if j[joinCareSite] {
		sql += "\nJOIN " + c.table("care_site") + " AS cs ON cs.care_site_id = t.care_site_id"
	}
	return sql
}

// events is the table of a domain's events.
func (c *compiler) events(d *domain) string {
	if d.name != "LocationRegion" {
		return c.table(d.table)
	}
	return "(\n  SELECT h.entity_id AS person_id, h.location_history_id, h.start_date, h.end_date, l.region_concept_id\n  FROM " +
		c.table(d.table) + " AS h\n  JOIN " + c.table("location") + " AS l ON l.location_id = h.location_id\n  WHERE h.domain_id = 'PERSON'\n)"
}

// filter gives the condition of one attribute.
func (c *compiler) filter(f filter) string {
	expr := f.attr.expr
	not := ""
	if f.exclude {
		not = "NOT "
	}
	switch f.attr.kind {
	case conceptList:
		return expr + " " + not + "IN UNNEST(" + c.bind(statement.IntsParam("", f.concepts)) + ")"
	case conceptSet:
		if f.set == nil {
			if f.exclude {
				return expr + " IS NULL"
			}
			return expr + " IS NOT NULL"
		}
		if c.o.Compatible && (expr == "p.race_concept_id" || expr == "p.ethnicity_concept_id") {
			expr = "p.gender_concept_id"
		}
		return expr + " " + not + "IN UNNEST(" + c.conceptSet(*f.set) + ")"
	case setNumber:
		return expr + " IN UNNEST(" + c.conceptSet(*f.set) + ")"
	case careSiteRegion:
		return "EXISTS (\n  SELECT 1\n  FROM " + c.table("location_history") + " AS h\n  JOIN " + c.table("location") +
			" AS l ON l.location_id = h.location_id\n  WHERE " + expr + "\n    AND l.region_concept_id IN UNNEST(" + c.conceptSet(*f.set) + "))"
	case textFilter:
		return c.textCondition(expr, f)
	case abnormal:
		return expr
	default:
		return c.rangeCondition(expr, f.attr.kind, f.rng)
	}
}

func (c *compiler) rangeCondition(expr string, k kind, v *valueRange) string {
	scalar := func(s string) string {
		switch k {
		case dateRange:
			return c.bind(statement.DateParam("", s))
		case intRange:
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil && c.o.Compatible {
				n, err = int64(number(s)), nil // OHDSI's SQL drops decimals
			}
			if err == nil {
				return c.integer(n)
			}
			return c.bind(statement.Param{Kind: statement.Float64, Float: number(s)})
		default:
			x := number(s)
			if c.o.Compatible {
				x = number(strconv.FormatFloat(x, 'f', 4, 64)) // OHDSI's SQL keeps four
			}
			return c.bind(statement.Param{Kind: statement.Float64, Float: x})
		}
	}
	switch v.op {
	case "bt":
		return "(" + expr + ") BETWEEN " + scalar(v.from) + " AND " + scalar(v.to)
	case "!bt":
		return "(" + expr + ") NOT BETWEEN " + scalar(v.from) + " AND " + scalar(v.to)
	default:
		return "(" + expr + ") " + ops[v.op] + " " + scalar(v.from)
	}
}

func (c *compiler) textCondition(expr string, f filter) string {
	op, negative := strings.CutPrefix(f.rng.op, "!")
	var cond string
	text, like := f.text, c.o.Compatible && op != "eq"
	if like {
		// OHDSI's LIKE takes % and _ as wildcards; a backslash stands for itself.
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	p := c.bind(statement.TextParam("", text))
	if like {
		switch op {
		case "contains":
			p = "CONCAT('%', " + p + ", '%')"
		case "startsWith":
			p = "CONCAT(" + p + ", '%')"
		case "endsWith":
			p = "CONCAT('%', " + p + ")"
		}
		cond = expr + " LIKE " + p
	} else {
		switch op {
		case "contains":
			cond = "STRPOS(" + expr + ", " + p + ") > 0"
		case "startsWith":
			cond = "STARTS_WITH(" + expr + ", " + p + ")"
		case "endsWith":
			cond = "ENDS_WITH(" + expr + ", " + p + ")"
		default:
			cond = expr + " = " + p
		}
	}
	if negative {
		return "NOT (" + cond + ")"
	}
	return cond
}

// compatible gives a criterion's filters, with OHDSI's defects where they are
// asked for: the end date of a drug exposure is compared by its start, the gap
// days of a drug era by the range that its length has, and a specimen's source
// concept by nothing.
func (c *compiler) compatible(cr *criterion) []filter {
	if !c.o.Compatible {
		return cr.filters
	}
	filters := slices.DeleteFunc(slices.Clone(cr.filters), func(f filter) bool { return f.name == "SpecimenSourceConcept" })
	for i, f := range filters {
		switch {
		case cr.domain.name == "DrugExposure" && f.name == "OccurrenceEndDate":
			filters[i].attr = &attribute{kind: dateRange, expr: "t." + cr.domain.start, columns: []string{cr.domain.start}}
		case cr.domain.name == "DrugEra" && f.name == "GapDays":
			if j := slices.IndexFunc(filters, func(o filter) bool { return o.name == "EraLength" }); j >= 0 {
				filters[i].rng = filters[j].rng
			}
		}
	}
	return filters
}
