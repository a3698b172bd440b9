package auth

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/session"
)

// institutionForm is an institution's identifier as it may stand in a path.
var institutionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// institutionIn is an institution as it is sent; in a change, what is left out
// stays. Rules are sent whole.
type institutionIn struct {
	Name   *string              `json:"name,omitempty" doc:"At most 200 characters."`
	Kind   *string              `json:"kind,omitempty" maxLength:"40" doc:"academic, educational, healthCenter, industry, government, nonProfit or other."`
	Rules  *map[string]ruleBody `json:"rules,omitempty" doc:"Per tier, registered and controlled, who may have it; a tier left out is for nobody."`
	Reason string               `json:"reason,omitempty" doc:"Why, for the audit log; at most 1,000 characters."`
}

// reasonMax bounds an admin's reason, in characters.
const reasonMax = 1000

// apply checks the institution that comes of a change, whole.
func (in institutionIn) apply(inst access.Institution) (access.Institution, string, error) {
	var f form
	inst.Name = f.line("body.name", or(in.Name, inst.Name), "Give the institution's name.", nameMax)
	inst.Kind = or(in.Kind, inst.Kind)
	if !slices.Contains(institutionKinds, inst.Kind) {
		f.Say("body.kind", "Choose one of the kinds.")
	}
	if in.Rules != nil || inst.Rules == nil {
		inst.Rules = f.rules("body.rules", or(in.Rules, nil))
	}
	reason := f.lines("body.reason", in.Reason, "Say why, for the audit log.", reasonMax)
	return inst, reason, f.Err()
}

// createInstitution makes an institution.
func (s *service) createInstitution(ctx context.Context, p session.Principal, in institutionIn) (access.Institution, string, error) {
	if err := s.gate.RequireRole(ctx, p, access.InstitutionAdmin); err != nil {
		return access.Institution{}, "", err
	}
	now := s.gate.Clock.Now()
	inst, reason, err := in.apply(access.Institution{ID: id.New(id.Institution, now), SchemaVersion: 1})
	if err != nil {
		return inst, "", err
	}
	return s.storeInstitution(ctx, "institution.create", inst.ID, p, func(c *institutionChange) error {
		if c.there {
			return fault.New(fault.Conflict, "There is such an institution already. Try again.")
		}
		c.after, c.reason = inst, reason
		return nil
	})
}

// changeInstitution changes an institution, when nobody has since the caller
// read it. Tiers are computed at each check, so new rules count at once.
func (s *service) changeInstitution(ctx context.Context, p session.Principal, institutionID, ifMatch string, in institutionIn) (access.Institution, string, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return access.Institution{}, "", err
	}
	if in.Name == nil && in.Kind == nil && in.Rules == nil {
		return access.Institution{}, "", errNothing()
	}
	return s.storeInstitution(ctx, "institution.change", institutionID, p, func(c *institutionChange) error {
		if !c.there {
			return errNoInstitution()
		}
		if err := firestorex.CheckETag(c.snap, want); err != nil {
			return err
		}
		var err error
		c.after, c.reason, err = in.apply(c.before)
		return err
	})
}

// deleteInstitution removes an institution to which no account belongs: it
// would take their tiers without a word. Change its rules to none for that.
func (s *service) deleteInstitution(ctx context.Context, p session.Principal, institutionID, ifMatch, reason string) error {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return err
	}
	var f form
	reason = f.line("query.reason", reason, "Say why, for the audit log.", reasonMax)
	if err := f.Err(); err != nil {
		return err
	}
	_, _, err = s.storeInstitution(ctx, "institution.delete", institutionID, p, func(c *institutionChange) error {
		if !c.there {
			return errNoInstitution()
		}
		if err := firestorex.CheckETag(c.snap, want); err != nil {
			return err
		}
		n, err := s.membersOf(c.tx, institutionID)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "%s accounts belong to this institution. Change its rules to none instead, or move them first.", n)
		}
		c.remove, c.reason = true, reason
		return nil
	})
	return err
}

// manyMembers is where counting an institution's accounts ends.
const manyMembers = 100

// people is a number of accounts, as it is told.
type people int

func (n people) String() string {
	if n >= manyMembers {
		return fmt.Sprintf("%d or more", manyMembers)
	}
	return fmt.Sprint(int(n))
}

