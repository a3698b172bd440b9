package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/jobs"
	"researchhub.example/hub/emulator/bigquery/store"
)

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
	project := r.PathValue("project")
	if err := checkLocation(q.Location); err != nil {
		return nil, err
	}
	if q.Query == "" {
		return nil, apierr.Invalid("Required parameter is missing: query")
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
			MaximumBytesBilled: q.MaximumBytesBilled, UseQueryCache: q.UseQueryCache, ParameterMode: q.ParameterMode, Priority: "INTERACTIVE",
			QueryParameters: q.QueryParameters, ConnectionProperties: q.ConnectionProperties, CreateSession: q.CreateSession}}
	if err := checkQueryConfig(config.Query); err != nil {
		return nil, err
	}
	ints, err := intTimestamps(q.FormatOptions)
	if err != nil {
		return nil, err
	}
	if q.DryRun {
		job, err := h.jobs.DryRun(r.Context(), project, config, p)
		if err != nil {
			return nil, err
		}
		return &bq.QueryResponse{Kind: "bigquery#queryResponse", JobComplete: true, JobReference: job.JobReference,
			Schema: job.Statistics.Query.Schema, TotalBytesProcessed: job.Statistics.TotalBytesProcessed,
			ForceSendFields: []string{"TotalBytesProcessed", "CacheHit"}}, nil
	}
	j, err := h.startOnce(r, project, &q, config, p)
	if err != nil {
		return nil, err
	}
	wait := defaultWait
	if q.TimeoutMs > 0 {
		wait = time.Duration(q.TimeoutMs) * time.Millisecond
	}
	limit := q.MaxResults
	if limit == 0 && slices.Contains(sentFields(b), "maxResults") {
		limit = -1
	}
	return h.results(r, j, wait, 0, limit, ints, "bigquery#queryResponse")
}

// requestLife is how long a request id makes a repeated request the same job.
const requestLife = 15 * time.Minute

// startOnce starts a query, unless the request repeats one of the same request
// id: everything that may change the result tells requests apart, what only
// changes the answer does not.
func (h *Handler) startOnce(r *http.Request, project string, q *bq.QueryRequest, config *bq.JobConfiguration, p jobs.Params) (*jobs.Job, error) {
	id := jobs.ID{Project: project}
	if q.RequestId == "" {
		return h.jobs.Query(r.Context(), id, config, p)
	}
	if len(q.RequestId) > 36 {
		return nil, apierr.Invalid("Invalid requestId: it has more than 36 characters")
	}
	same, err := json.Marshal([]any{q.RequestId, project, config, p.Text()})
	if err != nil {
		return nil, fmt.Errorf("tell a request apart: %w", err)
	}
	sum := sha256.Sum256(same)
	id.Job = "job_" + hex.EncodeToString(sum[:16])
	if j, err := h.jobs.Get(id); err == nil {
		if h.clock().Sub(j.Created()) <= requestLife {
			return j, nil
		}
		id.Job = ""
	}
	j, err := h.jobs.Query(r.Context(), id, config, p)
	if err != nil && apierr.From(err).Reason == "duplicate" {
		return h.jobs.Get(id) // the same request, at the same time
	}
	return j, err
}

// sentFields are the fields that a request's JSON object holds.
func sentFields(b []byte) []string {
	var m map[string]json.RawMessage
	if json.Unmarshal(b, &m) != nil {
		return nil
	}
	return slices.Collect(maps.Keys(m))
}

// intTimestamps tells whether timestamps are asked for as integers.
func intTimestamps(o *bq.DataFormatOptions) (bool, error) {
	if o == nil {
		return false, nil
	}
	switch strings.ToUpper(o.TimestampOutputFormat) {
	case "", "TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED":
		return o.UseInt64Timestamp, nil
	case "INT64":
		return true, nil
	case "FLOAT64":
		return false, nil
	}
	return false, apierr.NotImplemented("the timestamp format %s is not supported by the local BigQuery", clip(o.TimestampOutputFormat))
}

func intTimestampsOf(r *http.Request) (bool, error) {
	q := r.URL.Query()
	return intTimestamps(&bq.DataFormatOptions{UseInt64Timestamp: q.Get("formatOptions.useInt64Timestamp") == "true",
		TimestampOutputFormat: q.Get("formatOptions.timestampOutputFormat")})
}

func (h *Handler) queryResults(r *http.Request) (any, error) {
	j, err := h.findJob(r)
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
	ints, err := intTimestampsOf(r)
	if err != nil {
		return nil, err
	}
	return h.results(r, j, time.Duration(ms)*time.Millisecond, from, limit, ints, "bigquery#getQueryResultsResponse")
}

// resultPage is the answer of jobs.query and getQueryResults; the rows are
// already JSON.
type resultPage struct {
	Kind                string            `json:"kind"`
	Schema              *bq.TableSchema   `json:"schema,omitempty"`
	JobReference        *bq.JobReference  `json:"jobReference"`
	TotalRows           string            `json:"totalRows,omitempty"`
	PageToken           string            `json:"pageToken,omitempty"`
	Rows                json.RawMessage   `json:"rows,omitempty"`
	TotalBytesProcessed string            `json:"totalBytesProcessed,omitempty"`
	TotalBytesBilled    string            `json:"totalBytesBilled,omitempty"`
	JobComplete         bool              `json:"jobComplete"`
	CacheHit            bool              `json:"cacheHit"`
	Errors              []*bq.ErrorProto  `json:"errors,omitempty"`
	NumDmlAffectedRows  string            `json:"numDmlAffectedRows,omitempty"`
	DmlStats            *bq.DmlStatistics `json:"dmlStats,omitempty"`
	SessionInfo         *bq.SessionInfo   `json:"sessionInfo,omitempty"`
	StatementType       string            `json:"statementType,omitempty"`
	Location            string            `json:"location,omitempty"`
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
		if j.State() != "DONE" {
			return out, nil
		}
		<-j.Done() // it has ended; with no time to wait both are ready
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if _, jerr := j.Result(); jerr != nil {
		return nil, jerr
	}
	t, err := h.jobs.ResultTable(j)
	if err != nil {
		return nil, err
	}
	out.JobComplete, out.Location = true, location
	stats := j.Describe().Statistics
	out.TotalBytesProcessed = strconv.FormatInt(stats.TotalBytesProcessed, 10)
	out.SessionInfo = stats.SessionInfo
	if q := stats.Query; q != nil {
		out.TotalBytesBilled, out.CacheHit, out.StatementType = strconv.FormatInt(q.TotalBytesBilled, 10), q.CacheHit, q.StatementType
		if slices.Contains(q.ForceSendFields, "NumDmlAffectedRows") {
			out.NumDmlAffectedRows, out.DmlStats = strconv.FormatInt(q.NumDmlAffectedRows, 10), q.DmlStats
		}
	}
	if t == nil {
		return out, nil // a statement without rows
	}
	out.Schema, out.TotalRows = t.Meta.Schema, strconv.FormatInt(t.Rows, 10)
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
	ints, err := intTimestampsOf(r)
	if err != nil {
		return nil, err
	}
	rows, next, err := h.readRows(r.Context(), t, from, limit, ints)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"kind": "bigquery#tableDataList", "etag": t.Meta.Etag, "totalRows": strconv.FormatInt(t.Rows, 10), "rows": json.RawMessage(rows)}
	if next < t.Rows {
		out["pageToken"] = strconv.FormatInt(next, 10)
	}
	return out, nil
}
