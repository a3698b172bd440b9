package dissemination

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
)

// Collections of this room; versions stand below each report.
const (
	reports  = "reports"
	versions = "versions"
)

// version is one version of a report as it was kept.
type version struct {
	ID  string `firestore:"id"`
	Act string `firestore:"act"`
	// Report is the whole record as it became.
	Report Report `firestore:"report"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// store keeps reports in Firestore.
type store struct {
	client *firestore.Client
	clock  clock.Clock
}

func (s *store) ref(reportID string) (*firestore.DocumentRef, error) {
	if err := id.Check(id.Report, reportID); err != nil {
		return nil, errNoReport
	}
	return s.client.Collection(reports).Doc(reportID), nil
}

// get reads a report with its etag.
func (s *store) get(ctx context.Context, reportID string) (Report, string, error) {
	ref, err := s.ref(reportID)
	if err != nil {
		return Report{}, "", err
	}
	snap, err := ref.Get(ctx)
	return decode(snap, err)
}

func decode(snap *firestore.DocumentSnapshot, err error) (Report, string, error) {
	r, found, err := firestorex.Decode[Report]("report.read", snap, err)
	if err != nil {
		return r, "", firestorex.Fault("report.read", err)
	}
	if !found {
		return r, "", errNoReport
	}
	return r, firestorex.ETag(snap.UpdateTime), nil
}

// create writes a new report and its first version, and gives its etag.
func (s *store) create(ctx context.Context, r Report) (Report, string, error) {
	r.CreatedAt = s.clock.Now()
	r.ID, r.Version, r.State, r.SchemaVersion = id.New(id.Report, r.CreatedAt), 1, Draft, 1
	r.UpdatedAt, r.UpdatedBy, r.MemberUIDs = r.CreatedAt, r.OwnerUID, r.members()
	ref := s.client.Collection(reports).Doc(r.ID)
	var done firestore.CommitResponse
	err := s.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		if err := tx.Create(ref, r); err != nil {
			return err
		}
		return s.keep(tx, ref, r, "report.created", "")
	}, firestore.WithCommitResponseTo(&done))
	return r, firestorex.ETag(done.CommitTime()), firestorex.Fault("report.create", err)
}

// change applies one act of its owner to the report that has the etag: change
// checks and alters it and gives what people are told. All of it is one
// transaction; two at the same moment cannot both have the etag.
func (s *store) change(ctx context.Context, reportID, ifMatch, actor, act string, change func(*Report, time.Time) ([]outbox.Event, error)) (Report, string, []string, error) {
	ref, err := s.ref(reportID)
	if err != nil {
		return Report{}, "", nil, err
	}
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return Report{}, "", nil, err
	}
	var r Report
	var sent []string
	var done firestore.CommitResponse
	err = s.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(ref)
		if r, _, err = decode(snap, err); err != nil {
			return err
		}
		if err := firestorex.CheckETag(snap, want); err != nil {
			return err
		}
		before, now := r.State, s.clock.Now()
		r.Version, r.UpdatedAt, r.UpdatedBy = r.Version+1, now, actor
		events, err := change(&r, now)
		if err != nil {
			return err
		}
		r.MemberUIDs = r.members()
		if err := tx.Set(ref, r); err != nil {
			return err
		}
		sent = nil // the function runs again when another process was faster
		for _, e := range events {
			one, err := outbox.Add(tx, s.client, e)
			if err != nil {
				return err
			}
			sent = append(sent, one)
		}
		return s.keep(tx, ref, r, act, before)
	}, firestore.WithCommitResponseTo(&done))
	if err != nil {
		return r, "", nil, firestorex.Fault("report.change", err)
	}
	return r, firestorex.ETag(done.CommitTime()), sent, nil
}

// keep writes the version and the audit entry of one act.
func (s *store) keep(tx *firestore.Transaction, ref *firestore.DocumentRef, r Report, act string, before State) error {
	v := version{ID: fmt.Sprintf("v%06d", r.Version), Act: act, Report: r, SchemaVersion: 1}
	if err := tx.Create(ref.Collection(versions).Doc(v.ID), v); err != nil {
		return err
	}
	reason := r.LateReason
	if r.State == Withdrawn {
		reason = r.WithdrawnReason
	}
	return audit.Add(tx, s.client, audit.Entry{At: r.UpdatedAt, Actor: r.UpdatedBy, Act: act, Target: reports + "/" + r.ID,
		Reason: reason, Before: string(before), After: fmt.Sprintf("%s, version %d", r.State, r.Version)})
}

// list reads one page of the reports that somebody owns or is an author of.
func (s *store) list(ctx context.Context, uid string, limit int, cursor string) ([]Report, string, error) {
	q := s.client.Collection(reports).Where("memberUids", "array-contains", uid)
	return firestorex.Newest[Report](ctx, q, limit, cursor)
}

// versions reads one page of what was kept of a report.
func (s *store) versions(ctx context.Context, reportID string, limit int, cursor string) ([]version, string, error) {
	ref, err := s.ref(reportID)
	if err != nil {
		return nil, "", err
	}
	return firestorex.NewestOfAll[version](ctx, ref.Collection(versions), limit, cursor)
}
