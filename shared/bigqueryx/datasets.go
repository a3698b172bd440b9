package bigqueryx

import (
	"context"
	"errors"
	"net/http"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// Datasets removes data sets and does nothing else: it runs no job and reads no
// row. It is for functions that tidy up and have no business with the data.
type Datasets struct{ client *bigquery.Client }

// OpenDatasets is Open for such a function.
func OpenDatasets(ctx context.Context, project string) (*Datasets, error) {
	c, err := Open(ctx, project)
	if err != nil {
		return nil, err
	}
	return &Datasets{c}, nil
}

// NewDatasets is OpenDatasets of a client that is there already.
func NewDatasets(c *bigquery.Client) *Datasets { return &Datasets{c} }

// Remove deletes a data set with all its tables. One that is not there is no
// error, so that removing again, after a death or at the same moment, is none.
func (d *Datasets) Remove(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := d.client.Dataset(name).DeleteWithContents(ctx)
	var gone *googleapi.Error
	if errors.As(err, &gone) && gone.Code == http.StatusNotFound {
		return nil
	}
	return Fault("bigquery.removeDataset", err)
}
