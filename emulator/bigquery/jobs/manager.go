// Package jobs runs BigQuery's jobs: queries and loads, asynchronous and
// cancellable, each under an id that the caller may choose and that is never
// run twice. Jobs live as long as the process.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// Defaults of Manager.
const (
	// maxJobs is how many finished jobs are remembered.
	maxJobs = 10000
	// resultLife is how long an anonymous result is kept, as in BigQuery.
	resultLife = 24 * time.Hour
	// maxRunning bounds the jobs that run at once; more wait as PENDING.
	maxRunning = 16
)

// ID names a job.
type ID struct{ Project, Job string }

// Job is one job. Its fields are guarded by mu after it has started.
type Job struct {
	ID     ID
	Config *bq.JobConfiguration

	mu      sync.Mutex
	state   string
	err     *apierr.Error
	created time.Time
	started time.Time
	ended   time.Time
	stats   bq.JobStatistics
	result  *store.Table
	done    chan struct{}
	cancel  context.CancelFunc
}

// Manager holds the jobs.
type Manager struct {
	Store *store.Store
	log   *slog.Logger
	clock func() time.Time

	ctx     context.Context
	stop    context.CancelFunc
	running chan struct{}
	wait    sync.WaitGroup
	mu      sync.Mutex
	jobs    map[ID]*Job
	results int64
}

// NewManager makes a manager whose jobs end with Close.
func NewManager(s *store.Store, log *slog.Logger, clock func() time.Time) *Manager {
	ctx, stop := context.WithCancel(context.Background())
	return &Manager{Store: s, log: log, clock: clock, ctx: ctx, stop: stop, jobs: map[ID]*Job{}, running: make(chan struct{}, maxRunning)}
}

// Close cancels all jobs and waits for them.
func (m *Manager) Close() {
	m.stop()
	m.wait.Wait()
}

// Done is closed when the job has ended.
func (j *Job) Done() <-chan struct{} { return j.done }

// Result gives a finished query's result, or its error.
func (j *Job) Result() (*store.Table, *apierr.Error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.result, j.err
}

// Get finds a job.
func (m *Manager) Get(id ID) (*Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if j, ok := m.jobs[id]; ok {
		return j, nil
	}
	return nil, apierr.NotFound("Not found: Job %s:%s", id.Project, id.Job)
}

// List gives a project's jobs, the newest first.
func (m *Manager) List(project string) []*Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*Job
	for id, j := range m.jobs {
		if id.Project == project {
			out = append(out, j)
		}
	}
	sort.Slice(out, func(a, b int) bool {
		if !out[a].created.Equal(out[b].created) {
			return out[a].created.After(out[b].created)
		}
		return out[a].ID.Job > out[b].ID.Job
	})
	return out
}

// State gives PENDING, RUNNING or DONE.
func (j *Job) State() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state
}

// Cancel asks a job to stop.
func (m *Manager) Cancel(id ID) (*Job, error) {
	j, err := m.Get(id)
	if err != nil {
		return nil, err
	}
	j.cancel()
	return j, nil
}

// start registers a job and runs work. A repeated id is a duplicate.
func (m *Manager) start(id ID, config *bq.JobConfiguration, stats bq.JobStatistics, work func(context.Context, *Job) error) (*Job, error) {
	m.mu.Lock()
	if id.Job == "" {
		m.results++
		id.Job = fmt.Sprintf("job_%d_%d", m.clock().UnixNano(), m.results)
	}
	if _, ok := m.jobs[id]; ok {
		m.mu.Unlock()
		return nil, apierr.Duplicate("Already Exists: Job %s:US.%s", id.Project, id.Job)
	}
	if m.ctx.Err() != nil {
		m.mu.Unlock()
		return nil, apierr.Stopped("the local BigQuery is stopping")
	}
	ctx, cancel := context.WithCancel(m.ctx)
	if ms := config.JobTimeoutMs; ms > 0 {
		ctx, cancel = context.WithTimeout(m.ctx, time.Duration(ms)*time.Millisecond)
	}
	j := &Job{ID: id, Config: config, state: "PENDING", created: m.clock(), stats: stats, done: make(chan struct{}), cancel: cancel}
	m.jobs[id] = j
	m.forgetLocked()
	m.wait.Add(1)
	m.mu.Unlock()
	go func() {
		defer m.wait.Done()
		defer cancel()
		m.run(ctx, j, work)
	}()
	return j, nil
}

