package copying

import (
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/community"
)

// Collection holds the jobs.
const Collection = "copyings"

// What a job makes.
const (
	Duplicate = "duplicate"
	Snapshot  = "snapshot"
	// Withdrawal makes nothing: it removes what is in a snapshot that was taken back.
	Withdrawal = "withdrawal"
)

// The states of a job.
const (
	// Under way: nobody sees the copy.
	Underway = "copying"
	// Done: the copy is whole and shown.
	Done = "done"
	// Cleaning: it cannot be done, and what it wrote is being removed.
	Cleaning = "cleaning"
	// Failed: Problem says why; nothing of the copy is left.
	Failed = "failed"
)

// Cursor is how far a job has come.
type Cursor struct {
	// Kind is the place in Layout; Record and Version are the last that were
	// copied, "" for none.
	Kind    int    `firestore:"kind"`
	Record  string `firestore:"record"`
	Version string `firestore:"version"`
}

// Job is one copy, asked for and under way or ended: collection "copyings".
type Job struct {
	ID string `firestore:"id"`
	// Makes is Duplicate or Snapshot.
	Makes string `firestore:"makes"`
	// Source and Target are paths, "workspaces/ws_…" or "snapshots/sn_…".
	Source string `firestore:"source"`
	Target string `firestore:"target"`
	// Claim is the path of the claim that the target holds on its name; it goes
	// when the target does. "" for none.
	Claim string `firestore:"claim"`
	// Actor asked for it, holds the source's tier and owns what is made.
	Actor string `firestore:"actor"`
	// Tier is what the actor must hold.
	Tier access.Tier `firestore:"tier"`
	// Name is that of what is made, for messages.
	Name string `firestore:"name"`
	// WithMembers gives a duplicate the members that the source has at the end.
	WithMembers bool `firestore:"withMembers"`
	// Include says which records by collection; nil for all. A list is sorted.
	Include map[string][]string `firestore:"include"`

	State string `firestore:"state"`
	// Problem says why it failed, in words for people.
	Problem string           `firestore:"problem"`
	Cursor  Cursor           `firestore:"cursor"`
	Items   []community.Item `firestore:"items"`
	// Found is what the check of a snapshot said, and what was left out.
	Found []community.Finding `firestore:"findings"`
	// Done of Total records are copied. Records that are made while it runs may
	// bring Done above the Total of the beginning.
	Done  int `firestore:"done"`
	Total int `firestore:"total"`

	// Lease names who works on it, until LeaseUntil.
	Lease      string    `firestore:"lease"`
	LeaseUntil time.Time `firestore:"leaseUntil"`
	// DueAt is when the sweep may take it: absent when it has ended.
	DueAt time.Time `firestore:"dueAt,omitempty"`
	// GiveUpAt is when it is taken back if it has not been done.
	GiveUpAt  time.Time `firestore:"giveUpAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	EndedAt   time.Time `firestore:"endedAt"`
	// ExpireAt is when Firestore's time-to-live policy removes the job's record.
	ExpireAt time.Time `firestore:"expireAt,omitempty"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// Ended reports whether nothing is left to do.
func (j Job) Ended() bool { return j.State == Done || j.State == Failed }

func (j Job) names() names {
	n := names{job: j.ID, source: j.Source, target: j.Target, actor: j.Actor}
	if j.Makes == Snapshot {
		n.actor = ""
	}
	return n
}

// end gives the job as it is when nothing is left to do.
func (j Job) end(state string, now time.Time, retention time.Duration) Job {
	j.State, j.Lease, j.LeaseUntil, j.DueAt = state, "", time.Time{}, time.Time{}
	j.EndedAt, j.ExpireAt = now, now.Add(retention)
	return j
}
