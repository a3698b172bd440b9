// Package budget holds what billing writes and billingalerts reads: which
// workspace a Cloud Billing budget belongs to, and the alerts that its
// notifications raised.
package budget

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"time"
)

// Collections of this package.
const (
	Collection = "budgets"
	Alerts     = "alerts"
)

// Topic is where Cloud Billing publishes budget notifications.
const Topic = "budget-notifications"

// Forms of Cloud Billing's identifiers: a billing account is three groups of
// six, a budget a UUID. They are taken as they come within these bounds.
var (
	accountForm = regexp.MustCompile(`^[0-9A-Z]{6}(-[0-9A-Z]{6}){2}$`)
	budgetForm  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)
)

// Budget maps one Cloud Billing budget to the workspace that it watches:
// collection "budgets", named by Name. A workspace has at most one.
type Budget struct {
	ID               string `firestore:"id"`
	BillingAccountID string `firestore:"billingAccountId"`
	BudgetID         string `firestore:"budgetId"`
	WorkspaceID      string `firestore:"workspaceId"`
	// Amount is what the workspace's owner set, as decimal text. Thresholds are
	// reckoned from the amount in each notification, which Cloud Billing knows better.
	Amount   string    `firestore:"amount"`
	Currency string    `firestore:"currency"`
	SetBy    string    `firestore:"setBy"` // uid
	SetAt    time.Time `firestore:"setAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// Name is the document of a budget: a hash of both identifiers, because a
// budget's own is unique only within its billing account. Malformed
// identifiers are an error that holds neither.
func Name(billingAccountID, budgetID string) (string, error) {
	if !accountForm.MatchString(billingAccountID) {
		return "", fmt.Errorf("a billing account is named like 012345-6789AB-CDEF01")
	}
	if !budgetForm.MatchString(budgetID) {
		return "", fmt.Errorf("a budget is named by letters, digits and hyphens, such as a UUID")
	}
	sum := sha256.Sum256([]byte(billingAccountID + "/" + budgetID))
	return hex.EncodeToString(sum[:]), nil
}

// Basis is what a threshold is compared with.
type Basis string

// The bases of a threshold.
const (
	Actual   Basis = "actual"   // the cost so far in the interval
	Forecast Basis = "forecast" // the cost expected by the interval's end
)

// Threshold is a part of the budget whose crossing raises an alert.
type Threshold struct {
	Basis   Basis `firestore:"basis"`
	Percent int   `firestore:"percent"`
}

// Alert is one crossed threshold of one budget in one interval: collection
// "alerts". There is at most one, because its name is what it means.
type Alert struct {
	ID            string    `firestore:"id"`
	BudgetID      string    `firestore:"budgetId"` // the document's name in "budgets"
	WorkspaceID   string    `firestore:"workspaceId"`
	Threshold     Threshold `firestore:"threshold"`
	IntervalStart time.Time `firestore:"intervalStart"`
	Cost          string    `firestore:"cost"`   // decimal text, as the notification said it
	Amount        string    `firestore:"amount"` // decimal text, as the notification said it
	Currency      string    `firestore:"currency"`
	MessageID     string    `firestore:"messageId"` // the notification that crossed it
	// Notified is false for a threshold that was crossed together with a higher
	// one: the mail is about the higher one.
	Notified bool      `firestore:"notified"`
	At       time.Time `firestore:"at"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// AlertName is the document of an alert. Within one budget the names sort by
// interval, then basis, then percent.
func AlertName(budgetName string, intervalStart time.Time, t Threshold) string {
	return fmt.Sprintf("%s-%s-%s-%03d", budgetName, intervalStart.UTC().Format("20060102T150405Z"), t.Basis, t.Percent)
}
