// Package billingalerts is the room where Cloud Billing's budget notifications
// become alerts.
//
// Route: POST /billingalerts/ (and /billingalerts), pushed messages of the topic
// budget-notifications, in Cloud Billing's format (attributes billingAccountId,
// budgetId, schemaVersion; a JSON body). Access: none of its own; in the cloud
// only Eventarc's service account may call it. 204 is an acknowledgement, 503
// asks for the message again.
//
// Environment: GOOGLE_CLOUD_PROJECT, HUB_MAX_BODY_BYTES (package fn),
// HUB_ALERT_THRESHOLDS and HUB_FORECAST_THRESHOLDS (percent, comma separated),
// HUB_BUDGET_MESSAGE_RETENTION.
//
// Invariants:
//
//   - Notifications come at least once, out of order, several times a day with
//     nothing crossed. A threshold alerts once per budget and interval: its
//     document's name is budget, interval start and threshold.
//   - The alerts, the event that tells people and the record of the message are
//     one transaction. A process that dies before it gets the message again; one
//     that dies after it has left the event in the outbox, for the sweep.
//   - Thresholds that one notification crosses together are all recorded, and the
//     highest of each basis (actual, forecast) alone is notified. A threshold that
//     is found only when a higher one has been notified is recorded in silence.
//   - A notification that can never be handled (not in the format, a budget that
//     watches no workspace) is kept as a dead letter.
//   - Amounts are decimals from the JSON text on; nothing here is a float.
package billingalerts
