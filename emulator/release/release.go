// Package release sees to it that the local cloud has a data release: a folder
// of OMOP CDM files, or a synthetic population where none is named. It loads
// once, and again only when the folder or the size changes; and it puts the
// release's record back when Firestore, which is in memory, came up without it.
//
// Uses cloud.google.com/go/bigquery and cloud.google.com/go/firestore, the
// official clients, through which the loader works as well.
package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/emulator/state"
	"researchhub.example/hub/shared/omop"
)

// Source is what to load.
type Source struct {
	// Folder is a folder of CDM files, "" for a synthetic population.
	Folder string
	// Persons is the synthetic population's size.
	Persons int
	// Seed picks the synthetic population.
	Seed uint64
}

// Clients are the emulators' clients and the steps that do the work.
type Clients struct {
	Firestore *firestore.Client
	// HasDataset tells whether BigQuery has a dataset with its index tables.
	HasDataset func(ctx context.Context, id string) (bool, error)
	// Write makes the synthetic population in a folder.
	Write func(ctx context.Context, dir string, s Source) error
	// Load loads a folder and publishes it as a release.
	Load func(ctx context.Context, folder, release, title string) (omop.Release, error)
	// StateDir is the state folder; File and scratch are inside it.
	StateDir string
	// Say receives lines of progress.
	Say func(format string, args ...any)
}

// kept is what the state folder remembers about one release that was loaded.
type kept struct {
	Fingerprint string       `json:"fingerprint"`
	Release     omop.Release `json:"release"`
}

const (
	keptFile = "releases.json"
	// scratch is where a synthetic population is written on its way.
	scratch = "seed"
)

// Ensure brings the release in beside those that were loaded before, or does nothing when it is there already. It may
// be ended anywhere and run again. A fault of the folder's data is the loader's
// error as it is.
func Ensure(ctx context.Context, c Clients, s Source) error {
	fingerprint, err := s.fingerprint()
	if err != nil {
		return err
	}
	file, id := filepath.Join(c.StateDir, keptFile), s.releaseID()
	all := map[string]kept{}
	if b, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(b, &all); err != nil {
			return fmt.Errorf("%s: %w; `make reset` starts afresh", file, err)
		}
	}
	for other, k := range all {
		if other == id {
			continue
		}
		if whole, err := c.whole(ctx, k.Release); err != nil {
			return err
		} else if whole {
			if err := c.republish(ctx, k.Release); err != nil {
				return err
			}
		}
	}
	if k, ok := all[id]; ok && k.Fingerprint == fingerprint {
		whole, err := c.whole(ctx, k.Release)
		if err != nil {
			return err
		}
		if whole {
			return c.republish(ctx, k.Release)
		}
		c.Say("the tables of release %s are not all there: loading again", k.Release.ID)
	}
	loaded, err := c.load(ctx, s)
	if err != nil {
		return err
	}
	// Last: a start that ends before this loads again, and the loader clears up
	// what the first attempt left.
	all[id] = kept{Fingerprint: fingerprint, Release: loaded}
	return state.WriteJSON(file, all)
}

// BigQueryHas is HasDataset by a client of BigQuery.
func BigQueryHas(client *bigquery.Client) func(context.Context, string) (bool, error) {
	there := func(err error) (bool, error) {
		var answer *googleapi.Error
		if errors.As(err, &answer) && answer.Code == http.StatusNotFound {
			return false, nil
		}
		return err == nil, err
	}
	return func(ctx context.Context, id string) (bool, error) {
		_, err := client.Dataset(id).Metadata(ctx)
		if ok, err := there(err); err != nil {
			return false, fmt.Errorf("look for dataset %s: %w", id, err)
		} else if !ok {
			return false, nil
		}
		// A state folder of an earlier version may lack one.
		for _, t := range omop.IndexTables() {
			_, err := client.Dataset(id).Table(t.Name).Metadata(ctx)
			if ok, err := there(err); err != nil {
				return false, fmt.Errorf("look for table %s.%s: %w", id, t.Name, err)
			} else if !ok {
				return false, nil
			}
		}
		return true, nil
	}
}

