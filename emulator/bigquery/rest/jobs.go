package rest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/jobs"
	"researchhub.example/hub/emulator/bigquery/store"
)

func jobID(r *http.Request) jobs.ID {
	return jobs.ID{Project: r.PathValue("project"), Job: r.PathValue("job")}
}

// jobParams is the part of a job's JSON that the API's own Go types lose.
type jobParams struct {
	Configuration struct {
		Query *struct {
			ParameterMode   string           `json:"parameterMode"`
			QueryParameters []queryParameter `json:"queryParameters"`
		} `json:"query"`
	} `json:"configuration"`
}

func (h *Handler) insertJob(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	return h.startJob(r, b, nil)
}

// startJob starts the job that b describes; media is uploaded data, if any.
func (h *Handler) startJob(r *http.Request, b []byte, media jobs.Media) (any, error) {
	closeMedia := func() {
		if media != nil {
			media.Close()
		}
	}
	var job bq.Job
	if err := decodeBytes(b, &job); err != nil {
		closeMedia()
		return nil, err
	}
	if job.Configuration == nil {
		closeMedia()
		return nil, apierr.Invalid("Required parameter is missing: configuration")
	}
	id := jobs.ID{Project: r.PathValue("project")}
	if ref := job.JobReference; ref != nil {
		if ref.ProjectId != "" && ref.ProjectId != id.Project {
			closeMedia()
			return nil, apierr.Invalid("Value for project %q in the job reference does not agree with %q", ref.ProjectId, id.Project)
		}
		id.Job = ref.JobId
	}
	c := job.Configuration
	if c.Load != nil && media != nil {
		j, err := h.jobs.Load(id, c, media)
		if err != nil {
			return nil, err
		}
		return j.Describe(), nil
	}
	closeMedia()
	switch {
	case c.Query != nil:
		return h.startQuery(r, id, c, b)
	case c.Load != nil:
		return nil, apierr.NotImplemented("loading from sourceUris is not supported by the local BigQuery; upload the data with the job")
	case c.Copy != nil:
		return nil, apierr.NotImplemented("copy jobs are not supported by the local BigQuery")
	case c.Extract != nil:
		return nil, apierr.NotImplemented("extract jobs are not supported by the local BigQuery")
	}
	return nil, apierr.Invalid("Job configuration must contain exactly one job-specific configuration object (e.g., query, load, extract, spark), but there were 0")
}

func (h *Handler) startQuery(r *http.Request, id jobs.ID, c *bq.JobConfiguration, b []byte) (any, error) {
	if len(c.Query.TableDefinitions) > 0 || len(c.Query.UserDefinedFunctionResources) > 0 || len(c.Query.SchemaUpdateOptions) > 0 || c.Query.CreateSession {
		return nil, apierr.NotImplemented("external tables, user-defined functions, schema updates and sessions are not supported by the local BigQuery")
	}
	var extra jobParams
	if err := decodeBytes(b, &extra); err != nil {
		return nil, err
	}
	p, err := queryParams(extra.Configuration.Query.QueryParameters, extra.Configuration.Query.ParameterMode)
	if err != nil {
		return nil, err
	}
	c.JobType = "QUERY"
	if c.DryRun {
		return h.jobs.DryRun(r.Context(), id.Project, c, p)
	}
	j, err := h.jobs.Query(r.Context(), id, c, p)
	if err != nil {
		return nil, err
	}
	return j.Describe(), nil
}

func (h *Handler) getJob(r *http.Request) (any, error) {
	j, err := h.jobs.Get(jobID(r))
	if err != nil {
		return nil, err
	}
	return j.Describe(), nil
}

func (h *Handler) cancelJob(r *http.Request) (any, error) {
	j, err := h.jobs.Cancel(jobID(r))
	if err != nil {
		return nil, err
	}
	return &bq.JobCancelResponse{Kind: "bigquery#jobCancelResponse", Job: j.Describe()}, nil
}

