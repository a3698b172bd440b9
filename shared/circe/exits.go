package circe

import (
	"strings"

	"researchhub.example/hub/shared/statement"
)

// ends names the query of the cohort's raw periods: person_id, start_date,
// end_date. A period ends at the earliest of its ends that is not before it.
func (c *compiler) ends(events string) string {
	var parts []string
	for _, e := range c.endings(events) {
		parts = append(parts, e.sql)
	}
	end := c.d.end
	if len(parts) == 1 && end.kind == "" && !c.single {
		// Periods of one end are one from the earliest start.
		return c.add("periods", "SELECT e.person_id, MIN(e.start_date) AS start_date, e.op_end AS end_date\nFROM "+events+" AS e\nGROUP BY e.person_id, e.op_end")
	}
	if len(parts) == 1 && (end.kind == "" || end.kind == "offset" && !end.atEnd && end.offset >= 0) {
		return c.add("periods", parts[0]) // never before the start
	}
	if len(parts) == 1 {
		return c.add("periods", "SELECT person_id, start_date, end_date\nFROM (\n"+parts[0]+"\n)\nWHERE end_date >= start_date")
	}
	return c.add("periods", "SELECT person_id, start_date, MIN(end_date) AS end_date\nFROM (\n"+strings.Join(parts, "\nUNION ALL\n")+
		"\n)\nWHERE end_date >= start_date\nGROUP BY person_id, start_date, "+c.identity())
}

// ending is one of the dates at which an event's period may end.
type ending struct {
	what string // "observationPeriod", "dateOffset", "drugEra" or "censoring"
	item int    // which censoring criterion
	sql  string // the columns of period, end_date
}

// endings gives every end that the definition knows for the events; an event may
// have several of one kind.
func (c *compiler) endings(events string) []ending {
	var parts []ending
	switch c.d.end.kind {
	case "offset":
		from := "e.start_date"
		if c.d.end.atEnd {
			from = "e.end_date"
		}
		moved := c.days(from, c.d.end.offset)
		// Not LEAST: where the event has no end, the period has none either.
		parts = append(parts, ending{"dateOffset", 0, "SELECT " + c.period() + ", IF(" + moved + " > e.op_end, e.op_end, " + moved + ") AS end_date FROM " + events + " AS e"})
	case "era":
		// Who is in no era stays to the end of the observation period.
		parts = append(parts, ending{"observationPeriod", 0, c.atPeriodEnd(events)}, ending{"drugEra", 0, c.drugEras(events)})
	default:
		parts = append(parts, ending{"observationPeriod", 0, c.atPeriodEnd(events)})
	}
	for i, cr := range c.d.censoring {
		sql := "SELECT " + c.period() + ", a.start_date AS end_date\nFROM " + events + " AS e\nJOIN " +
			c.criterion(cr, "") + " AS a ON a.person_id = e.person_id AND a.start_date BETWEEN e.start_date AND e.op_end"
		if !c.lean {
			// One for each event and criterion, for who asks which it was.
			sql = strings.Replace(sql, "a.start_date AS end_date", "MIN(a.start_date) AS end_date", 1) + "\nGROUP BY " + c.period()
		}
		parts = append(parts, ending{"censoring", i, sql})
	}
	return parts
}

// period lists what a period is told apart by, over e: the event's number, or all
// that its ends depend on.
func (c *compiler) period() string {
	switch {
	case !c.lean:
		return "e.person_id, e.start_date, e.event_id"
	case c.endDate:
		return "e.person_id, e.start_date, e.op_end, e.end_date AS event_end"
	}
	return "e.person_id, e.start_date, e.op_end"
}

// identity names the columns of period after the first two.
func (c *compiler) identity() string {
	switch {
	case !c.lean:
		return "event_id"
	case c.endDate:
		return "op_end, event_end"
	}
	return "op_end"
}

func (c *compiler) atPeriodEnd(events string) string {
	return "SELECT " + c.period() + ", e.op_end AS end_date FROM " + events + " AS e"
}

// drugEras ends a period with the era of a drug concept set's exposures that
// holds its start. Exposures count by standard and by source concept.
func (c *compiler) drugEras(events string) string {
	s := c.d.end
	end := "COALESCE(t.drug_exposure_end_date, DATE_ADD(t.drug_exposure_start_date, INTERVAL t.days_supply DAY), DATE_ADD(t.drug_exposure_start_date, INTERVAL 1 DAY))"
	if s.hasDays {
		end = c.days("t.drug_exposure_start_date", s.days)
	}
	set := c.conceptSet(s.set)
	exposures := c.add("exposures", "SELECT t.person_id, t.drug_exposure_start_date AS start_date, "+c.days(end, s.offset)+" AS end_date\nFROM "+
		c.table("drug_exposure")+" AS t\nWHERE t.drug_concept_id IN UNNEST("+set+") OR t.drug_source_concept_id IN UNNEST("+set+")")
	eras := c.islands("eras", exposures, s.gap)
	return "SELECT " + c.period() + ", r.end_date FROM " + events + " AS e JOIN " + eras +
		" AS r ON r.person_id = e.person_id AND e.start_date BETWEEN r.start_date AND r.end_date"
}

// islands merges periods that touch, or have at most so many days between them:
// person_id, start_date, end_date. A period opens an island where none before it
// reaches it; the latest opening up to a period says which island it is in. Of the
// periods of one start the one that opens has the least reach, so that equal
// periods cannot change places.
func (c *compiler) islands(role, periods string, pad int64) string {
	reached := c.add("reached", "SELECT person_id, start_date, end_date,\n"+
		"  MAX(end_date) OVER (PARTITION BY person_id ORDER BY start_date, end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach\nFROM "+periods)
	opened := c.add("opened", "SELECT person_id, end_date,\n"+
		"  MAX(IF("+c.days("reach", pad)+" >= start_date, NULL, start_date)) OVER (PARTITION BY person_id ORDER BY start_date, reach ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS opening\nFROM "+reached)
	return c.add(role, "SELECT person_id, opening AS start_date, MAX(end_date) AS end_date\nFROM "+opened+"\nGROUP BY person_id, opening")
}

// collapse merges the periods of a person that touch within the era pad.
func (c *compiler) collapse(periods string) {
	if c.single {
		c.cohort = periods // there is one
		return
	}
	c.cohort = c.islands("cohort", periods, c.d.eraPad)
}

// final selects the cohort's rows, cut to the censor window.
func (c *compiler) final() string {
	from := c.cohort
	start, end := "start_date", "end_date"
	where := ""
	if c.d.censorFrom != "" {
		start = "GREATEST(start_date, " + c.bind(statement.DateParam("", c.d.censorFrom)) + ")"
	}
	if c.d.censorTo != "" {
		end = "LEAST(end_date, " + c.bind(statement.DateParam("", c.d.censorTo)) + ")"
	}
	if start != "start_date" || end != "end_date" {
		where = "\nWHERE " + start + " <= " + end
	}
	return "SELECT person_id AS subject_id, " + start + " AS cohort_start_date, " + end + " AS cohort_end_date\nFROM " + from + where
}