func (c Clients) load(ctx context.Context, s Source) (omop.Release, error) {
	began := time.Now()
	folder, title := s.Folder, filepath.Base(s.Folder)
	if folder == "" {
		folder = filepath.Join(c.StateDir, scratch)
		title = fmt.Sprintf("Synthetic population of %d persons", s.Persons)
		defer func() { _ = os.RemoveAll(folder) }()
		c.Say("making a synthetic population of %d persons", s.Persons)
		if err := c.Write(ctx, folder, s); err != nil {
			return omop.Release{}, err
		}
	}
	c.Say("loading %s", folder)
	r, err := c.Load(ctx, folder, s.releaseID(), title)
	if err != nil {
		return omop.Release{}, err
	}
	c.Say("release %s is loaded (%.1f s)", r.ID, time.Since(began).Seconds())
	return r, nil
}

// whole tells whether BigQuery has every dataset of a release.
func (c Clients) whole(ctx context.Context, r omop.Release) (bool, error) {
	for _, id := range r.Datasets {
		if there, err := c.HasDataset(ctx, id); err != nil || !there {
			return false, err
		}
	}
	return len(r.Datasets) > 0, nil
}

// republish writes the release's record as it was, where Firestore has another
// one or none: BigQuery is durable at once, Firestore up to a minute behind.
func (c Clients) republish(ctx context.Context, r omop.Release) error {
	doc := c.Firestore.Collection(omop.ReleasesCollection).Doc(r.ID)
	snap, err := doc.Get(ctx)
	if err != nil && status.Code(err) != codes.NotFound {
		return fmt.Errorf("read the release record: %w", err)
	}
	if err == nil {
		var now omop.Release
		if snap.DataTo(&now) == nil && now.State == r.State && cmp.Equal(now.Datasets, r.Datasets) {
			return nil
		}
	}
	c.Say("Firestore came up without the record of release %s: writing it again", r.ID)
	if _, err := doc.Set(ctx, r); err != nil {
		return fmt.Errorf("write the release record: %w", err)
	}
	return nil
}

// fingerprint changes when other data should be loaded: with the synthetic
// population's size and seed, or a file of the folder (by name, size and time).
func (s Source) fingerprint() (string, error) {
	if s.Folder == "" {
		return fmt.Sprintf("synthetic persons=%d seed=%d", s.Persons, s.Seed), nil
	}
	path, err := filepath.Abs(s.Folder)
	if err != nil {
		return "", err
	}
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the folder %s is not there: give one of OMOP CDM CSV files with -cdm (or CDM=<folder> make run)", s.Folder)
	}
	if err != nil {
		return "", fmt.Errorf("-cdm: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "folder %s", path)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return "", fmt.Errorf("-cdm: %w", err)
		}
		fmt.Fprintf(&b, " %s:%d:%d", e.Name(), info.Size(), info.ModTime().UnixNano())
	}
	return b.String(), nil
}

var notInID = regexp.MustCompile(`[^a-z0-9]+`)

// maxID keeps a release's id within what omop.CheckReleaseID takes.
const maxID = 60

// releaseID makes the release's id of the folder's name.
func (s Source) releaseID() string {
	if s.Folder == "" {
		return "synthetic"
	}
	path, err := filepath.Abs(s.Folder)
	if err != nil {
		path = s.Folder
	}
	id := strings.Trim(notInID.ReplaceAllString(strings.ToLower(filepath.Base(path)), "_"), "_")
	if id == "" || id[0] >= '0' && id[0] <= '9' {
		id = strings.TrimSuffix("cdm_"+id, "_")
	}
	return strings.TrimRight(id[:min(len(id), maxID)], "_")
}
