package cohort

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
)

func (r room) countRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/estimate", ID: "estimateCount", Rule: access.MemberOf(access.Run),
		Summary: "What a cohort's count would cost", Access: api.SecondFactor}, r.estimate)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/count", ID: "countCohort", Rule: access.MemberOf(access.Run),
		Summary: "Count a cohort", Access: api.SecondFactor,
		Description: "Charged to the workspace's owner. With estimate=true nothing runs and only the cost is given. Counts from 1 to 20 persons are not shown."}, r.count)
}

type costView struct {
	Bytes int64        `json:"bytes" doc:"What BigQuery would read, in bytes."`
	Cost  money.Amount `json:"cost" doc:"What that costs at most: BigQuery bills a minimum for every table."`
	Left  money.Amount `json:"left" doc:"What the workspace's owner has left."`
	// billable is what a cap starts from.
	billable int64
}

type estimateOut struct{ Body costView }

type countIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Cohort    string `path:"cohort" maxLength:"40"`
	Estimate  bool   `query:"estimate" doc:"Only say what it would cost."`
}

type countOut struct {
	Body struct {
		Persons   *disclosure.Count `json:"persons,omitempty" doc:"Persons in the cohort; absent with estimate=true."`
		Events    *disclosure.Count `json:"events,omitempty" doc:"Periods in the cohort; not shown where persons are hidden, nor where it would say that from 1 to 20 persons have more than one."`
		ReleaseID string            `json:"releaseId"`
		Hash      string            `json:"definitionHash"`
		Bytes     int64             `json:"bytes" doc:"What was billed, or with estimate=true would be read, in bytes."`
		Cost      money.Amount      `json:"cost"`
		Left      *money.Amount     `json:"left,omitempty" doc:"What the owner has left, with estimate=true."`
	}
}

// counting is one cohort on one workspace's data.
type counting struct {
	record  record
	parsed  *circe.Definition
	data    release.Data
	resolve statement.Statement
	// empty is the count before its concept sets are known: it reads the same
	// columns of the same tables, so it costs what the count costs, or more.
	empty statement.Statement
	order metered.Order
}

func (r room) counting(ctx context.Context, workspace, cohortID string) (counting, error) {
	var c counting
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, workspace, access.Run)
	if err != nil {
		return c, err
	}
	if c.record, err = r.cohort(ctx, w.ID, cohortID); err != nil {
		return c, err
	}
	if c.data, err = r.releases.Of(ctx, w); err != nil {
		return c, err
	}
	if c.parsed, err = parse(c.record); err != nil {
		return c, err
	}
	if c.resolve, err = circe.Resolve(c.parsed.ConceptSets, c.data.Dataset); err != nil {
		return c, err
	}
	c.empty, err = c.parsed.Count(circe.Options{Data: c.data.Dataset})
	c.order = metered.Order{ID: id.New(id.Run, r.clock.Now()), OwnerUID: w.OwnerUID, MemberUID: p.UID, WorkspaceID: w.ID, Purpose: "count"}
	return c, err
}

func (r room) cost(ctx context.Context, c counting) (costView, error) {
	e, cost, err := r.desk.Estimate(ctx, c.resolve, c.empty)
	if err != nil {
		return costView{}, err
	}
	st, err := r.desk.Credits.Standing(ctx, c.order.OwnerUID)
	return costView{e.Bytes, cost, st.Left, e.Billable}, err
}

func (r room) estimate(ctx context.Context, in *cohortIn) (*estimateOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort)
	if err != nil {
		return nil, err
	}
	v, err := r.cost(ctx, c)
	return &estimateOut{v}, err
}

func (r room) count(ctx context.Context, in *countIn) (*countOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort)
	if err != nil {
		return nil, err
	}
	v, err := r.cost(ctx, c)
	if err != nil {
		return nil, err
	}
	out := &countOut{}
	out.Body.ReleaseID, out.Body.Hash = c.data.Release.ID, c.record.Hash
	if in.Estimate {
		out.Body.Bytes, out.Body.Cost, out.Body.Left = v.Bytes, v.Cost, &v.Left
		return out, nil
	}
	n, err := r.runCount(ctx, c, v.billable)
	if err != nil {
		return nil, err
	}
	persons, events := show(r.policy, n.persons, n.events)
	out.Body.Persons, out.Body.Events, out.Body.Bytes, out.Body.Cost = &persons, &events, n.bytes, n.cost
	return out, nil
}