func (h *Handler) listJobs(r *http.Request) (any, error) {
	var all []*bq.JobListJobs
	states := map[string]bool{}
	for _, s := range r.URL.Query()["stateFilter"] {
		states[strings.ToUpper(s)] = true
	}
	for _, j := range h.jobs.List(r.PathValue("project")) {
		d := j.Describe()
		if len(states) > 0 && !states[d.Status.State] {
			continue
		}
		all = append(all, &bq.JobListJobs{Kind: d.Kind, Id: d.Id, JobReference: d.JobReference, State: d.Status.State,
			Statistics: d.Statistics, Configuration: d.Configuration, Status: d.Status, ErrorResult: d.Status.ErrorResult, UserEmail: d.UserEmail})
	}
	part, next, err := page(r, all)
	if err != nil {
		return nil, err
	}
	return &bq.JobList{Kind: "bigquery#jobList", Jobs: part, NextPageToken: next}, nil
}

// defaultWait is how long an answer waits for a query by default, and maxWait at
// most (jobs.query's timeoutMs).
const (
	defaultWait = 10 * time.Second
	maxWait     = 200 * time.Second
)

// query is jobs.query: it starts a query and waits for it a while.
func (h *Handler) query(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	var q bq.QueryRequest
	if err := decodeBytes(b, &q); err != nil {
		return nil, err
	}
	var extra struct {
		ParameterMode   string           `json:"parameterMode"`
		QueryParameters []queryParameter `json:"queryParameters"`
	}
	if err := decodeBytes(b, &extra); err != nil {
		return nil, err
	}
	p, err := queryParams(extra.QueryParameters, extra.ParameterMode)
	if err != nil {
		return nil, err
	}
	config := &bq.JobConfiguration{DryRun: q.DryRun, Labels: q.Labels, JobTimeoutMs: q.JobTimeoutMs, JobType: "QUERY",
		Query: &bq.JobConfigurationQuery{Query: q.Query, DefaultDataset: q.DefaultDataset, UseLegacySql: q.UseLegacySql,
			MaximumBytesBilled: q.MaximumBytesBilled, UseQueryCache: q.UseQueryCache, ParameterMode: q.ParameterMode,
			QueryParameters: q.QueryParameters}}
	project := r.PathValue("project")
	if q.DryRun {
		job, err := h.jobs.DryRun(r.Context(), project, config, p)
		if err != nil {
			return nil, err
		}
		return &bq.QueryResponse{Kind: "bigquery#queryResponse", JobComplete: true, JobReference: job.JobReference,
			Schema: job.Statistics.Query.Schema, TotalBytesProcessed: job.Statistics.TotalBytesProcessed,
			ForceSendFields: []string{"TotalBytesProcessed"}}, nil
	}
	// A request id makes a repeated request the same job.
	id := jobs.ID{Project: project}
	if q.RequestId != "" {
		id.Job = "request_" + q.RequestId
	}
	j, err := h.jobs.Query(r.Context(), id, config, p)
	if api := apierr.From(err); err != nil && api.Reason == "duplicate" && q.RequestId != "" {
		j, err = h.jobs.Get(id)
	}
	if err != nil {
		return nil, err
	}
	wait := defaultWait
	if q.TimeoutMs > 0 {
		wait = time.Duration(q.TimeoutMs) * time.Millisecond
	}
	ints := q.FormatOptions != nil && q.FormatOptions.UseInt64Timestamp
	return h.results(r, j, wait, 0, q.MaxResults, ints, "bigquery#queryResponse")
}

func (h *Handler) queryResults(r *http.Request) (any, error) {
	j, err := h.jobs.Get(jobID(r))
	if err != nil {
		return nil, err
	}
	ms, err := intParam(r, "timeoutMs", defaultWait.Milliseconds())
	if err != nil {
		return nil, err
	}
	from, err := intParam(r, "startIndex", 0)
	if err != nil {
		return nil, err
	}
	if from, err = intParam(r, "pageToken", from); err != nil {
		return nil, err
	}
	limit, err := intParam(r, "maxResults", maxPage)
	if err != nil {
		return nil, err
	}
	if r.URL.Query().Get("maxResults") == "0" {
		limit = -1
	}
	ints := r.URL.Query().Get("formatOptions.useInt64Timestamp") == "true"
	return h.results(r, j, time.Duration(ms)*time.Millisecond, from, limit, ints, "bigquery#getQueryResultsResponse")
}

