package workspace

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// notesCollection is the sub-collection of a workspace.
const notesCollection = "notes"

// note is a text that the members of a workspace keep for themselves:
// workspaces/{workspace}/notes/{note}. It is never public.
type note struct {
	ID string `firestore:"id"`
	// Title is one line, Text is Markdown as it was written.
	Title     string    `firestore:"title"`
	Text      string    `firestore:"text"`
	Author    string    `firestore:"author"` // uid
	UpdatedBy string    `firestore:"updatedBy"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// noteIn is a note as it is sent, whole.
type noteIn struct {
	Title string `json:"title,omitempty" doc:"One line, at most 120 characters."`
	Text  string `json:"text,omitempty" doc:"Markdown, at most 20,000 characters."`
}

// validNote gives a note's title and text as they are kept.
func (l limits) validNote(in noteIn) (title, text string, err error) {
	var f form
	title = f.text("body.title", tidy(in.Title), l.NoteTitle, true)
	if utf8.RuneCountInString(in.Text) > l.Note {
		f.Say("body.text", "Use at most %d characters; there are %d.", l.Note, utf8.RuneCountInString(in.Text))
		return title, "", f.Err()
	}
	f.text("body.text", joiners.Replace(in.Text), l.Note, true)
	return title, strings.TrimSpace(in.Text), f.Err()
}

// joiners cannot be seen and belong to the writing of some languages and to
// emoji: a note may have them, unlike a name, which they would make look the same
// as another.
var joiners = strings.NewReplacer("\u200c", "", "\u200d", "")

func (s *service) notes(workspaceID string) *firestore.CollectionRef {
	return s.gate.Client.Collection(access.Workspaces).Doc(workspaceID).Collection(notesCollection)
}

// addNote writes a new note.
func (s *service) addNote(ctx context.Context, p session.Principal, workspaceID string, in noteIn) (note, string, error) {
	title, text, err := s.limits.validNote(in)
	if err != nil {
		return note{}, "", err
	}
	now := s.gate.Clock.Now()
	n := note{ID: id.New(id.Note, now), Title: title, Text: text, Author: p.UID, UpdatedBy: p.UID, CreatedAt: now, UpdatedAt: now, SchemaVersion: 1}
	etag, err := s.writeNote(ctx, p, workspaceID, func(tx *firestore.Transaction) (string, string, error) {
		return n.ID, "note.created", tx.Create(s.notes(workspaceID).Doc(n.ID), n)
	})
	return n, etag, err
}

// changeNote replaces a note's title and text, when nobody has changed it since
// the caller read it. Writers work on each other's notes: it says who was last.
func (s *service) changeNote(ctx context.Context, p session.Principal, workspaceID, noteID, ifMatch string, in noteIn) (note, string, error) {
	title, text, err := s.limits.validNote(in)
	if err != nil {
		return note{}, "", err
	}
	var n note
	etag, err := s.writeNote(ctx, p, workspaceID, func(tx *firestore.Transaction) (string, string, error) {
		if n, err = s.noteToChange(tx, workspaceID, noteID, ifMatch); err != nil {
			return "", "", err
		}
		n.Title, n.Text, n.UpdatedBy, n.UpdatedAt = title, text, p.UID, s.gate.Clock.Now()
		return n.ID, "note.changed", tx.Set(s.notes(workspaceID).Doc(n.ID), n)
	})
	return n, etag, err
}

// deleteNote removes a note, when nobody has changed it since the caller read it.
func (s *service) deleteNote(ctx context.Context, p session.Principal, workspaceID, noteID, ifMatch string) error {
	_, err := s.writeNote(ctx, p, workspaceID, func(tx *firestore.Transaction) (string, string, error) {
		n, err := s.noteToChange(tx, workspaceID, noteID, ifMatch)
		if err != nil {
			return "", "", err
		}
		return n.ID, "note.deleted", tx.Delete(s.notes(workspaceID).Doc(n.ID))
	})
	return err
}

// writeNote lets a member write in the transaction that reads the workspace: a
// note is never written into one that was archived a moment before. The write's
// own document comes first, so that the etag given is its.
func (s *service) writeNote(ctx context.Context, p session.Principal, workspaceID string, write func(*firestore.Transaction) (noteID, act string, err error)) (string, error) {
	if err := id.Check(id.Workspace, workspaceID); err != nil {
		return "", errNoWorkspace()
	}
	tier, err := s.gate.Tier(ctx, p.UID)
	if err != nil {
		return "", err
	}
	var answer firestore.CommitResponse
	err = s.gate.Client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		_, w, err := s.read(tx, workspaceID)
		if err != nil {
			return err
		}
		if err := access.May(w, p.UID, tier, access.Edit); err != nil {
			return err
		}
		noteID, act, err := write(tx)
		if err != nil {
			return err
		}
		// That it was written, not what: the audit log is read by others.
		return audit.Add(tx, s.gate.Client, audit.Entry{At: s.gate.Clock.Now(), Actor: p.UID, Act: act,
			Target: fmt.Sprintf("%s/%s/%s/%s", access.Workspaces, workspaceID, notesCollection, noteID)})
	}, firestore.WithCommitResponseTo(&answer))
	if err != nil {
		return "", firestorex.Fault("workspace.note", err)
	}
	return etagOf(&answer)
}

// noteToChange reads a note in a transaction and compares its etag.
func (s *service) noteToChange(tx *firestore.Transaction, workspaceID, noteID, ifMatch string) (note, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return note{}, err
	}
	if id.Check(id.Note, noteID) != nil {
		return note{}, errNoNote()
	}
	snap, err := tx.Get(s.notes(workspaceID).Doc(noteID))
	n, err := readNote(snap, err)
	if err != nil {
		return n, err
	}
	return n, firestorex.CheckETag(snap, want)
}

// readNote decodes a note that was got with this error. An error that is no
// answer stays as it is, because a transaction tries again on some.
func readNote(snap *firestore.DocumentSnapshot, err error) (note, error) {
	n, found, err := firestorex.Decode[note]("note", snap, err)
	if err == nil && !found {
		err = errNoNote()
	}
	return n, err
}

func errNoNote() error {
	return fault.New(fault.NotFound, "There is no such note in this workspace.")
}
