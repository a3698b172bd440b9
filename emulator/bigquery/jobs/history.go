package jobs

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
)

// historyFile is a file of JSON lines beside the database: one when a job is
// made, one when it has ended. A line is in the system's hands before it counts,
// so it is there after a kill of the process; it is not forced to the disk, as
// that would cost every query some milliseconds. What a job wrote is in the
// database's own log, with a mark of the job in the same transaction.
const historyFile = "jobs.jsonl"

// maxHistory bounds the file, in bytes: it is then written anew with the newest
// jobs only.
const maxHistory = 256 << 20

// record is a line of the history. What a job's end does not say again is that of
// its beginning.
type record struct {
	Project string               `json:"project"`
	Job     string               `json:"job"`
	Created int64                `json:"created,omitempty"` // nanoseconds since 1970, as the other times
	Started int64                `json:"started,omitempty"`
	Ended   int64                `json:"ended,omitempty"`
	Config  *bq.JobConfiguration `json:"config,omitempty"`
	Stats   *bq.JobStatistics    `json:"stats,omitempty"`
	Error   *apierr.Error        `json:"error,omitempty"`
	Others  []*apierr.Error      `json:"others,omitempty"`
	Deleted bool                 `json:"deleted,omitempty"`
}

// record writes the job down, with its configuration if asked.
func (j *Job) record(config bool) record {
	stats := j.stats
	r := record{Project: j.ID.Project, Job: j.ID.Job, Created: j.created.UnixNano(), Stats: &stats, Error: j.err, Others: j.warnings}
	if config {
		r.Config = j.Config
	}
	if !j.ended.IsZero() {
		r.Started, r.Ended = j.started.UnixNano(), j.ended.UnixNano()
	}
	return r
}

// history is the open file.
type history struct {
	mu   sync.Mutex
	file *os.File
	path string
	size int64
}

// write adds a line.
func (h *history) write(r record) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write down the job %s: %w", r.Job, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	n, err := h.file.Write(append(b, '\n'))
	h.size += int64(n)
	if err != nil {
		// The torn line must not swallow the next one.
		_, _ = h.file.Write([]byte{'\n'})
		return apierr.ResourcesExceed("the job could not be written down; the disk may be full")
	}
	return nil
}

// full tells that the file is to be written anew.
func (h *history) full() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.size > maxHistory
}

// replace writes the file anew, whole or not at all.
func (h *history) replace(list []record) error {
	var b bytes.Buffer
	for _, r := range list {
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("write down the job %s: %w", r.Job, err)
		}
		b.Write(append(line, '\n'))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	next := h.path + ".new"
	if err := os.WriteFile(next, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the jobs' history: %w", err)
	}
	if err := os.Rename(next, h.path); err != nil {
		return fmt.Errorf("replace the jobs' history: %w", err)
	}
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the jobs' history: %w", err)
	}
	if h.file != nil {
		_ = h.file.Close()
	}
	h.file, h.size = f, int64(b.Len())
	return nil
}

func (h *history) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = h.file.Close()
}

// readHistory gives the jobs that a history tells of, the oldest first. A line
// that a kill has torn is no job.
func readHistory(path string) ([]record, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the jobs' history: %w", err)
	}
	byID := map[ID]*record{}
	var order []ID
	for line := range bytes.Lines(b) {
		var r record
		if json.Unmarshal(line, &r) != nil || r.Job == "" {
			continue
		}
		id := ID{r.Project, r.Job}
		old := byID[id]
		switch {
		case r.Deleted:
			delete(byID, id)
		case old == nil && r.Config != nil:
			byID[id] = &r
			order = append(order, id)
		case old != nil:
			r.Config = old.Config
			*old = r
		}
	}
	out := make([]record, 0, len(byID))
	for _, id := range order {
		if r := byID[id]; r != nil {
			out = append(out, *r)
			delete(byID, id) // an id that was used again after its deletion
		}
	}
	slices.SortStableFunc(out, func(a, b record) int { return int(min(max(a.Created-b.Created, -1), 1)) })
	return out, nil
}

// remember takes up the jobs of former processes. One that was running when its
// process ended has been stopped, unless what it wrote is there.
func (m *Manager) remember(dir string) error {
	path := filepath.Join(dir, historyFile)
	list, err := readHistory(path)
	if err != nil {
		return err
	}
	if len(list) > maxJobs {
		list = list[len(list)-maxJobs:]
	}
	now := m.clock()
	kept := list[:0]
	for _, r := range list {
		if now.Sub(time.Unix(0, r.Created)) > jobLife {
			continue
		}
		if r.Ended == 0 {
			r.Started, r.Ended = r.Created, now.UnixNano()
			if !m.Store.JobWrote(r.Project, r.Job) {
				r.Error = apierr.Stopped("Job execution was stopped: the local BigQuery ended while the job was running, and nothing of it was kept")
			}
		}
		kept = append(kept, r)
	}
	m.history = &history{path: path}
	if err := m.history.replace(kept); err != nil {
		return err
	}
	for _, r := range kept {
		j := r.job()
		m.jobs[j.ID] = j
		m.order = append(m.order, j)
	}
	return m.Store.ForgetMarks(m.ctx)
}

// job is the finished job that the record tells of.
func (r record) job() *Job {
	at := func(ns int64) time.Time { return time.Unix(0, ns).UTC() }
	j := &Job{ID: ID{r.Project, r.Job}, Config: r.Config, state: "DONE", err: r.Error, warnings: r.Others, created: at(r.Created), started: at(r.Started), ended: at(r.Ended),
		done: make(chan struct{}), cancel: func() {}}
	if r.Stats != nil {
		j.stats = *r.Stats
	}
	close(j.done)
	return j
}

// compactLocked writes the history anew with the jobs that are remembered.
func (m *Manager) compactLocked() {
	list := make([]record, len(m.order))
	for i, j := range m.order {
		j.mu.Lock()
		list[i] = j.record(true)
		j.mu.Unlock()
	}
	if err := m.history.replace(list); err != nil {
		m.log.Error("the jobs' history could not be written anew", "error", err)
	}
}

// anonymous names a new anonymous result. The name is never used again, so that
// a job of a former process cannot show another one's result.
func anonymous(project string) *bq.TableReference {
	return &bq.TableReference{ProjectId: project, DatasetId: "_hub_results", TableId: "anon" + rand.Text()}
}
