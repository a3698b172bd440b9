package circe

import (
	"strings"

	"researchhub.example/hub/shared/statement"
)

// adjustment moves an event's dates: each of the new ones is so many days from
// one of the old ones. An event that would end before it starts is none.
type adjustment struct {
	start, end   int64 // days
	startFromEnd bool
	endFromEnd   bool
}

// userPeriod puts fixed dates in the place of a period's own, which must hold them.
type userPeriod struct{ start, end string } // of the form 2026-01-31, or ""

// adjustment reads {"StartWith": "START_DATE", "StartOffset": 3, …}.
func (r *reader) adjustment(n *node) *adjustment {
	if n == nil {
		return nil
	}
	o := r.object(n)
	var a adjustment
	a.startFromEnd = r.fromEnd(o.take("StartWith"), false)
	a.endFromEnd = r.fromEnd(o.take("EndWith"), true)
	a.start, _ = o.integer("StartOffset", -maxDays, maxDays)
	a.end, _ = o.integer("EndOffset", -maxDays, maxDays)
	o.end()
	return &a
}

// fromEnd reads which date is meant; Circe's own default is used where none is said.
func (r *reader) fromEnd(n *node, byDefault bool) bool {
	if n == nil {
		return byDefault
	}
	switch n.value {
	case "START_DATE":
		return false
	case "END_DATE":
		return true
	}
	r.bad(n, "START_DATE or END_DATE is expected")
	return false
}

func (r *reader) period(n *node) *userPeriod {
	if n == nil {
		return nil
	}
	o := r.object(n)
	p := &userPeriod{r.date(o.take("StartDate")), r.date(o.take("EndDate"))}
	o.end()
	if p.start == "" && p.end == "" {
		return nil
	}
	return p
}

// The names of adjusted dates.
const adjustedStart, adjustedEnd = "adjusted_start", "adjusted_end"

// adjusted gives the SQL over t of the adjusted dates, with their names.
func (c *compiler) adjusted(a *adjustment, start, end string) string {
	from := func(fromEnd bool, days int64) string {
		date := start
		if fromEnd {
			date = end
		}
		if days == 0 {
			return date
		}
		return "DATE_ADD(" + date + ", INTERVAL " + c.integer(days) + " DAY)"
	}
	return from(a.startFromEnd, a.start) + " AS " + adjustedStart + ",\n    " + from(a.endFromEnd, a.end) + " AS " + adjustedEnd
}

// onAdjusted makes an expression over an event's own dates one over the adjusted
// ones. The end comes first: its expression holds the start's.
func (d *domain) onAdjusted(expr string) string {
	expr = strings.ReplaceAll(expr, d.end, "t."+adjustedEnd)
	return strings.ReplaceAll(expr, "t."+d.start, "t."+adjustedStart)
}

// held gives the dates of an event in a user-defined period, and what must hold.
func (c *compiler) held(p *userPeriod, start, end string) (from, to string, where []string) {
	from, to = start, end
	for _, edge := range []struct {
		date string
		in   *string
	}{{p.start, &from}, {p.end, &to}} {
		if edge.date != "" {
			*edge.in = c.bind(statement.DateParam("", edge.date))
			where = append(where, *edge.in+" BETWEEN "+start+" AND "+end)
		}
	}
	return from, to, where
}
