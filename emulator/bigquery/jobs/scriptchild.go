package jobs

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

// variableTable is the table that stands for a variable that is assigned to.
const variableTable = "$variable"

// tempTables are a script's temporary tables, in a data set of its own that ends
// with the script.
type tempTables struct {
	dataset store.DatasetKey
	names   map[string]store.Key
}

// temporary gives the key of a temporary table that is about to be made.
func (m *Manager) temporary(ctx context.Context, t *tempTables, project, name string) (store.Key, error) {
	if t.dataset.Dataset == "" {
		k := store.DatasetKey{Project: project, Dataset: store.HiddenPrefix + strings.ToLower(rand.Text())}
		if _, err := m.Store.CreateDataset(ctx, k, &bq.Dataset{}); err != nil {
			return store.Key{}, err
		}
		t.dataset = k
	}
	k := store.Key{Project: t.dataset.Project, Dataset: t.dataset.Dataset, Table: name}
	t.names[name] = k
	return k, nil
}

// find gives a temporary table's key.
func (t *tempTables) find(name string) (store.Key, bool) {
	if t == nil {
		return store.Key{}, false
	}
	k, ok := t.names[name]
	return k, ok
}

// sql runs a statement of the script under a job of its own, whose id BigQuery
// forms in the same way.
func (s *script) sql(ctx context.Context, text googlesql.Span) error {
	shown, run := *s.config, *s.config
	shown.Query, run.Query = s.text[text.From:text.To], s.padded("", text, "")
	child := &Job{ID: ID{s.job.ID.Project, fmt.Sprintf("script_job_%s_%d", strings.ToLower(rand.Text()), s.children)}, state: "RUNNING",
		Config:  &bq.JobConfiguration{JobType: "QUERY", Query: &shown, Labels: s.job.Config.Labels},
		created: s.m.clock(), done: make(chan struct{}), cancel: func() {}}
	child.started = child.created
	child.stats = bq.JobStatistics{Query: &bq.JobStatistics2{}}
	s.children++
	pl, err := s.m.prepare(ctx, s.project, &run, s.now())
	if err == nil {
		child.stats = pl.stats
		err = s.execute(ctx, child, &run, pl)
		pl.release()
	}
	child.stats.ParentJobId = s.job.ID.Job
	child.stats.ScriptStatistics = &bq.ScriptStatistics{EvaluationKind: "STATEMENT", StackFrames: []*bq.ScriptStackFrame{s.frame(text)}}
	child.state, child.ended = "DONE", s.m.clock()
	if err != nil {
		child.err = s.m.explain(ctx, child, err)
	}
	close(child.done)
	s.m.adopt(child)
	return err
}

// execute runs a prepared statement.
func (s *script) execute(ctx context.Context, child *Job, q *bq.JobConfigurationQuery, pl *plan) error {
	if limit := q.MaximumBytesBilled; limit > 0 && s.billed+pl.billed > limit {
		return apierr.BytesBilled("Query exceeded limit for bytes billed: %d. %d or higher required.", limit, s.billed+pl.billed)
	}
	s.processed, s.billed = s.processed+pl.stats.TotalBytesProcessed, s.billed+pl.billed
	if pl.act != nil {
		s.result = nil
		return pl.act(ctx, child)
	}
	q.DestinationTable = anonymous(s.project)
	child.Config.Query.DestinationTable = q.DestinationTable
	t, err := s.m.execute(ctx, q, nil, columnsOf(pl.analysis), pl.sql)
	if err != nil {
		return certain(pl.sql, err)
	}
	child.result, s.result = t, t
	return nil
}

// frame says where in the script a statement stands.
func (s *script) frame(text googlesql.Span) *bq.ScriptStackFrame {
	place := func(at int) (line, column int64) {
		head := s.text[:at]
		return int64(strings.Count(head, "\n") + 1), int64(at - strings.LastIndexByte(head, '\n'))
	}
	f := &bq.ScriptStackFrame{Text: s.text[text.From:text.To]}
	f.StartLine, f.StartColumn = place(text.From)
	f.EndLine, f.EndColumn = place(text.To)
	return f
}

// adopt makes a finished job known.
func (m *Manager) adopt(j *Job) {
	for _, r := range []record{j.record(true), j.record(false)} {
		if err := m.history.write(r); err != nil {
			m.log.Error("a script's job could not be kept", "job", j.ID.Job, "error", err)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jobs[j.ID] = j
	m.order = append(m.order, j)
	if j.result != nil && j.result.Result {
		m.kept = append(m.kept, j)
		m.uses[j.result]++
	}
	m.forgetLocked()
}
