package rest

import (
	"net/http"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
)

func tableKey(r *http.Request) store.Key {
	return store.Key{Project: r.PathValue("project"), Dataset: r.PathValue("dataset"), Table: r.PathValue("table")}
}

func (h *Handler) listTables(r *http.Request) (any, error) {
	if _, err := h.store.Dataset(datasetKey(r)); err != nil {
		return nil, err
	}
	all := h.store.Tables(datasetKey(r))
	part, next, err := page(r, all)
	if err != nil {
		return nil, err
	}
	out := &bq.TableList{Kind: "bigquery#tableList", NextPageToken: next, TotalItems: int64(len(all)), ForceSendFields: []string{"TotalItems"}}
	for _, t := range part {
		out.Tables = append(out.Tables, &bq.TableListTables{Kind: "bigquery#table", Id: t.Meta.Id, TableReference: t.Meta.TableReference,
			Type: t.Meta.Type, Labels: t.Meta.Labels, FriendlyName: t.Meta.FriendlyName, CreationTime: t.Meta.CreationTime,
			TimePartitioning: t.Meta.TimePartitioning, RangePartitioning: t.Meta.RangePartitioning, Clustering: t.Meta.Clustering})
	}
	return out, nil
}

func (h *Handler) insertTable(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	var t bq.Table
	if err := decodeBytes(b, &t); err != nil {
		return nil, err
	}
	if t.TableReference == nil || t.TableReference.TableId == "" {
		return nil, apierr.Invalid("Required parameter is missing: tableReference.tableId")
	}
	for what, set := range map[string]bool{"materialized views": t.MaterializedView != nil,
		"external tables": t.ExternalDataConfiguration != nil, "clones": t.CloneDefinition != nil, "snapshots": t.SnapshotDefinition != nil,
		"expiration times": t.ExpirationTime != 0} {
		if set {
			return nil, apierr.NotImplemented("%s are not supported by the local BigQuery", what)
		}
	}
	k := store.Key{Project: r.PathValue("project"), Dataset: r.PathValue("dataset"), Table: t.TableReference.TableId}
	if t.View != nil {
		return h.insertView(r, b, k, &t)
	}
	created, err := h.store.CreateTable(r.Context(), k, &t)
	if err != nil {
		return nil, err
	}
	return created.Meta, nil
}

func (h *Handler) getTable(r *http.Request) (any, error) {
	t, err := h.store.Table(tableKey(r))
	if err != nil {
		return nil, err
	}
	return h.tableMeta(r, t)
}

// tableMeta completes the description with the logical size.
func (h *Handler) tableMeta(r *http.Request, t *store.Table) (*bq.Table, error) {
	sizes, err := h.store.Bytes(r.Context(), t)
	if err != nil {
		return nil, err
	}
	m := *t.Meta
	for _, n := range sizes {
		m.NumBytes += n
	}
	m.ForceSendFields = []string{"NumBytes", "NumRows"}
	return &m, nil
}

func (h *Handler) patchTable(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	t, err := h.store.UpdateTable(r.Context(), tableKey(r), func(m *bq.Table) error {
		if err := checkMatch(r, m.Etag); err != nil {
			return err
		}
		var p patch
		if err := decodeBytes(b, &p.fields); err != nil {
			return err
		}
		if err := p.text("description", &m.Description); err != nil {
			return err
		}
		if err := p.text("friendlyName", &m.FriendlyName); err != nil {
			return err
		}
		if err := p.labels(&m.Labels); err != nil {
			return err
		}
		if raw, ok := p.take("schema"); ok {
			var s bq.TableSchema
			if err := decodeBytes(raw, &s); err != nil {
				return err
			}
			m.Schema = &s
		}
		if raw, ok := p.take("clustering"); ok {
			var c *bq.Clustering
			if err := decodeBytes(raw, &c); err != nil {
				return err
			}
			m.Clustering = c
		}
		return p.rest("table", "tableReference", "etag", "id", "kind", "selfLink", "numRows", "numBytes", "creationTime", "lastModifiedTime", "type", "location")
	})
	if err != nil {
		return nil, err
	}
	return t.Meta, nil
}

func (h *Handler) deleteTable(r *http.Request) (any, error) {
	return nil, h.store.DeleteTable(r.Context(), tableKey(r))
}
