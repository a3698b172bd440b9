package workspace

import (
	"context"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"golang.org/x/sync/errgroup"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// duplicateIn is a duplicate as it is asked for.
type duplicateIn struct {
	Name            string     `json:"name,omitempty" doc:"1 to 80 characters, not used by another workspace of the caller."`
	Purpose         *purposeIn `json:"purpose,omitempty" doc:"The duplicate's research purpose: public. Without it that of the workspace; of a snapshot there is none to take over, so it is required."`
	ReviewRequested *bool      `json:"reviewRequested,omitempty" doc:"Required: whether the review board is asked to look at the duplicate's purpose."`
	WithMembers     bool       `json:"withMembers,omitempty" doc:"Whether the members of the workspace become members of the duplicate, in their roles. A snapshot has none."`
	Policies        []policyIn `json:"policies,omitempty" maxItems:"20" doc:"The acknowledged policies by version: stigmatizingResearch, ethicalConduct."`
}

// underWay bounds how many copies one account has under way.
const underWay = 5

// workNow is for how long a request that begins or polls a copy works on it.
const workNow = 2 * time.Second

// duplicateWorkspace begins a duplicate of a workspace that the caller can read.
func (s *service) duplicateWorkspace(ctx context.Context, p session.Principal, workspaceID string, in duplicateIn) (copying.Job, error) {
	w, _, err := s.gate.Workspace(ctx, p, workspaceID, access.Read)
	if err == nil {
		err = copying.MayCopy(w, p.UID, w.Tier, access.Read)
	}
	if err != nil {
		return copying.Job{}, err
	}
	purpose := w.Purpose
	if in.ReviewRequested != nil {
		purpose.ReviewRequested = *in.ReviewRequested
	}
	return s.beginDuplicate(ctx, p, in, &purpose, access.Workspace{Tier: w.Tier, ReleaseID: w.ReleaseID},
		access.Workspaces+"/"+w.ID, func(tx *firestore.Transaction) error {
			_, now, err := s.read(tx, w.ID)
			if err == nil {
				err = copying.MayCopy(now, p.UID, w.Tier, access.Read)
			}
			return err
		})
}

// duplicateSnapshot begins a workspace made of a snapshot.
func (s *service) duplicateSnapshot(ctx context.Context, p session.Principal, snapshotID string, in duplicateIn) (copying.Job, error) {
	snapshot, _, err := s.readable(ctx, p, snapshotID)
	if err != nil {
		return copying.Job{}, err
	}
	if in.WithMembers {
		return copying.Job{}, fault.InvalidFields(fault.Field{Path: "body.withMembers", Message: "A snapshot has no members. Share the duplicate when it is there."})
	}
	return s.beginDuplicate(ctx, p, in, nil, access.Workspace{Tier: snapshot.Tier, ReleaseID: snapshot.ReleaseID},
		community.Collection+"/"+snapshot.ID, func(tx *firestore.Transaction) error {
			snap, err := tx.Get(s.gate.Client.Collection(community.Collection).Doc(snapshot.ID))
			now, found, err := firestorex.Decode[community.Snapshot]("snapshot", snap, err)
			if err == nil && (!found || now.State != community.Published) {
				err = errNoSnapshot()
			}
			return err
		})
}

// beginDuplicate checks what is asked for, takes the name and writes the job. The
// workspace is there from then on, and nobody sees it before it is whole.
func (s *service) beginDuplicate(ctx context.Context, p session.Principal, in duplicateIn, purpose *access.Purpose, w access.Workspace, source string,
	open func(*firestore.Transaction) error) (copying.Job, error) {
	now := s.gate.Clock.Now()
	var f form
	w.ID, w.Name, w.OwnerUID = id.New(id.Workspace, now), s.limits.validName(&f, in.Name), p.UID
	w.Members, w.State, w.CreatedAt, w.UpdatedAt = map[string]string{p.UID: access.Owner}, access.Copying, now, now
	w.Policies = validPolicies(&f, s.policies, in.Policies, now)
	if in.ReviewRequested == nil {
		f.Say("body.reviewRequested", "Say yes or no.")
	}
	switch {
	case in.Purpose != nil:
		sent := *in.Purpose
		if sent.ReviewRequested = in.ReviewRequested; sent.ReviewRequested == nil {
			sent.ReviewRequested = new(bool) // said above
		}
		w.Purpose = s.limits.validPurpose(&f, sent)
	case purpose != nil:
		w.Purpose = *purpose
	default:
		f.Say("body.purpose", "Say what the research purpose of the new workspace is.")
	}
	if err := f.Err(); err != nil {
		return copying.Job{}, err
	}
	w = w.Keyed()
	j := s.copies.Begun(copying.Job{
		ID: id.New(id.Copying, now), Makes: copying.Duplicate, Source: source, Target: access.Workspaces + "/" + w.ID,
		Claim: namesCollection + "/" + claimed(w), Actor: p.UID, Tier: w.Tier, Name: w.Name, WithMembers: in.WithMembers, State: copying.Underway,
	})
	return s.begin(ctx, j, func(tx *firestore.Transaction) (write, error) {
		if err := open(tx); err != nil {
			return nil, err
		}
		claim, err := s.planName(tx, access.Workspace{}, w)
		return func(tx *firestore.Transaction) error {
			if err := tx.Create(s.gate.Client.Collection(access.Workspaces).Doc(w.ID), w); err != nil {
				return err
			}
			return claim(tx)
		}, err
	})
}

// begin counts what there is to copy, writes a job with what plan gives, and works
// on it for a moment.
func (s *service) begin(ctx context.Context, j copying.Job, plan func(*firestore.Transaction) (write, error)) (copying.Job, error) {
	client := s.gate.Client
	if err := s.fewUnderWay(ctx, j.Actor); err != nil {
		return j, err
	}
	var err error
	if j.Total, err = s.toCopy(ctx, j); err != nil {
		return j, err
	}
	if j.Makes == copying.Snapshot {
		switch most := s.copies.Rules.SnapshotItems; {
		case j.Total == 0:
			return j, fault.New(fault.Conflict, "There is nothing in this workspace to publish yet.")
		case j.Total > most:
			return j, fault.New(fault.TooLarge, "A snapshot holds at most %d things; there are %d. Choose what to include.", most, j.Total)
		}
	}
	err = client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		write, err := plan(tx)
		if err != nil {
			return err
		}
		if err := tx.Create(client.Collection(copying.Collection).Doc(j.ID), j); err != nil {
			return err
		}
		return write(tx)
	})
	if err != nil {
		return j, storeFault("workspace.copy", err)
	}
	return s.goOn(ctx, j), nil
}

