// Package dissemination is the room of publication reports: what researchers
// plan to publish, said at least two weeks ahead.
//
// Routes, all for sessions with a second factor:
//
//	POST  /dissemination/v1/reports                       a draft
//	GET   /dissemination/v1/reports                       the caller's, newest first: own and as an author
//	GET   /dissemination/v1/reports/{report}              one, with its etag
//	PATCH /dissemination/v1/reports/{report}              change it (If-Match)
//	GET   /dissemination/v1/reports/{report}/versions     every version, newest first
//	POST  /dissemination/v1/reports/{report}/submission   hand it in (If-Match)
//	POST  /dissemination/v1/reports/{report}/withdrawal   take it back (If-Match)
//
// Review, publication, deposit and the check of attached tables answer 501.
//
// Environment: GOOGLE_CLOUD_PROJECT, HUB_MAX_BODY_BYTES (package fn),
// HUB_REPORT_NOTICE_DAYS, HUB_MODULE_VALIDITY, HUB_RENEWAL_WINDOW (package access).
//
// Invariants:
//
//   - Whoever writes a report may read every workspace that it names, at that
//     moment; its tier is the highest of theirs and its release one of theirs.
//   - The owner changes, submits and withdraws; authors who are hub users and the
//     review board read; to everybody else the report is not there. A disabled
//     account does none of it, whatever session it still has.
//   - Each change is one transaction: the report, the version that is kept of it,
//     the audit entry and, where people are told, the event.
//   - Less notice than the policy asks for is accepted only marked late with a
//     reason, and the review board is told.
package dissemination
