package circe

import (
	"strconv"
	"strings"

	"researchhub.example/hub/shared/statement"
)

// The stages of an attrition, in order.
const (
	// StagePrimary are the events of the primary criteria, after the observation
	// window and the primary limit.
	StagePrimary = "primary"
	// StageQualified are those that fulfil the additional criteria, after the
	// qualified limit.
	StageQualified = "qualified"
	// StageRule is one inclusion rule.
	StageRule = "rule"
	// StageLimit are the events that fulfil every rule, after the expression limit.
	StageLimit = "limit"
	// StageCohort are the cohort's periods, after end strategy, censoring, collapse
	// and censor window.
	StageCohort = "cohort"
)

// Rules gives the names of the inclusion rules, in order.
func (d *Definition) Rules() []string {
	names := make([]string, len(d.rules))
	for i, r := range d.rules {
		names[i] = r.name
	}
	return names
}

// Attrition gives the statement of how a cohort comes about, one row per step,
// in order: step INT64 from 0, stage STRING, rule INT64 (its place in the
// definition, -1 where the stage is no rule), and
//
//   - events, persons INT64: what is left after this step; the funnel. A person is
//     left while one event of theirs is, which has fulfilled all rules so far.
//   - met_events, met_persons INT64: what fulfils this rule, whatever the others say;
//   - gain_events, gain_persons INT64: what would come into the cohort's events if
//     this rule alone were dropped.
//
// The last four are 0 where the stage is no rule. Rules look at qualified events,
// so the events of a rule are never more than those of StageQualified.
func (d *Definition) Attrition(o Options) (statement.Statement, error) {
	c, err := d.compiler(o)
	if err != nil {
		return statement.Statement{}, err
	}
	primary := c.primaryEvents()
	qualified := c.qualifiedEvents(primary)
	included := qualified
	n := len(d.rules)
	var rules string
	if n > 0 {
		included, rules = c.ruleCounts(qualified)
	}
	chosen := c.limited("chosen", included, d.expression)
	c.collapse(c.ends(chosen))
	step := func(at int, stage, person, from string) string {
		return "SELECT " + strconv.Itoa(at) + " AS step, '" + stage + "' AS stage, -1 AS rule, COUNT(*) AS events, COUNT(DISTINCT " + person +
			") AS persons, 0 AS met_events, 0 AS met_persons, 0 AS gain_events, 0 AS gain_persons FROM " + from
	}
	steps := []string{step(0, StagePrimary, "person_id", primary), step(1, StageQualified, "person_id", qualified)}
	if n > 0 {
		steps = append(steps, rules)
	}
	steps = append(steps, step(n+2, StageLimit, "person_id", chosen), step(n+3, StageCohort, "subject_id", "(\n"+c.final()+"\n)"))
	sql := c.with() + "SELECT step, stage, rule, events, persons, met_events, met_persons, gain_events, gain_persons\nFROM (\n" +
		strings.Join(steps, "\nUNION ALL\n") + "\n)\nORDER BY step"
	return statement.Statement{SQL: sql, Params: c.params}, nil
}

// ruleCounts gives the query of the events that fulfil every rule, and the SELECT
// of the rules' rows. What an event fulfils is one row per rule, so that the
// statement grows with the rules and not with their combinations: an event has
// fulfilled all rules up to one where that is the (rule+1)th that it fulfils.
func (c *compiler) ruleCounts(events string) (included, rows string) {
	n := len(c.d.rules)
	var parts []string
	numbers := make([]int64, n)
	sum := 0
	for i, r := range c.d.rules {
		parts = append(parts, "SELECT person_id, event_id, "+strconv.Itoa(i)+" AS rule FROM "+c.group(r.group, events))
		numbers[i], sum = int64(i), sum+i
	}
	met := c.add("met", "SELECT person_id, event_id, rule,\n"+
		"  ROW_NUMBER() OVER (PARTITION BY person_id, event_id ORDER BY rule) - 1 AS place,\n"+
		"  COUNT(*) OVER (PARTITION BY person_id, event_id) AS fulfilled,\n"+
		"  SUM(rule) OVER (PARTITION BY person_id, event_id) AS numbers\nFROM (\n"+strings.Join(parts, "\nUNION ALL\n")+"\n)")
	included = c.add("included", "SELECT "+eventColumns+"\nFROM "+events+" AS e\nJOIN "+met+" AS m ON m.person_id = e.person_id AND m.event_id = e.event_id\n"+
		"WHERE m.rule = 0 AND m.fulfilled = "+strconv.Itoa(n))
	// The one rule that an event lacks is what its numbers lack of the sum of all.
	lacking := "SELECT person_id, event_id, " + strconv.Itoa(sum) + " - numbers AS rule\nFROM " + met + "\nWHERE fulfilled = " + strconv.Itoa(n-1) + " AND place = 0"
	if n == 1 {
		lacking = "SELECT e.person_id, e.event_id, 0 AS rule\nFROM " + events + " AS e\nLEFT JOIN " + met +
			" AS m ON m.person_id = e.person_id AND m.event_id = e.event_id\nWHERE m.event_id IS NULL"
	}
	lack := c.add("lack", lacking)
	in := c.add("persons", "SELECT DISTINCT person_id FROM "+included)
	rows = "SELECT rule + 2 AS step, '" + StageRule + "' AS stage, rule, SUM(events) AS events, SUM(persons) AS persons, SUM(met_events) AS met_events, SUM(met_persons) AS met_persons, SUM(gain_events) AS gain_events, SUM(gain_persons) AS gain_persons\nFROM (\n" +
		"SELECT rule, COUNTIF(place = rule) AS events, COUNT(DISTINCT IF(place = rule, person_id, NULL)) AS persons, COUNT(*) AS met_events, COUNT(DISTINCT person_id) AS met_persons, 0 AS gain_events, 0 AS gain_persons FROM " + met + " GROUP BY rule\nUNION ALL\n" +
		"SELECT l.rule, 0, 0, 0, 0, COUNT(*), COUNT(DISTINCT IF(i.person_id IS NULL, l.person_id, NULL)) FROM " + lack + " AS l LEFT JOIN " + in + " AS i ON i.person_id = l.person_id GROUP BY l.rule\nUNION ALL\n" +
		// A rule that nothing fulfils has its row too.
		"SELECT rule, 0, 0, 0, 0, 0, 0 FROM UNNEST(" + c.bind(statement.IntsParam("", numbers)) + ") AS rule\n)\nGROUP BY rule"
	return included, rows
}
