package rest

import (
	"net/http"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
)

func datasetKey(r *http.Request) store.DatasetKey {
	return store.DatasetKey{Project: r.PathValue("project"), Dataset: r.PathValue("dataset")}
}

// listProjects lists the projects that have data sets; any other id is taken too.
func (h *Handler) listProjects(r *http.Request) (any, error) {
	all := h.store.Projects()
	part, next, err := pageByName(r, all, func(p string) string { return p })
	if err != nil {
		return nil, err
	}
	out := &bq.ProjectList{Kind: "bigquery#projectList", NextPageToken: next, TotalItems: int64(len(all)), ForceSendFields: []string{"TotalItems"}}
	for _, p := range part {
		out.Projects = append(out.Projects, &bq.ProjectListProjects{Kind: "bigquery#project", Id: p, FriendlyName: p, ProjectReference: &bq.ProjectReference{ProjectId: p}})
	}
	return out, nil
}

func (h *Handler) serviceAccount(r *http.Request) (any, error) {
	return &bq.GetServiceAccountResponse{Kind: "bigquery#getServiceAccountResponse", Email: "bq-local@" + r.PathValue("project") + ".localhost"}, nil
}

func (h *Handler) listDatasets(r *http.Request) (any, error) {
	matches, err := labelFilter(r.URL.Query().Get("filter"))
	if err != nil {
		return nil, err
	}
	var all []*store.Dataset
	for _, d := range h.store.Datasets(r.PathValue("project")) {
		if matches(d.Meta.Labels) {
			all = append(all, d)
		}
	}
	part, next, err := pageByName(r, all, func(d *store.Dataset) string { return d.Key.Dataset })
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

// labelFilter reads a filter such as "labels.tier:controlled labels.active": all
// its parts must hold.
func labelFilter(filter string) (func(map[string]string) bool, error) {
	type want struct {
		key, value string
		any        bool
	}
	var wants []want
	for _, part := range strings.Fields(filter) {
		if strings.EqualFold(part, "AND") {
			continue
		}
		name, ok := strings.CutPrefix(part, "labels.")
		key, value, valued := strings.Cut(name, ":")
		if !ok || key == "" {
			return nil, apierr.Invalid("Invalid value for filter: %q; it has the form labels.<name>[:<value>]", clip(filter))
		}
		wants = append(wants, want{key, value, !valued})
	}
	return func(labels map[string]string) bool {
		for _, w := range wants {
			v, ok := labels[w.key]
			if !ok || !w.any && v != w.value {
				return false
			}
		}
		return true
	}, nil
}

// datasetFields are the fields of a data set that can be set.
var datasetFields = []string{"description", "friendlyName", "labels", "access", "defaultTableExpirationMs", "maxTimeTravelHours", "storageBillingModel"}

// applyDataset sets a data set's fields.
func applyDataset(p *patch, m *bq.Dataset, whole bool) error {
	for _, err := range []error{
		set(p, "description", &m.Description), set(p, "friendlyName", &m.FriendlyName), p.labels(&m.Labels, whole),
		set(p, "access", &m.Access), p.number("defaultTableExpirationMs", &m.DefaultTableExpirationMs),
		p.number("maxTimeTravelHours", &m.MaxTimeTravelHours), set(p, "storageBillingModel", &m.StorageBillingModel),
	} {
		if err != nil {
			return err
		}
	}
	const least = 3600_000 // one hour, BigQuery's own least
	if ms := m.DefaultTableExpirationMs; ms != 0 && ms < least {
		return apierr.Invalid("Invalid value for defaultTableExpirationMs: %d; the least is %d", ms, least)
	}
	var l string
	if err := set(p, "location", &l); err != nil {
		return err
	}
	if err := checkLocation(l); err != nil {
		return err
	}
	return p.rest("data set", "datasetReference", "etag", "id", "kind", "selfLink", "creationTime", "lastModifiedTime", "type", "satisfiesPzs", "satisfiesPzi")
}

func (h *Handler) insertDataset(r *http.Request) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	p, err := readPatch(b, false)
	if err != nil {
		return nil, err
	}
	var ref *bq.DatasetReference
	if err := set(p, "datasetReference", &ref); err != nil {
		return nil, err
	}
	if ref == nil || ref.DatasetId == "" {
		return nil, apierr.Invalid("Required parameter is missing: datasetReference.datasetId")
	}
	if ref.ProjectId != "" && ref.ProjectId != r.PathValue("project") {
		return nil, apierr.Invalid("Value for project %q in the reference does not agree with %q", clip(ref.ProjectId), r.PathValue("project"))
	}
	d := &bq.Dataset{}
	if err := applyDataset(p, d, true); err != nil {
		return nil, err
	}
	created, err := h.store.CreateDataset(r.Context(), store.DatasetKey{Project: r.PathValue("project"), Dataset: ref.DatasetId}, d)
	if err != nil {
		return nil, err
	}
	return described(created.Meta), nil
}

func (h *Handler) getDataset(r *http.Request) (any, error) {
	d, err := h.store.Dataset(datasetKey(r))
	if err != nil {
		return nil, err
	}
	return described(d.Meta), nil
}

// described adds the owner that BigQuery gives a data set without entries, as
// clients expect a list.
func described(m *bq.Dataset) *bq.Dataset {
	out := *m
	if len(out.Access) == 0 {
		out.Access = []*bq.DatasetAccess{{Role: "OWNER", SpecialGroup: "projectOwners"}}
	}
	return &out
}

// patchDataset changes the fields that the request holds.
func (h *Handler) patchDataset(r *http.Request) (any, error) { return h.changeDataset(r, false) }

// putDataset replaces the description.
func (h *Handler) putDataset(r *http.Request) (any, error) { return h.changeDataset(r, true) }

func (h *Handler) changeDataset(r *http.Request, whole bool) (any, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	d, err := h.store.UpdateDataset(r.Context(), datasetKey(r), func(m *bq.Dataset) error {
		if err := checkMatch(r, m.Etag); err != nil {
			return err
		}
		p, err := readPatch(b, whole, datasetFields...)
		if err != nil {
			return err
		}
		return applyDataset(p, m, whole)
	})
	if err != nil {
		return nil, err
	}
	return described(d.Meta), nil
}

func (h *Handler) deleteDataset(r *http.Request) (any, error) {
	return nil, h.store.DeleteDataset(r.Context(), datasetKey(r), r.URL.Query().Get("deleteContents") == "true")
}
