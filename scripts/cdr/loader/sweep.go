package loader

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/omop"
)

// former lists the datasets that stay readable beside those of a release that
// replaces before.
func (o *Options) former(before omop.Release) []omop.Former {
	var kept []omop.Former
	for _, f := range before.Former {
		if f.Until.After(o.Now()) {
			kept = append(kept, f)
		}
	}
	if o.Keep > 0 && len(before.Datasets) > 0 {
		kept = append(kept, omop.Former{Datasets: before.Datasets, Until: o.Now().Add(o.Keep)})
	}
	return kept
}

// sweep drops the release's datasets that its record does not name: what killed
// loads left, and what was replaced long enough ago. Only the load that holds the
// release may call it, before it makes datasets or after it published them. What
// cannot be dropped is said: the release is none the worse.
func (o *Options) sweep(ctx context.Context, r omop.Release) {
	there, err := o.attempts(ctx)
	if err != nil {
		o.say("could not look for what earlier loads left behind: %v", err)
		return
	}
	keep := map[string]bool{}
	for _, id := range r.Datasets {
		keep[id] = true
	}
	for _, f := range r.Former {
		for _, id := range f.Datasets {
			keep[id] = keep[id] || f.Until.After(o.Now())
		}
	}
	for _, id := range there {
		if keep[id] {
			continue
		}
		if err := o.dropDataset(ctx, id); err != nil {
			o.say("%v", err)
			continue
		}
		o.say("dropped dataset %s, no longer used", id)
	}
}

// attempts lists the datasets of all loads of the release.
func (o *Options) attempts(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var ids []string
	it := o.BigQuery.Datasets(ctx)
	it.ProjectID = o.Project
	for {
		d, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		if slices.ContainsFunc([]string{omop.TierControlled, omop.TierRegistered}, func(tier string) bool {
			_, ok := omop.Attempt(d.DatasetID, o.Release, tier)
			return ok
		}) {
			ids = append(ids, d.DatasetID)
		}
	}
}

// whole tells whether BigQuery still has every dataset of a release, with every
// index table.
func (o *Options) whole(ctx context.Context, r omop.Release) (bool, error) {
	for _, id := range r.Datasets {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		_, err := o.BigQuery.DatasetInProject(o.Project, id).Metadata(call)
		cancel()
		if gone(err) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("look for dataset %s: %w", id, err)
		}
		// A load by an earlier version of this command may lack an index table.
		for _, t := range omop.IndexTables() {
			call, cancel := context.WithTimeout(ctx, callTimeout)
			_, err := o.BigQuery.DatasetInProject(o.Project, id).Table(t.Name).Metadata(call)
			cancel()
			if gone(err) {
				return false, nil
			}
			if err != nil {
				return false, fmt.Errorf("look for table %s.%s: %w", id, t.Name, err)
			}
		}
	}
	return true, nil
}

// gone tells whether BigQuery answered, to a call or of a job, that something is not
// there.
func gone(err error) bool {
	var api *googleapi.Error
	var job *bigquery.Error
	return errors.As(err, &api) && api.Code == http.StatusNotFound || errors.As(err, &job) && job.Reason == "notFound"
}

func (o *Options) dropDataset(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	err := o.BigQuery.DatasetInProject(o.Project, id).DeleteWithContents(ctx)
	if err == nil || gone(err) {
		return nil
	}
	return fmt.Errorf("drop dataset %s, do it by hand: %w", id, err)
}
