package query

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"

	"cloud.google.com/go/bigquery"
	"github.com/danielgtaylor/huma/v2"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

func (r room) resultRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/runs/{run}/results", ID: "getResults", Rule: access.MemberOf(access.Read), Summary: "A run's rows, page by page", Access: api.SecondFactor}, r.results)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/runs/{run}/results.csv", ID: "downloadResults", Rule: access.MemberOf(access.Read), Summary: "A run's rows as CSV", Access: api.SecondFactor,
		Description: "RFC 4180, UTF-8, the first line names the columns; NULL is an empty field, in a single column a quoted one. A download that breaks off was not complete."}, r.csv)
}

// finished gives the job of a run that has ended well.
func (r room) finished(ctx context.Context, workspace, runID string) (*bigquery.Job, dataset.Run, error) {
	var none dataset.Run
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), workspace, access.Read); err != nil {
		return nil, none, err
	}
	run, err := r.run(ctx, workspace, runID)
	if err != nil {
		return nil, none, err
	}
	if run, err = r.follow(ctx, run); err != nil {
		return nil, none, err
	}
	if run.State == dataset.Failed && run.Problem == rowsGone {
		return nil, none, fault.New(fault.NotFound, rowsGone)
	}
	if run.State != dataset.Done {
		return nil, none, fault.New(fault.Conflict, "This run is %s: there are rows once it is done.", run.State)
	}
	job, err := r.desk.BigQuery.JobFromID(ctx, run.ID)
	if err != nil {
		return nil, none, rowsFault("query.results", err)
	}
	return job, run, nil
}

// rowsFault is bigqueryx.Fault that says what it means not to find rows.
func rowsFault(op string, err error) error {
	f := bigqueryx.Fault(op, err)
	if fault.Is(f, fault.NotFound) {
		return fault.Because(fault.NotFound, err, rowsGone)
	}
	return f
}

type resultsIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Run       string `path:"run" maxLength:"40"`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor    string `query:"cursor" maxLength:"2048"`
}

type resultsOut struct {
	Body struct {
		Columns []column    `json:"columns"`
		Rows    [][]*string `json:"rows" doc:"Values as text, so that no whole number loses a digit; NULL is null."`
		Total   int64       `json:"total" doc:"How many rows the run has."`
		Next    string      `json:"next,omitempty" doc:"The cursor of the next page; absent on the last."`
	}
}

func (r room) results(ctx context.Context, in *resultsIn) (*resultsOut, error) {
	job, run, err := r.finished(ctx, in.Workspace, in.Run)
	if err != nil {
		return nil, err
	}
	it, err := job.Read(ctx)
	if err != nil {
		return nil, rowsFault("query.results", err)
	}
	var page [][]bigquery.Value
	next, err := iterator.NewPager(it, in.Limit, in.Cursor).NextPage(&page)
	if err != nil {
		f := bigqueryx.Fault("query.results", err)
		if in.Cursor != "" && (fault.Is(f, fault.Invalid) || fault.Is(f, fault.NotFound)) {
			return nil, fault.Because(fault.Invalid, err, "The cursor is not one that this list gave.")
		}
		return nil, f
	}
	out := &resultsOut{}
	out.Body.Columns, out.Body.Total, out.Body.Next = columnsOf(it.Schema), run.Rows, next
	out.Body.Rows = make([][]*string, len(page))
	for i, row := range page {
		out.Body.Rows[i] = make([]*string, len(row))
		for j, v := range row {
			if v == nil {
				continue
			}
			text, err := valueText(v, it.Schema[j])
			if err != nil {
				return nil, fault.Wrap("query.results", err)
			}
			out.Body.Rows[i][j] = &text
		}
	}
	return out, nil
}

// csv streams. What fails before the first byte is a problem; what fails later
// breaks the connection off, so that nobody takes a part for the whole.
func (r room) csv(ctx context.Context, in *runIn) (*huma.StreamResponse, error) {
	job, run, err := r.finished(ctx, in.Workspace, in.Run)
	if err != nil {
		return nil, err
	}
	if run.Rows > r.limits.CSVRows {
		return nil, fault.New(fault.TooLarge, "This run has %d rows; at most %d can be downloaded as CSV. Read it in BigQuery.", run.Rows, r.limits.CSVRows)
	}
	it, err := job.Read(ctx)
	if err != nil {
		return nil, rowsFault("query.csv", err)
	}
	// The first row is asked for now: its failure can still be told.
	var first []bigquery.Value
	firstErr := it.Next(&first)
	if firstErr != nil && !errors.Is(firstErr, iterator.Done) {
		return nil, rowsFault("query.csv", firstErr)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "text/csv; charset=utf-8; header=present")
		hc.SetHeader("Content-Disposition", `attachment; filename="`+run.ID+`.csv"`)
		hc.SetStatus(http.StatusOK)
		if err := writeCSV(hc.BodyWriter(), it, first, firstErr); err != nil {
			r.log.WarnContext(ctx, "download broke off", "run", run.ID, "error", err.Error())
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

// writeCSV writes the names of the columns and every row.
func writeCSV(out io.Writer, it *bigquery.RowIterator, row []bigquery.Value, err error) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	line := make([]string, len(it.Schema))
	for i, f := range it.Schema {
		line[i] = f.Name
	}
	if err := writeLine(out, w, line); err != nil {
		return err
	}
	for ; !errors.Is(err, iterator.Done); err = it.Next(&row) {
		if err != nil {
			return err
		}
		for i, v := range row {
			line[i] = ""
			if v == nil {
				continue
			}
			if line[i], err = valueText(v, it.Schema[i]); err != nil {
				return err
			}
		}
		if err := writeLine(out, w, line); err != nil {
			return err
		}
		row = nil
	}
	w.Flush()
	return w.Error()
}

// writeLine writes one record. A single empty field is quoted: bare, it would be
// a blank line, which readers of CSV skip, and a row would be lost.
func writeLine(out io.Writer, w *csv.Writer, line []string) error {
	if len(line) != 1 || line[0] != "" {
		return w.Write(line)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\"\"\r\n")
	return err
}
