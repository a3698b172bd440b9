// Package directory is the public function of the Research Projects Directory
// and of the policies that projects are held to. Nobody needs to sign in.
//
// Routes, all under /directory/v1 and all public:
//
//	GET /projects             every workspace's public face, newest first
//	GET /projects/{project}   one
//	GET /policies             the policies in force, by version
//
//	POST /projects/{project}/review-requests        asks the review board to look at a project
//	POST /review-requests/{request}/confirmation    confirms it, with the token that was mailed
//
// Environment: fn.Common and HUB_DIRECTORY_MAX_AGE, requestRules
// (HUB_REVIEW_REQUEST_*, HUB_REVIEW_CONFIRM*, HUB_FORWARDED_HOPS), review.Config.
//
// Invariants:
//   - What it shows it reads from the projects' records (package project) alone: they
//     have no field for anything private. Only to confirm a request for a review
//     does it read a workspace's record, of which it shows nothing.
//   - A request for a review counts when its mail address is confirmed, once; who
//     asked is shown to the review board alone.
//   - An answer carries an ETag of its own bytes and may be kept by anybody for
//     HUB_DIRECTORY_MAX_AGE.
package directory
