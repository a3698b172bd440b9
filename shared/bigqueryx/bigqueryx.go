// Package bigqueryx is the plumbing to BigQuery: the client, estimates, and
// jobs that cannot run twice, cannot cost more than said, and can be ended.
//
// Uses cloud.google.com/go/bigquery, the official client. It retries 5xx until
// its context ends, so every call here has a deadline.
package bigqueryx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/statement"
)

// Open makes the client of one project. With BIGQUERY_EMULATOR_HOST (host:port
// or a URL) set, it speaks to that address without credentials.
func Open(ctx context.Context, project string) (*bigquery.Client, error) {
	var opts []option.ClientOption
	if host := os.Getenv("BIGQUERY_EMULATOR_HOST"); host != "" {
		if !strings.Contains(host, "://") {
			host = "http://" + host
		}
		opts = append(opts, option.WithEndpoint(strings.TrimSuffix(host, "/")+"/bigquery/v2/"), option.WithoutAuthentication())
	}
	c, err := bigquery.NewClient(ctx, project, opts...)
	if err != nil {
		return nil, fmt.Errorf("bigquery: %w", err)
	}
	return c, nil
}

// Job is one query to run.
type Job struct {
	Statement statement.Statement
	// ID makes the job unique: a retry with the same ID joins the first run
	// instead of running twice.
	ID string
	// Labels say workspace, user and purpose for the bill; see Label.
	Labels map[string]string
	// MaxBytesBilled ends the job before it costs more; zero is refused.
	MaxBytesBilled int64
	// Timeout ends the job on BigQuery's side; 10 minutes when zero.
	Timeout time.Duration
	// Destination takes the result; nil keeps it in BigQuery's own temporary table.
	Destination *bigquery.Table
	// Replace has the result take the place of what the destination holds, as a
	// whole when the job ends well; without it the destination must be empty.
	Replace bool
}

// Estimate is what a dry run says of a statement.
type Estimate struct {
	// Bytes is what the statement reads.
	Bytes int64
	// Billable is the most that it bills: BigQuery bills at least
	// MinBytesPerTable for every table that a query names.
	Billable int64
	// Tables are what the statement refers to, as BigQuery resolved it.
	Tables []*bigquery.Table
	Schema bigquery.Schema
}

// MinBytesPerTable is the least that BigQuery bills for a table (10 MB, from its
// published prices).
const MinBytesPerTable = 10 << 20

// callTimeout bounds one REST call.
const callTimeout = 20 * time.Second

// DryRun asks what a statement would read. Nothing is executed.
func DryRun(ctx context.Context, c *bigquery.Client, st statement.Statement) (Estimate, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	q, err := query(c, st)
	if err != nil {
		return Estimate{}, err
	}
	q.DryRun = true
	job, err := q.Run(ctx)
	if err != nil {
		return Estimate{}, Fault("bigquery.dryRun", err)
	}
	s := job.LastStatus()
	e := Estimate{Bytes: s.Statistics.TotalBytesProcessed, Billable: s.Statistics.TotalBytesProcessed}
	if d, ok := s.Statistics.Details.(*bigquery.QueryStatistics); ok {
		e.Schema, e.Tables = d.Schema, d.ReferencedTables
		e.Billable += int64(len(d.ReferencedTables)) * MinBytesPerTable
	}
	return e, nil
}