// show applies the disclosure rules to both numbers together: the number of
// events of a hidden number of persons would narrow it down, and the difference
// of the two is a count of persons as well.
func show(policy disclosure.Policy, persons, events int64) (disclosure.Count, disclosure.Count) {
	p := policy.Show(persons)
	if p.Hidden {
		return p, disclosure.Count{Hidden: true, Text: "not shown"}
	}
	// A few more events than persons is how many persons have another period.
	if more := events - persons; more > 0 && more <= policy.SmallMax {
		return p, disclosure.Count{Hidden: true, Text: "not shown"}
	}
	return p, policy.Show(events)
}

type counted struct {
	bill
	persons, events int64
	cost            money.Amount
}

// runCount resolves the concept sets and counts: two jobs, held for together and
// settled as one spend.
func (r room) runCount(ctx context.Context, c counting, billable int64) (counted, error) {
	most, err := r.desk.Cap(ctx, c.order.OwnerUID, billable)
	if err != nil {
		return counted{}, err
	}
	if err := r.desk.Hold(ctx, c.order, most); err != nil {
		return counted{}, err
	}
	n, runErr := r.jobs(ctx, c, most)
	n.cost, err = r.settle(ctx, c.order, n.bill)
	return n, errors.Join(runErr, err)
}

// bill is what an order's jobs billed.
type bill struct {
	bytes int64
	// open: a job may have begun, or go on, whose bill is not known.
	open bool
}

// add counts a job in, with the error that bigqueryx.Run gave beside it.
func (b *bill) add(job *bigquery.Job, err error) {
	switch {
	case job != nil && job.LastStatus() != nil && job.LastStatus().Done():
		b.bytes += metered.Billed(job)
	case job != nil:
		b.open = true
	default:
		// BigQuery's refusal says that nothing began; its silence does not.
		b.open = b.open || !fault.Permanent(err) && !fault.Is(err, fault.Budget)
	}
}

// settle settles what was billed even when the caller has gone or the second job
// failed. An open bill stays held for: metered.Desk.Reconcile settles it.
func (r room) settle(ctx context.Context, o metered.Order, b bill) (money.Amount, error) {
	if b.open {
		return money.Amount{}, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return r.desk.Settle(ctx, o, b.bytes)
}

// settleTime bounds the settlement after the request may have ended.
const settleTime = 10 * time.Second

func (r room) jobs(ctx context.Context, c counting, most int64) (counted, error) {
	var n counted
	sets, b, err := r.resolve(ctx, c.order, c.resolve, most)
	n.bill = b
	if err != nil {
		return n, err
	}
	st, err := c.parsed.Count(circe.Options{Data: c.data.Dataset, Sets: sets})
	if err != nil {
		return n, err
	}
	job, err := bigqueryx.Run(ctx, r.desk.BigQuery, r.desk.Job(c.order, c.order.ID, st, most-n.bytes))
	n.add(job, err)
	if err != nil {
		return n, err
	}
	err = rows(ctx, job, 1, func(row []bigquery.Value) error {
		var ok, also bool
		n.persons, ok = row[0].(int64)
		n.events, also = row[1].(int64)
		if !ok || !also {
			return fault.New(fault.Internal, "a count that is no number")
		}
		return nil
	})
	return n, err
}

// resolve runs the statement of circe.Resolve as the order's SetsJob.
func (r room) resolve(ctx context.Context, o metered.Order, st statement.Statement, most int64) (map[int64][]int64, bill, error) {
	sets := map[int64][]int64{}
	var b bill
	if len(st.Params) == 0 || len(st.Params[0].Ints) == 0 {
		return sets, b, nil
	}
	job, err := bigqueryx.Run(ctx, r.desk.BigQuery, r.desk.Job(o, o.SetsJob(), st, most))
	b.add(job, err)
	if err != nil {
		return nil, b, err
	}
	err = rows(ctx, job, circe.MaxConcepts+1, func(row []bigquery.Value) error {
		set, ok := row[0].(int64)
		concept, also := row[1].(int64)
		if !ok || !also {
			return fault.New(fault.Internal, "a concept that is no number")
		}
		sets[set] = append(sets[set], concept)
		return nil
	})
	return sets, b, err
}

// rows reads at most limit rows of a finished job.
func rows(ctx context.Context, job *bigquery.Job, limit int, each func([]bigquery.Value) error) error {
	it, err := job.Read(ctx)
	if err != nil {
		return bigqueryx.Fault("cohort.rows", err)
	}
	for range limit {
		var row []bigquery.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return bigqueryx.Fault("cohort.rows", err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}
