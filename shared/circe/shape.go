package circe

import "slices"

// shape is what the events between the stages carry. Events have columns of their
// own instead of a number where nothing asks which of a person's events they are:
// two events of the same columns then meet the same fate, and a window over all
// events is saved.
type shape struct {
	// lean leaves the number out, and the columns that nothing reads.
	lean bool
	// unique has lean events once each, for groups that count.
	unique bool
	// endDate, visit and opStart are the columns that lean events have beside
	// person_id, start_date and op_end.
	endDate, visit, opStart bool
	// single tells that no person has more than one event any more.
	single bool
}

// leanest is the shape for a definition's rows alone.
func (d *Definition) leanest() shape {
	s := shape{lean: true, endDate: d.end.kind == "offset" && d.end.atEnd}
	if d.primary.limit == all && (d.expression != all || d.additional != nil && d.qualified != all) {
		return shape{} // a limit among several events numbers them
	}
	if d.additional != nil {
		s.reads(d.additional)
	}
	for _, r := range d.rules {
		s.reads(r.group)
	}
	return s
}

// reads adds what a group reads of the events that it looks at.
func (s *shape) reads(g *group) {
	for _, m := range g.members {
		s.opStart = s.opStart || !m.ignorePeriod
		s.visit = s.visit || m.restrict
		s.unique = s.unique || !m.anyOrNone()
		for _, w := range []*window{m.start, m.end} {
			s.endDate = s.endDate || w != nil && w.indexEnd
		}
	}
	for _, d := range g.demo {
		for _, f := range d.filters {
			s.endDate = s.endDate || f.name == "OccurrenceEndDate"
		}
	}
	for _, n := range g.groups {
		s.reads(n)
	}
}

// anyOrNone reports whether only that counts: whether there is one at all.
func (m correlated) anyOrNone() bool {
	return m.op == ">=" && m.count <= 1 || m.count == 0
}

// columns are those of the events between the stages.
func (s shape) columns() []string {
	if !s.lean {
		return slices.Clone(numberedColumns)
	}
	c := []string{"person_id", "start_date"}
	if s.endDate {
		c = append(c, "end_date")
	}
	if s.visit {
		c = append(c, "visit_occurrence_id")
	}
	if s.opStart {
		c = append(c, "op_start")
	}
	return append(c, "op_end")
}

// numberedColumns are those of events with a number.
var numberedColumns = []string{"person_id", "event_id", "start_date", "end_date", "visit_occurrence_id", "op_start", "op_end"}

// nestedColumns are those by which a criterion's events are told apart while a
// nested group looks at them; the group reads op_start and op_end as well.
var nestedColumns = []string{"person_id", "event_id", "start_date", "end_date", "visit_occurrence_id"}
