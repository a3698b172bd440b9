package store

import (
	"context"

	"researchhub.example/hub/emulator/bigquery/duck"
)

// jobMark is the context's key of the job that a write is for.
type jobMark struct{}

// MarkJob makes the next write under the context leave a mark of the job in the
// transaction that writes the data, so that after a kill it is known whether the
// job had done its write.
func MarkJob(ctx context.Context, project, job string) context.Context {
	return context.WithValue(ctx, jobMark{}, Key{Project: project, Table: job})
}

// logMark writes the mark of the context's job, if it has one.
func (s *Store) logMark(ctx context.Context, c *duck.Conn) error {
	k, ok := ctx.Value(jobMark{}).(Key)
	if !ok {
		return nil
	}
	return s.logEntry(ctx, c, "job", k, "", nil)
}

// JobWrote tells whether a job of a former process had done its write.
func (s *Store) JobWrote(project, job string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.marks[Key{Project: project, Table: job}]
}

// ForgetMarks removes the marks of former processes.
func (s *Store) ForgetMarks(ctx context.Context) error {
	s.mu.Lock()
	s.marks = map[Key]bool{}
	s.mu.Unlock()
	return s.tx(ctx, func(c *duck.Conn) error { return c.Exec(ctx, "DELETE FROM hub_log WHERE kind = 'job'") })
}
