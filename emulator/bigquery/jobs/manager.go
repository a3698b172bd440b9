// Package jobs runs BigQuery's jobs: queries, loads, copies and extracts,
// asynchronous and cancellable, each under an id that the caller may choose and
// that is never run twice, also not after the process was killed: what a job was
// and how it ended is kept in a file beside the data (history.go).
package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
)

const (
	// maxJobs is how many finished jobs are remembered, and jobLife for how long
	// (BigQuery's six months).
	maxJobs = 10000
	jobLife = 180 * 24 * time.Hour
	// resultLife is how long an anonymous result is kept, as in BigQuery.
	resultLife = 24 * time.Hour
	// maxRunning bounds the jobs that run at once; more wait as PENDING.
	maxRunning = 16
)

// ID names a job.
type ID struct{ Project, Job string }

// String writes the id as BigQuery's messages do.
func (id ID) String() string { return id.Project + ":US." + id.Job }

// jobName is what BigQuery takes for a job's id.
var jobName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// maxJobName is its greatest length.
const maxJobName = 1024

// Job is one job. Its fields are guarded by mu after it has started.
type Job struct {
	ID     ID
	Config *bq.JobConfiguration

	mu    sync.Mutex
	state string
	err   *apierr.Error
	// warnings are errors that did not end the job, such as a load's bad records.
	warnings []*apierr.Error
	created  time.Time
	started  time.Time
	ended    time.Time
	stats    bq.JobStatistics
	result   *store.Table
	// held tells that the result is another job's too and counted already.
	held   bool
	done   chan struct{}
	cancel context.CancelFunc
}

// Config says what a Manager works with.
type Config struct {
	Log   *slog.Logger
	Clock func() time.Time
	// Dir is the folder that the jobs' history is kept in.
	Dir string
	// ExtractDir is the folder that extract jobs write to; empty: they are refused.
	ExtractDir string
	// Threads are the threads that a query may use; 0: one per core.
	Threads int
}

// Manager holds the jobs.
type Manager struct {
	Store *store.Store
	log   *slog.Logger
	clock func() time.Time

	extractDir string
	threads    int64
	history    *history

	ctx     context.Context
	stop    context.CancelFunc
	running chan struct{}
	wait    sync.WaitGroup
	mu      sync.Mutex
	jobs    map[ID]*Job
	// order are the jobs by their creation, the oldest first.
	order []*Job
	// kept are the finished jobs with an anonymous result, in the order of their
	// end, and uses counts the jobs that show a result.
	kept    []*Job
	expired time.Time
	uses    map[*store.Table]int
	cache   map[string]*cached
}

// NewManager makes a manager that remembers the jobs of the history in its
// folder. Its jobs end with Close.
func NewManager(s *store.Store, c Config) (*Manager, error) {
	if c.Threads <= 0 {
		c.Threads = runtime.NumCPU()
	}
	ctx, stop := context.WithCancel(context.Background())
	m := &Manager{Store: s, log: c.Log, clock: c.Clock, extractDir: c.ExtractDir, threads: int64(c.Threads), ctx: ctx, stop: stop,
		jobs: map[ID]*Job{}, running: make(chan struct{}, maxRunning), uses: map[*store.Table]int{}, cache: map[string]*cached{}}
	if err := m.remember(c.Dir); err != nil {
		stop()
		return nil, err
	}
	return m, nil
}

// Close cancels all jobs and waits for them.
func (m *Manager) Close() {
	m.stop()
	m.wait.Wait()
	m.history.close()
}

// Done is closed when the job has ended.
func (j *Job) Done() <-chan struct{} { return j.done }

// Result gives a finished query's result, or its error. Both are nil for a job
// without result, and for one of a former process (see Manager.ResultTable).
func (j *Job) Result() (*store.Table, *apierr.Error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.result, j.err
}

// ResultTable finds the table that holds the result of a query that has ended
// well: nil for a statement without one, notFound when the result has expired.
func (m *Manager) ResultTable(j *Job) (*store.Table, error) {
	j.mu.Lock()
	t, q := j.result, j.Config.Query
	j.mu.Unlock()
	if t != nil && t.Result || q == nil || q.DestinationTable == nil {
		return t, nil
	}
	// A table may have been replaced since; what is read is what it holds now.
	d := q.DestinationTable
	return m.Store.Table(store.Key{Project: d.ProjectId, Dataset: d.DatasetId, Table: d.TableId})
}

// marked makes the write that the job is about to do tell, after a kill, that the
// job had done it.
func (j *Job) marked(ctx context.Context) context.Context {
	return store.MarkJob(ctx, j.ID.Project, j.ID.Job)
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

// checkNew refuses a job id that is malformed or taken.
func (m *Manager) checkNew(id ID) error {
	if id.Job == "" {
		return nil
	}
	if len(id.Job) > maxJobName || !jobName.MatchString(id.Job) {
		return apierr.Invalid("Invalid job ID %q. Job IDs must be alphanumeric (plus underscores and dashes) and must be at most 1024 characters long.", clip(id.Job))
	}
	if _, err := m.Get(id); err == nil {
		return apierr.Duplicate("Already Exists: Job %s", id)
	}
	return nil
}

func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

// List gives a project's jobs, the newest first.
func (m *Manager) List(project string) []*Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*Job
	for _, j := range m.order {
		if j.ID.Project == project {
			out = append(out, j)
		}
	}
	sort.Slice(out, func(a, b int) bool { return newer(out[a], out[b]) })
	return out
}

