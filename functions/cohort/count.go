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
		Description: "Charged to the workspace's owner. With estimate=true nothing runs and only the cost is given. Counts from 1 to 20 persons are not shown. An answer that is kept for the same meaning, release and vocabulary costs nothing."}, r.count)
	r.chartRoutes(a)
	r.explainRoutes(a)
	r.materialiseRoutes(a)
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
	CohortIn
	Estimate bool `query:"estimate" doc:"Only say what it would cost."`
}

type countOut struct {
	Body struct {
		PaidOut
		Persons *disclosure.Count `json:"persons,omitempty" doc:"Persons in the cohort; absent with estimate=true."`
		Events  *disclosure.Count `json:"events,omitempty" doc:"Periods in the cohort; not shown where persons are hidden, nor where it would say that from 1 to 20 persons have more than one."`
		Left    *money.Amount     `json:"left,omitempty" doc:"What the owner has left, with estimate=true: bytes and cost are then what would be read."`
	}
}

// counting is one cohort's version on one workspace's data.
type counting struct {
	record  record
	whole   *circe.Whole
	data    release.Data
	resolve *circe.Resolution
	order   metered.Order
}

func (r room) counting(ctx context.Context, workspace, cohortID string, version int, purpose string) (counting, error) {
	var c counting
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, workspace, access.Run)
	if err != nil {
		return c, err
	}
	if c.record, err = r.cohortVersion(ctx, w.ID, cohortID, version); err != nil {
		return c, err
	}
	if c.data, err = r.releases.Of(ctx, w); err != nil {
		return c, err
	}
	if c.whole, err = r.whole(ctx, c.record); err != nil {
		return c, err
	}
	c.resolve, err = circe.Resolve(c.whole.ConceptSets(), c.data.Dataset)
	c.order = metered.Order{ID: id.New(id.Run, r.clock.Now()), OwnerUID: w.OwnerUID, MemberUID: p.UID, WorkspaceID: w.ID, Purpose: purpose}
	return c, err
}

// question is one statement about a cohort.
type question struct {
	// name is a part of a kept answer's key.
	name string
	// most is how many rows it has at most.
	most      int
	statement func(circe.Options) (statement.Statement, error)
	// into is the table that takes the rows; nil where they are read.
	into *bigquery.Table
}

// cost asks before the concept sets are known: the statement reads the same
// columns of the same tables, so it costs what the question costs, or more.
func (r room) cost(ctx context.Context, c counting, q question) (costView, error) {
	empty, err := q.statement(circe.Options{Data: c.data.Dataset})
	if err != nil {
		return costView{}, err
	}
	e, cost, err := r.desk.Estimate(ctx, append(c.resolve.Statements(), empty)...)
	if err != nil {
		return costView{}, err
	}
	st, err := r.desk.Credits.Standing(ctx, c.order.OwnerUID)
	return costView{e.Bytes, cost, st.Left, e.Billable}, err
}

// spent is what a question cost.
type spent struct {
	bill
	cost money.Amount
}

// asked marks the version as run and its concept sets as used, resolves its concept sets and asks: two jobs,
// held for together and settled as one spend.
func (r room) asked(ctx context.Context, c counting, q question, each func([]bigquery.Value) error) (spent, error) {
	v, err := r.cost(ctx, c, q)
	if err != nil {
		return spent{}, err
	}
	most, err := r.desk.Cap(ctx, c.order.OwnerUID, v.billable)
	if err != nil {
		return spent{}, err
	}
	if err := r.use(ctx, c); err != nil {
		return spent{}, err
	}
	if err := r.desk.Hold(ctx, c.order, most); err != nil {
		return spent{}, err
	}
	var n spent
	var runErr error
	n.bill, runErr = r.jobs(ctx, c, q, most, each)
	n.cost, err = r.settle(ctx, c.order, n.bill)
	return n, errors.Join(runErr, err)
}

