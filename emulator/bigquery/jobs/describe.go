package jobs

import (
	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
)

// Describe writes the job as the API does.
func (j *Job) Describe() *bq.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	stats := j.stats
	stats.CreationTime = j.created.UnixMilli()
	if !j.started.IsZero() {
		stats.StartTime = j.started.UnixMilli()
	}
	if !j.ended.IsZero() {
		stats.EndTime = j.ended.UnixMilli()
	}
	out := &bq.Job{Kind: "bigquery#job", Id: j.ID.Project + ":US." + j.ID.Job, Configuration: j.Config,
		JobReference: &bq.JobReference{ProjectId: j.ID.Project, JobId: j.ID.Job, Location: "US"},
		Statistics:   &stats, Status: &bq.JobStatus{State: j.state}, UserEmail: "local@localhost"}
	if j.err != nil {
		out.Status.ErrorResult = Proto(j.err)
		out.Status.Errors = []*bq.ErrorProto{Proto(j.err)}
	}
	return out
}

// Proto writes an error as a job's status holds it.
func Proto(e *apierr.Error) *bq.ErrorProto {
	return &bq.ErrorProto{Reason: e.Reason, Message: e.Message, Location: e.Location}
}
