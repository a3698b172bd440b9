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
	return c.add("periods", "SELECT person_id, start_date, MIN(end_date) AS end_date\nFROM (\n"+strings.Join(parts, "\nUNION ALL\n")+
		"\n)\nWHERE end_date >= start_date\nGROUP BY person_id, event_id, start_date")
}

// ending is one of the dates at which an event's period may end.
type ending struct {
	what string // "observationPeriod", "dateOffset", "drugEra" or "censoring"
	item int    // which censoring criterion
	sql  string // person_id, event_id, start_date, end_date
}

// endings gives every end that the definition knows for the events.
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
		parts = append(parts, ending{"dateOffset", 0, "SELECT e.person_id, e.event_id, e.start_date, IF(" + moved + " > e.op_end, e.op_end, " + moved + ") AS end_date FROM " + events + " AS e"})
	case "era":
		// Who is in no era stays to the end of the observation period.
		parts = append(parts, ending{"observationPeriod", 0, atPeriodEnd(events)}, ending{"drugEra", 0, c.drugEras(events)})
	default:
		parts = append(parts, ending{"observationPeriod", 0, atPeriodEnd(events)})
	}
	for i, cr := range c.d.censoring {
		parts = append(parts, ending{"censoring", i, "SELECT e.person_id, e.event_id, e.start_date, MIN(a.start_date) AS end_date\nFROM " + events + " AS e\nJOIN " +
			c.criterion(cr, "") + " AS a ON a.person_id = e.person_id AND a.start_date BETWEEN e.start_date AND e.op_end\n" +
			"GROUP BY e.person_id, e.event_id, e.start_date"})
	}
	return parts
}

func atPeriodEnd(events string) string {
	return "SELECT e.person_id, e.event_id, e.start_date, e.op_end AS end_date FROM " + events + " AS e"
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
	exposures := c.add("exposures", "SELECT t.person_id, t.drug_exposure_start_date AS start_date, "+c.days(end, s.gap+s.offset)+" AS end_date\nFROM "+
		c.table("drug_exposure")+" AS t\nWHERE t.drug_concept_id IN UNNEST("+set+") OR t.drug_source_concept_id IN UNNEST("+set+")")
	eras := c.islands("eras", exposures, s.gap)
	return "SELECT e.person_id, e.event_id, e.start_date, r.end_date FROM " + events + " AS e JOIN " + eras +
		" AS r ON r.person_id = e.person_id AND e.start_date BETWEEN r.start_date AND r.end_date"
}

// islands merges periods that touch: person_id, start_date, end_date, with pad
// days taken off each end again. Of the rows of one start at most one opens an
// island; it comes first, so that equal rows cannot change places.
func (c *compiler) islands(role, periods string, pad int64) string {
	marked := c.add("marked", "SELECT person_id, start_date, end_date,\n"+
		"  IF(MAX(end_date) OVER (PARTITION BY person_id ORDER BY start_date, end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) >= start_date, 0, 1) AS opens\nFROM "+periods)
	numbered := c.add("numbered", "SELECT person_id, start_date, end_date,\n"+
		"  SUM(opens) OVER (PARTITION BY person_id ORDER BY start_date, opens DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island\nFROM "+marked)
	return c.add(role, "SELECT person_id, MIN(start_date) AS start_date, "+c.days("MAX(end_date)", -pad)+" AS end_date\nFROM "+
		numbered+"\nGROUP BY person_id, island")
}

// collapse merges the periods of a person that touch within the era pad.
func (c *compiler) collapse(periods string) {
	if c.d.eraPad > 0 {
		periods = c.add("padded", "SELECT person_id, start_date, "+c.days("end_date", c.d.eraPad)+" AS end_date\nFROM "+periods)
	}
	c.islands("cohort", periods, c.d.eraPad)
}

// final selects the cohort's rows, cut to the censor window.
func (c *compiler) final() string {
	from := c.ctes[len(c.ctes)-1].name
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