func (r room) jobs(ctx context.Context, c counting, q question, most int64, each func([]bigquery.Value) error) (bill, error) {
	found, b, err := r.resolve(ctx, c.order, c.resolve, most)
	if err != nil {
		return b, err
	}
	st, err := q.statement(circe.Options{Data: c.data.Dataset, Sets: found.Sets, Occurs: found.Occurs})
	if err != nil {
		return b, err
	}
	j := r.desk.Job(c.order, c.order.ID, st, most-b.bytes)
	j.Destination, j.Replace = q.into, q.into != nil
	job, err := bigqueryx.Run(ctx, r.desk.BigQuery, j)
	b.add(job, err)
	if err != nil || q.into != nil {
		return b, err
	}
	return b, rows(ctx, job, q.most, each)
}

// answered gives a question's rows, kept ones where there are.
func answered[T any](ctx context.Context, r room, c counting, q question, read func([]bigquery.Value) (T, error)) (list []T, kept bool, n spent, err error) {
	if n.cost, err = r.desk.Cost(0); err != nil {
		return nil, false, n, err
	}
	list, kept, err = ask(ctx, r, answerKey(q.name, c.whole, c.data), func() ([]T, error) {
		list := []T{}
		n, err = r.asked(ctx, c, q, func(row []bigquery.Value) error {
			one, err := read(row)
			list = append(list, one)
			return err
		})
		return list, err
	})
	if kept && err == nil {
		// It was run before, for somebody; shown here, it says what this version means.
		err = r.use(ctx, c)
	}
	return list, kept, n, err
}

func (c counting) count() question {
	return question{name: "count", most: 1, statement: c.whole.Count}
}

func (r room) estimate(ctx context.Context, in *CohortIn) (*estimateOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort, in.Version, "count")
	if err != nil {
		return nil, err
	}
	v, err := r.cost(ctx, c, c.count())
	return &estimateOut{v}, err
}

type countRow struct{ Persons, Events int64 }

func (r room) count(ctx context.Context, in *countIn) (*countOut, error) {
	c, err := r.counting(ctx, in.Workspace, in.Cohort, in.Version, "count")
	if err != nil {
		return nil, err
	}
	out := &countOut{}
	if in.Estimate {
		v, err := r.cost(ctx, c, c.count())
		if err != nil {
			return nil, err
		}
		out.Body.PaidOut = c.paid(false, spent{cost: v.Cost})
		out.Body.Bytes, out.Body.Left = v.Bytes, &v.Left
		return out, nil
	}
	list, kept, n, err := answered(ctx, r, c, c.count(), func(v []bigquery.Value) (row countRow, err error) {
		var ok [2]bool
		if len(v) == 2 {
			row.Persons, ok[0] = v[0].(int64)
			row.Events, ok[1] = v[1].(int64)
		}
		if ok != [2]bool{true, true} {
			return row, fault.New(fault.Internal, "a count that is no number")
		}
		return row, nil
	})
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, fault.New(fault.Internal, "a count of %d rows", len(list))
	}
	persons, events := show(r.policy, list[0].Persons, list[0].Events)
	out.Body.PaidOut, out.Body.Persons, out.Body.Events = c.paid(kept, n), &persons, &events
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

// resolve runs the statement of circe.Resolve, where there is one, as the order's
// SetsJob.
func (r room) resolve(ctx context.Context, o metered.Order, asked *circe.Resolution, most int64) (circe.Concepts, bill, error) {
	var b bill
	answer := asked.Answer()
	for _, st := range asked.Statements() {
		job, err := bigqueryx.Run(ctx, r.desk.BigQuery, r.desk.Job(o, o.SetsJob(), st, most))
		b.add(job, err)
		if err != nil {
			return circe.Concepts{}, b, err
		}
		if err := rows(ctx, job, circe.MaxResolved+1, members(answer)); err != nil {
			return circe.Concepts{}, b, err
		}
	}
	return answer.Concepts(), b, nil
}

// members reads the rows of an answer.
func members(a *circe.Answer) func([]bigquery.Value) error {
	return func(row []bigquery.Value) error {
		var n [4]int64
		for i := range n {
			var ok bool
			if i < len(row) {
				n[i], ok = row[i].(int64)
			}
			if !ok {
				return fault.New(fault.Internal, "a concept that is no number")
			}
		}
		return a.Add(n[0], n[1], n[2], n[3])
	}
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
