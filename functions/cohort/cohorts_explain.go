package cohort

import (
	"context"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
)

func (r room) explainRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/explain", ID: "explainCohort", Rule: access.MemberOf(access.Run), Summary: "Explain why a participant is in or out", Access: api.SecondFactor,
		Description: "One participant's events and what became of each; of a cohort that is made of others, for each definition, and how the parts decided. This is row-level data: for members of the workspace who may run, and each question is in the audit log. Charged to the workspace's owner."}, r.explain)
}

// maxExplained bounds the rows about one participant; where there are more, the
// later events are left out and the answer says so.
const maxExplained = 5000

type explainIn struct {
	CohortIn
	Body struct {
		Participant int64 `json:"participant" doc:"The person_id."`
	}
}

type checkView struct {
	Says   string `json:"says" doc:"observationPeriod, priorDays, postDays, primaryLimit, additional, qualifiedLimit, rule or expressionLimit."`
	Rule   string `json:"rule,omitempty" doc:"The inclusion rule's name."`
	Item   int64  `json:"item" doc:"Which inclusion rule, from 0."`
	Part   *int64 `json:"part,omitempty" doc:"Which member of the criteria: its criteria, then its demographic criteria, then its groups; absent for the whole."`
	Passed bool   `json:"passed"`
}

type endView struct {
	What    string `json:"what" doc:"observationPeriod, dateOffset, drugEra or censoring."`
	Date    string `json:"date,omitempty"`
	Decides bool   `json:"decides" doc:"True for the end that the period has."`
}

type eventView struct {
	Event     int64       `json:"event" doc:"The participant's events of the primary criteria, numbered by date."`
	Criterion int64       `json:"criterion" doc:"Which primary criterion found it, from 0."`
	Start     string      `json:"startDate"`
	End       string      `json:"endDate"`
	Starts    bool        `json:"starts" doc:"True where it is one that the cohort starts from."`
	Checks    []checkView `json:"checks"`
	Ends      []endView   `json:"ends,omitempty"`
}

type periodView struct {
	Start string `json:"startDate"`
	End   string `json:"endDate"`
}

type explainOut struct {
	Body struct {
		PaidOut
		Participant int64        `json:"participant"`
		In          bool         `json:"in"`
		Periods     []periodView `json:"periods" doc:"In the cohort, after collapse and censor window."`
		Events      []eventView  `json:"events"`
		// Of a cohort that is made of others.
		Combination *decisionView    `json:"combination,omitempty" doc:"How the parts decided, where the cohort is made of others; events then stand with definitions."`
		Definitions []definitionView `json:"definitions,omitempty" doc:"What each definition that the cohort comes down to makes of the participant."`
		More        bool             `json:"more,omitempty" doc:"True where there are more events than are shown."`
	}
}

func (r room) explain(ctx context.Context, in *explainIn) (*explainOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort, in.Version, "explain")
	if err != nil {
		return nil, err
	}
	d, single := c.whole.Definition()
	q := question{name: "explain", most: maxExplained, statement: func(o circe.Options) (statement.Statement, error) { return d.Explain(o, in.Body.Participant) }}
	if !single {
		q.statement = func(o circe.Options) (statement.Statement, error) { return c.whole.Explain(o, in.Body.Participant) }
	}
	// Who looked comes before what is seen. The participant is no part of the entry:
	// row-level data stays in the workspace, and the run's name finds the job.
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		return audit.Add(tx, r.client, audit.Entry{At: r.clock.Now(), Actor: session.Must(ctx).UID, Act: "cohort.explained",
			Target: access.Workspaces + "/" + c.record.WorkspaceID + "/" + cohorts + "/" + c.record.ID, After: "one participant, run " + c.order.ID})
	})
	if err != nil {
		return nil, firestorex.Fault("cohort.explain", err)
	}
	out := &explainOut{}
	out.Body.Participant = in.Body.Participant
	var each []*explaining
	for _, d := range c.whole.Definitions() {
		each = append(each, &explaining{definitionView: definitionView{Periods: []periodView{}, Events: []eventView{}}, at: map[int64]int{}, rules: d.Rules(), endings: d.Endings()})
	}
	seen := 0
	n, err := r.asked(ctx, c, q, func(row []bigquery.Value) error {
		seen++
		if single {
			return each[0].row(row)
		}
		at, ok := row[0].(int64)
		if !ok || at < 0 || at >= int64(len(each)) {
			return fault.New(fault.Internal, "a row explains no definition")
		}
		return each[at].row(row[1:])
	})
	if err != nil {
		return nil, err
	}
	if out.Body.Periods, out.Body.Events = each[0].Periods, each[0].Events; !single {
		out.combine(c.whole, each)
	}
	out.Body.PaidOut, out.Body.More, out.Body.In = c.paid(false, n), seen == maxExplained, len(out.Body.Periods) > 0
	return out, nil
}

// explaining puts a definition's rows together, event by event.
type explaining struct {
	definitionView
	at             map[int64]int
	rules, endings []string
	// days are the periods, as days since 1970.
	days []circe.Days
}

func (e *explaining) event(n int64) *eventView {
	i, there := e.at[n]
	if !there {
		i = len(e.Events)
		e.at[n] = i
		e.Events = append(e.Events, eventView{Event: n, Checks: []checkView{}})
	}
	return &e.Events[i]
}

func (e *explaining) row(v []bigquery.Value) error {
	if len(v) != 7 {
		return fault.New(fault.Internal, "a row of %d columns explains nothing", len(v))
	}
	event, numbered := v[0].(int64)
	says, _ := v[1].(string)
	item, _ := v[2].(int64)
	part, _ := v[3].(int64)
	passed, _ := v[4].(bool)
	date := func(v bigquery.Value) string {
		if d, ok := v.(civil.Date); ok {
			return d.String()
		}
		return ""
	}
	start, end := date(v[5]), date(v[6])
	switch {
	case says == circe.SaysCohort:
		first, firstOK := v[5].(civil.Date)
		last, lastOK := v[6].(civil.Date)
		if !firstOK || !lastOK {
			return fault.New(fault.Internal, "a period without days")
		}
		e.Periods, e.days = append(e.Periods, periodView{start, end}), append(e.days, circe.Days{First: int64(first.DaysSince(dayZero)), Last: int64(last.DaysSince(dayZero))})
	case !numbered:
		return fault.New(fault.Internal, "a row explains no event")
	case says == circe.SaysEvent:
		x := e.event(event)
		x.Criterion, x.Start, x.End, x.Starts = item, start, end, passed
	case says == circe.SaysEnd:
		x := e.event(event)
		x.Ends = append(x.Ends, endView{nameOf(e.endings, item), end, passed})
	default:
		c := checkView{Says: says, Item: item, Passed: passed}
		if part >= 0 {
			c.Part = &part
		}
		if says == circe.SaysRule {
			c.Rule = nameOf(e.rules, item)
		}
		x := e.event(event)
		x.Checks = append(x.Checks, c)
	}
	return nil
}

func nameOf(names []string, i int64) string {
	if i >= 0 && i < int64(len(names)) {
		return names[i]
	}
	return ""
}
