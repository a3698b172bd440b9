package portal

import (
	"context"
	"errors"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// Collections of other functions that the map looks into. The map asks only
// whether there is something.
const (
	cohortsCollection   = "cohorts"
	notebooksCollection = "notebooks"
	reportsCollection   = "reports"
)

// maxLooked is how many of the newest workspaces the map looks into, and at how
// many records of a kind.
const maxLooked = 10

// service does what the routes ask for.
type service struct {
	gate    *access.Gate
	credits *credits.Store
	client  *firestore.Client
	signIn  signIn
}

// level is what the caller's session counts for. A disabled account is refused;
// somebody without a profile has what the session has proved.
func (s *service) level(ctx context.Context, p session.Principal) (session.Level, error) {
	account, err := s.gate.Enabled(ctx, p)
	if fault.Is(err, fault.NotFound) {
		return p.Level, nil
	}
	return account.Level(p), err
}

// facts reads what the map of the principal is computed from.
func (s *service) facts(ctx context.Context, p session.Principal) (facts, error) {
	f := facts{Address: p.EmailVerified}
	account, err := s.gate.Enabled(ctx, p)
	if fault.Is(err, fault.NotFound) {
		// No profile yet: every module is missing.
		f.Status = access.Evaluate(access.Account{}, access.Institution{}, s.gate.Rules, s.gate.Clock.Now())
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.HasAccount = true
	if f.Status, err = s.gate.StatusOf(ctx, account); err != nil {
		return f, err
	}
	if !account.FirstTierAt.IsZero() {
		standing, err := s.credits.Standing(ctx, p.UID)
		if err != nil {
			return f, err
		}
		f.CreditsEnd = standing.ExpiresAt
	}
	handedIn := func(snap *firestore.DocumentSnapshot) bool {
		state, err := snap.DataAt("state")
		return err == nil && state != "draft" && state != "withdrawn"
	}
	if f.Reports, err = s.any(ctx, s.client.Collection(reportsCollection).Where("memberUids", "array-contains", p.UID), handedIn); err != nil {
		return f, err
	}
	err = s.lookInto(ctx, p.UID, &f)
	return f, err
}

// lookInto adds what there is in the newest workspaces of a member.
func (s *service) lookInto(ctx context.Context, uid string, f *facts) error {
	q := s.client.Collection(access.Workspaces).Where("memberUids", "array-contains", uid)
	list, _, err := firestorex.Newest[access.Workspace](ctx, q, maxLooked, "")
	if err != nil {
		return err
	}
	f.Workspaces = len(list)
	for _, kind := range []struct {
		collection string
		found      *bool
	}{
		{cohortsCollection, &f.Cohorts}, {dataset.DataSets, &f.DataSets}, {dataset.Runs, &f.Runs}, {notebooksCollection, &f.Notebooks},
	} {
		for _, w := range list {
			if *kind.found {
				break
			}
			c := s.client.Collection(access.Workspaces).Doc(w.ID).Collection(kind.collection)
			if *kind.found, err = s.any(ctx, c.Query, whatever); err != nil {
				return err
			}
		}
	}
	return nil
}

// whatever accepts every document.
func whatever(*firestore.DocumentSnapshot) bool { return true }

// any reports whether the first documents that a query finds hold one that
// counts.
func (s *service) any(ctx context.Context, q firestore.Query, counts func(*firestore.DocumentSnapshot) bool) (bool, error) {
	it := q.Limit(maxLooked).Documents(ctx)
	defer it.Stop()
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return false, nil
		}
		if err != nil {
			return false, firestorex.Fault("map.look", err)
		}
		if counts(snap) {
			return true, nil
		}
	}
}
