package circe

import (
	"fmt"
	"strings"
)

// group names the query of the events that fulfil a group: person_id, event_id.
func (c *compiler) group(g *group, events string) string {
	var parts []string
	for _, m := range g.members {
		parts = append(parts, c.correlated(m, events))
	}
	for _, d := range g.demo {
		parts = append(parts, c.demographic(d, events))
	}
	for _, n := range g.groups {
		parts = append(parts, c.group(n, events))
	}
	if len(parts) == 0 {
		return c.add("group", "SELECT DISTINCT e.person_id, e.event_id\nFROM "+events+" AS e")
	}
	if len(parts) == 1 && (g.kind == "ALL" || g.kind == "ANY") {
		return parts[0] // each part names an event once
	}
	join, having := "JOIN", ""
	switch g.kind {
	case "ALL":
		having = fmt.Sprintf("= %d", len(parts))
	case "ANY":
		having = "> 0"
	case "AT_LEAST":
		if g.count == 0 {
			join = "LEFT JOIN"
		}
		having = fmt.Sprintf(">= %d", g.count)
	case "AT_MOST":
		join, having = "LEFT JOIN", fmt.Sprintf("<= %d", g.count)
	}
	for i, p := range parts {
		parts[i] = "SELECT person_id, event_id FROM " + p
	}
	return c.add("group", "SELECT e.person_id, e.event_id\nFROM "+events+" AS e\n"+join+" (\n"+strings.Join(parts, "\nUNION ALL\n")+
		"\n) AS m ON m.person_id = e.person_id AND m.event_id = e.event_id\nGROUP BY e.person_id, e.event_id\nHAVING COUNT(m.event_id) "+having)
}

// correlated names the query of the events that have the asked number of a
// criterion's events in their windows: person_id, event_id, once each.
func (c *compiler) correlated(m correlated, events string) string {
	on := []string{"a.person_id = e.person_id"}
	if !m.ignorePeriod {
		on = append(on, "a.start_date BETWEEN e.op_start AND e.op_end")
	}
	on = append(on, c.window(m.start, m.ignorePeriod)...)
	on = append(on, c.window(m.end, m.ignorePeriod)...)
	if m.restrict {
		on = append(on, "a.visit_occurrence_id = e.visit_occurrence_id")
	}
	count := "a.event_id"
	if m.column != "" {
		count = "a.value"
	}
	if m.unique {
		count = "DISTINCT " + count
	}
	// None found fulfils 'at most' and 'exactly 0', so such events must stay.
	join := "JOIN"
	if m.op == "<=" || m.count == 0 {
		join = "LEFT JOIN"
	}
	a := c.criterion(m.criterion, m.column)
	return c.add("match", "SELECT e.person_id, e.event_id\nFROM "+events+" AS e\n"+join+" "+a+" AS a ON "+strings.Join(on, "\n  AND ")+
		fmt.Sprintf("\nGROUP BY e.person_id, e.event_id\nHAVING COUNT(%s) %s %d", count, m.op, m.count))
}

// window gives a window's conditions. A bound without days is the edge of the
// observation period, and none at all where that is ignored.
func (c *compiler) window(w *window, ignorePeriod bool) []string {
	if w == nil {
		return nil
	}
	event, index := "a.start_date", "e.start_date"
	if w.eventAtEnd {
		event = "a.end_date"
	}
	if w.indexEnd {
		index = "e.end_date"
	}
	edge := func(b bound, op string) []string {
		switch {
		case !b.open:
			return []string{event + " " + op + " " + c.days(index, b.days)}
		case ignorePeriod:
			return nil
		case b.sign < 0:
			return []string{event + " " + op + " e.op_start"}
		default:
			return []string{event + " " + op + " e.op_end"}
		}
	}
	return append(edge(w.from, ">="), edge(w.to, "<=")...)
}

func (c *compiler) demographic(d demographic, events string) string {
	joins := map[join]bool{}
	var where []string
	for _, f := range d.filters {
		joins[f.attr.join] = true
		where = append(where, c.filter(f))
	}
	return c.add("match", "SELECT DISTINCT t.person_id, t.event_id\nFROM "+events+" AS t"+c.joins(joins)+whereAll(where))
}
