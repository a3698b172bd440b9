package cohort

import (
	"cloud.google.com/go/civil"

	"researchhub.example/hub/shared/circe"
)

// definitionView is what one definition makes of a participant.
type definitionView struct {
	Periods []periodView `json:"periods" doc:"In the cohort of this definition alone."`
	Events  []eventView  `json:"events"`
}

// decisionView is how a part of a combined cohort decided about a participant.
type decisionView struct {
	Cohort     string         `json:"cohort,omitempty" doc:"The stored cohort that the part is; absent for an operation inside a combination."`
	Version    int            `json:"version,omitempty"`
	Op         string         `json:"op,omitempty" doc:"The operation that the part is; absent for a definition."`
	Definition *int           `json:"definition,omitempty" doc:"Which of definitions explains the part, from 0; absent for an operation."`
	In         bool           `json:"in" doc:"Whether the participant is in this part."`
	Periods    []periodView   `json:"periods" doc:"The days in this part; periods that adjoin are one where an operation made them."`
	Of         []decisionView `json:"of,omitempty" doc:"The parts of an operation, in order."`
}

// dayZero is what days are counted from.
var dayZero = civil.Date{Year: 1970, Month: 1, Day: 1}

// combine says how a combination came about for the participant, from what its
// definitions made of them.
func (out *explainOut) combine(w *circe.Whole, each []*explaining) {
	held := make([][]circe.Days, len(each))
	out.Body.Events = []eventView{}
	for i, e := range each {
		held[i] = e.days
		out.Body.Definitions = append(out.Body.Definitions, e.definitionView)
	}
	v := decisionOf(w.Decide(held))
	out.Body.Combination, out.Body.Periods = &v, v.Periods
}

func decisionOf(d circe.Decision) decisionView {
	v := decisionView{Cohort: d.Node.Cohort, Version: d.Node.Version, Op: d.Node.Op, In: len(d.Days) > 0, Periods: []periodView{}}
	for _, s := range d.Days {
		v.Periods = append(v.Periods, periodView{dayZero.AddDays(int(s.First)).String(), dayZero.AddDays(int(s.Last)).String()})
	}
	if v.Op == "" {
		v.Definition = &d.Node.Definition
	}
	for _, o := range d.Of {
		v.Of = append(v.Of, decisionOf(o))
	}
	return v
}
