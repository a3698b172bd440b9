package workspace

import (
	"context"
	"maps"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// memberIn is a member as an owner names one.
type memberIn struct {
	UID   string `json:"uid,omitempty" maxLength:"128" doc:"A member's account; or send email."`
	Email string `json:"email,omitempty" maxLength:"254" doc:"The address of somebody's account; or send uid."`
	Role  string `json:"role,omitempty" maxLength:"16" doc:"owner, writer or reader."`
}

// roles are those of members, from the strongest to the weakest.
var roles = []string{access.Owner, access.Writer, access.Reader}

// share gives a person a role in a workspace, a new one or another than before.
// Any enabled account can be a member; its tier is looked at when it opens the
// workspace.
func (s *service) share(ctx context.Context, p session.Principal, workspaceID, ifMatch string, in memberIn) (access.Workspace, string, access.Account, error) {
	var f form
	if !slices.Contains(roles, in.Role) {
		f.Say("body.role", "Choose owner, writer or reader.")
	}
	if (in.UID == "") == (in.Email == "") {
		f.Say("body.email", "Send either an address or a uid.")
	}
	if in.UID != "" && !documentName(in.UID) {
		f.Say("body.uid", "This is no uid.")
	}
	if err := f.Err(); err != nil {
		return access.Workspace{}, "", access.Account{}, err
	}
	// The front door has asked whether the caller may share at all, before
	// anything is said about an address.
	uid := in.UID
	if uid == "" {
		var err error
		if uid, err = s.uidOf(ctx, in.Email); err != nil {
			return access.Workspace{}, "", access.Account{}, err
		}
	}
	var account access.Account
	w, etag, err := s.update(ctx, p, workspaceID, ifMatch, access.Manage, func(tx *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		var err error
		account, err = s.account(tx, uid)
		gone := fault.Is(firestorex.Fault("account", err), fault.NotFound)
		if err != nil && !gone {
			return w, deed{}, err
		}
		if gone || account.Disabled || in.Email != "" && !strings.EqualFold(account.Email, strings.TrimSpace(in.Email)) {
			return w, deed{}, errNobody(in)
		}
		return s.limits.withMember(w, uid, in.Role)
	})
	return w, etag, account, err
}

// withMember is the workspace with a member in that role.
func (l limits) withMember(w access.Workspace, uid, role string) (access.Workspace, deed, error) {
	was, member := w.Members[uid]
	d := deed{act: "workspace.shared", uid: uid, before: tellMember(uid, was), after: tellMember(uid, role), data: map[string]string{"role": role, "before": was}}
	switch {
	case was == role:
		return w, d, errUnchanged
	case uid == w.OwnerUID && role != access.Owner:
		return w, d, errPayer()
	case !member && len(w.Members) >= l.Members:
		return w, d, fault.New(fault.Conflict, "A workspace has at most %d members.", l.Members)
	}
	w.Members = maps.Clone(w.Members)
	w.Members[uid] = role
	if err := oneOwner(w); err != nil {
		return w, d, err
	}
	return w, d, nil
}

// unshare ends a membership: an owner that of another, anybody their own.
func (s *service) unshare(ctx context.Context, p session.Principal, workspaceID, uid, ifMatch string) (access.Workspace, string, error) {
	act, name := access.Manage, "workspace.unshared"
	if uid == p.UID {
		act, name = access.Leave, "workspace.left"
	}
	return s.update(ctx, p, workspaceID, ifMatch, act, func(tx *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		role, member := w.Members[uid]
		switch {
		case !member:
			return w, deed{}, fault.New(fault.NotFound, "There is no such member in this workspace.")
		case uid == w.OwnerUID:
			return w, deed{}, errPayer()
		}
		w.Members = maps.Clone(w.Members)
		delete(w.Members, uid)
		d := deed{act: name, before: tellMember(uid, role), after: tellMember(uid, ""), data: map[string]string{"role": role}}
		if act == access.Manage {
			d.uid = uid // who was removed is told
		} else {
			account, err := s.account(tx, uid)
			if err != nil {
				return w, d, err
			}
			d.data["who"] = account.Name // and of who left, who pays
		}
		return w, d, oneOwner(w)
	})
}

// transfer makes another owner the one who pays: the credits, the budget and the
// name are that account's from then on. Whoever pays gives it away, or another
// owner takes it over; nobody hands costs from one to another.
func (s *service) transfer(ctx context.Context, p session.Principal, workspaceID, ifMatch, uid string) (access.Workspace, string, error) {
	if !documentName(uid) {
		return access.Workspace{}, "", fault.InvalidFields(fault.Field{Path: "body.uid", Message: "This is no uid."})
	}
	w, _, err := s.gate.Workspace(ctx, p, workspaceID, access.Inspect)
	if err != nil {
		return w, "", err
	}
	// Somebody who is no owner here is nobody of whom anything is told.
	if w.Members[uid] != access.Owner {
		return w, "", errNoOwner()
	}
	tier, err := s.tierOf(ctx, uid)
	if err != nil {
		return w, "", err
	}
	return s.update(ctx, p, workspaceID, ifMatch, access.Manage, func(_ *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		d := deed{act: "workspace.transferred", uid: uid, before: "owner " + w.OwnerUID, after: "owner " + uid, data: map[string]string{"from": w.OwnerUID}}
		switch {
		case uid == w.OwnerUID:
			return w, d, errUnchanged
		case p.UID != w.OwnerUID && p.UID != uid:
			return w, d, fault.New(fault.Denied, "Only the owner who pays can give the workspace to somebody; another owner can take it over.")
		case w.Members[uid] != access.Owner:
			return w, d, errNoOwner()
		case !tier.Covers(w.Tier):
			return w, d, fault.New(fault.Conflict, "The new owner does not hold the %s tier now.", w.Tier)
		}
		w.OwnerUID = uid
		return w, d, nil
	})
}

// tierOf is the tier of an account, the public one where there is none any more.
func (s *service) tierOf(ctx context.Context, uid string) (access.Tier, error) {
	tier, err := s.gate.Tier(ctx, uid)
	if fault.Is(err, fault.NotFound) {
		return access.PublicTier, nil
	}
	return tier, err
}

// uidOf finds the account of an address. Two accounts of one address are none:
// nobody could tell whom the workspace is shared with.
func (s *service) uidOf(ctx context.Context, email string) (string, error) {
	email = strings.TrimSpace(email)
	forms := []string{email}
	if lower := strings.ToLower(email); lower != email {
		forms = append(forms, lower)
	}
	snaps, err := s.gate.Client.Collection(access.Accounts).Where("email", "in", forms).Limit(maxSameAddress).Documents(ctx).GetAll()
	if err != nil {
		return "", firestorex.Fault("workspace.address", err)
	}
	var found []string
	for _, snap := range snaps {
		var a access.Account
		if err := snap.DataTo(&a); err != nil {
			return "", fault.Wrap("workspace.address", err)
		}
		if !a.Disabled {
			found = append(found, snap.Ref.ID)
		}
	}
	if len(found) != 1 {
		return "", errNobody(memberIn{Email: email})
	}
	return found[0], nil
}

// maxSameAddress bounds how many accounts of one address are looked at.
const maxSameAddress = 10

func errNobody(in memberIn) error {
	if in.Email == "" {
		return fault.InvalidFields(fault.Field{Path: "body.uid", Message: "There is no account of this uid that can be added."})
	}
	return fault.InvalidFields(fault.Field{Path: "body.email", Message: "There is no account with this address. Ask the person to sign up first."})
}

func errPayer() error {
	return fault.New(fault.Conflict, "This member pays for the workspace: transfer it to another owner first.")
}

func errNoOwner() error {
	return fault.InvalidFields(fault.Field{Path: "body.uid", Message: "Choose a member who is an owner: share it with the role owner first."})
}

// oneOwner keeps a workspace from being nobody's.
func oneOwner(w access.Workspace) error {
	if !slices.Contains(slices.Collect(maps.Values(w.Members)), access.Owner) {
		return fault.New(fault.Conflict, "A workspace keeps at least one owner: make somebody else an owner first.")
	}
	return nil
}

// tellMember tells one membership in the audit log.
func tellMember(uid, role string) string {
	if role == "" {
		return "no member: " + uid
	}
	return role + ": " + uid
}

// documentName reports whether a uid from outside can name a document.
func documentName(uid string) bool {
	return uid != "" && uid != "." && uid != ".." && !strings.Contains(uid, "/") && !strings.HasPrefix(uid, "__") && len(uid) <= 128
}
