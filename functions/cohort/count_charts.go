package cohort

import (
	"cmp"
	"context"
	"slices"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/statement"
)

// topConcepts is how many concepts of each domain the charts have.
const topConcepts = 10

func (r room) chartRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/attrition", ID: "showAttrition", Rule: access.MemberOf(access.Run), Summary: "Show a cohort's attrition funnel", Access: api.SecondFactor,
		Description: "By person and by event, per inclusion rule and in their order. Charged to the workspace's owner; a kept answer costs nothing. Where two counts shown together would tell of 1 to 20 persons, the earlier of the funnel is not shown. Of a cohort that is made of others: its parts, and what the operation gives after each."}, r.attrition)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/demographics", ID: "showDemographics", Rule: access.MemberOf(access.Run), Summary: "Show who is in a cohort", Access: api.SecondFactor,
		Description: "Age by sex, race, ethnicity and the concepts that most of them have. Charged to the workspace's owner; a kept answer costs nothing. Cells from 1 to 20 are not shown, nor the smallest others where those would follow from the total."}, r.demographics)
}

// PaidOut is what every answer about a cohort says of itself.
type PaidOut struct {
	ReleaseID         string       `json:"releaseId"`
	VocabularyVersion string       `json:"vocabularyVersion"`
	Hash              string       `json:"definitionHash"`
	Version           int          `json:"version"`
	Kept              bool         `json:"kept" doc:"True where the answer was there already: nothing was spent."`
	Bytes             int64        `json:"bytes" doc:"What was billed, in bytes."`
	Cost              money.Amount `json:"cost"`
}

func (c counting) paid(kept bool, n spent) PaidOut {
	return PaidOut{c.data.Release.ID, c.data.Release.VocabularyVersion, c.whole.Hash(), c.record.Version, kept, n.bytes, n.cost}
}

type attritionRow struct {
	Stage                                                               string
	Rule                                                                int64
	Events, Persons, MetEvents, MetPersons, GainedEvents, GainedPersons int64
}

type stepView struct {
	Stage   string           `json:"stage" enum:"primary,qualified,rule,limit,cohort"`
	Rule    *int64           `json:"rule,omitempty" doc:"The inclusion rule's place, from 0."`
	Name    string           `json:"name,omitempty" doc:"The inclusion rule's name."`
	Persons disclosure.Count `json:"persons" doc:"Persons left after this step."`
	Events  disclosure.Count `json:"events" doc:"Events left after this step; periods in the last."`
	// Of rules only.
	MetPersons    *disclosure.Count `json:"metPersons,omitempty" doc:"Persons who fulfil this rule, whatever the others say."`
	GainedPersons *disclosure.Count `json:"gainedPersons,omitempty" doc:"Persons who would come in if this rule alone were dropped."`
}

type attritionOut struct {
	Body struct {
		PaidOut
		Steps       []stepView    `json:"steps" doc:"Of a cohort that is made of others, none."`
		Combination *combinedView `json:"combination,omitempty" doc:"Of a cohort that is made of others: its parts, and what is left after each."`
	}
}

func (r room) attrition(ctx context.Context, in *CohortIn) (*attritionOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort, in.Version, "attrition")
	if err != nil {
		return nil, err
	}
	d, single := c.whole.Definition()
	if !single {
		return r.combination(ctx, c)
	}
	rows, kept, n, err := answered(ctx, r, c, question{name: "attrition", most: circe.MaxCriteria + 10, statement: d.Attrition}, func(v []bigquery.Value) (row attritionRow, err error) {
		ints := make([]int64, len(v))
		for i := range v {
			switch x := v[i].(type) {
			case int64:
				ints[i] = x
			case string:
				row.Stage = x
			}
		}
		if len(v) != 9 {
			return row, fault.New(fault.Internal, "an attrition row of %d columns", len(v))
		}
		row.Rule, row.Events, row.Persons, row.MetEvents, row.MetPersons, row.GainedEvents, row.GainedPersons = ints[2], ints[3], ints[4], ints[5], ints[6], ints[7], ints[8]
		return row, nil
	})
	if err != nil {
		return nil, err
	}
	out := &attritionOut{}
	out.Body.PaidOut, out.Body.Steps = c.paid(kept, n), steps(r.policy, rows, d.Rules())
	return out, nil
}

