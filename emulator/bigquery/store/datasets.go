package store

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
)

// maxName is the longest name of a data set or table, in bytes.
const maxName = 1024

var datasetName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// etag numbers a version of a description.
func (s *Store) etag() string { return `"` + strconv.FormatInt(s.nextSeq(), 36) + `"` }

// CreateDataset stores a new data set.
func (s *Store) CreateDataset(ctx context.Context, k DatasetKey, d *bq.Dataset) (*Dataset, error) {
	if len(k.Dataset) > maxName || !datasetName.MatchString(k.Dataset) {
		return nil, apierr.Invalid("Invalid dataset ID %q. Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.", k.Dataset)
	}
	unlock := s.lockWriting(Key{Project: k.Project, Dataset: k.Dataset})
	defer unlock()
	if _, err := s.Dataset(k); err == nil {
		return nil, apierr.Duplicate("Already Exists: Dataset %s", k)
	}
	now := s.clock().UnixMilli()
	d.Kind, d.Id, d.Etag = "bigquery#dataset", k.String(), s.etag()
	d.DatasetReference = &bq.DatasetReference{ProjectId: k.Project, DatasetId: k.Dataset}
	d.CreationTime, d.LastModifiedTime = now, now
	d.Location = "US"
	return s.putDataset(ctx, k, d)
}

func (s *Store) putDataset(ctx context.Context, k DatasetKey, d *bq.Dataset) (*Dataset, error) {
	err := s.tx(ctx, func(c *duck.Conn) error { return s.logDataset(ctx, c, k, d) })
	if err != nil {
		return nil, err
	}
	ds := &Dataset{Key: k, Meta: d}
	s.mu.Lock()
	s.datasets[k] = ds
	s.mu.Unlock()
	return ds, nil
}

// Dataset finds a data set.
func (s *Store) Dataset(k DatasetKey) (*Dataset, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if d, ok := s.datasets[k]; ok {
		return d, nil
	}
	return nil, apierr.NotFound("Not found: Dataset %s", k)
}

// HiddenPrefix begins the names of data sets that are not listed and do not
// outlive the process.
const HiddenPrefix = "_script"

// dropHidden removes the hidden data sets of a former process.
func (s *Store) dropHidden(ctx context.Context) error {
	for k := range maps.Clone(s.datasets) {
		if strings.HasPrefix(k.Dataset, HiddenPrefix) {
			if err := s.DeleteDataset(ctx, k, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// Datasets lists a project's data sets by name.
func (s *Store) Datasets(project string) []*Dataset {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*Dataset
	for k, d := range s.datasets {
		if k.Project == project && !strings.HasPrefix(k.Dataset, HiddenPrefix) {
			out = append(out, d)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Key.Dataset < out[j].Key.Dataset })
	return out
}

// Projects lists the projects that have data sets, by name.
func (s *Store) Projects() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []string
	for k := range s.datasets {
		if !slices.Contains(out, k.Project) {
			out = append(out, k.Project)
		}
	}
	sort.Strings(out)
	return out
}

// UpdateDataset replaces a data set's description by what change makes of a
// copy of it.
func (s *Store) UpdateDataset(ctx context.Context, k DatasetKey, change func(*bq.Dataset) error) (*Dataset, error) {
	unlock := s.lockWriting(Key{Project: k.Project, Dataset: k.Dataset})
	defer unlock()
	old, err := s.Dataset(k)
	if err != nil {
		return nil, err
	}
	d := *old.Meta
	if err := change(&d); err != nil {
		return nil, err
	}
	d.Etag, d.LastModifiedTime = s.etag(), s.clock().UnixMilli()
	return s.putDataset(ctx, k, &d)
}

// DeleteDataset removes a data set; one with tables only with contents.
func (s *Store) DeleteDataset(ctx context.Context, k DatasetKey, contents bool) error {
	unlock := s.lockWriting(Key{Project: k.Project, Dataset: k.Dataset})
	defer unlock()
	if _, err := s.Dataset(k); err != nil {
		return err
	}
	tables := s.Tables(k)
	if len(tables) > 0 && !contents {
		return apierr.ResourceInUse("Dataset %s is still in use", k)
	}
	err := s.tx(ctx, func(c *duck.Conn) error {
		for _, t := range tables {
			if err := s.logTable(ctx, c, t.Key, t.Physical, nil); err != nil {
				return err
			}
		}
		return s.logDataset(ctx, c, k, nil)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.datasets, k)
	for _, t := range tables {
		delete(s.tables, t.Key)
	}
	s.mu.Unlock()
	for _, t := range tables {
		s.retire(t.Physical)
	}
	return nil
}
