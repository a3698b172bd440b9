// Package reminders is the room of what time alone brings about.
//
// Route: POST /reminders/ (and /reminders), pushed messages of the topic
// hub-schedule, which Cloud Scheduler fills every five minutes; what is in them
// does not matter. Access: none of its own; in the cloud only Eventarc's service
// account may call it. 204 is an acknowledgement, 503 asks for the message again.
//
// Environment: GOOGLE_CLOUD_PROJECT, HUB_MAX_BODY_BYTES (package fn),
// HUB_OUTBOX_AGE, HUB_OUTBOX_PAGE, HUB_OUTBOX_PAGES, HUB_EXPIRY_WARNING_DAYS,
// HUB_ACCOUNTS_PAGE, HUB_ACCOUNTS_PAGES, HUB_PURGE_RECORDS, HUB_REVIEW_REMINDERS,
// HUB_MODULE_VALIDITY, HUB_RENEWAL_WINDOW (package access).
//
// What each message does, in bounds:
//
//   - The outbox is swept: events that were committed and not sent go out.
//   - Module expiry: once a day every account is looked at, some pages with each
//     message; how far it came stands in sweeps/moduleExpiry. Each expirable
//     module warns on its own.
//   - The review board is told of answers due within a day and of overdue ones, at
//     most HUB_REVIEW_REMINDERS with each message: once each.
//   - Deleted workspaces whose time of grace is over are removed, with all records
//     below them, their notebooks' files and their own data set in BigQuery.
//   - Duplicates and snapshots that nobody works on go on (package copying).
//
// Invariants: messages may come twice, late, or on two instances at once. A
// warning's event is named by account, module, expiry date and days, so it
// exists once whatever happens; a day that was missed is made up for, because a
// warning is due from its day on and not on that day only.
//
// Reminders of credits' expiry, of reports and of deposits due come with a later
// version.
package reminders