// steps shows an attrition. Numbers of events are shown only beside numbers of
// persons, and where their own differences may be told.
func steps(p disclosure.Policy, rows []attritionRow, names []string) []stepView {
	var persons, events []int64
	for _, row := range rows {
		persons, events = append(persons, row.Persons), append(events, row.Events)
	}
	shownPersons, shownEvents := funnel(p, persons), funnel(p, events)
	list := make([]stepView, len(rows))
	for i, row := range rows {
		v := stepView{Stage: row.Stage, Persons: shownPersons[i], Events: shownEvents[i]}
		if v.Persons.Hidden || !apart(p, row.Events, row.Persons) || v.Events.Hidden {
			v.Events = notShown
		}
		if row.Stage == circe.StageRule {
			v.Rule = &row.Rule
			if int(row.Rule) < len(names) {
				v.Name = names[row.Rule]
			}
			// Of the qualified persons, and of those left after this step.
			met, gained := beside(p, row.MetPersons, persons[1], row.Persons), p.Show(row.GainedPersons)
			if v.Persons.Hidden && v.Persons.Text == notShown.Text {
				met = notShown
			}
			v.MetPersons, v.GainedPersons = &met, &gained
		}
		list[i] = v
	}
	return list
}

type chartRow struct {
	Chart, Band string
	Concept     int64
	Name        string
	Persons     int64
}

type cellView struct {
	Band      string           `json:"band,omitempty" doc:"The band of age, or the domain of a concept."`
	ConceptID int64            `json:"conceptId" doc:"Of the gender, race, ethnicity or event; 0 where there is none."`
	Name      string           `json:"name,omitempty"`
	Persons   disclosure.Count `json:"persons"`
}

type chartsOut struct {
	Body struct {
		PaidOut
		Persons   disclosure.Count `json:"persons"`
		Bands     []string         `json:"bands" doc:"All bands of age in order; a cell that is not there is 0."`
		AgeSex    []cellView       `json:"ageSex"`
		Race      []cellView       `json:"race"`
		Ethnicity []cellView       `json:"ethnicity"`
		Concepts  []cellView       `json:"concepts" doc:"Per domain, those that most persons have an event of; persons count in several."`
	}
}

func (r room) demographics(ctx context.Context, in *CohortIn) (*chartsOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort, in.Version, "demographics")
	if err != nil {
		return nil, err
	}
	q := question{name: "demographics", most: 2000, statement: func(o circe.Options) (statement.Statement, error) {
		f, err := c.whole.Fragment(o)
		return f.Demographics(o.Data, topConcepts), err
	}}
	rows, kept, n, err := answered(ctx, r, c, q, func(v []bigquery.Value) (row chartRow, err error) {
		var ok [4]bool
		if len(v) == 5 {
			row.Chart, ok[0] = v[0].(string)
			row.Band, ok[1] = v[1].(string)
			row.Concept, ok[2] = v[2].(int64)
			row.Persons, ok[3] = v[4].(int64)
			row.Name, _ = v[3].(string)
		}
		if ok != [4]bool{true, true, true, true} {
			return row, fault.New(fault.Internal, "a chart's row that is none")
		}
		return row, nil
	})
	if err != nil {
		return nil, err
	}
	out := &chartsOut{}
	out.Body.PaidOut, out.Body.Bands = c.paid(kept, n), circe.AgeBands()
	r.charts(out, rows)
	return out, nil
}

// charts shows the cells of each chart: see partition. Concepts overlap, so each
// is shown where the persons without it may be told as well; hidden ones come
// last, by id, because their order would rank them.
func (r room) charts(out *chartsOut, rows []chartRow) {
	of := map[string][]chartRow{}
	for _, row := range rows {
		of[row.Chart] = append(of[row.Chart], row)
	}
	whole := int64(0)
	for _, row := range of[circe.ChartPersons] {
		whole = row.Persons
	}
	out.Body.Persons = r.policy.Show(whole)
	cells := func(chart string) []cellView {
		list := []cellView{}
		var counts []int64
		for _, row := range of[chart] {
			counts = append(counts, row.Persons)
		}
		for i, shown := range partition(r.policy, whole, counts) {
			row := of[chart][i]
			list = append(list, cellView{row.Band, row.Concept, row.Name, shown})
		}
		slices.SortStableFunc(list, func(a, b cellView) int {
			return cmp.Or(cmp.Compare(a.Band, b.Band), cmp.Compare(a.ConceptID, b.ConceptID))
		})
		return list
	}
	out.Body.AgeSex, out.Body.Race, out.Body.Ethnicity = cells(circe.ChartAgeSex), cells(circe.ChartRace), cells(circe.ChartEthnicity)
	out.Body.Concepts = []cellView{}
	for _, row := range of[circe.ChartConcepts] {
		shown := notShown
		if !out.Body.Persons.Hidden {
			shown = beside(r.policy, row.Persons, whole)
		}
		out.Body.Concepts = append(out.Body.Concepts, cellView{row.Band, row.Concept, row.Name, shown})
	}
	slices.SortStableFunc(out.Body.Concepts, func(a, b cellView) int {
		rank := func(c cellView) int64 {
			if c.Persons.Hidden {
				return 0
			}
			return -c.Persons.Value
		}
		return cmp.Or(cmp.Compare(a.Band, b.Band), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ConceptID, b.ConceptID))
	})
}
