package copying

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/notebook"
)

// part is one record of the copy, ready to be written.
type part struct {
	path string
	data map[string]any
}

// copy does one step of copying: it reads what comes next, creates the files
// that belong to it, and writes the records together with how far the job is.
func (e *Engine) copy(ctx context.Context, j Job) (Job, error) {
	w, names := e.walk(j), j.names()
	var parts []part
	next := j
	for bytes := 0; len(parts) < e.Rules.Records && bytes < e.Rules.Bytes; {
		snap, err := w.next(ctx)
		if err != nil {
			return j, err
		}
		if snap == nil {
			break
		}
		kind := w.kinds[w.at.Kind]
		if w.at.Version != "" {
			p := part{names.target + "/" + kind.Collection + "/" + names.of(w.at.Record) + "/" + kind.Versions + "/" + names.text(snap.Ref.ID),
				names.record(kind.VersionFields, snap.Data())}
			if err := e.check(ctx, &next, thing(kind, names.of(w.at.Record), p.data, nil, notebook.Removed{})); err != nil {
				return j, err
			}
			parts, bytes = append(parts, p), bytes+size(p.data)
			continue
		}
		p := part{names.target + "/" + kind.Collection + "/" + names.of(snap.Ref.ID), names.record(kind.Fields, snap.Data())}
		copied, err := e.record(ctx, &next, kind, names, snap, p.data)
		if err != nil {
			return j, err
		}
		if copied {
			parts, bytes = append(parts, p), bytes+size(p.data)
		}
	}
	next.Cursor = w.at
	return e.held(ctx, "copy", j, func(tx *firestore.Transaction, _ Job) (Job, error) {
		if err := e.open(tx, j); err != nil {
			return j, err
		}
		for _, p := range parts {
			if err := tx.Set(e.client().Doc(p.path), p.data); err != nil {
				return j, err
			}
		}
		return next, nil
	})
}

// record brings the file of a record along, looks at what a snapshot would show
// of it, and counts it. copied is false for one that cannot be copied.
func (e *Engine) record(ctx context.Context, j *Job, kind Kind, names names, snap *firestore.DocumentSnapshot, data map[string]any) (copied bool, err error) {
	id := names.of(snap.Ref.ID)
	title, _ := data["name"].(string)
	var file []byte
	var removed notebook.Removed
	if kind.File {
		from, _ := snap.Data()["object"].(string)
		if file, removed, err = e.file(ctx, names, from, object(names.target, id), data); fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge) {
			// One unreadable file keeps nothing else from being copied; it is told.
			j.find(community.Finding{Name: title, Says: "This notebook was left out. " + fault.Message(err)})
			j.Done++
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	if err := e.check(ctx, j, thing(kind, id, data, file, removed)); err != nil {
		return false, err
	}
	j.Done++
	if j.Makes == Snapshot {
		if len(j.Items) >= e.Rules.SnapshotItems {
			return false, fault.New(fault.TooLarge, "A snapshot holds at most %d things. Choose fewer.", e.Rules.SnapshotItems)
		}
		j.Items = append(j.Items, community.Item{Kind: kind.Collection, ID: id, Name: title})
	}
	return true, nil
}

// file copies the source of a notebook and puts what it is into the record.
func (e *Engine) file(ctx context.Context, names names, from, to string, data map[string]any) ([]byte, notebook.Removed, error) {
	body, err := e.Files.Read(ctx, from)
	if err != nil {
		return nil, notebook.Removed{}, err
	}
	source, removed, err := notebook.Source(body)
	if err != nil {
		return nil, removed, err
	}
	source = []byte(names.text(string(source)))
	if err := e.pass("file"); err != nil {
		return nil, removed, err
	}
	// There already: by this step, before the process died.
	if err := e.Files.Create(ctx, to, source); err != nil && !fault.Is(err, fault.Conflict) {
		return nil, removed, err
	}
	sum := sha256.Sum256(source)
	data["object"], data["bytes"], data["sha256"] = to, int64(len(source)), hex.EncodeToString(sum[:])
	return source, removed, nil
}

// open reports, inside a transaction, why the source may not be copied by this
// actor, nil where it may. What the clock says of the actor's tier is asked at the
// end.
func (e *Engine) open(tx *firestore.Transaction, j Job) error {
	_, err := e.source(tx, j)
	return err
}

// source reads the workspace that is copied, checked; the zero one where a
// snapshot is.
func (e *Engine) source(tx *firestore.Transaction, j Job) (access.Workspace, error) {
	snap, err := tx.Get(e.client().Doc(j.Source))
	if community.IsSnapshot(j.Source) {
		s, found, err := firestorex.Decode[community.Snapshot]("copying.source", snap, err)
		if err == nil && (!found || s.State != community.Published) {
			err = fault.New(fault.NotFound, "The snapshot was taken back.")
		}
		return access.Workspace{}, err
	}
	w, found, err := firestorex.Decode[access.Workspace]("copying.source", snap, err)
	if err != nil {
		return w, err
	}
	if !found {
		return w, fault.New(fault.NotFound, "The workspace is not there any more.")
	}
	act := access.Read
	if j.Makes == Snapshot {
		act = access.Manage
	}
	return w, MayCopy(w, j.Actor, j.Tier, act)
}

// MayCopy is access.May for copying, which a paused workspace takes no part in: a
// copy of it would go on where the board said stop.
func MayCopy(w access.Workspace, uid string, tier access.Tier, act access.Action) error {
	if err := access.May(w, uid, tier, act); err != nil {
		return err
	}
	if w.State == access.Paused {
		return fault.New(fault.Denied, "The review board paused this workspace: it cannot be copied until the board lifts the pause.")
	}
	return nil
}

// size is about how many bytes a value takes in Firestore.
func size(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) + 1
	case []any:
		n := 0
		for _, one := range v {
			n += size(one)
		}
		return n
	case map[string]any:
		n := 32
		for k, one := range v {
			n += len(k) + 1 + size(one)
		}
		return n
	default:
		return 8
	}
}

// String tells a job in the audit log.
func (j Job) String() string { return fmt.Sprintf("%s of %s", j.Makes, j.Source) }
