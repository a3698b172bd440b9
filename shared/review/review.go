// Package review is the review board's view of a project: the record of a
// review, what may be decided in which state, when an answer is due, and the
// requests that anybody may make for one.
//
// A review is opened when an owner asks for it with the purpose of a workspace,
// or when somebody asks for it from the public directory and confirms the mail
// address. A workspace has at most one open review: the record of the collection
// OpenReviews, named by the workspace, is created with the review and deleted
// with its end, in the same transactions. A request for a workspace whose review
// is open joins it.
//
//	waiting -> approve -> approved            changesAsked -> answer -> waiting
//	        -> askForChanges -> changesAsked  paused       -> answer -> waiting
//	        -> pause -> paused                paused       -> resume -> waiting
//	        -> close -> closed
//
// What is decided while changes are asked for or while a workspace is paused is
// in the table decisions. A workspace is paused only while a review is open that
// paused it: approving and closing lift the pause. So nobody is ever left with a
// paused workspace and no review to end it by.
package review

import (
	"slices"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
)

// The collections.
const (
	// Collection holds the reviews.
	Collection = "reviews"
	// OpenReviews holds, named by workspace, which review is open.
	OpenReviews = "openReviews"
)

// State is where a review stands.
type State string

// The states of a review.
const (
	// Waiting for the board: it has a due date.
	Waiting State = "waiting"
	// ChangesAsked: the owner's turn.
	ChangesAsked State = "changesAsked"
	// Paused: the workspace is read only until the board lifts it; the owner may
	// correct the purpose and answer.
	Paused State = "paused"
	// Approved and Closed are ends.
	Approved State = "approved"
	Closed   State = "closed"
)

// States lists them, in the order of a review's life.
func States() []State { return []State{Waiting, ChangesAsked, Paused, Approved, Closed} }

// Ended reports whether nothing more is decided.
func (s State) Ended() bool { return s == Approved || s == Closed }

// Decision is what the board decides.
type Decision string

// The decisions.
const (
	// Approve ends the review: the project keeps the policies.
	Approve Decision = "approve"
	// AskForChanges gives the owner the turn.
	AskForChanges Decision = "askForChanges"
	// Pause makes the workspace read only.
	Pause Decision = "pause"
	// Close ends the review without a finding, such as of an unfounded request.
	Close Decision = "close"
)

// The other acts of a review's history.
const (
	ActOpened   = "opened"
	ActAnswered = "answered"
	ActResumed  = "resumed"
)

// decisions is the table of what is decided in which state and where it leads.
// While a workspace is paused the board may not ask for changes as if nothing
// were: the pause has said what is missing, and the owner answers it.
var decisions = map[State]map[Decision]State{
	Waiting:      {Approve: Approved, AskForChanges: ChangesAsked, Pause: Paused, Close: Closed},
	ChangesAsked: {Approve: Approved, Pause: Paused, Close: Closed},
	Paused:       {Approve: Approved, Close: Closed},
}

