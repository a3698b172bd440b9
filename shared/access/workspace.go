package access

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"researchhub.example/hub/shared/fault"
)

// Member roles of a workspace.
const (
	Owner  = "owner"
	Writer = "writer"
	Reader = "reader"
)

// Workspace is one project: collection "workspaces". Write it as Keyed gives it.
type Workspace struct {
	ID        string `firestore:"id"`
	Name      string `firestore:"name"`
	Tier      Tier   `firestore:"tier"`
	ReleaseID string `firestore:"releaseId"`
	// OwnerUID is one of the owners, the one who pays: credits, the budget and
	// the name are this account's.
	OwnerUID string `firestore:"ownerUid"`
	// Members maps uid to role.
	Members map[string]string `firestore:"members"`
	// MemberUIDs are the members in whose lists it stands, for array-contains
	// queries: none while it is hidden. Keyed keeps it.
	MemberUIDs []string `firestore:"memberUids"`
	// ListKeys are what lists look for (see ListKey). Keyed keeps them.
	ListKeys []string `firestore:"listKeys"`
	// NameKey is the name as lists sort and compare it. Keyed keeps it.
	NameKey string  `firestore:"nameKey"`
	Purpose Purpose `firestore:"purpose"`
	// Policies maps the acknowledged policies to their versions.
	Policies map[string]string `firestore:"policies"`
	State    string            `firestore:"state"`
	// StateBefore is the state that restoring gives back; "" unless archived or
	// deleted.
	StateBefore string    `firestore:"stateBefore"`
	CreatedAt   time.Time `firestore:"createdAt"`
	UpdatedAt   time.Time `firestore:"updatedAt"`
	// PurgeAt is when a deleted workspace is removed for good; absent for others.
	PurgeAt       time.Time `firestore:"purgeAt,omitempty"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// WorkspaceSchema is the version of the record's form.
const WorkspaceSchema = 2

// Keyed gives the workspace with the fields that follow from others.
func (w Workspace) Keyed() Workspace {
	w.NameKey, w.MemberUIDs, w.ListKeys, w.SchemaVersion = NameKey(w.Name), []string{}, []string{}, WorkspaceSchema
	for _, uid := range slices.Sorted(maps.Keys(w.Members)) {
		role, states := w.Members[uid], []string{w.State}
		switch {
		case w.Shown():
			w.MemberUIDs = append(w.MemberUIDs, uid)
			states = append(states, "") // it is in the list that asks for no state
		case w.State != Deleted || role != Owner:
			continue
		}
		for _, one := range []string{role, ""} {
			for _, state := range states {
				w.ListKeys = append(w.ListKeys, ListKey(uid, one, state, w.Tier), ListKey(uid, one, state, ""))
			}
		}
	}
	return w
}

// ListKey is what the list of a member looks for: their workspaces of a role, a
// state and a tier, "" for any; of any state are all that are shown. A workspace
// holds the keys of all lists that it is in, so that one index serves every
// choice and a page of any of them costs its own documents.
func ListKey(uid, role, state string, tier Tier) string {
	return cmp.Or(role, "any") + "/" + cmp.Or(state, "any") + "/" + cmp.Or(string(tier), "any") + "/" + uid
}

// NameKey is a name with letter case and runs of spaces levelled: names with
// one key are one name.
func NameKey(name string) string {
	return strings.ToLower(strings.ToUpper(strings.Join(strings.Fields(name), " ")))
}

// Shown reports whether the workspace stands in its members' lists and in the
// public directory.
func (w Workspace) Shown() bool {
	return w.State == Active || w.State == Paused || w.State == Archived
}

// The states of a workspace.
const (
	Active = "active"
	// Paused by the review board: read only, but for the purpose, which the board
	// may want changed.
	Paused = "paused"
	// Archived by an owner: read only until an owner restores it.
	Archived = "archived"
	// Deleted by an owner: hidden; an owner may restore it until PurgeAt.
	Deleted = "deleted"
	// Purging: past its time of grace and being removed. Nobody sees it.
	Purging = "purging"
	// Copying: a duplicate that is not whole yet. Nobody sees it.
	Copying = "copying"
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

// The actions.
const (
	Inspect  Action = "inspect"  // see the record itself; of a deleted workspace, for owners
	Read     Action = "read"     // see the workspace and what is in it
	Edit     Action = "edit"     // change cohorts, concept sets, data sets, notebooks, notes
	Run      Action = "run"      // run a query or an environment: spends the owner's credits
	Describe Action = "describe" // change name and purpose
	Manage   Action = "manage"   // share, transfer, acknowledge policies, publish, budget
	Leave    Action = "leave"    // end one's own membership
	Archive  Action = "archive"  // make it read only
	Delete   Action = "delete"   // hide it, to be purged after its time of grace
	Restore  Action = "restore"  // undo archiving or deleting
)

// allowed is the authorization table of a workspace by role.
var allowed = map[string][]Action{
	Owner:  {Inspect, Read, Edit, Run, Describe, Manage, Leave, Archive, Delete, Restore},
	Writer: {Inspect, Read, Edit, Run, Leave},
	Reader: {Inspect, Read, Leave},
}

// open says what the states leave of it. A state that is not here hides the
// workspace from everybody.
var open = map[string][]Action{
	Active:   {Inspect, Read, Edit, Run, Describe, Manage, Leave, Archive, Delete},
	Paused:   {Inspect, Read, Describe, Leave, Delete},
	Archived: {Inspect, Read, Leave, Delete, Restore},
	Deleted:  {Inspect, Restore},
}

// May decides one act: the caller's role, the workspace's tier against the
// caller's effective tier, and the workspace's state. To people who are no
// members the workspace is not there, nor is a deleted one to those who cannot
// restore it. Leaving takes no tier: it opens nothing.
func May(w Workspace, uid string, tier Tier, act Action) error {
	if err := Entitled(w, uid, tier, act); err != nil {
		return err
	}
	if !slices.Contains(open[w.State], act) {
		return closed(w.State)
	}
	return nil
}

// Entitled is May without what only the state forbids: whether this is one who
// may do such acts at all. A change asks it before it looks at the etag and May
// after it, so that whoever comes second hears that the record has changed.
func Entitled(w Workspace, uid string, tier Tier, act Action) error {
	role, member := w.Members[uid]
	_, there := open[w.State]
	switch {
	case !member || !there || w.State == Deleted && role != Owner:
		return errNoWorkspace()
	case act != Leave && !tier.Covers(w.Tier):
		return fault.New(fault.Denied, "This workspace needs the %s tier. Your access is %s: see what is missing under your account.", w.Tier, tier)
	case !slices.Contains(allowed[role], act):
		return fault.New(fault.Denied, "Your role in this workspace (%s) does not allow this.", role)
	default:
		return nil
	}
}

// closed says why a state does not let an act through, and what would.
func closed(state string) error {
	switch state {
	case Paused:
		return fault.New(fault.Denied, "The review board paused this workspace: it can be read, not run or changed. Its purpose can be corrected.")
	case Archived:
		return fault.New(fault.Denied, "This workspace is archived: it can be read. An owner can restore it.")
	case Deleted:
		return fault.New(fault.NotFound, "This workspace was deleted. Restore it first.")
	default:
		return fault.New(fault.Conflict, "This workspace is neither archived nor deleted: there is nothing to restore.")
	}
}