// resultPage is the answer of jobs.query and getQueryResults; the rows are
// already JSON.
type resultPage struct {
	Kind                string           `json:"kind"`
	Schema              *bq.TableSchema  `json:"schema,omitempty"`
	JobReference        *bq.JobReference `json:"jobReference"`
	TotalRows           string           `json:"totalRows,omitempty"`
	PageToken           string           `json:"pageToken,omitempty"`
	Rows                json.RawMessage  `json:"rows,omitempty"`
	TotalBytesProcessed string           `json:"totalBytesProcessed,omitempty"`
	TotalBytesBilled    string           `json:"totalBytesBilled,omitempty"`
	JobComplete         bool             `json:"jobComplete"`
	CacheHit            bool             `json:"cacheHit"`
	Errors              []*bq.ErrorProto `json:"errors,omitempty"`
	QueryID             string           `json:"queryId,omitempty"`
}

// results waits for a query and writes a page of its result. limit -1 asks for
// no rows.
func (h *Handler) results(r *http.Request, j *jobs.Job, wait time.Duration, from, limit int64, ints bool, kind string) (any, error) {
	d := j.Describe()
	if d.Configuration.Query == nil {
		return nil, apierr.Invalid("Job %s is not a query job", j.ID.Job)
	}
	out := &resultPage{Kind: kind, JobReference: d.JobReference}
	timer := time.NewTimer(min(wait, maxWait))
	defer timer.Stop()
	select {
	case <-j.Done():
	case <-timer.C:
		return out, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	t, jerr := j.Result()
	if jerr != nil {
		return nil, jerr
	}
	out.JobComplete = true
	out.Schema, out.TotalRows = t.Meta.Schema, strconv.FormatInt(t.Rows, 10)
	stats := j.Describe().Statistics
	out.TotalBytesProcessed = strconv.FormatInt(stats.TotalBytesProcessed, 10)
	out.TotalBytesBilled = strconv.FormatInt(stats.Query.TotalBytesBilled, 10)
	if limit < 0 {
		return out, nil
	}
	rows, next, err := h.readRows(r.Context(), t, from, limit, ints)
	if err != nil {
		return nil, err
	}
	out.Rows = rows
	if next < t.Rows {
		out.PageToken = strconv.FormatInt(next, 10)
	}
	return out, nil
}

// listData is tabledata.list; a query's anonymous result is a table too.
func (h *Handler) listData(r *http.Request) (any, error) {
	t, err := h.store.Table(tableKey(r))
	if err != nil {
		return nil, err
	}
	return h.tablePage(r, t)
}

func (h *Handler) tablePage(r *http.Request, t *store.Table) (any, error) {
	if r.URL.Query().Get("selectedFields") != "" {
		return nil, apierr.NotImplemented("selectedFields is not supported by the local BigQuery")
	}
	from, err := intParam(r, "startIndex", 0)
	if err != nil {
		return nil, err
	}
	if from, err = intParam(r, "pageToken", from); err != nil {
		return nil, err
	}
	limit, err := intParam(r, "maxResults", maxPage)
	if err != nil {
		return nil, err
	}
	rows, next, err := h.readRows(r.Context(), t, from, limit, r.URL.Query().Get("formatOptions.useInt64Timestamp") == "true")
	if err != nil {
		return nil, err
	}
	out := map[string]any{"kind": "bigquery#tableDataList", "etag": t.Meta.Etag, "totalRows": strconv.FormatInt(t.Rows, 10), "rows": json.RawMessage(rows)}
	if next < t.Rows {
		out["pageToken"] = strconv.FormatInt(next, 10)
	}
	return out, nil
}
