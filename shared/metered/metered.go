// Package metered runs BigQuery statements that somebody pays for: what one
// costs is known first, that much is held from the owner's credits, the job
// cannot read more than was held for, and what it billed is settled once.
package metered

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/shopspring/decimal"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/statement"
)

// Rules are the numbers of what a query costs and may cost.
type Rules struct {
	// PricePerTiB is BigQuery's on-demand price in USD.
	PricePerTiB decimal.Decimal `env:"HUB_QUERY_PRICE_PER_TIB_USD, default=6.25"`
	// MarginBytes is what a job may bill beyond the most that was estimated.
	MarginBytes int64 `env:"HUB_QUERY_MARGIN_BYTES, default=268435456"`
	// Timeout ends a job on BigQuery's side.
	Timeout time.Duration `env:"HUB_QUERY_TIMEOUT, default=10m"`
	// HoldStale is the age at which a hold is nobody's: its process is gone and its
	// job has ended. It is longer than Timeout and any request together.
	HoldStale time.Duration `env:"HUB_HOLD_STALE, default=30m"`
	// Location is where BigQuery keeps the datasets and runs the jobs.
	Location string `env:"HUB_BIGQUERY_LOCATION, default=US"`
}

// DefaultRules are the defaults above.
func DefaultRules() Rules {
	return Rules{PricePerTiB: money.OnDemandPerTiB.Value(), MarginBytes: 256 << 20, Timeout: 10 * time.Minute, HoldStale: 30 * time.Minute, Location: "US"}
}

// Check refuses rules by which the hold of a job that still runs could be taken
// for one that nobody settles.
func (r Rules) Check() error {
	if r.HoldStale <= r.Timeout {
		return fmt.Errorf("HUB_HOLD_STALE is %v: it must be longer than HUB_QUERY_TIMEOUT, %v", r.HoldStale, r.Timeout)
	}
	return nil
}

// Desk estimates, starts and settles.
type Desk struct {
	BigQuery *bigquery.Client
	Credits  *credits.Store
	Rules    Rules
	Clock    clock.Clock
}

// Order is one job and who pays for it.
type Order struct {
	// ID names the job, the hold and the spend; see SetsJob.
	ID                               string
	OwnerUID, MemberUID, WorkspaceID string
	// Purpose is a label: "count", "run", ...
	Purpose string
}

// SetsJob names the job that resolves an order's concept sets.
func (o Order) SetsJob() string { return o.ID + "_sets" }

// Cost is what that many bytes cost.
func (d *Desk) Cost(bytes int64) (money.Amount, error) {
	price, err := money.New(d.Rules.PricePerTiB, money.USD)
	if err != nil {
		return money.Amount{}, fault.Wrap("metered.price", err)
	}
	return money.QueryCost(bytes, price), nil
}

// Estimate asks BigQuery what statements would read together, and what they cost
// at most. Nothing runs.
func (d *Desk) Estimate(ctx context.Context, list ...statement.Statement) (bigqueryx.Estimate, money.Amount, error) {
	var sum bigqueryx.Estimate
	for _, st := range list {
		e, err := bigqueryx.DryRun(ctx, d.BigQuery, st)
		if err != nil {
			return sum, money.Amount{}, err
		}
		sum.Bytes += e.Bytes
		sum.Billable += e.Billable
		sum.Schema = e.Schema
		sum.Tables = append(sum.Tables, e.Tables...)
	}
	cost, err := d.Cost(sum.Billable)
	return sum, cost, err
}

// Cap is the most that jobs of an estimate may bill together, in bytes: what the
// estimate calls billable and the margin, and not more than what the owner has left buys. Where
// that does not even cover the estimate, the hold will refuse it.
func (d *Desk) Cap(ctx context.Context, ownerUID string, billable int64) (int64, error) {
	st, err := d.Credits.Standing(ctx, ownerUID)
	if err != nil {
		return 0, err
	}
	most := billable + d.Rules.MarginBytes
	if d.Rules.PricePerTiB.IsPositive() {
		affordable := st.Left.Value().Mul(decimal.NewFromInt(1 << 40)).Div(d.Rules.PricePerTiB)
		if affordable.LessThan(decimal.NewFromInt(most)) {
			most = affordable.IntPart()
		}
	}
	return max(most, billable), nil
}

// Hold keeps the cost of a cap back from the owner's credits; fault.Budget says
// what is left when that is not enough.
func (d *Desk) Hold(ctx context.Context, o Order, capBytes int64) error {
	most, err := d.Cost(capBytes)
	if err != nil {
		return err
	}
	return d.Credits.HoldFor(ctx, credits.Claim{ID: o.ID, OwnerUID: o.OwnerUID, MemberUID: o.MemberUID, WorkspaceID: o.WorkspaceID}, most)
}

// Job is the BigQuery job of an order. jobID may differ from the order's where
// one order takes several jobs.
func (d *Desk) Job(o Order, jobID string, st statement.Statement, capBytes int64) bigqueryx.Job {
	return bigqueryx.Job{Statement: st, ID: jobID, MaxBytesBilled: capBytes, Timeout: d.Rules.Timeout, Labels: map[string]string{
		"workspace": bigqueryx.Label(o.WorkspaceID), "user": bigqueryx.Label(o.MemberUID), "purpose": bigqueryx.Label(o.Purpose)}}
}

// Billed is what a finished job billed, in bytes.
func Billed(job *bigquery.Job) int64 {
	s := job.LastStatus()
	if s == nil || s.Statistics == nil {
		return 0
	}
	if q, ok := s.Statistics.Details.(*bigquery.QueryStatistics); ok {
		return q.TotalBytesBilled
	}
	return 0
}

// Settle turns an order's hold into the cost of what was billed. Settling again
// changes nothing.
func (d *Desk) Settle(ctx context.Context, o Order, billed int64) (money.Amount, error) {
	cost, err := d.Cost(billed)
	if err != nil {
		return cost, err
	}
	return cost, d.Credits.Settle(ctx, credits.Spend{ID: o.ID, OwnerUID: o.OwnerUID, MemberUID: o.MemberUID, WorkspaceID: o.WorkspaceID,
		Kind: credits.Query, Amount: cost.Value().String(), Currency: cost.Currency(), At: d.Clock.Now()})
}

// Release gives an order's hold back: its job never ran.
func (d *Desk) Release(ctx context.Context, o Order) error {
	return d.Credits.Release(ctx, o.OwnerUID, o.ID)
}
