package rest

import (
	"net/http"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
)

// insertView is tables.insert of a view; b is the request.
func (h *Handler) insertView(r *http.Request, b []byte, k store.Key, t *bq.Table) (any, error) {
	// The API's own default is legacy SQL, in which the same text may mean
	// something else; its Go type does not tell false from left out.
	var extra struct {
		View struct {
			UseLegacySql *bool `json:"useLegacySql"`
		} `json:"view"`
	}
	if err := decodeBytes(b, &extra); err != nil {
		return nil, err
	}
	if legacy := extra.View.UseLegacySql; legacy == nil || *legacy {
		return nil, apierr.NotImplemented("views in legacy SQL, which is what useLegacySql stands for when it is left out, are not supported by the local BigQuery; set useLegacySql to false")
	}
	if t.Schema != nil {
		return nil, apierr.Invalid("Schema field shouldn't be used as input with a view")
	}
	created, err := h.jobs.DefineView(r.Context(), k, t)
	if err != nil {
		return nil, err
	}
	return created.Meta, nil
}
