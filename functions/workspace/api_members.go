package workspace

import (
	"context"
	"maps"
	"slices"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// ChangeOf is what every change of a workspace takes. It is exported because huma
// does not look into an embedded type that is not.
type ChangeOf struct {
	Workspace string `path:"workspace" maxLength:"64"`
	IfMatch   string `header:"If-Match" doc:"The ETag of what was read."`
}

// routesOfMembers registers sharing, leaving and the transfer of ownership.
func (s *service) routesOfMembers(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/members", ID: "listMembers", Rule: access.MemberOf(access.Read), Summary: "A workspace's members", Access: api.SecondFactor,
		Description: "The ETag header is the workspace's."}, s.listMembers)
	api.Handle(a, api.Operation{Method: "PUT", Path: "/v1/workspaces/{workspace}/members", ID: "shareWorkspace", Rule: access.ToChange(access.Manage), Summary: "Share a workspace, or change a member's role", Access: api.SecondFactor,
		Description: "For owners. Any account can be a member; opening the workspace takes its tier. Needs If-Match."}, s.putMember)
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/workspaces/{workspace}/members/{member}", ID: "unshareWorkspace", Rule: access.ToChange(access.Leave), Summary: "End a membership", Access: api.SecondFactor, Status: 204,
		Description: "For owners; for oneself: leave. Whoever pays for the workspace transfers it first. Needs If-Match."}, s.deleteMember)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/transfer", ID: "transferWorkspace", Rule: access.ToChange(access.Manage), Summary: "Transfer the ownership", Access: api.SecondFactor,
		Description: "Makes another owner the one who pays and whose project it is: given by who pays now, or taken over by the other. Needs If-Match."},
		func(ctx context.Context, in *struct {
			ChangeOf
			Body struct {
				UID string `json:"uid" maxLength:"128" doc:"A member with the role owner, who holds the workspace's tier."`
			}
		}) (*workspaceOut, error) {
			p := session.Must(ctx)
			w, etag, err := s.transfer(ctx, p, in.Workspace, in.IfMatch, in.Body.UID)
			return answer(p, w, etag, err)
		})
}

// member is a member as the others see one.
type member struct {
	UID     string `json:"uid"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Role    string `json:"role" doc:"owner, writer or reader."`
	Pays    bool   `json:"pays" doc:"Whether the credits, the budget and the name of the workspace are this account's."`
	CanOpen bool   `json:"canOpen" doc:"Whether the member's tier opens the workspace now."`
}

func memberOf(w access.Workspace, uid string, a access.Account, tier access.Tier) member {
	return member{uid, a.Name, a.Email, w.Members[uid], uid == w.OwnerUID, tier.Covers(w.Tier)}
}

type memberOut struct {
	ETag string `header:"ETag" doc:"The workspace's."`
	Body member
}

func (s *service) putMember(ctx context.Context, in *struct {
	ChangeOf
	Body memberIn
}) (*memberOut, error) {
	w, etag, account, err := s.share(ctx, session.Must(ctx), in.Workspace, in.IfMatch, in.Body)
	if err != nil {
		return nil, err
	}
	status, err := s.gate.StatusOf(ctx, account)
	if err != nil {
		return nil, err
	}
	return &memberOut{etag, memberOf(w, account.UID, account, status.Tier)}, nil
}

type etagOut struct {
	ETag string `header:"ETag" doc:"The workspace's."`
}

func (s *service) deleteMember(ctx context.Context, in *struct {
	ChangeOf
	Member string `path:"member" maxLength:"128" doc:"The member's uid."`
}) (*etagOut, error) {
	_, etag, err := s.unshare(ctx, session.Must(ctx), in.Workspace, in.Member, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return &etagOut{etag}, nil
}

type membersOut struct {
	ETag string `header:"ETag" doc:"The workspace's."`
	Body api.Page[member]
}

// listMembers gives a page of members in the order of their uids.
func (s *service) listMembers(ctx context.Context, in *struct {
	Workspace string `path:"workspace" maxLength:"64"`
	api.PageIn
}) (*membersOut, error) {
	w, etag, err := s.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read)
	if err != nil {
		return nil, err
	}
	uids := slices.Sorted(maps.Keys(w.Members))
	at, found := slices.BinarySearch(uids, in.Cursor)
	if found {
		at++
	}
	out := &membersOut{ETag: etag, Body: api.Page[member]{Items: []member{}}}
	uids = uids[at:]
	if len(uids) > in.Limit {
		uids = uids[:in.Limit]
		out.Body.Next = uids[in.Limit-1]
	}
	accounts, institutions, err := s.people(ctx, uids)
	if err != nil {
		return nil, err
	}
	for _, uid := range uids {
		a := accounts[uid]
		tier := access.Evaluate(a, institutions[a.InstitutionID], s.gate.Rules, s.gate.Clock.Now()).Tier
		out.Body.Items = append(out.Body.Items, memberOf(w, uid, a, tier))
	}
	return out, nil
}

// people reads accounts and their institutions in two requests, however many
// there are. An account that is gone has no name.
func (s *service) people(ctx context.Context, uids []string) (map[string]access.Account, map[string]access.Institution, error) {
	accounts, err := all[access.Account](ctx, s.gate.Client, access.Accounts, uids)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, a := range accounts {
		if a.InstitutionID != "" && !slices.Contains(names, a.InstitutionID) {
			names = append(names, a.InstitutionID)
		}
	}
	institutions, err := all[access.Institution](ctx, s.gate.Client, access.Institutions, names)
	return accounts, institutions, err
}

// all reads the documents of these names; those that are not there are left out.
func all[T any](ctx context.Context, client *firestore.Client, collection string, names []string) (map[string]T, error) {
	refs := make([]*firestore.DocumentRef, 0, len(names))
	for _, name := range names {
		refs = append(refs, client.Collection(collection).Doc(name))
	}
	list := map[string]T{}
	if len(refs) == 0 {
		return list, nil
	}
	snaps, err := client.GetAll(ctx, refs)
	if err != nil {
		return nil, firestorex.Fault("workspace.people", err)
	}
	for _, snap := range snaps {
		if !snap.Exists() {
			continue
		}
		var one T
		if err := snap.DataTo(&one); err != nil {
			return nil, fault.Wrap("workspace.people", err)
		}
		list[snap.Ref.ID] = one
	}
	return list, nil
}