// Review is one review of one workspace. Who asked for it from the directory is
// in the requests, not here.
type Review struct {
	ID          string `firestore:"id"`
	WorkspaceID string `firestore:"workspaceId"`
	// Name is the workspace's when the review was opened: what remains of one that
	// is purged.
	Name  string `firestore:"name"`
	State State  `firestore:"state"`
	// Origin says what opened it: OriginOwner or OriginPublic. It is the board's to
	// see.
	Origin   string    `firestore:"origin"`
	OpenedAt time.Time `firestore:"openedAt"`
	// DueAt is when the board's answer is due, of a review that is waiting; else
	// when it was.
	DueAt time.Time `firestore:"dueAt"`
	// Lifts is the workspace's state to give back when the pause of this review is
	// lifted; "" where it has paused nothing.
	Lifts string `firestore:"lifts"`
	// History are its acts, the oldest first; at most MaxActs and what ends it.
	History   []Act     `firestore:"history"`
	UpdatedAt time.Time `firestore:"updatedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// What opens a review.
const (
	OriginOwner  = "owner"
	OriginPublic = "public"
)

// Act is one act of a review's history.
type Act struct {
	// Act is a decision, or one of ActOpened, ActAnswered, ActResumed.
	Act string    `firestore:"act"`
	At  time.Time `firestore:"at"`
	// UID is who acted; "" where that is nobody with an account.
	UID string `firestore:"uid"`
	// Comment is in the actor's words; owner and board read it.
	Comment string `firestore:"comment"`
	// State is the review's state after it.
	State State `firestore:"state"`
}

// MaxActs bounds a review's history. Then it is ended, or the workspace paused
// and the review ended.
const MaxActs = 100

// full reports whether only what ends the review, or guards the data, still fits.
func (r Review) full() bool { return len(r.History) >= MaxActs }

func errFull() error {
	return fault.New(fault.Conflict, "This review has gone to and fro %d times: approve or close it.", MaxActs)
}

// Decide gives the review after a decision. A state that does not take it is
// fault.Conflict.
func (r Review) Decide(d Decision, uid, comment string, now time.Time) (Review, error) {
	next, ok := decisions[r.State][d]
	switch {
	case r.State.Ended():
		return r, fault.New(fault.Conflict, "This review has ended. A new one can be asked for.")
	case !ok && d == AskForChanges && r.State == ChangesAsked:
		return r, fault.New(fault.Conflict, "Changes were asked for already: wait for the owner's answer, or decide otherwise.")
	case !ok:
		return r, fault.New(fault.Conflict, "The workspace is paused: approve or close the review, or lift the pause first.")
	case r.full() && d == AskForChanges:
		return r, errFull()
	}
	return r.with(string(d), uid, comment, next, now), nil
}

// Answer gives the review after the owner's answer: it waits again, until due.
func (r Review) Answer(uid, text string, now, due time.Time) (Review, error) {
	switch {
	case r.State != ChangesAsked && r.State != Paused:
		return r, fault.New(fault.Conflict, "The board has asked nothing that waits for an answer.")
	case r.full():
		return r, errFull()
	}
	r.DueAt = due
	return r.with(ActAnswered, uid, text, Waiting, now), nil
}

// Resume gives the review after the board has lifted its pause. One that was
// paused waits again, until due; one that has been answered keeps its place.
func (r Review) Resume(uid, comment string, now, due time.Time) (Review, error) {
	switch {
	case r.Lifts == "":
		return r, fault.New(fault.Conflict, "This review has paused nothing.")
	case r.full():
		return r, errFull()
	}
	next := r.State
	if next == Paused {
		next, r.DueAt = Waiting, due
	}
	return r.with(ActResumed, uid, comment, next, now), nil
}

func (r Review) with(act, uid, comment string, next State, now time.Time) Review {
	r.History = append(slices.Clone(r.History), Act{Act: act, At: now, UID: uid, Comment: comment, State: next})
	r.State, r.UpdatedAt = next, now
	return r
}

// Overdue reports whether the board's answer is late.
func (r Review) Overdue(now time.Time) bool { return r.State == Waiting && !now.Before(r.DueAt) }

// PauseWorkspace makes a workspace read only, whatever it is, and says what
// lifting the pause gives back. A deleted one is paused when it is restored. One
// that is paused already stays so, and gives nothing back of its own.
func PauseWorkspace(w access.Workspace) (paused access.Workspace, lifts string, err error) {
	switch {
	case w.State == access.Deleted && w.StateBefore != access.Paused:
		lifts, w.StateBefore = w.StateBefore, access.Paused
	case w.State == access.Active || w.State == access.Archived:
		lifts, w.State = w.State, access.Paused
		w.StateBefore = ""
	default:
		return w, "", fault.New(fault.Conflict, "This workspace cannot be paused: it is %s.", w.State)
	}
	return w, lifts, nil
}

// LiftPause undoes PauseWorkspace. A workspace that is being purged stays as it
// is.
func LiftPause(w access.Workspace, lifts string) access.Workspace {
	switch {
	case w.State == access.Deleted && w.StateBefore == access.Paused:
		w.StateBefore = lifts
	case w.State == access.Paused:
		w.State = lifts
	}
	return w
}
