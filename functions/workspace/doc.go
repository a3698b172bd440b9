// Package workspace is the function of workspaces: one per project, with a data
// tier, a data release, members and a research purpose.
//
// Routes, all under /workspace/v1 and all for sessions of level 2:
//
//	POST  /workspaces               creates one; the caller owns it
//	GET   /workspaces               the caller's, newest first
//	GET   /workspaces/{workspace}   one, with its etag
//	PATCH /workspaces/{workspace}   renames it or changes its purpose (If-Match)
//
// Environment: fn.Common, access.Rules and the numbers of limits
// (HUB_WORKSPACE_*, HUB_PURPOSE_*).
//
// Invariants:
//   - The tier is never above the owner's effective tier at creation and never
//     changes; the release is published and has that tier.
//   - A name is used once per owner, letter case and spaces aside: a claim
//     document is created in the transaction that creates or renames.
//   - A change needs the etag of what was read; a stale one changes nothing.
//   - Record, public face (package project), audit entry and event are written in
//     one transaction.
package workspace
