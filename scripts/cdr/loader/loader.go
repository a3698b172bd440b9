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
	// Folder is the CDM folder, or From a BigQuery dataset of CDM tables: one of them.
	Folder string
	From   omop.Dataset
	// Release is the release's id (see omop.CheckReleaseID); Title is what
	// researchers read, the id when empty.
	Release, Title string
	// Project is the Google Cloud project that holds the datasets, Location the place
	// where BigQuery keeps them: From's own when empty, or else BigQuery's default.
	Project, Location string
	BigQuery          *bigquery.Client
	Firestore         *firestore.Client
	// Tiers are the tiers to make, both when empty. The controlled tier is what the
	// others are made from and cannot be left out.
	Tiers []string
	// Replace loads a release that is published already anew. Without it a published
	// release stays as it is: the same data again is no work, other data is refused.
	Replace bool
	// Keep is how long the datasets stay readable that a replaced release had, for
	// the queries that run on them.
	Keep time.Duration
	// AcceptErrors publishes data in which the checks found errors.
	AcceptErrors bool
	// Wait is how long to wait for another load of the release; 0 gives up at once.
	Wait time.Duration
	// Progress is told, in one line each, what is done and found; it may be nil.
	// The lines hold raw counts: they are for operators. It is never called twice at
	// the same time.
	Progress func(line string)
	// Now is the clock; the machine's when nil.
	Now func() time.Time
}

// cdmVersion is the model of the tables as loaded.
const cdmVersion = "5.4"

// Load loads a CDM and publishes it as a release. It returns the record that was
// published. On an error nothing is published and nothing of the attempt stays; a
// fault of the data is a *DataError or a *CheckError, a load of the same release at
// work elsewhere a *BusyError, a release that has other data ErrPublished. It may be
// run again at any time, also after it was killed.
func Load(ctx context.Context, o Options) (omop.Release, error) {
	return load(ctx, o, firestoreRecords{o.Firestore})
}

func load(ctx context.Context, o Options, rs records) (omop.Release, error) {
	if err := o.fill(); err != nil {
		return omop.Release{}, err
	}
	from, err := o.open(ctx)
	if err != nil {
		return omop.Release{}, err
	}
	o.describe(from)
	id := attemptID(o.Now())
	h, ctx, err := o.take(ctx, rs, id)
	if err != nil {
		return omop.Release{}, err
	}
	defer h.leave(ctx)
	r, err := o.held(ctx, h, from)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errHoldLost) {
		err = errors.Join(cause, err)
	}
	return r, err
}

// held is a load that has the release to itself.
func (o *Options) held(ctx context.Context, h *hold, from origin) (omop.Release, error) {
	before, base, err := o.claim(ctx, h)
	if err != nil {
		return omop.Release{}, err
	}
	if before.State == omop.ReleasePublished && !o.Replace {
		if err := o.same(ctx, from, before); err != nil {
			return omop.Release{}, err
		}
		if whole, err := o.whole(ctx, before); err != nil {
			return omop.Release{}, err
		} else if whole {
			return o.again(ctx, h, before, base)
		}
		o.say("release %s has lost its tables: loading them again", o.Release)
	}
	// What killed loads left is in nobody's way, but takes space.
	o.sweep(ctx, before)
	a := &attempt{o: o, id: h.attempt, from: from, datasets: map[string]omop.Dataset{}}
	for _, tier := range o.Tiers {
		a.datasets[tier] = omop.Dataset{Project: o.Project, ID: omop.AttemptDatasetID(o.Release, tier, a.id)}
	}
	release, err := a.fill(ctx)
	if err != nil {
		return omop.Release{}, errors.Join(err, a.drop(ctx))
	}
	release.Former = o.former(before)
	if err := publish(ctx, h, release, base); err != nil {
		if errors.Is(err, errUnsure) {
			return omop.Release{}, err
		}
		return omop.Release{}, errors.Join(err, a.drop(ctx))
	}
	o.say("release %s is published: %d persons", release.ID, release.Persons)
	// Only who holds the release may clear up: another's datasets look the same.
	if err := h.renew(ctx); err != nil {
		o.say("what the release had before is cleared up by the next load: %v", err)
		return release, nil
	}
	o.sweep(ctx, release)
	return release, nil
}

// ErrPublished says that the release is published with other data.
var ErrPublished = errors.New("a published release stays as it is: choose another id for other data, or replace it (-replace) if nothing was counted on it yet")

// same reports whether the data is what a published release was made of.
func (o *Options) same(ctx context.Context, from origin, before omop.Release) error {
	o.say("release %s is published: comparing what it was made of", o.Release)
	now, err := from.fingerprint(ctx)
	if err != nil {
		return err
	}
	if now != before.Source || len(o.Tiers) != len(before.Datasets) {
		return fmt.Errorf("release %s, loaded on %s, holds other data or other tiers, or was made by another version of this command: %w",
			o.Release, before.LoadedAt.Format(time.RFC3339), ErrPublished)
	}
	return nil
}

// again answers a load of what the release holds already: there is nothing to do,
// save for the title and the clearing up.
func (o *Options) again(ctx context.Context, h *hold, before omop.Release, base version) (omop.Release, error) {
	o.sweep(ctx, before)
	o.say("release %s holds this data already, loaded on %s: %d persons", before.ID, before.LoadedAt.Format(time.RFC3339), before.Persons)
	if o.Title == before.Title || o.Title == o.Release {
		return before, nil
	}
	before.Title = o.Title
	if err := h.rs.put(ctx, before, base, h.attempt); err != nil {
		return omop.Release{}, err
	}
	o.say("its title is now %s", before.Title)
	return before, nil
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

// open looks at what is to be loaded.
func (o *Options) open(ctx context.Context) (origin, error) {
	switch {
	case (o.Folder == "") == (o.From == omop.Dataset{}):
		return nil, errors.New("say what to load: either a folder or a dataset")
	case o.Folder != "":
		f, err := openFolder(o.Folder)
		return csvFolder{f}, err
	}
	d, err := openDataset(ctx, o.BigQuery, o.From)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Location == "":
		o.Location = d.place
	case !strings.EqualFold(o.Location, d.place):
		return nil, fmt.Errorf("%s lies in %s, and BigQuery cannot copy it to %s: leave the location out", d.name(), d.place, o.Location)
	}
	return d, nil
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

// claim reads the release record, making one in the loading state for a release
// that is new. What it returns is what publishing expects to find unchanged.
func (o *Options) claim(ctx context.Context, h *hold) (omop.Release, version, error) {
	before, base, err := h.rs.get(ctx, o.Release)
	if err != nil || base != (version{}) {
		return before, base, err
	}
	err = h.rs.put(ctx, omop.Release{
		ID: o.Release, Title: o.Title, State: omop.ReleaseLoading, LoadedAt: o.Now(), SchemaVersion: omop.ReleaseSchemaVersion,
	}, base, h.attempt)
	if err != nil {
		return omop.Release{}, version{}, err
	}
	return h.rs.get(ctx, o.Release)
}

// errUnsure says that it is not known whether the record was written.
var errUnsure = errors.New("it is not known whether the release was published")

// publish writes the record. An answer that got lost is looked up: datasets that a
// record may name must not be dropped.
func publish(ctx context.Context, h *hold, r omop.Release, base version) error {
	err := h.rs.put(ctx, r, base, h.attempt)
	if err == nil || errors.Is(err, errHoldLost) {
		return err
	}
	// The record must be looked up even when the caller has given up. A transaction
	// whose answer got lost is tried again, and then finds the record changed by itself.
	now, _, readErr := h.rs.get(context.WithoutCancel(ctx), r.ID)
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
