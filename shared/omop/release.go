package omop

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Data tiers that have a dataset. The public tier has none: it sees aggregates.
const (
	TierRegistered = "registered"
	TierControlled = "controlled"
)

// ReleasesCollection is the Firestore collection of release records; a record's
// document id is the release's id.
const ReleasesCollection = "releases"

// ReleaseSchemaVersion is the version of the Release record's form.
const ReleaseSchemaVersion = 1

// ReleaseState is where a release stands.
type ReleaseState string

const (
	// ReleaseLoading is a release whose first load has not ended: nobody may use it.
	ReleaseLoading ReleaseState = "loading"
	// ReleasePublished is a release whose datasets are complete and in use.
	ReleasePublished ReleaseState = "published"
)

// Release is the record of one version of the data (a CDR version). It is written
// whole: whoever reads it sees either the earlier datasets or the later ones.
type Release struct {
	ID    string       `firestore:"id"`
	Title string       `firestore:"title"`
	State ReleaseState `firestore:"state"`
	// Datasets maps a tier to the id of the BigQuery dataset that holds it. The id
	// is read from here and never made up: each load has datasets of its own.
	Datasets map[string]string `firestore:"datasets"`
	// VocabularyVersion is the vocabularies' own word for it, or "unknown".
	VocabularyVersion string `firestore:"vocabularyVersion"`
	// CDMVersion is the model of the tables as they stand in BigQuery.
	CDMVersion string `firestore:"cdmVersion"`
	// Persons is the number of rows of PERSON. It is a raw count, for operators:
	// what researchers see passes the disclosure rules first.
	Persons int64 `firestore:"persons"`
	// Rows holds the number of rows per CDM table of the controlled tier.
	Rows map[string]int64 `firestore:"rows"`
	// Source tells the data that was loaded from other data; empty in records of
	// before it was kept.
	Source string `firestore:"source,omitempty"`
	// Errors and Warnings are how many findings of each kind the checks of the load
	// had; table hub_check of the controlled tier's dataset holds them.
	Errors   int `firestore:"errors,omitempty"`
	Warnings int `firestore:"warnings,omitempty"`
	// Former are the datasets that the release had before it was replaced and that
	// can still be read by whoever began with them.
	Former []Former `firestore:"former,omitempty"`
	// LoadedAt is when the load ended, in UTC.
	LoadedAt      time.Time `firestore:"loadedAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// Former is what a release's record named before.
type Former struct {
	Datasets map[string]string `firestore:"datasets"`
	// Until is when the datasets may be dropped, in UTC.
	Until time.Time `firestore:"until"`
}

// Dataset returns the BigQuery dataset id of a tier, or an error that says why
// there is none.
func (r Release) Dataset(tier string) (string, error) {
	if r.State != ReleasePublished {
		return "", fmt.Errorf("release %s is not published yet", r.ID)
	}
	id, ok := r.Datasets[tier]
	if !ok {
		return "", fmt.Errorf("release %s has no data of the %s tier", r.ID, tier)
	}
	return id, nil
}

var releaseForm = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// maxReleaseID is the longest value that a label takes in BigQuery: each dataset
// and job of a release is labelled with its id.
const maxReleaseID = 63

// CheckReleaseID reports whether s can name a release: it becomes a part of dataset
// ids, so it is lower-case letters, digits and single underscores.
func CheckReleaseID(s string) error {
	if len(s) > maxReleaseID || !releaseForm.MatchString(s) {
		return fmt.Errorf("release id %q: use at most %d lower-case letters, digits and single underscores, a letter first", s, maxReleaseID)
	}
	return nil
}

// DatasetID is the stem of the dataset ids of a release's tier.
func DatasetID(release, tier string) string { return "cdr_" + release + "_" + tier }

// attemptMark stands between the stem and the attempt; a release id cannot hold it.
const attemptMark = "__"

// AttemptDatasetID is the dataset that one load attempt fills. Once published, it is
// the one that the release record names.
func AttemptDatasetID(release, tier, attempt string) string {
	return DatasetID(release, tier) + attemptMark + attempt
}

// Attempt returns the load attempt that a dataset id of this release and tier
// belongs to, and whether it is one.
func Attempt(datasetID, release, tier string) (string, bool) {
	return strings.CutPrefix(datasetID, DatasetID(release, tier)+attemptMark)
}

// Dataset is where a tier of a release lies in BigQuery.
type Dataset struct{ Project, ID string }

var (
	projectForm = regexp.MustCompile(`^[a-z][a-z0-9-]{3,61}[a-z0-9]$`)
	datasetForm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

// maxDatasetID is BigQuery's limit, in characters.
const maxDatasetID = 1024

// Check reports whether both names can stand in a statement as they are. Every
// Dataset made from configuration or a record is checked before it is used.
func (d Dataset) Check() error {
	if !projectForm.MatchString(d.Project) {
		return fmt.Errorf("%q is not a Google Cloud project id", d.Project)
	}
	if len(d.ID) > maxDatasetID || !datasetForm.MatchString(d.ID) {
		return fmt.Errorf("%q is not a BigQuery dataset id", d.ID)
	}
	return nil
}

// Table returns the table's full name in backticks, as GoogleSQL takes it.
func (d Dataset) Table(name string) string {
	return "`" + d.Project + "." + d.ID + "." + name + "`"
}
