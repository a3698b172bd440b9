// Package dataset is the record of a data set and of a run, as the rooms that
// make, run and use them share it: cohort writes data sets, query runs them,
// environment hands results to notebooks.
package dataset

import (
	"time"

	"researchhub.example/hub/shared/statement"
)

// Sub-collections of a workspace's document.
const (
	DataSets = "dataSets"
	Runs     = "runs"
)

// DataSet is cohorts × concept sets × columns, compiled to one statement.
// It is immutable: a changed data set is a new one.
type DataSet struct {
	ID          string   `firestore:"id"`
	WorkspaceID string   `firestore:"workspaceId"`
	Name        string   `firestore:"name"`
	CohortIDs   []string `firestore:"cohortIds"`
	// Domain is what a row is: "person", "condition", "drug" or "measurement".
	Domain string `firestore:"domain"`
	// Columns names what the rows hold, in order.
	Columns   []string            `firestore:"columns"`
	Statement statement.Statement `firestore:"statement"`
	// ReleaseID, VocabularyVersion and DefinitionHash pin what the rows mean.
	ReleaseID         string    `firestore:"releaseId"`
	VocabularyVersion string    `firestore:"vocabularyVersion"`
	DefinitionHash    string    `firestore:"definitionHash"`
	CreatedBy         string    `firestore:"createdBy"`
	CreatedAt         time.Time `firestore:"createdAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// The states of a run.
const (
	Pending   = "pending"
	Running   = "running"
	Done      = "done"
	Failed    = "failed"
	Cancelled = "cancelled"
)

// Run is one execution of a data set or of SQL of the caller's own. Its
// identifier is BigQuery's job id, so that a retry cannot run twice.
type Run struct {
	ID          string `firestore:"id"`
	WorkspaceID string `firestore:"workspaceId"`
	// OwnerUID pays, MemberUID asked.
	OwnerUID  string              `firestore:"ownerUid"`
	MemberUID string              `firestore:"memberUid"`
	DataSetID string              `firestore:"dataSetId"`
	Statement statement.Statement `firestore:"statement"`
	State     string              `firestore:"state"`
	// Problem says why a run failed, in words for people.
	Problem        string `firestore:"problem"`
	BytesEstimated int64  `firestore:"bytesEstimated"`
	// BytesCap is the most the job may bill.
	BytesCap       int64  `firestore:"bytesCap"`
	BytesBilled    int64  `firestore:"bytesBilled"`
	Cost           string `firestore:"cost"` // decimal text
	Currency       string `firestore:"currency"`
	Rows           int64  `firestore:"rows"`
	ReleaseID      string `firestore:"releaseId"`
	DefinitionHash string `firestore:"definitionHash"`
	// VocabularyVersion is the release's when the run was asked for.
	VocabularyVersion string `firestore:"vocabularyVersion"`
	// ResumedAt is when a retry last set out to start it, zero for never.
	ResumedAt time.Time `firestore:"resumedAt"`
	// CancelAskedAt is when somebody asked for its end, zero for never.
	CancelAskedAt time.Time `firestore:"cancelAskedAt"`
	CreatedAt     time.Time `firestore:"createdAt"`
	EndedAt       time.Time `firestore:"endedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}
