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
	part, next, err := pageByName(r, all, func(t *store.Table) string { return t.Key.Table })
	if err != nil {
		return nil, err
	}
	out := &bq.TableList{Kind: "bigquery#tableList", NextPageToken: next, TotalItems: int64(len(all)), ForceSendFields: []string{"TotalItems"}}
	for _, t := range part {
		m := t.Meta
		item := &bq.TableListTables{Kind: "bigquery#table", Id: m.Id, TableReference: m.TableReference,
			Type: m.Type, Labels: m.Labels, FriendlyName: m.FriendlyName, CreationTime: m.CreationTime, ExpirationTime: m.ExpirationTime,
			TimePartitioning: m.TimePartitioning, RangePartitioning: m.RangePartitioning, Clustering: m.Clustering, RequirePartitionFilter: m.RequirePartitionFilter}
		if m.View != nil {
			item.View = &bq.TableListTablesView{ForceSendFields: []string{"UseLegacySql"}}
		}
		out.Tables = append(out.Tables, item)
	}
	return out, nil
}

// tableFields are the fields of a table that can be set and reset.
var tableFields = []string{"description", "friendlyName", "labels", "expirationTime", "requirePartitionFilter", "clustering"}

// tableOwn are the fields of a table that the server writes: a client that sends
// back what it got means nothing by them.
var tableOwn = []string{"tableReference", "etag", "id", "kind", "selfLink", "creationTime", "lastModifiedTime", "type", "numRows", "numBytes",
	"numLongTermBytes", "numTotalLogicalBytes", "numActiveLogicalBytes", "numLongTermLogicalBytes", "numPartitions"}

// applyTable sets a table's fields.
func applyTable(p *patch, m *bq.Table, whole bool) error {
	var partitioning struct {
		time   *bq.TimePartitioning
		ranges *bq.RangePartitioning
	}
	partitioning.time, partitioning.ranges = m.TimePartitioning, m.RangePartitioning
	schema := m.Schema
	for _, err := range []error{
		set(p, "description", &m.Description), set(p, "friendlyName", &m.FriendlyName), p.labels(&m.Labels, whole),
		p.number("expirationTime", &m.ExpirationTime), set(p, "requirePartitionFilter", &m.RequirePartitionFilter),
		set(p, "clustering", &m.Clustering), set(p, "schema", &schema),
		set(p, "timePartitioning", &partitioning.time), set(p, "rangePartitioning", &partitioning.ranges),
	} {
		if err != nil {
			return err
		}
	}
	if schema != nil {
		m.Schema = schema
	}
	m.TimePartitioning, m.RangePartitioning = partitioning.time, partitioning.ranges
	if t := m.TimePartitioning; t != nil && t.RequirePartitionFilter {
		m.RequirePartitionFilter = true // the older place of the same
	}
	if c := m.Clustering; c != nil && len(c.Fields) == 0 {
		m.Clustering = nil
	}
	var l string
	if err := set(p, "location", &l); err != nil {
		return err
	}
	if err := checkLocation(l); err != nil {
		return err
	}
	var view *bq.ViewDefinition
	if err := set(p, "view", &view); err != nil {
		return err
	}
	if view != nil && (m.View == nil || view.Query != m.View.Query) {
		return apierr.NotImplemented("changing a view's query by its description is not supported by the local BigQuery; use CREATE OR REPLACE VIEW")
	}
	return p.rest("table", tableOwn...)
}

func (h *Handler) insertTable(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	p, err := readPatch(b, false)
	if err != nil {
		return nil, err
	}
	var ref *bq.TableReference
	if err := set(p, "tableReference", &ref); err != nil {
		return nil, err
	}
	if ref == nil || ref.TableId == "" {
		return nil, apierr.Invalid("Required parameter is missing: tableReference.tableId")
	}
	k := store.Key{Project: r.PathValue("project"), Dataset: r.PathValue("dataset"), Table: ref.TableId}
	if ref.ProjectId != "" && ref.ProjectId != k.Project || ref.DatasetId != "" && ref.DatasetId != k.Dataset {
		return nil, apierr.Invalid("The table's reference %s:%s does not agree with %s:%s", clip(ref.ProjectId), clip(ref.DatasetId), k.Project, k.Dataset)
	}
	t := &bq.Table{}
	if err := set(p, "view", &t.View); err != nil {
		return nil, err
	}
	if err := applyTable(p, t, true); err != nil {
		return nil, err
	}
	if t.View != nil {
		return h.insertView(r, b, k, t)
	}
	created, err := h.store.CreateTable(r.Context(), k, t)
	if err != nil {
		return nil, err
	}
	return h.tableMeta(r, created)
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
	m.NumTotalLogicalBytes, m.NumActiveLogicalBytes = m.NumBytes, m.NumBytes
	m.ForceSendFields = []string{"NumBytes", "NumRows", "NumLongTermBytes", "NumTotalLogicalBytes", "NumActiveLogicalBytes", "NumLongTermLogicalBytes"}
	return &m, nil
}

// patchTable changes the fields that the request holds.
func (h *Handler) patchTable(r *http.Request) (any, error) { return h.changeTable(r, false) }

// putTable replaces the description; a schema or partitioning that is left out
// stays, as it cannot be taken away.
func (h *Handler) putTable(r *http.Request) (any, error) { return h.changeTable(r, true) }

func (h *Handler) changeTable(r *http.Request, whole bool) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	t, err := h.store.UpdateTable(r.Context(), tableKey(r), func(m *bq.Table) error {
		if err := checkMatch(r, m.Etag); err != nil {
			return err
		}
		p, err := readPatch(b, whole, tableFields...)
		if err != nil {
			return err
		}
		return applyTable(p, m, whole)
	})
	if err != nil {
		return nil, err
	}
	return h.tableMeta(r, t)
}

func (h *Handler) deleteTable(r *http.Request) (any, error) {
	return nil, h.store.DeleteTable(r.Context(), tableKey(r))
}
