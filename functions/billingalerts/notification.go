package billingalerts

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/pubsubx"
)

// notification is one budget notification, checked.
type notification struct {
	budgetName    string // the document in "budgets"
	displayName   string
	cost, budget  decimal.Decimal
	currency      string
	intervalStart time.Time
	// alertExceeded and forecastExceeded are parts of the budget such as 0.5; nil
	// where nothing was crossed.
	alertExceeded, forecastExceeded *decimal.Decimal
}

// payload is the JSON of schema version 1.x. Cloud Billing may add fields, so
// unknown ones are let through. Numbers stay text until they are decimals.
type payload struct {
	BudgetDisplayName         string       `json:"budgetDisplayName"`
	CostAmount                json.Number  `json:"costAmount"`
	CostIntervalStart         time.Time    `json:"costIntervalStart"`
	BudgetAmount              json.Number  `json:"budgetAmount"`
	BudgetAmountType          string       `json:"budgetAmountType"`
	CurrencyCode              string       `json:"currencyCode"`
	AlertThresholdExceeded    *json.Number `json:"alertThresholdExceeded"`
	ForecastThresholdExceeded *json.Number `json:"forecastThresholdExceeded"`
}

var (
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	versionForm  = regexp.MustCompile(`^1\.[0-9]{1,3}$`)
)

// maxPayload bounds a notification, in bytes; Cloud Billing's are below 1 KiB.
const maxPayload = 64 << 10

// maxDisplayName is Cloud Billing's bound on a budget's name, in characters,
// with room to spare.
const maxDisplayName = 200

// parse reads a notification. Every fault is permanent: the same message would
// fail again.
func parse(m pubsubx.Message) (notification, error) {
	var n notification
	name, err := budget.Name(m.Attributes["billingAccountId"], m.Attributes["budgetId"])
	if err != nil {
		return n, fault.Because(fault.Invalid, err, "The attributes billingAccountId and budgetId do not name a budget.")
	}
	if !versionForm.MatchString(m.Attributes["schemaVersion"]) {
		return n, fault.New(fault.Invalid, "The notification's schemaVersion is not 1.x.")
	}
	if len(m.Data) > maxPayload {
		return n, fault.New(fault.Invalid, "The notification is larger than any of Cloud Billing's.")
	}
	var p payload
	if err := json.Unmarshal(m.Data, &p); err != nil {
		return n, fault.Because(fault.Invalid, err, "The body is not a budget notification in JSON.")
	}
	n = notification{budgetName: name, displayName: plain(p.BudgetDisplayName), currency: p.CurrencyCode, intervalStart: p.CostIntervalStart.UTC()}
	var costOK, budgetOK, alertOK, forecastOK bool
	n.cost, costOK = number(p.CostAmount)
	n.budget, budgetOK = number(p.BudgetAmount)
	n.alertExceeded, alertOK = part(p.AlertThresholdExceeded)
	n.forecastExceeded, forecastOK = part(p.ForecastThresholdExceeded)
	year := n.intervalStart.Year()
	switch {
	case !costOK || !budgetOK || n.budget.IsNegative():
		return n, fault.New(fault.Invalid, "costAmount and budgetAmount are not amounts of money.")
	case !alertOK || !forecastOK:
		return n, fault.New(fault.Invalid, "alertThresholdExceeded and forecastThresholdExceeded are not parts of a budget.")
	case !currencyForm.MatchString(n.currency):
		return n, fault.New(fault.Invalid, "currencyCode is not an ISO 4217 code.")
	case year < 2000 || year > 9999:
		return n, fault.New(fault.Invalid, "costIntervalStart is not a moment of a budget's interval.")
	}
	return n, nil
}

// The bounds of a number: BigQuery's billing export has fewer digits, and
// without bounds a short text such as 1e999999999 makes a very large number.
const (
	maxNumberText = 64
	minExponent   = -60
	maxExponent   = 18
	decimals      = 18
)

// number is exact up to 18 decimals; finer ones are rounded, because Cloud
// Billing writes amounts that have been floats.
func number(n json.Number) (decimal.Decimal, bool) {
	if n == "" || len(n) > maxNumberText {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(n.String())
	if err != nil || d.Exponent() < minExponent || d.Exponent() > maxExponent || d.NumDigits()+int(d.Exponent()) > maxExponent {
		return decimal.Zero, false
	}
	return d.Round(decimals), true
}

// part reads an optional part of the budget.
func part(n *json.Number) (*decimal.Decimal, bool) {
	if n == nil {
		return nil, true
	}
	d, ok := number(*n)
	if !ok || d.IsNegative() {
		return nil, false
	}
	return &d, true
}

// plain makes a budget's name fit for one line of a mail.
func plain(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if utf8.RuneCountInString(s) > maxDisplayName {
		s = string([]rune(s)[:maxDisplayName])
	}
	return s
}
