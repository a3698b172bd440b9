package rest

import (
	"encoding/json"
	"errors"
	"net/http"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/load"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

// maxInsertRows is BigQuery's limit on rows of one insertAll request.
const maxInsertRows = 50_000

// insertRequest is tabledata.insertAll's body.
type insertRequest struct {
	TemplateSuffix      string `json:"templateSuffix"`
	TraceID             string `json:"traceId"`
	SkipInvalidRows     bool   `json:"skipInvalidRows"`
	IgnoreUnknownValues bool   `json:"ignoreUnknownValues"`
	Rows                []struct {
		InsertID string          `json:"insertId"`
		JSON     json.RawMessage `json:"json"`
	} `json:"rows"`
}

// insertAll writes rows to a table at once: all, or none when one is bad, unless
// the bad ones are to be skipped. A row whose insertId was written a moment ago
// is taken for written.
func (h *Handler) insertAll(r *http.Request) (any, error) {
	var req insertRequest
	if err := decode(r, &req); err != nil {
		return nil, err
	}
	if req.TemplateSuffix != "" {
		return nil, apierr.NotImplemented("templateSuffix is not supported by the local BigQuery")
	}
	if len(req.Rows) == 0 || len(req.Rows) > maxInsertRows {
		return nil, apierr.Invalid("insertAll takes 1 to %d rows, not %d", maxInsertRows, len(req.Rows))
	}
	t, err := h.store.Table(tableKey(r))
	if err != nil {
		return nil, err
	}
	if t.Meta.Type != "TABLE" || t.Meta.Schema == nil {
		return nil, apierr.Invalid("Cannot insert rows into %s: it is no table with a schema.", t.Key)
	}
	// The rows are read with the schema of the table as it is when it is written.
	out := &bq.TableDataInsertAllResponse{Kind: "bigquery#tableDataInsertAllResponse"}
	var written []string
	_, err = h.store.WriteTable(r.Context(), store.Write{Key: t.Key, Disposition: "WRITE_APPEND", Create: "CREATE_NEVER", Streamed: true},
		func(c *duck.Conn, physical string, cols []googlesql.Column, schema *bq.TableSchema) error {
			rows, bad, err := readRowsSent(&req, cols, schema)
			if err != nil {
				return err
			}
			out.InsertErrors = insertErrors(&req, bad)
			if len(bad) > 0 && !req.SkipInvalidRows || len(bad) == len(req.Rows) {
				return errNothingWritten
			}
			types, err := load.Types(cols)
			if err != nil {
				return err
			}
			app, err := c.NewAppender(physical, types)
			if err != nil {
				return err
			}
			written = written[:0]
			for i, row := range rows {
				id := req.Rows[i].InsertID
				if bad[i] != nil || id != "" && h.inserts.known(t, id) {
					continue
				}
				if id != "" {
					written = append(written, id)
					h.inserts.add(t, id, h.clock())
				}
				for k, v := range row {
					load.Set(app.Slot(k), v)
				}
				if err = app.EndRow(); err != nil {
					break
				}
			}
			if cerr := app.Close(err == nil); err == nil {
				err = cerr
			}
			return err
		})
	if err != nil && !errors.Is(err, errNothingWritten) {
		h.inserts.forget(t, written)
		return nil, err
	}
	return out, nil
}

// errNothingWritten undoes a write that has nothing to write.
var errNothingWritten = errors.New("nothing is written")

// readRowsSent reads the rows, and tells of those that are bad.
func readRowsSent(req *insertRequest, cols []googlesql.Column, schema *bq.TableSchema) (rows [][]googlesql.Value, bad map[int]*bq.ErrorProto, err error) {
	records := load.NewRecords(cols, schema.Fields)
	records.IgnoreUnknown, records.Seconds, records.JSONText = req.IgnoreUnknownValues, true, true
	rows, bad = make([][]googlesql.Value, len(req.Rows)), map[int]*bq.ErrorProto{}
	for i, row := range req.Rows {
		if len(row.InsertID) > maxInsertID {
			bad[i] = &bq.ErrorProto{Reason: "invalid", Location: "insertId", Message: "The insertId has more than 128 characters."}
			continue
		}
		rows[i], err = records.Read(row.JSON)
		var wrong *load.FieldError
		if errors.As(err, &wrong) {
			bad[i] = &bq.ErrorProto{Reason: "invalid", Location: wrong.Field, Message: wrong.What}
		} else if err != nil {
			return nil, nil, err
		}
	}
	return rows, bad, nil
}

// insertErrors tells of the bad rows, and of the others when those are not
// written either.
func insertErrors(req *insertRequest, bad map[int]*bq.ErrorProto) (out []*bq.TableDataInsertAllResponseInsertErrors) {
	for i := range req.Rows {
		e, ok := bad[i]
		if !ok {
			if len(bad) == 0 || req.SkipInvalidRows {
				continue
			}
			e = &bq.ErrorProto{Reason: "stopped"}
		}
		out = append(out, &bq.TableDataInsertAllResponseInsertErrors{Index: int64(i), Errors: []*bq.ErrorProto{e}, ForceSendFields: []string{"Index"}})
	}
	return out
}
