package billing

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// budgets keeps which budget watches which workspace.
type budgets struct {
	client *firestore.Client
	clock  clock.Clock
}

var errNoBudget = fault.New(fault.NotFound, "No budget watches this workspace yet.")

// of is the budget of a workspace with its etag.
func (s *budgets) of(ctx context.Context, workspaceID string) (budget.Budget, string, error) {
	snaps, err := s.query(workspaceID).Documents(ctx).GetAll()
	if err != nil {
		return budget.Budget{}, "", firestorex.Fault("budget.of", err)
	}
	if len(snaps) == 0 {
		return budget.Budget{}, "", errNoBudget
	}
	return decode(snaps[0])
}

func (s *budgets) query(workspaceID string) firestore.Query {
	return s.client.Collection(budget.Collection).Where("workspaceId", "==", workspaceID).Limit(1)
}

func (s *budgets) alertsOf(workspaceID string) firestore.Query {
	return s.client.Collection(budget.Alerts).Where("workspaceId", "==", workspaceID)
}

func decode(snap *firestore.DocumentSnapshot) (budget.Budget, string, error) {
	var b budget.Budget
	if err := snap.DataTo(&b); err != nil {
		return b, "", fault.Wrap("budget.decode", err)
	}
	return b, firestorex.ETag(snap.UpdateTime), nil
}

// put maps b to its workspace in place of the one there, whose etag ifMatch is.
func (s *budgets) put(ctx context.Context, b budget.Budget, ifMatch string) (budget.Budget, string, error) {
	ref := s.client.Collection(budget.Collection).Doc(b.ID)
	err := s.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		before, err := tx.Documents(s.query(b.WorkspaceID)).GetAll()
		if err != nil {
			return firestorex.Fault("budget.put", err)
		}
		if err := s.free(tx, ref, b.WorkspaceID); err != nil {
			return err
		}
		was, err := replaceable(before, ifMatch)
		if err != nil {
			return err
		}
		if was != nil && was.Ref.ID != b.ID {
			if err := tx.Delete(was.Ref); err != nil {
				return err
			}
		}
		if err := tx.Set(ref, b); err != nil {
			return err
		}
		entry := audit.Entry{At: b.SetAt, Actor: b.SetBy, Act: "billing.budgetMapped", Target: "workspaces/" + b.WorkspaceID, After: "budgets/" + b.ID + " " + b.Amount + " " + b.Currency}
		if was != nil {
			entry.Before = "budgets/" + was.Ref.ID
		}
		return audit.Add(tx, s.client, entry)
	})
	if err != nil {
		return b, "", firestorex.Fault("budget.put", err)
	}
	return s.of(ctx, b.WorkspaceID)
}

// free refuses a budget that watches another workspace, without saying which.
func (s *budgets) free(tx *firestore.Transaction, ref *firestore.DocumentRef, workspaceID string) error {
	snap, err := tx.Get(ref)
	f := firestorex.Fault("budget.put", err)
	switch {
	case fault.Is(f, fault.NotFound):
		return nil
	case f != nil:
		return f
	}
	b, _, err := decode(snap)
	if err != nil {
		return err
	}
	if b.WorkspaceID != workspaceID {
		return fault.New(fault.Conflict, "This budget watches another workspace already.")
	}
	return nil
}

// replaceable gives the mapping that may be replaced, nil where there is none.
func replaceable(before []*firestore.DocumentSnapshot, ifMatch string) (*firestore.DocumentSnapshot, error) {
	if len(before) == 0 {
		if ifMatch != "" {
			return nil, fault.New(fault.Stale, "No budget watches this workspace: leave If-Match out for the first.")
		}
		return nil, nil
	}
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return nil, err
	}
	return before[0], firestorex.CheckETag(before[0], want)
}
