package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// maxInsertRows is BigQuery's limit on rows of one insertAll request.
const maxInsertRows = 50_000

// insertAll writes rows to a table at once: all, or none when one is bad.
func (h *Handler) insertAll(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	var req struct {
		TemplateSuffix      string `json:"templateSuffix"`
		SkipInvalidRows     bool   `json:"skipInvalidRows"`
		IgnoreUnknownValues bool   `json:"ignoreUnknownValues"`
		Rows                []struct {
			JSON map[string]json.RawMessage `json:"json"`
		} `json:"rows"`
	}
	if err := decodeBytes(b, &req); err != nil {
		return nil, err
	}
	if req.TemplateSuffix != "" || req.SkipInvalidRows {
		return nil, apierr.NotImplemented("templateSuffix and skipInvalidRows are not supported by the local BigQuery")
	}
	if len(req.Rows) == 0 || len(req.Rows) > maxInsertRows {
		return nil, apierr.Invalid("insertAll takes 1 to %d rows, not %d", maxInsertRows, len(req.Rows))
	}
	t, err := h.store.Table(tableKey(r))
	if err != nil {
		return nil, err
	}
	tuples := make([]string, len(req.Rows))
	bad := map[int]*bq.ErrorProto{}
	for i, row := range req.Rows {
		tuple, perr := insertTuple(t, row.JSON, req.IgnoreUnknownValues)
		if perr != nil {
			bad[i] = perr
			continue
		}
		tuples[i] = tuple
	}
	out := &bq.TableDataInsertAllResponse{Kind: "bigquery#tableDataInsertAllResponse"}
	if len(bad) > 0 {
		for i := range req.Rows {
			e, ok := bad[i]
			if !ok {
				e = &bq.ErrorProto{Reason: "stopped"}
			}
			out.InsertErrors = append(out.InsertErrors, &bq.TableDataInsertAllResponseInsertErrors{Index: int64(i), Errors: []*bq.ErrorProto{e}, ForceSendFields: []string{"Index"}})
		}
		return out, nil
	}
	_, err = h.store.WriteTable(r.Context(), store.Write{Key: t.Key, Disposition: "WRITE_APPEND", Create: "CREATE_NEVER"},
		func(c *duck.Conn, physical string, _ []googlesql.Column, _ *bq.TableSchema) error {
			const batch = 500
			for from := 0; from < len(tuples); from += batch {
				part := tuples[from:min(from+batch, len(tuples))]
				if err := c.Exec(r.Context(), "INSERT INTO "+physical+" VALUES "+strings.Join(part, ", ")); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// insertTuple writes one row as DuckDB's literals.
func insertTuple(t *store.Table, row map[string]json.RawMessage, ignoreUnknown bool) (string, *bq.ErrorProto) {
	invalid := func(location, format string, args ...any) *bq.ErrorProto {
		return &bq.ErrorProto{Reason: "invalid", Location: location, Message: fmt.Sprintf(format, args...)}
	}
	byName := make(map[string]json.RawMessage, len(row))
	for k, v := range row {
		byName[strings.ToLower(k)] = v
	}
	parts := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		raw := byName[strings.ToLower(c.Name)]
		delete(byName, strings.ToLower(c.Name))
		v, err := jsonValue(raw, c.Type)
		if err != nil {
			return "", invalid(c.Name, "%v", err)
		}
		if v.IsNull() && strings.EqualFold(t.Meta.Schema.Fields[i].Mode, "REQUIRED") {
			return "", invalid(c.Name, "Missing required field: %s.", c.Name)
		}
		parts[i] = translate.Literal(v)
	}
	if !ignoreUnknown {
		for k := range byName {
			return "", invalid(k, "no such field: %s.", k)
		}
	}
	return "(" + strings.Join(parts, ", ") + ")", nil
}

// jsonValue reads a value of a row given as JSON.
func jsonValue(raw json.RawMessage, t *googlesql.Type) (googlesql.Value, error) {
	v := googlesql.Value{Type: t}
	if len(raw) == 0 || string(raw) == "null" {
		if t.Kind == googlesql.KindArray {
			v.V = []googlesql.Value{}
		}
		return v, nil
	}
	switch t.Kind {
	case googlesql.KindArray:
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return v, fmt.Errorf("Repeated field must be given as a JSON array.")
		}
		out := make([]googlesql.Value, len(list))
		for i, e := range list {
			x, err := jsonValue(e, t.Elem)
			if err != nil {
				return v, err
			}
			if x.IsNull() {
				return v, fmt.Errorf("Only optional fields can be set to NULL.")
			}
			out[i] = x
		}
		v.V = out
		return v, nil
	case googlesql.KindStruct:
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return v, fmt.Errorf("This field is a record.")
		}
		byName := make(map[string]json.RawMessage, len(fields))
		for k, x := range fields {
			byName[strings.ToLower(k)] = x
		}
		fields = byName
		out := make([]googlesql.Value, len(t.Fields))
		for i, f := range t.Fields {
			x, err := jsonValue(fields[strings.ToLower(f.Name)], f.Type)
			if err != nil {
				return v, err
			}
			delete(fields, strings.ToLower(f.Name))
			out[i] = x
		}
		for k := range fields {
			return v, fmt.Errorf("no such field: %s.", k)
		}
		v.V = out
		return v, nil
	}
	s := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &s); err != nil {
			return v, err
		}
	}
	x, ok := ParseValue(s, t)
	if !ok {
		return v, fmt.Errorf("Cannot convert value to %s (bad value): %.80s", strings.ToLower(t.String()), s)
	}
	v.V = x
	return v, nil
}