// Start begins a job and does not wait. A job of the same ID that is there
// already is joined.
func Start(ctx context.Context, c *bigquery.Client, j Job) (*bigquery.Job, error) {
	if j.MaxBytesBilled <= 0 {
		return nil, fault.New(fault.Budget, "Nothing is left to spend, so nothing can run.")
	}
	if j.Timeout == 0 {
		j.Timeout = 10 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	q, err := query(c, j.Statement)
	if err != nil {
		return nil, err
	}
	q.JobID, q.Labels, q.MaxBytesBilled, q.JobTimeout, q.Dst = j.ID, j.Labels, j.MaxBytesBilled, j.Timeout, j.Destination
	if j.Replace {
		q.WriteDisposition = bigquery.WriteTruncate
	}
	job, err := q.Run(ctx)
	var ge *googleapi.Error
	if errors.As(err, &ge) && ge.Code == http.StatusConflict && j.ID != "" {
		job, err = c.JobFromID(ctx, j.ID)
	}
	if err != nil {
		return nil, Fault("bigquery.start", err)
	}
	return job, nil
}

// Run begins a job and waits for its end; the context's end cancels the job, so
// that nothing goes on costing after the caller has gone. A job that began comes
// back with the error too: what it billed is owed. Where its last status is not
// Done, it did not end in time for its bill to be known.
func Run(ctx context.Context, c *bigquery.Client, j Job) (*bigquery.Job, error) {
	job, err := Start(ctx, c, j)
	if err != nil {
		return nil, err
	}
	status, err := job.Wait(ctx)
	if err != nil {
		return job, Fault("bigquery.wait", errors.Join(err, end(ctx, job)))
	}
	if err := status.Err(); err != nil {
		return job, Fault("bigquery.run", err)
	}
	return job, nil
}

// endTime bounds how long Run waits for a job that it does not wait for any
// more, and endPoll is how often it asks meanwhile.
const (
	endTime = 5 * time.Second
	endPoll = 200 * time.Millisecond
)

// end cancels a job whose end could not be waited for, unless it has ended, and
// waits a little for what it billed. Its failure is told only where the caller
// is still there.
func end(ctx context.Context, job *bigquery.Job) error {
	endCtx, stop := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer stop()
	status, err := job.Status(endCtx)
	if err == nil && !status.Done() {
		err = job.Cancel(endCtx)
	}
	tick := time.NewTicker(endPoll)
	defer tick.Stop()
	for err == nil && !status.Done() {
		select {
		case <-endCtx.Done():
			err = endCtx.Err()
		case <-tick.C:
			status, err = job.Status(endCtx)
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// query binds a statement's parameters.
func query(c *bigquery.Client, st statement.Statement) (*bigquery.Query, error) {
	q := c.Query(st.SQL)
	q.DefaultProjectID, q.DefaultDatasetID = st.Project, st.Dataset
	for _, p := range st.Params {
		v, err := value(p)
		if err != nil {
			return nil, fault.Wrap("bigquery.param "+p.Name, err)
		}
		q.Parameters = append(q.Parameters, bigquery.QueryParameter{Name: p.Name, Value: v})
	}
	return q, nil
}

// value is the Go value whose BigQuery type is the parameter's kind.
func value(p statement.Param) (any, error) {
	switch p.Kind {
	case statement.Int64:
		return bigquery.NullInt64{Int64: p.Int, Valid: !p.IsNull}, nil
	case statement.Float64:
		return bigquery.NullFloat64{Float64: p.Float, Valid: !p.IsNull}, nil
	case statement.String:
		return bigquery.NullString{StringVal: p.Text, Valid: !p.IsNull}, nil
	case statement.Bool:
		return bigquery.NullBool{Bool: p.Bool, Valid: !p.IsNull}, nil
	case statement.Date:
		if p.IsNull {
			return bigquery.NullDate{}, nil
		}
		d, err := civil.ParseDate(p.Text)
		return bigquery.NullDate{Date: d, Valid: true}, err
	case statement.Int64Array:
		return append([]int64{}, p.Ints...), nil
	case statement.Texts:
		return append([]string{}, p.Strs...), nil
	default:
		return nil, fmt.Errorf("unknown parameter kind %q", p.Kind)
	}
}

// Fault turns an error of the client into a fault. BigQuery's own words are
// shown where they speak of the caller's statement: an invalid query, a cap.
func Fault(op string, err error) error {
	if err == nil {
		return nil
	}
	reason, message := reasonOf(err)
	switch reason {
	case "invalidQuery", "invalid":
		return fault.Wrap(op, fault.Because(fault.Invalid, err, "BigQuery refuses the query: %s", message))
	case "bytesBilledLimitExceeded":
		return fault.Wrap(op, fault.Because(fault.Budget, err, "The query would read more than its cap allows. Ask for less, or raise the cap."))
	case "notFound":
		return fault.Wrap(op, fault.Because(fault.NotFound, err, "BigQuery does not find what the query names."))
	case "notImplemented":
		return fault.Wrap(op, fault.Because(fault.NotBuilt, err, "The local BigQuery does not have this yet: %s", message))
	case "stopped":
		return fault.Wrap(op, fault.Because(fault.Conflict, err, "The query was cancelled."))
	case "responseTooLarge":
		return fault.Wrap(op, fault.Because(fault.TooLarge, err, "The result is larger than BigQuery returns: write it to a table."))
	case "":
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return fault.Wrap(op, fault.Because(fault.Unavailable, err, "BigQuery does not answer in time. Try again."))
		}
		return fault.Wrap(op, err)
	default:
		return fault.Wrap(op, fault.Because(fault.Unavailable, err, "BigQuery does not answer right now. Try again."))
	}
}

// maxShown bounds how much of BigQuery's text is shown.
const maxShown = 500

func reasonOf(err error) (reason, message string) {
	var ge *googleapi.Error
	var be *bigquery.Error
	switch {
	case errors.As(err, &ge):
		message = ge.Message
		if len(ge.Errors) > 0 {
			reason = ge.Errors[0].Reason
		} else if ge.Code >= 500 {
			reason = "backendError"
		}
	case errors.As(err, &be):
		reason, message = be.Reason, be.Message
	}
	if len(message) > maxShown {
		message = strings.ToValidUTF8(message[:maxShown], "") + "…"
	}
	return reason, message
}

// Label makes a value that BigQuery takes as a label: lower-case letters,
// digits, dash and underscore, at most 63 characters.
func Label(s string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '-'
		}
	}, s)
	if len(out) > 63 {
		out = out[:63]
	}
	return out
}