// membersOf counts the accounts of an institution inside a transaction, up to
// manyMembers.
func (s *service) membersOf(tx *firestore.Transaction, institutionID string) (people, error) {
	q := s.gate.Client.Collection(access.Accounts).Where("institutionId", "==", institutionID).Select().Limit(manyMembers)
	snaps, err := tx.Documents(q).GetAll()
	return people(len(snaps)), err
}

// institutionChange is one transaction on one institution.
type institutionChange struct {
	tx            *firestore.Transaction
	snap          *firestore.DocumentSnapshot
	there, remove bool
	before, after access.Institution
	reason        string
}

// storeInstitution runs fn on an institution in a transaction, in which the
// caller's role is read, and stores what comes of it with its audit entry. It
// gives the institution and its etag.
func (s *service) storeInstitution(ctx context.Context, act, institutionID string, p session.Principal, fn func(*institutionChange) error) (access.Institution, string, error) {
	// Before anything about the institution is told; and again in the transaction.
	if err := s.gate.RequireRole(ctx, p, access.InstitutionAdmin); err != nil {
		return access.Institution{}, "", err
	}
	if !institutionForm.MatchString(institutionID) {
		return access.Institution{}, "", errNoInstitution()
	}
	client := s.gate.Client
	ref := client.Collection(access.Institutions).Doc(institutionID)
	var after access.Institution
	var answer firestore.CommitResponse
	err := client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		admin := &change{tx: tx, client: client, now: s.gate.Clock.Now(), request: o11y.RequestID(ctx)}
		if err := admin.requireRole(p, access.InstitutionAdmin); err != nil {
			return err
		}
		c := &institutionChange{tx: tx}
		var err error
		c.snap, err = tx.Get(ref)
		if c.before, c.there, err = firestorex.Decode[access.Institution]("institution", c.snap, err); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		if c.remove {
			err = tx.Delete(ref)
		} else if err = s.unclaimed(tx, c.after); err == nil {
			err = tx.Set(ref, c.after)
		}
		if err != nil {
			return err
		}
		after = c.after
		return admin.audit(audit.Entry{Actor: p.UID, Act: act, Target: access.Institutions + "/" + institutionID, Reason: c.reason,
			Before: institutionSummary(c.before), After: institutionSummary(c.after)})
	}, firestore.WithCommitResponseTo(&answer))
	if err != nil {
		return access.Institution{}, "", firestorex.Fault(act, err)
	}
	results, err := answer.WriteResults()
	if err != nil || len(results) == 0 {
		return access.Institution{}, "", fault.Wrap(act, fmt.Errorf("no write result: %w", err))
	}
	return after, firestorex.ETag(results[0].UpdateTime), nil
}

func errNoInstitution() error {
	return fault.New(fault.NotFound, "There is no such institution.")
}

func institutionSummary(i access.Institution) string {
	if i.ID == "" {
		return ""
	}
	return fmt.Sprintf("name %q, kind %s, %s", i.Name, i.Kind, rulesSummary(i.Rules))
}

// readInstitution gives an institution with its rules and its etag.
func (s *service) readInstitution(ctx context.Context, p session.Principal, institutionID string) (access.Institution, string, error) {
	var inst access.Institution
	if err := s.gate.RequireRole(ctx, p, access.InstitutionAdmin); err != nil {
		return inst, "", err
	}
	if !institutionForm.MatchString(institutionID) {
		return inst, "", errNoInstitution()
	}
	snap, err := s.gate.Client.Collection(access.Institutions).Doc(institutionID).Get(ctx)
	inst, found, err := firestorex.Decode[access.Institution]("institution", snap, err)
	if err != nil {
		return inst, "", firestorex.Fault("institution", err)
	}
	if !found {
		return inst, "", errNoInstitution()
	}
	return inst, firestorex.ETag(snap.UpdateTime), nil
}

// tiersOf lists the tiers that an address could have at an institution, once
// its modules are done. Controlled implies registered.
func tiersOf(inst access.Institution, email string) []access.Tier {
	tiers := []access.Tier{}
	for _, t := range ruleTiers {
		if !inst.Allows(email, t) {
			break
		}
		tiers = append(tiers, t)
	}
	return tiers
}
