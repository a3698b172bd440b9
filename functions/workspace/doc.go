// Package workspace is the function of workspaces: one per project, with a data
// tier, a data release, members and a research purpose.
//
// Routes, all under /workspace/v1 and all for sessions of level 2:
//
//	POST   /workspaces                                creates one; the caller owns it
//	GET    /workspaces                                the caller's, the last changed first; role, state, tier, name
//	GET    /workspaces/{workspace}                    one, with its etag
//	PATCH  /workspaces/{workspace}                    renames it or changes its purpose
//	DELETE /workspaces/{workspace}                    hides it; purged after HUB_WORKSPACE_GRACE (package reminders)
//	POST   /workspaces/{workspace}/archive            makes it read only
//	POST   /workspaces/{workspace}/restore            undoes archiving or deleting
//	GET    /workspaces/{workspace}/members            a page of members
//	PUT    /workspaces/{workspace}/members            gives an account a role, by address or uid
//	DELETE /workspaces/{workspace}/members/{member}   ends a membership; for oneself: leaves
//	POST   /workspaces/{workspace}/transfer           makes another owner the one who pays
//	GET    /workspaces/{workspace}/resources          what is in it: counts and the newest of each kind
//	GET    /workspaces/{workspace}/policies           what was acknowledged, what is in force, what changed
//	PUT    /workspaces/{workspace}/policies           acknowledges the versions in force
//	GET    /workspaces/{workspace}/notes              a page of notes; POST writes one
//	GET    /workspaces/{workspace}/notes/{note}       one, with its own etag; PUT and DELETE change it
//	POST   /workspaces/{workspace}/duplications       begins a duplicate (package copying); not notes: they are the team's
//	POST   /workspaces/{workspace}/snapshots          begins publishing a snapshot to the community
//	GET    /duplications/{duplication}                how far either is, for whoever asked; goes on with it
//	GET    /snapshots                                 the community's, newest first; category, tier, project, title
//	GET    /snapshots/{snapshot}                      one and what is in it; DELETE takes it back
//	GET    /snapshots/{snapshot}/items/{item}         one thing with its definition; /versions has the older ones
//	POST   /snapshots/{snapshot}/duplications         begins a workspace made of it
//	GET    /purpose-form                              the choices and bounds of a purpose
//	GET    /workspaces/{workspace}/reviews            its reviews, for owners
//	GET    /reviews                                   the review board's queue, the soonest due first; state
//	GET    /reviews/{review}                          one, for the board and owners, with its etag
//	GET    /reviews/{review}/requests                 who asked from the directory, for the board
//	POST   /reviews/{review}/decision                 approve, askForChanges, pause, close
//	POST   /reviews/{review}/resume                   lifts a pause
//	POST   /reviews/{review}/answer                   an owner's answer
//
// Environment: fn.Common, access.Rules and the numbers of limits
// (HUB_WORKSPACE_*, HUB_PURPOSE_*), review.Config (HUB_REVIEW_*, HUB_HOLIDAYS),
// copying.Rules (HUB_COPYING_*, HUB_SNAPSHOT_ITEMS_MAX), HUB_NOTEBOOK_BUCKET,
// HUB_NOTEBOOK_MAX_BYTES.
//
// Invariants:
//   - Who may do what in which state is decided by access.May and nowhere else.
//   - The tier is never above the owner's effective tier at creation and never
//     changes; the release is published and has that tier.
//   - A name is used once per owner, letter case and spaces aside: a claim
//     document is created in the transaction that creates, renames, transfers or
//     restores. A deleted workspace holds no claim.
//   - Whoever pays (ownerUid) is a member with the role owner, so that a workspace
//     always has an owner: leaving, removal and another role take a transfer first.
//   - A change needs the etag of what was read; a stale one changes nothing.
//   - A workspace is paused only while a review is open that paused it; a decision
//     and its effect on the workspace are one transaction. Owners never learn who
//     asked for a review.
//   - Record, public face (package project), audit entry and event are written in
//     one transaction, by commit alone.
package workspace
