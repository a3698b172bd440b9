package access

import (
	"slices"
	"time"

	"researchhub.example/hub/shared/fault"
)

// Member roles of a workspace.
const (
	Owner  = "owner"
	Writer = "writer"
	Reader = "reader"
)

// Workspace is one project: collection "workspaces".
type Workspace struct {
	ID        string `firestore:"id"`
	Name      string `firestore:"name"`
	Tier      Tier   `firestore:"tier"`
	ReleaseID string `firestore:"releaseId"`
	// OwnerUID is the creator: credits and the budget are this account's.
	OwnerUID string `firestore:"ownerUid"`
	// Members maps uid to role.
	Members map[string]string `firestore:"members"`
	// MemberUIDs repeats the keys of Members, for array-contains queries.
	MemberUIDs []string `firestore:"memberUids"`
	Purpose    Purpose  `firestore:"purpose"`
	// Policies maps the policies acknowledged at creation to their versions.
	Policies      map[string]string `firestore:"policies"`
	State         string            `firestore:"state"`
	CreatedAt     time.Time         `firestore:"createdAt"`
	UpdatedAt     time.Time         `firestore:"updatedAt"`
	SchemaVersion int               `firestore:"schemaVersion"`
}

// The states of a workspace.
const (
	Active = "active"
	// Paused by the review board: can be read and not run.
	Paused = "paused"
)

// Purpose is the research purpose of a workspace, public but for nothing: it is
// what the Research Projects Directory shows.
type Purpose struct {
	Kinds               []string `firestore:"kinds" json:"kinds"`
	Disease             string   `firestore:"disease" json:"disease,omitempty"`
	OtherKind           string   `firestore:"otherKind" json:"otherKind,omitempty"`
	IntendedStudy       string   `firestore:"intendedStudy" json:"intendedStudy"`
	ScientificApproach  string   `firestore:"scientificApproach" json:"scientificApproach"`
	AnticipatedFindings string   `firestore:"anticipatedFindings" json:"anticipatedFindings"`
	Channels            []string `firestore:"channels" json:"channels"`
	OtherChannel        string   `firestore:"otherChannel" json:"otherChannel,omitempty"`
	Outcomes            []string `firestore:"outcomes" json:"outcomes"`
	FocusOnPopulations  bool     `firestore:"focusOnPopulations" json:"focusOnPopulations"`
	Populations         []string `firestore:"populations" json:"populations,omitempty"`
	OtherPopulation     string   `firestore:"otherPopulation" json:"otherPopulation,omitempty"`
	ReviewRequested     bool     `firestore:"reviewRequested" json:"reviewRequested"`
}

// Action is something a member may do in a workspace.
type Action string

// The actions, from the weakest to the strongest.
const (
	Read   Action = "read"   // see the workspace and what is in it
	Edit   Action = "edit"   // change cohorts, concept sets, data sets, notebooks
	Run    Action = "run"    // run a query or an environment: spends the owner's credits
	Manage Action = "manage" // rename, share, describe, archive, budget
)

// allowed is the authorization table of a workspace.
var allowed = map[string][]Action{
	Owner:  {Read, Edit, Run, Manage},
	Writer: {Read, Edit, Run},
	Reader: {Read},
}

// May decides one act: the caller's role, the workspace's tier against the
// caller's effective tier, and the workspace's state. To people who are no
// members the workspace is not there.
func May(w Workspace, uid string, tier Tier, act Action) error {
	role, member := w.Members[uid]
	switch {
	case !member:
		return errNoWorkspace()
	case !tier.Covers(w.Tier):
		return fault.New(fault.Denied, "This workspace needs the %s tier. Your access is %s: see what is missing under your account.", w.Tier, tier)
	case !slices.Contains(allowed[role], act):
		return fault.New(fault.Denied, "Your role in this workspace (%s) does not allow this.", role)
	case w.State == Paused && act == Run:
		return fault.New(fault.Denied, "The review board paused this workspace: it can be read, not run.")
	default:
		return nil
	}
}
