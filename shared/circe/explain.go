package circe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/statement"
)

// What a row of Explain says.
const (
	// SaysEvent is an event of primary criterion item; passed where it is one that
	// the cohort starts from.
	SaysEvent = "event"
	// SaysPeriod is whether it lies in an observation period, with that period's dates.
	SaysPeriod = "observationPeriod"
	// SaysPrior is whether there are enough days before it.
	SaysPrior = "priorDays"
	// SaysPost is whether there are enough days after it.
	SaysPost = "postDays"
	// SaysPrimaryLimit is whether the primary limit keeps the event. As with the
	// other limits, only events that came that far have the row.
	SaysPrimaryLimit = "primaryLimit"
	// SaysQualifiedLimit is whether the qualified limit keeps it.
	SaysQualifiedLimit = "qualifiedLimit"
	// SaysExpressionLimit is whether the expression limit keeps it.
	SaysExpressionLimit = "expressionLimit"
	// SaysAdditional is whether it fulfils the additional criteria, or their part.
	SaysAdditional = "additional"
	// SaysRule is whether it fulfils inclusion rule item, or its part.
	SaysRule = "rule"
	// SaysEnd is a date at which its period may end; see Endings. passed marks the
	// one that decides.
	SaysEnd = "end"
	// SaysCohort is a period of the cohort, after collapse and censor window.
	SaysCohort = "cohort"
)

// Endings names the ends that rows of SaysEnd count by item: the end strategy's
// ("observationPeriod", "dateOffset", "drugEra"), then "censoring" once for each
// censoring criterion, in order.
func (d *Definition) Endings() []string {
	var names []string
	switch d.end.kind {
	case "offset":
		names = append(names, "dateOffset")
	case "era":
		names = append(names, "observationPeriod", "drugEra")
	default:
		names = append(names, "observationPeriod")
	}
	for range d.censoring {
		names = append(names, "censoring")
	}
	return names
}

// Explain gives the statement that says why a person is in the cohort or not:
// event INT64 (the person's events numbered by date; NULL for the cohort's
// periods), says STRING (one of the constants), item INT64, part INT64 (-1 for
// the whole; the members of a group are counted from 0: criteria, then
// demographic criteria, then groups), passed BOOL, start_date DATE, end_date
// DATE. The person is the parameter "person"; nobody else's rows are looked at.
func (d *Definition) Explain(o Options, person int64) (statement.Statement, error) {
	c, err := d.compiler(o)
	if err != nil {
		return statement.Statement{}, err
	}
	c.person = "@" + c.o.Prefix + "person"
	var rows []string
	say := func(event, says string, item, part int, passed, start, end, from string) {
		rows = append(rows, fmt.Sprintf("SELECT %s AS event, '%s' AS says, %d AS item, %d AS part, %s AS passed, %s AS start_date, %s AS end_date FROM %s",
			event, says, item, part, passed, start, end, from))
	}
	// flagged says which of the events are in the query g.
	flagged := func(says string, item, part int, events, g string) {
		say("e.event_id", says, item, part, "g.event_id IS NOT NULL", "e.start_date", "e.end_date",
			events+" AS e LEFT JOIN "+g+" AS g ON g.person_id = e.person_id AND g.event_id = e.event_id")
	}
	candidates := c.candidates()
	for i := range d.primary.criteria {
		say("event_id", SaysEvent, i, -1, "fits AND "+c.chosenBy(d.primary.limit), "start_date", "end_date", candidates+" WHERE source = "+strconv.Itoa(i))
	}
	say("event_id", SaysPeriod, 0, -1, "op_start IS NOT NULL", "op_start", "op_end", candidates)
	if d.primary.priorDays > 0 {
		say("event_id", SaysPrior, 0, -1, "prior", "op_start", "start_date", candidates+" WHERE op_start IS NOT NULL")
	}
	if d.primary.postDays > 0 {
		say("event_id", SaysPost, 0, -1, "post", "start_date", "op_end", candidates+" WHERE op_start IS NOT NULL")
	}
	if d.primary.limit != all {
		say("event_id", SaysPrimaryLimit, 0, -1, c.chosenBy(d.primary.limit), "start_date", "end_date", candidates+" WHERE fits")
	}
	events := c.add("primary", "SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end\nFROM "+candidates+
		"\nWHERE fits AND "+c.chosenBy(d.primary.limit))
	if g := d.additional; g != nil {
		whole, parts := c.members(g, events)
		flagged(SaysAdditional, 0, -1, events, whole)
		for i, p := range parts {
			flagged(SaysAdditional, 0, i, events, p)
		}
		qualified := c.add("qualified", "SELECT "+eventColumns+"\nFROM "+events+" AS e\nJOIN "+whole+" AS g ON g.person_id = e.person_id AND g.event_id = e.event_id")
		events = c.limited("best", qualified, d.qualified)
		if d.qualified != all {
			flagged(SaysQualifiedLimit, 0, -1, qualified, events)
		}
	}
	if len(d.rules) > 0 {
		sql := "SELECT " + eventColumns + "\nFROM " + events + " AS e"
		for i, r := range d.rules {
			whole, parts := c.members(r.group, events)
			flagged(SaysRule, i, -1, events, whole)
			for j, p := range parts {
				flagged(SaysRule, i, j, events, p)
			}
			sql += fmt.Sprintf("\nJOIN %s AS r%d ON r%d.person_id = e.person_id AND r%d.event_id = e.event_id", whole, i, i, i)
		}
		events = c.add("included", sql)
	}
	chosen := c.limited("chosen", events, d.expression)
	if d.expression != all {
		flagged(SaysExpressionLimit, 0, -1, events, chosen)
	}
	var ends []string
	for i, e := range c.endings(chosen) {
		ends = append(ends, "SELECT "+strconv.Itoa(i)+" AS item, x.event_id, x.start_date, x.end_date FROM (\n"+e.sql+"\n) AS x")
	}
	ended := c.add("ended", "SELECT item, event_id, start_date, end_date,\n"+
		"  ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY IF(end_date >= start_date, 0, 1), end_date, item) AS place\nFROM (\n"+strings.Join(ends, "\nUNION ALL\n")+"\n)")
	rows = append(rows, "SELECT event_id AS event, '"+SaysEnd+"' AS says, item, -1 AS part, place = 1 AND COALESCE(end_date >= start_date, FALSE) AS passed, start_date, end_date FROM "+ended)
	c.collapse(c.ends(chosen))
	say("CAST(NULL AS INT64)", SaysCohort, 0, -1, "TRUE", "cohort_start_date", "cohort_end_date", "(\n"+c.final()+"\n)")
	sql := c.with() + "SELECT event, says, item, part, passed, start_date, end_date\nFROM (\n" + strings.Join(rows, "\nUNION ALL\n") +
		"\n)\nORDER BY event, says, item, part, start_date, end_date"
	c.params = append(c.params, statement.IntParam(c.o.Prefix+"person", person))
	return statement.Statement{SQL: sql, Params: c.params}, nil
}