// newer orders jobs as jobs.list does.
func newer(a, b *Job) bool {
	if !a.created.Equal(b.created) {
		return a.created.After(b.created)
	}
	return a.ID.Job > b.ID.Job
}

// State gives PENDING, RUNNING or DONE.
func (j *Job) State() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state
}

// Created is when the job was made.
func (j *Job) Created() time.Time { return j.created }

// Cancel asks a job to stop.
func (m *Manager) Cancel(id ID) (*Job, error) {
	j, err := m.Get(id)
	if err != nil {
		return nil, err
	}
	j.cancel()
	return j, nil
}

// Delete forgets a job that has ended; its id may then be used again.
func (m *Manager) Delete(id ID) error {
	j, err := m.Get(id)
	if err != nil {
		return err
	}
	if j.State() != "DONE" {
		return apierr.Invalid("Job %s is still running; cancel it and wait for its end before it is deleted.", id)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropLocked(j)
	return m.history.write(record{Project: id.Project, Job: id.Job, Deleted: true})
}

// start registers a job and runs work. A repeated id is a duplicate.
func (m *Manager) start(id ID, config *bq.JobConfiguration, stats bq.JobStatistics, work func(context.Context, *Job) error) (*Job, error) {
	if err := m.checkNew(id); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if id.Job == "" {
		id.Job = "job_" + rand.Text()
	}
	if _, ok := m.jobs[id]; ok {
		return nil, apierr.Duplicate("Already Exists: Job %s", id)
	}
	if m.ctx.Err() != nil {
		return nil, apierr.Stopped("the local BigQuery is stopping")
	}
	j := &Job{ID: id, Config: config, state: "PENDING", created: m.clock(), stats: stats, done: make(chan struct{})}
	if err := m.history.write(j.record(true)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(m.ctx)
	if ms := config.JobTimeoutMs; ms > 0 {
		cancel()
		ctx, cancel = context.WithTimeout(m.ctx, time.Duration(ms)*time.Millisecond)
	}
	j.cancel = cancel
	m.jobs[id] = j
	m.order = append(m.order, j)
	m.forgetLocked()
	m.wait.Add(1)
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
	j.state, j.ended = "DONE", m.clock()
	if j.started.IsZero() {
		j.started = j.ended
	}
	if err != nil {
		j.err = m.explain(ctx, j, err)
	}
	// DuckDB does not tell a query's share of its threads' time: this is the most
	// that it can have had.
	j.stats.TotalSlotMs = j.ended.Sub(j.started).Milliseconds() * m.threads
	if q := j.stats.Query; q != nil {
		q.TotalSlotMs = j.stats.TotalSlotMs
	}
	end, result, held := j.record(false), j.result, j.held
	j.mu.Unlock()
	if err := m.history.write(end); err != nil {
		m.log.Error("a job's end could not be kept; after a restart it is shown as stopped", "job", j.ID.Job, "error", err)
	}
	if result != nil && result.Result {
		m.mu.Lock()
		m.kept = append(m.kept, j)
		if !held {
			m.uses[result]++
		}
		m.mu.Unlock()
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

// expireEvery is how often tables whose time is over are looked for. They are
// not seen from that time on in any case.
const expireEvery = time.Minute

// forgetLocked drops the results and jobs that have expired, and the oldest jobs
// beyond the bound.
func (m *Manager) forgetLocked() {
	now := m.clock()
	if now.Sub(m.expired) > expireEvery {
		m.expired = now
		m.wait.Add(1)
		go func() {
			defer m.wait.Done()
			m.Store.Expire(m.ctx)
		}()
	}
	for len(m.kept) > 0 && now.Sub(m.kept[0].ended) > resultLife {
		m.releaseLocked(m.kept[0])
		m.kept = m.kept[1:]
	}
	for len(m.order) > 0 && (len(m.jobs) > maxJobs || now.Sub(m.order[0].created) > jobLife) && m.order[0].State() == "DONE" {
		m.dropLocked(m.order[0])
	}
	if m.history.full() {
		// Of much larger jobs than usual fewer are remembered.
		for n := len(m.order) / 2; n > 0 && m.order[0].State() == "DONE"; n-- {
			m.dropLocked(m.order[0])
		}
		m.compactLocked()
	}
}

// releaseLocked lets go of a job's anonymous result, which is removed with the
// last job that shows it.
func (m *Manager) releaseLocked(j *Job) {
	j.mu.Lock()
	t := j.result
	if t == nil || !t.Result {
		j.mu.Unlock()
		return
	}
	j.result = nil
	j.mu.Unlock()
	if m.uses[t]--; m.uses[t] > 0 {
		return
	}
	delete(m.uses, t)
	m.dropCachedLocked(t)
	go func() { _ = m.Store.DeleteTable(context.Background(), t.Key) }()
}

func (m *Manager) dropLocked(j *Job) {
	delete(m.jobs, j.ID)
	if i := slices.Index(m.order, j); i >= 0 {
		m.order = slices.Delete(m.order, i, i+1)
	}
	m.releaseLocked(j)
}
