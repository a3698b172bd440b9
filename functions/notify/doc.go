// Package notify is the room that turns domain events into mail and in-app
// notices.
//
// Route: POST /notify/ (and /notify), pushed messages of the topic hub-events:
// events of package outbox. Access: none of its own; in the cloud only
// Eventarc's service account may call it. 204 is an acknowledgement, 503 asks
// for the message again.
//
// Environment: GOOGLE_CLOUD_PROJECT, HUB_MAX_BODY_BYTES (package fn),
// HUB_BASE_URL (links in texts), HUB_SMTP_ADDR, HUB_SMTP_TLS, HUB_MAIL_FROM,
// HUB_SMTP_USERNAME, HUB_SMTP_PASSWORD (package mail), HUB_MAX_ROLE_RECIPIENTS.
//
// Invariants:
//
//   - Effects are keyed by event and person: a notice, whose name is made of both,
//     is created once; its mail is sent after that and marked after sending. A
//     process that dies between sending and marking sends it again with the same
//     Message-ID (the notice's name), which mail programs show once. None is lost.
//   - The texts are the files texts/*.txt, one per event type: the first line is
//     the subject. What people wrote (names, titles) enters them as one line.
//   - An event of an unknown type, or without what its text needs, is kept as a
//     dead letter. A disabled account gets nothing but what concerns its own
//     security.
//   - Links that open an account (confirm an address, choose a password) are made
//     by Firebase when the mail is sent, and stand in that mail alone: not in the
//     event, not in the notice, not in a log. The link that confirms a stranger's
//     request for a review is kept the same way: a record has its hash alone.
package notify
