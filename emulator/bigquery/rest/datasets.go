package rest

import (
	"encoding/json"
	"net/http"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
)

func datasetKey(r *http.Request) store.DatasetKey {
	return store.DatasetKey{Project: r.PathValue("project"), Dataset: r.PathValue("dataset")}
}

func (h *Handler) listProjects(*http.Request) (any, error) {
	return nil, apierr.NotImplemented("listing projects is not supported by the local BigQuery, which takes any project id")
}

func (h *Handler) listDatasets(r *http.Request) (any, error) {
	part, next, err := page(r, h.store.Datasets(r.PathValue("project")))
	if err != nil {
		return nil, err
	}
	out := &bq.DatasetList{Kind: "bigquery#datasetList", NextPageToken: next}
	for _, d := range part {
		out.Datasets = append(out.Datasets, &bq.DatasetListDatasets{Kind: "bigquery#dataset", Id: d.Meta.Id,
			DatasetReference: d.Meta.DatasetReference, Labels: d.Meta.Labels, FriendlyName: d.Meta.FriendlyName, Location: d.Meta.Location})
	}
	return out, nil
}

func (h *Handler) insertDataset(r *http.Request) (any, error) {
	var d bq.Dataset
	if err := decode(r, &d); err != nil {
		return nil, err
	}
	if d.DatasetReference == nil || d.DatasetReference.DatasetId == "" {
		return nil, apierr.Invalid("Required parameter is missing: datasetReference.datasetId")
	}
	created, err := h.store.CreateDataset(r.Context(), store.DatasetKey{Project: r.PathValue("project"), Dataset: d.DatasetReference.DatasetId}, &d)
	if err != nil {
		return nil, err
	}
	return created.Meta, nil
}

func (h *Handler) getDataset(r *http.Request) (any, error) {
	d, err := h.store.Dataset(datasetKey(r))
	if err != nil {
		return nil, err
	}
	return d.Meta, nil
}

// patchDataset changes the fields that the request holds; PUT is treated alike,
// as clients send the whole description then.
func (h *Handler) patchDataset(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	d, err := h.store.UpdateDataset(r.Context(), datasetKey(r), func(m *bq.Dataset) error {
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
		return p.rest("dataset", "datasetReference", "etag", "id", "kind", "selfLink", "location", "creationTime", "lastModifiedTime", "access", "type")
	})
	if err != nil {
		return nil, err
	}
	return d.Meta, nil
}

func (h *Handler) deleteDataset(r *http.Request) (any, error) {
	return nil, h.store.DeleteDataset(r.Context(), datasetKey(r), r.URL.Query().Get("deleteContents") == "true")
}

// checkMatch holds If-Match.
func checkMatch(r *http.Request, etag string) error {
	if want := r.Header.Get("If-Match"); want != "" && want != "*" && want != etag {
		return apierr.ConditionNotMet("Precondition check failed.")
	}
	return nil
}

// patch is a partial description.
type patch struct{ fields map[string]json.RawMessage }

func (p *patch) take(name string) (json.RawMessage, bool) {
	raw, ok := p.fields[name]
	delete(p.fields, name)
	return raw, ok
}

func (p *patch) text(name string, to *string) error {
	raw, ok := p.take(name)
	if !ok {
		return nil
	}
	var s *string
	if err := decodeBytes(raw, &s); err != nil {
		return err
	}
	*to = ""
	if s != nil {
		*to = *s
	}
	return nil
}

// labels sets and, where the value is null, removes labels.
func (p *patch) labels(to *map[string]string) error {
	raw, ok := p.take("labels")
	if !ok {
		return nil
	}
	var change map[string]*string
	if err := decodeBytes(raw, &change); err != nil {
		return err
	}
	out := map[string]string{}
	if change != nil {
		for k, v := range *to {
			out[k] = v
		}
	}
	for k, v := range change {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = *v
		}
	}
	*to = out
	return nil
}

// rest refuses the fields that are left and not known to be harmless.
func (p *patch) rest(what string, harmless ...string) error {
	for _, n := range harmless {
		delete(p.fields, n)
	}
	for n := range p.fields {
		return apierr.NotImplemented("changing %s of a %s is not supported by the local BigQuery", n, what)
	}
	return nil
}