// goOn works on a job for a moment. What fails is tried again by the next poll or
// by the sweep.
func (s *service) goOn(ctx context.Context, j copying.Job) copying.Job {
	after, err := s.copies.Work(ctx, j.ID, workNow)
	if err != nil {
		s.copies.Log.WarnContext(ctx, "a copy waits for the next attempt", "copying", j.ID, "error", err.Error())
	}
	if after.ID == "" {
		return j
	}
	return after
}

// fewUnderWay bounds what one account has copied at a time.
func (s *service) fewUnderWay(ctx context.Context, uid string) error {
	snaps, err := s.gate.Client.Collection(copying.Collection).Where("actor", "==", uid).Where("state", "==", copying.Underway).
		Limit(underWay).Documents(ctx).GetAll()
	if err != nil {
		return firestorex.Fault("copying.underWay", err)
	}
	if len(snaps) == underWay {
		return fault.New(fault.Conflict, "%d copies of yours are under way. Wait until one has ended.", underWay)
	}
	return nil
}

// toCopy counts the records that a job is to copy.
func (s *service) toCopy(ctx context.Context, j copying.Job) (int, error) {
	total := 0
	if j.Include != nil {
		for _, names := range j.Include {
			total += len(names)
		}
		return total, nil
	}
	kinds := copying.Collections()
	counts := make([]int64, len(kinds))
	var group errgroup.Group
	for i, kind := range kinds {
		group.Go(func() (err error) {
			counts[i], err = count(ctx, s.gate.Client.Doc(j.Source).Collection(kind))
			return err
		})
	}
	err := group.Wait()
	for _, n := range counts {
		total += int(n)
	}
	return total, err
}

// job gives a job to whoever asked for it, and goes on with it.
func (s *service) job(ctx context.Context, p session.Principal, jobID string) (copying.Job, error) {
	if _, err := s.gate.Caller(ctx, p); err != nil {
		return copying.Job{}, err
	}
	j, err := s.copies.Get(ctx, jobID)
	if err != nil {
		return j, err
	}
	if j.Actor != p.UID || j.Makes == copying.Withdrawal {
		return copying.Job{}, fault.New(fault.NotFound, "There is no such copy.")
	}
	if j.Ended() {
		return j, nil
	}
	return s.goOn(ctx, j), nil
}

// target is the identifier of what a job makes.
func target(j copying.Job) string {
	_, name, _ := strings.Cut(j.Target, "/")
	return name
}
