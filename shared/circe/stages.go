package circe

import (
	"fmt"
	"slices"
	"strings"
)

// columnsOf lists columns of a query.
func columnsOf(alias string, columns []string) string {
	return alias + "." + strings.Join(columns, ", "+alias+".")
}

// eventColumns are those of events with a number, over e.
var eventColumns = columnsOf("e", numberedColumns)

// order gives the ORDER BY that a limit picks by: the date, then the identifier.
func order(l limit, date, id string) string {
	if l == last {
		return date + " DESC, " + id
	}
	return date + ", " + id
}

// primaryEvents gives the events of all primary criteria inside an observation
// period, with the columns of the shape. A number identifies an event of a person
// from here on, where the shape has numbers.
func (c *compiler) primaryEvents() string {
	p := c.d.primary
	picks := p.limit != all
	parts := make([]string, len(p.criteria))
	columns := nestedColumns
	if c.lean && !picks {
		columns = slices.DeleteFunc(slices.Clone(columns), func(name string) bool {
			return name == "event_id" || name == "end_date" && !c.endDate || name == "visit_occurrence_id" && !c.visit
		})
	}
	numbered := !c.lean || picks
	for i, cr := range p.criteria {
		parts[i] = "SELECT " + strings.Join(columns, ", ")
		if numbered {
			parts[i] += fmt.Sprintf(", %d AS source", i)
		}
		parts[i] += " FROM " + c.criterion(cr, "")
	}
	if !numbered {
		// The same event twice changes nothing.
		slices.Sort(parts)
		parts = slices.Compact(parts)
	}
	from := "(\n" + strings.Join(parts, "\nUNION ALL\n") + "\n)"
	if len(parts) == 1 {
		from = c.criterion(p.criteria[0], "")
	}
	var list []string
	for _, name := range c.columns() {
		switch name {
		case "event_id":
		case "op_start":
			list = append(list, "o.observation_period_start_date AS op_start")
		case "op_end":
			list = append(list, "o.observation_period_end_date AS op_end")
		default:
			list = append(list, "e."+name)
		}
	}
	word := "SELECT "
	if numbered {
		source := "e.source"
		if len(parts) == 1 {
			source = ""
		}
		keys := []string{order(p.limit, "e.start_date", "e.event_id"), source, "o.observation_period_start_date", "o.observation_period_id"}
		keys = slices.DeleteFunc(keys, func(k string) bool { return k == "" })
		list = append(list, "ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY "+strings.Join(keys, ", ")+") AS event_id")
	} else if c.unique {
		word += "DISTINCT "
	}
	sql := word + strings.Join(list, ", ") + "\nFROM " + from + " AS e\n" +
		"JOIN " + c.table("observation_period") + " AS o ON o.person_id = e.person_id\n" +
		"  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date"
	var where []string
	if p.priorDays > 0 {
		where = append(where, c.days("o.observation_period_start_date", p.priorDays)+" <= e.start_date")
	}
	if p.postDays > 0 {
		where = append(where, c.days("e.start_date", p.postDays)+" <= o.observation_period_end_date")
	}
	if len(where) > 0 {
		sql += "\nWHERE " + strings.Join(where, " AND ")
	}
	if !picks {
		return c.add("primary", sql)
	}
	c.single = true
	return c.add("primary", "SELECT "+strings.Join(c.columns(), ", ")+"\nFROM (\n"+sql+"\n)\nWHERE event_id = 1")
}

// limited keeps the first or the last event of each person.
func (c *compiler) limited(role, events string, l limit) string {
	if l == all || c.single {
		return events
	}
	c.single = true
	return c.add(role, "SELECT "+strings.Join(numberedColumns, ", ")+"\nFROM (\n"+
		"SELECT "+columnsOf("e", numberedColumns)+",\n  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY "+order(l, "e.start_date", "e.event_id")+
		") AS place\nFROM "+events+" AS e\n)\nWHERE place = 1")
}

// qualifiedEvents applies the additional criteria. The qualified limit acts only
// where there are some, as in OHDSI's SQL.
func (c *compiler) qualifiedEvents(events string) string {
	if c.d.additional == nil {
		return events
	}
	return c.limited("best", c.group(c.d.additional, events), c.d.qualified)
}

// includedEvents keeps the events that fulfil every inclusion rule. Each rule looks
// at what the ones before it have left.
func (c *compiler) includedEvents(events string) string {
	for _, r := range c.d.rules {
		events = c.group(r.group, events)
	}
	return c.limited("chosen", events, c.d.expression)
}