// chosenBy is the condition under which the primary limit keeps a candidate.
func (c *compiler) chosenBy(l limit) string {
	if l == all {
		return "TRUE"
	}
	return "place = 1"
}

// candidates names the query of every event of the primary criteria, those too
// that do not qualify: see primaryEvents for what decides.
func (c *compiler) candidates() string {
	p := c.d.primary
	parts := make([]string, len(p.criteria))
	for i, cr := range p.criteria {
		parts[i] = fmt.Sprintf("SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, %d AS source FROM %s", i, c.criterion(cr, ""))
	}
	prior := "COALESCE(" + c.days("o.observation_period_start_date", p.priorDays) + " <= e.start_date, FALSE)"
	post := "COALESCE(" + c.days("e.start_date", p.postDays) + " <= o.observation_period_end_date, FALSE)"
	found := c.add("found", "SELECT e.person_id, e.record, e.source, e.start_date, e.end_date, e.visit_occurrence_id,\n"+
		"  o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end,\n  "+prior+" AS prior, "+post+" AS post,\n"+
		"  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.record, e.source, o.observation_period_start_date, o.observation_period_id) AS event_id\nFROM (\n"+
		strings.Join(parts, "\nUNION ALL\n")+"\n) AS e\nLEFT JOIN "+c.table("observation_period")+" AS o ON o.person_id = e.person_id\n"+
		"  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date")
	fits := "op_start IS NOT NULL AND prior AND post"
	return c.add("candidates", "SELECT person_id, event_id, source, start_date, end_date, visit_occurrence_id, op_start, op_end, prior, post,\n  "+fits+" AS fits,\n"+
		"  ROW_NUMBER() OVER (PARTITION BY person_id, "+fits+" ORDER BY "+order(p.limit, "start_date", "event_id")+") AS place\nFROM "+found)
}

// members names the query of the events that fulfil a group, and those that
// fulfil each of its members.
func (c *compiler) members(g *group, events string) (whole string, parts []string) {
	for _, m := range g.members {
		parts = append(parts, c.correlated(m, events))
	}
	for _, d := range g.demo {
		parts = append(parts, c.demographic(d, events))
	}
	for _, n := range g.groups {
		parts = append(parts, c.group(n, events))
	}
	return c.group(g, events), parts
}

// ofNobody are the tables that have no person_id.
var ofNobody = []string{"care_site", "provider", "location", "location_history", "concept", "concept_ancestor", "concept_relationship"}

// ofPerson narrows a table to the person that Explain asks for.
func (c *compiler) ofPerson(name, table string) string {
	if c.person == "" || slices.Contains(ofNobody, name) {
		return table
	}
	return "(SELECT * FROM " + table + " WHERE person_id = " + c.person + ")"
}
