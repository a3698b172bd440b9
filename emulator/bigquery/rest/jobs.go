package rest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/jobs"
)

// location is where all data is.
const location = "US"

// checkLocation refuses to begin anything elsewhere.
func checkLocation(l string) error {
	if l != "" && !strings.EqualFold(l, location) {
		return apierr.NotImplemented("the location %s is not supported by the local BigQuery, whose data is all in US", l)
	}
	return nil
}

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
		if err := checkLocation(ref.Location); err != nil {
			closeMedia()
			return nil, err
		}
		id.Job = ref.JobId
	}
	c := job.Configuration
	kinds := 0
	for _, set := range []bool{c.Query != nil, c.Load != nil, c.Copy != nil, c.Extract != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		closeMedia()
		return nil, apierr.Invalid("Job configuration must contain exactly one job-specific configuration object (e.g., query, load, extract, spark), but there were %d", kinds)
	}
	if c.DryRun && c.Query == nil {
		closeMedia()
		return nil, apierr.Invalid("A dry run is for queries only")
	}
	if c.Load != nil {
		return started(h.jobs.Load(id, c, media, h.openSource))
	}
	closeMedia()
	switch {
	case c.Query != nil:
		return h.startQuery(r, id, c, b)
	case c.Copy != nil:
		return started(h.jobs.Copy(id, c))
	case c.Extract != nil:
		// Its Go type does not tell false from left out.
		var extra struct {
			Configuration struct {
				Extract struct {
					PrintHeader *bool `json:"printHeader"`
				} `json:"extract"`
			} `json:"configuration"`
		}
		if err := decodeBytes(b, &extra); err != nil {
			return nil, err
		}
		header := extra.Configuration.Extract.PrintHeader
		return started(h.jobs.Extract(id, c, header != nil && !*header))
	}
	return nil, apierr.Invalid("Required parameter is missing: configuration")
}

// started writes the job that has begun.
func started(j *jobs.Job, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return j.Describe(), nil
}