func (m *Manager) run(ctx context.Context, j *Job, work func(context.Context, *Job) error) {
	err := func() (err error) {
		defer func() {
			// A fault here must end this job, not every other one.
			if r := recover(); r != nil {
				m.log.Error("a job failed unexpectedly", "job", j.ID.Job, "fault", fmt.Sprint(r))
				err = apierr.Internal("the local BigQuery failed on this job")
			}
		}()
		select {
		case m.running <- struct{}{}:
			defer func() { <-m.running }()
		case <-ctx.Done():
			return ctx.Err()
		}
		j.mu.Lock()
		j.state, j.started = "RUNNING", m.clock()
		j.mu.Unlock()
		return work(ctx, j)
	}()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state, j.ended = "DONE", m.clock()
	if j.started.IsZero() {
		j.started = j.ended
	}
	if err != nil {
		j.err = m.explain(ctx, j, err)
	}
	close(j.done)
}

// explain turns a job's error into the API's.
func (m *Manager) explain(ctx context.Context, j *Job, err error) *apierr.Error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return apierr.Stopped("Job timed out after %d ms", j.Config.JobTimeoutMs)
		}
		return apierr.Stopped("Job execution was cancelled: User requested cancellation")
	}
	api := QueryError(err)
	if api.Reason == "internalError" || api.Reason == "notImplemented" {
		m.log.Warn("a job failed", "job", j.ID.Job, "error", err)
	}
	return api
}

// forgetLocked drops the oldest finished jobs and expired results.
func (m *Manager) forgetLocked() {
	now := m.clock()
	for id, j := range m.jobs {
		if now.Sub(j.created) > resultLife && j.State() == "DONE" {
			m.dropLocked(id, j)
		}
	}
	if len(m.jobs) <= maxJobs {
		return
	}
	all := make([]*Job, 0, len(m.jobs))
	for _, j := range m.jobs {
		all = append(all, j)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].created.Before(all[b].created) })
	for _, j := range all[:len(all)-maxJobs*9/10] {
		if j.State() == "DONE" {
			m.dropLocked(j.ID, j)
		}
	}
}

func (m *Manager) dropLocked(id ID, j *Job) {
	delete(m.jobs, id)
	if t, _ := j.Result(); t != nil && t.Result {
		go func() { _ = m.Store.DeleteTable(context.Background(), t.Key) }()
	}
}

// QueryError turns an error of analysis, translation or DuckDB into the API's.
func QueryError(err error) *apierr.Error {
	var api *apierr.Error
	if errors.As(err, &api) {
		return api
	}
	var g *googlesql.Error
	if errors.As(err, &g) {
		switch g.Kind {
		case googlesql.ErrNotFound:
			return apierr.NotFound("Not found: Table %s was not found in location US%s", joinName(g.Table), at(g))
		case googlesql.ErrInternal:
			return apierr.NotImplemented("%s", g.Message)
		}
		return apierr.InvalidQuery("%s", g.Error()).At("query")
	}
	var u *translate.Unsupported
	if errors.As(err, &u) {
		return apierr.NotImplemented("%s", u.Error()).At("query")
	}
	var inv *translate.Invalid
	if errors.As(err, &inv) {
		return apierr.InvalidQuery("%s", inv.Error()).At("query")
	}
	var d *duck.Error
	if errors.As(err, &d) {
		return duckError(d)
	}
	return apierr.From(err)
}

func at(g *googlesql.Error) string {
	if g.Line == 0 {
		return ""
	}
	return fmt.Sprintf(" at [%d:%d]", g.Line, g.Column)
}

func joinName(path []string) string {
	switch len(path) {
	case 3:
		return path[0] + ":" + path[1] + "." + path[2]
	case 2:
		return path[0] + "." + path[1]
	case 1:
		return path[0]
	}
	return fmt.Sprint(path)
}
