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
		SelfLink:     "/bigquery/v2/projects/" + j.ID.Project + "/jobs/" + j.ID.Job + "?location=US",
		JobReference: &bq.JobReference{ProjectId: j.ID.Project, JobId: j.ID.Job, Location: "US"},
		Statistics:   forced(stats), Status: &bq.JobStatus{State: j.state}, UserEmail: "local@localhost"}
	if j.err != nil {
		out.Status.ErrorResult = Proto(j.err)
		out.Status.Errors = []*bq.ErrorProto{Proto(j.err)}
	}
	for _, w := range j.warnings {
		out.Status.Errors = append(out.Status.Errors, Proto(w))
	}
	return out
}

// forced makes the numbers that mean something when they are 0 be written, also
// in statistics that were read back.
func forced(stats bq.JobStatistics) *bq.JobStatistics {
	stats.ForceSendFields = []string{"TotalSlotMs"}
	if stats.Query != nil {
		q := *stats.Query
		q.ForceSendFields = append([]string{"TotalBytesProcessed", "TotalBytesBilled", "CacheHit", "TotalSlotMs"}, q.ForceSendFields...)
		switch q.StatementType {
		case "INSERT", "UPDATE", "DELETE", "MERGE":
			q.ForceSendFields = append(q.ForceSendFields, "NumDmlAffectedRows")
		}
		stats.ForceSendFields = append(stats.ForceSendFields, "TotalBytesProcessed")
		stats.Query = &q
	}
	if stats.Load != nil {
		l := *stats.Load
		l.ForceSendFields = []string{"OutputRows", "OutputBytes", "InputFiles", "InputFileBytes", "BadRecords"}
		stats.Load = &l
	}
	if stats.Copy != nil {
		c := *stats.Copy
		c.ForceSendFields = []string{"CopiedRows", "CopiedLogicalBytes"}
		stats.Copy = &c
	}
	return &stats
}

// Proto writes an error as a job's status holds it.
func Proto(e *apierr.Error) *bq.ErrorProto {
	return &bq.ErrorProto{Reason: e.Reason, Message: e.Message, Location: e.Location}
}