func (h *Handler) startQuery(r *http.Request, id jobs.ID, c *bq.JobConfiguration, b []byte) (any, error) {
	if err := checkQueryConfig(c.Query); err != nil {
		return nil, err
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

// findJob finds the job of a request. All jobs are in one location, so that any
// other has none of the name.
func (h *Handler) findJob(r *http.Request) (*jobs.Job, error) {
	id := jobID(r)
	if l := r.URL.Query().Get("location"); l != "" && !strings.EqualFold(l, location) {
		return nil, apierr.NotFound("Not found: Job %s:%s.%s", id.Project, l, id.Job)
	}
	return h.jobs.Get(id)
}

// checkQueryConfig refuses the options of a query that are not supported.
func checkQueryConfig(q *bq.JobConfigurationQuery) error {
	switch {
	case len(q.TableDefinitions) > 0 || len(q.UserDefinedFunctionResources) > 0 || len(q.SchemaUpdateOptions) > 0:
		return apierr.NotImplemented("external tables, user-defined functions and schema updates by a query are not supported by the local BigQuery")
	case q.CreateSession || len(q.ConnectionProperties) > 0:
		return apierr.NotImplemented("sessions and connection properties are not supported by the local BigQuery")
	case q.Continuous || q.ScriptOptions != nil || q.WriteIncrementalResults:
		return apierr.NotImplemented("continuous queries, script options and incremental results are not supported by the local BigQuery")
	case q.DestinationEncryptionConfiguration != nil:
		return apierr.NotImplemented("encryption keys are not supported by the local BigQuery")
	}
	if p := strings.ToUpper(q.Priority); p != "" && p != "INTERACTIVE" && p != "BATCH" {
		return apierr.Invalid("Invalid value for priority: %s", clip(q.Priority))
	}
	// The API's own default is legacy SQL, in which the same text may mean
	// something else.
	text := strings.ToLower(strings.TrimSpace(q.Query))
	legacy := q.UseLegacySql == nil || *q.UseLegacySql
	switch {
	case strings.HasPrefix(text, "#legacysql"):
		legacy = true
	case strings.HasPrefix(text, "#standardsql"):
		legacy = false
	}
	if legacy {
		return apierr.NotImplemented("legacy SQL, which is what useLegacySql stands for when it is left out, is not supported by the local BigQuery; set useLegacySql to false")
	}
	no := false
	q.UseLegacySql = &no
	return nil
}

func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

func (h *Handler) getJob(r *http.Request) (any, error) {
	j, err := h.findJob(r)
	if err != nil {
		return nil, err
	}
	return j.Describe(), nil
}

func (h *Handler) cancelJob(r *http.Request) (any, error) {
	if _, err := h.findJob(r); err != nil {
		return nil, err
	}
	j, err := h.jobs.Cancel(jobID(r))
	if err != nil {
		return nil, err
	}
	return &bq.JobCancelResponse{Kind: "bigquery#jobCancelResponse", Job: j.Describe()}, nil
}

func (h *Handler) deleteJob(r *http.Request) (any, error) {
	if _, err := h.findJob(r); err != nil {
		return nil, err
	}
	return nil, h.jobs.Delete(jobID(r))
}

// listJobs lists a project's jobs, the newest first. A page's token names the
// last job on it, so that jobs that begin meanwhile do not shift the pages.
func (h *Handler) listJobs(r *http.Request) (any, error) {
	f, err := readJobFilter(r)
	if err != nil {
		return nil, err
	}
	limit, err := intParam(r, "maxResults", 1000)
	if err != nil {
		return nil, err
	}
	if limit == 0 || limit > 1000 {
		limit = 1000
	}
	out := &bq.JobList{Kind: "bigquery#jobList"}
	for _, j := range h.jobs.List(r.PathValue("project")) {
		if !f.after(j) {
			continue
		}
		d := j.Describe()
		if !f.takes(d) {
			continue
		}
		if int64(len(out.Jobs)) == limit {
			last := out.Jobs[limit-1]
			out.NextPageToken = jobToken(f.nanos, last.JobReference.JobId)
			break
		}
		f.nanos = j.Created().UnixNano()
		item := &bq.JobListJobs{Kind: d.Kind, Id: d.Id, JobReference: d.JobReference, State: d.Status.State,
			Statistics: d.Statistics, Status: d.Status, ErrorResult: d.Status.ErrorResult, UserEmail: d.UserEmail}
		if f.full {
			item.Configuration = d.Configuration
		}
		out.Jobs = append(out.Jobs, item)
	}
	return out, nil
}

// jobFilter is what jobs.list asks for.
type jobFilter struct {
	states           []string
	least, most      int64 // creation, milliseconds
	parent           string
	full             bool
	started          bool // after a page's token
	fromNanos, nanos int64
	fromID           string
}

func readJobFilter(r *http.Request) (f jobFilter, err error) {
	q := r.URL.Query()
	for _, s := range q["stateFilter"] {
		s = strings.ToUpper(s)
		if s != "PENDING" && s != "RUNNING" && s != "DONE" {
			return f, apierr.Invalid("Invalid value for stateFilter: %q", s)
		}
		f.states = append(f.states, s)
	}
	if f.least, err = intParam(r, "minCreationTime", 0); err != nil {
		return f, err
	}
	if f.most, err = intParam(r, "maxCreationTime", 0); err != nil {
		return f, err
	}
	switch p := strings.ToLower(q.Get("projection")); p {
	case "", "minimal":
	case "full":
		f.full = true
	default:
		return f, apierr.Invalid("Invalid value for projection: %q", p)
	}
	f.parent = q.Get("parentJobId")
	if t := q.Get("pageToken"); t != "" {
		b, err := base64.RawURLEncoding.DecodeString(t)
		if err != nil {
			return f, apierr.Invalid("Invalid value for pageToken")
		}
		if _, err := fmt.Sscanf(string(b), "%d %s", &f.fromNanos, &f.fromID); err != nil {
			return f, apierr.Invalid("Invalid value for pageToken")
		}
		f.started = true
	}
	return f, nil
}

func jobToken(nanos int64, id string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", nanos, id))
}

// after tells whether a job comes after the place of the page's token.
func (f *jobFilter) after(j *jobs.Job) bool {
	if !f.started {
		return true
	}
	at := j.Created().UnixNano()
	return at < f.fromNanos || at == f.fromNanos && j.ID.Job < f.fromID
}

func (f *jobFilter) takes(d *bq.Job) bool {
	at := d.Statistics.CreationTime
	return (len(f.states) == 0 || slices.Contains(f.states, d.Status.State)) &&
		(f.least == 0 || at >= f.least) && (f.most == 0 || at <= f.most) && d.Statistics.ParentJobId == f.parent
}
