package circe

import (
	"fmt"
	"slices"
	"strings"
)

// looked is what a group looks at: events, and the columns by which it tells them
// apart and which it gives on.
type looked struct {
	events string
	keys   []string
	// whole tells that keys are all of the events' columns, so that what one
	// criterion has left can be given to the next.
	whole bool
}

// group names the query of the events that fulfil a group: the columns of the
// events, each event once.
func (c *compiler) group(g *group, events string) string {
	return c.grouped(g, looked{events, c.columns(), true})
}

func (c *compiler) grouped(g *group, l looked) string {
	n := len(g.members) + len(g.demo) + len(g.groups)
	if n == 0 || g.kind == "AT_LEAST" && g.count == 0 {
		return c.add("group", "SELECT DISTINCT "+columnsOf("e", l.keys)+"\nFROM "+l.events+" AS e")
	}
	if g.kind == "ALL" && l.whole || n == 1 && (g.kind == "ALL" || g.kind == "ANY") {
		// Those cheap to look at come first.
		for _, d := range g.demo {
			l.events = c.demographicOf(d, l)
		}
		for _, m := range g.members {
			l.events = c.correlatedOf(m, l)
		}
		for _, s := range g.groups {
			l.events = c.grouped(s, l)
		}
		return l.events
	}
	var parts []string
	for _, m := range g.members {
		parts = append(parts, c.correlatedOf(m, l))
	}
	for _, d := range g.demo {
		parts = append(parts, c.demographicOf(d, l))
	}
	for _, s := range g.groups {
		parts = append(parts, c.grouped(s, l))
	}
	keys := strings.Join(l.keys, ", ")
	for i, p := range parts {
		parts[i] = "SELECT " + keys + " FROM " + p
	}
	var having string
	switch {
	case g.kind == "ANY" || g.kind == "AT_LEAST" && g.count == 1:
		return c.add("group", strings.Join(parts, "\nUNION DISTINCT\n"))
	case g.kind == "ALL":
		having = fmt.Sprintf("COUNT(*) = %d", n)
	case g.kind == "AT_LEAST":
		having = fmt.Sprintf("COUNT(*) >= %d", g.count)
	default:
		// Events that fulfil none are among those that fulfil at most some.
		parts = append(parts, "SELECT "+columnsOf("e", l.keys)+" FROM "+l.events+" AS e")
		for i := range parts {
			met := 1
			if i == n {
				met = 0
			}
			parts[i] = strings.Replace(parts[i], " FROM ", fmt.Sprintf(", %d AS met FROM ", met), 1)
		}
		having = fmt.Sprintf("SUM(met) <= %d", g.count)
	}
	return c.add("group", "SELECT "+keys+"\nFROM (\n"+strings.Join(parts, "\nUNION ALL\n")+"\n)\nGROUP BY "+keys+"\nHAVING "+having)
}

// correlated names the query of the events that have the asked number of a
// criterion's events in their windows: the columns of the events, each event once.
func (c *compiler) correlated(m correlated, events string) string {
	return c.correlatedOf(m, looked{events, c.columns(), true})
}

func (c *compiler) correlatedOf(m correlated, l looked) string {
	on := []string{"a.person_id = e.person_id"}
	if !m.ignorePeriod {
		on = append(on, "a.start_date BETWEEN e.op_start AND e.op_end")
	}
	on = append(on, c.window(m.start, m.ignorePeriod)...)
	on = append(on, c.window(m.end, m.ignorePeriod)...)
	if m.restrict {
		on = append(on, "a.visit_occurrence_id = e.visit_occurrence_id")
	}
	slices.Sort(on)
	on = slices.Compact(on)
	a := c.criterion(m.criterion, m.column)
	keys := columnsOf("e", l.keys)
	if m.op == ">=" && m.count == 1 && m.column == "" {
		return c.add("match", "SELECT DISTINCT "+keys+"\nFROM "+l.events+" AS e\nJOIN "+a+" AS a ON "+strings.Join(on, "\n  AND "))
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
	return c.add("match", "SELECT "+keys+"\nFROM "+l.events+" AS e\n"+join+" "+a+" AS a ON "+strings.Join(on, "\n  AND ")+
		"\nGROUP BY "+keys+fmt.Sprintf("\nHAVING COUNT(%s) %s %d", count, m.op, m.count))
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
		case ignorePeriod, event == "a.start_date" && (b.sign < 0) == (op == ">="):
			return nil // no bound, or the one that all events of the period keep
		case b.sign < 0:
			return []string{event + " " + op + " e.op_start"}
		default:
			return []string{event + " " + op + " e.op_end"}
		}
	}
	return append(edge(w.from, ">="), edge(w.to, "<=")...)
}

// demographic names the query of the events that fulfil a demographic criterion:
// the columns of the events, each event once.
func (c *compiler) demographic(d demographic, events string) string {
	return c.demographicOf(d, looked{events, c.columns(), true})
}

func (c *compiler) demographicOf(d demographic, l looked) string {
	joins := map[join]bool{}
	var where []string
	for _, f := range d.filters {
		joins[f.attr.join] = true
		where = append(where, c.filter(f))
	}
	return c.add("match", "SELECT DISTINCT "+columnsOf("t", l.keys)+"\nFROM "+l.events+" AS t"+c.joins(joins)+whereAll(where))
}
