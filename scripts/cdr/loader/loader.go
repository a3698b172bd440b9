package loader

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"
	"github.com/oklog/ulid/v2"

	"researchhub.example/hub/shared/omop"
)

// Options says what to load and where to.
type Options struct {
	// Folder is the CDM folder.
	Folder string
	// Release is the release's id (see omop.CheckReleaseID); Title is what
	// researchers read, the id when empty.
	Release, Title string
	// Project is the Google Cloud project that holds the datasets.
	Project   string
	BigQuery  *bigquery.Client
	Firestore *firestore.Client
	// Tiers are the tiers to make, both when empty. The controlled tier is what the
	// others are made from and cannot be left out.
	Tiers []string
	// Progress is told, in one line each, what is done and found; it may be nil.
	// The lines hold raw counts: they are for operators. It is never called twice at
	// the same time.
	Progress func(line string)
	// Now is the clock; the machine's when nil.
	Now func() time.Time
}

// cdmVersion is the model of the tables as loaded.
const cdmVersion = "5.4"

// Load loads a folder and publishes it as a release. It returns the record that was
// published. On an error nothing is published and nothing of the attempt stays; a
// fault of the data is a *DataError, a lost race is ErrChanged. It may be run again
// at any time.
func Load(ctx context.Context, o Options) (omop.Release, error) {
	return load(ctx, o, firestoreRecords{o.Firestore})
}

func load(ctx context.Context, o Options, rs records) (omop.Release, error) {
	if err := o.fill(); err != nil {
		return omop.Release{}, err
	}
	f, err := openFolder(o.Folder)
	if err != nil {
		return omop.Release{}, err
	}
	o.describe(f)

	before, base, err := o.claim(ctx, rs)
	if err != nil {
		return omop.Release{}, err
	}
	a := &attempt{o: o, id: attemptID(o.Now()), folder: f, datasets: map[string]omop.Dataset{}}
	for _, tier := range o.Tiers {
		a.datasets[tier] = omop.Dataset{Project: o.Project, ID: omop.AttemptDatasetID(o.Release, tier, a.id)}
	}
	release, err := a.fill(ctx)
	if err != nil {
		return omop.Release{}, errors.Join(err, a.drop(ctx))
	}
	if err := publish(ctx, rs, release, base); err != nil {
		if errors.Is(err, errUnsure) {
			return omop.Release{}, err
		}
		return omop.Release{}, errors.Join(err, a.drop(ctx))
	}
	o.say("release %s is published: %d persons", release.ID, release.Persons)
	o.sweep(ctx, before, release)
	return release, nil
}

// fill checks the options and sets what was left out.
func (o *Options) fill() error {
	if err := omop.CheckReleaseID(o.Release); err != nil {
		return err
	}
	if o.Title == "" {
		o.Title = o.Release
	}
	if len(o.Tiers) == 0 {
		o.Tiers = []string{omop.TierControlled, omop.TierRegistered}
	}
	for _, tier := range o.Tiers {
		if tier != omop.TierControlled && tier != omop.TierRegistered {
			return fmt.Errorf("tier %q: choose %s or %s", tier, omop.TierControlled, omop.TierRegistered)
		}
	}
	if !slices.Contains(o.Tiers, omop.TierControlled) {
		return fmt.Errorf("the %s tier cannot be left out: the others are made from it", omop.TierControlled)
	}
	o.Progress = inTurn(o.Progress)
	if o.Now == nil {
		o.Now = func() time.Time { return time.Now().UTC() }
	}
	return omop.Dataset{Project: o.Project, ID: omop.DatasetID(o.Release, omop.TierControlled)}.Check()
}

// inTurn lets the tables that load side by side report one after the other.
func inTurn(progress func(string)) func(string) {
	if progress == nil {
		return func(string) {}
	}
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		progress(line)
	}
}

func (o *Options) say(format string, args ...any) { o.Progress(fmt.Sprintf(format, args...)) }

// describe says what was found in the folder and what becomes of it.
func (o *Options) describe(f folder) {
	o.say("%s: %d tables of the CDM", o.Folder, len(f.sources))
	if len(f.skipped) > 0 {
		o.say("skipped, not tables of a release: %s", strings.Join(f.skipped, ", "))
	}
	if len(f.missing) > 0 {
		o.say("not in the folder, made empty: %s", strings.Join(f.missing, ", "))
	}
	for _, s := range f.sources {
		if len(s.ignored) > 0 {
			o.say("%s: ignored, no columns of the CDM: %s", s.name(), strings.Join(s.ignored, ", "))
		}
		if len(s.absent) > 0 {
			o.say("%s: lacks the required %s; NULL instead", s.name(), strings.Join(s.absent, ", "))
		}
	}
}

// claim reads the release record, making one in the loading state for a release
// that is new. What it returns is what publishing expects to find unchanged.
func (o *Options) claim(ctx context.Context, rs records) (omop.Release, version, error) {
	before, base, err := rs.get(ctx, o.Release)
	if err != nil || base != (version{}) {
		return before, base, err
	}
	err = rs.put(ctx, omop.Release{
		ID: o.Release, Title: o.Title, State: omop.ReleaseLoading, LoadedAt: o.Now(), SchemaVersion: omop.ReleaseSchemaVersion,
	}, base)
	// Another load may have made it in this moment; then that one is the base.
	if err != nil && !errors.Is(err, ErrChanged) {
		return omop.Release{}, version{}, err
	}
	return rs.get(ctx, o.Release)
}

// errUnsure says that it is not known whether the record was written.
var errUnsure = errors.New("it is not known whether the release was published")

// publish writes the record. An answer that got lost is looked up: datasets that a
// record may name must not be dropped.
func publish(ctx context.Context, rs records, r omop.Release, base version) error {
	err := rs.put(ctx, r, base)
	if err == nil || errors.Is(err, ErrChanged) {
		return err
	}
	// The record must be looked up even when the caller has given up.
	now, _, readErr := rs.get(context.WithoutCancel(ctx), r.ID)
	if readErr != nil {
		return errors.Join(errUnsure, err, readErr)
	}
	if maps.Equal(now.Datasets, r.Datasets) {
		return nil
	}
	return err
}

// attemptID names a load attempt; it begins with the time.
func attemptID(now time.Time) string {
	return strings.ToLower(ulid.MustNew(ulid.Timestamp(now), rand.Reader).String())
}
