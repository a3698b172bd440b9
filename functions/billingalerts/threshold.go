package billingalerts

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"researchhub.example/hub/shared/budget"
)

// Thresholds are the parts of a budget, in percent, whose crossing alerts.
type Thresholds struct {
	Actual   []int `env:"HUB_ALERT_THRESHOLDS, default=25,50,75,90,100"`
	Forecast []int `env:"HUB_FORECAST_THRESHOLDS, default=100"`
}

// maxThresholds bounds the configuration: each threshold is a read per message.
const maxThresholds = 20

// check says what is wrong with a configuration.
func (t Thresholds) check() error {
	all := slices.Concat(t.Actual, t.Forecast)
	if len(all) == 0 || len(all) > maxThresholds {
		return fmt.Errorf("HUB_ALERT_THRESHOLDS and HUB_FORECAST_THRESHOLDS hold 1 to %d percentages together", maxThresholds)
	}
	for _, p := range all {
		if p < 1 || p > 999 {
			return fmt.Errorf("HUB_ALERT_THRESHOLDS and HUB_FORECAST_THRESHOLDS are percentages from 1 to 999")
		}
	}
	return nil
}

var hundred = decimal.NewFromInt(100)

// crossed gives every threshold that a notification shows as crossed, by basis,
// then percent. Cloud Billing's own alertThresholdExceeded implies all below it;
// so does the cost, which may be ahead of it. A forecast is known from
// forecastThresholdExceeded only.
func (t Thresholds) crossed(n notification) []budget.Threshold {
	var list []budget.Threshold
	for _, p := range t.Actual {
		percent := decimal.NewFromInt(int64(p))
		if reached(n.cost, n.budget, percent) || exceeds(n.alertExceeded, percent) {
			list = append(list, budget.Threshold{Basis: budget.Actual, Percent: p})
		}
	}
	for _, p := range t.Forecast {
		if exceeds(n.forecastExceeded, decimal.NewFromInt(int64(p))) {
			list = append(list, budget.Threshold{Basis: budget.Forecast, Percent: p})
		}
	}
	slices.SortFunc(list, func(a, b budget.Threshold) int {
		return cmp.Or(cmp.Compare(a.Basis, b.Basis), cmp.Compare(a.Percent, b.Percent))
	})
	return slices.Compact(list)
}

// reached compares without dividing. A budget of nothing is crossed by any cost
// and not by none.
func reached(cost, amount, percent decimal.Decimal) bool {
	return cost.IsPositive() && cost.Mul(hundred).GreaterThanOrEqual(amount.Mul(percent))
}

// exceeds compares a part such as 0.5 with percent; a part that was not sent exceeds nothing.
func exceeds(part *decimal.Decimal, percent decimal.Decimal) bool {
	return part != nil && part.Mul(hundred).GreaterThanOrEqual(percent)
}

// decision is what to do about the thresholds of one notification.
type decision struct {
	// record are the thresholds that were crossed for the first time.
	record []budget.Threshold
	// notify are those of record that people are told about, one per basis at most.
	notify []budget.Threshold
}

// decide picks from the crossed thresholds those without an alert yet, and
// notifies the highest crossed of each basis if it is among them.
func decide(crossed []budget.Threshold, alerted func(budget.Threshold) bool) decision {
	highest := map[budget.Basis]budget.Threshold{}
	for _, t := range crossed {
		if t.Percent >= highest[t.Basis].Percent {
			highest[t.Basis] = t
		}
	}
	var d decision
	for _, t := range crossed {
		if alerted(t) {
			continue
		}
		d.record = append(d.record, t)
		if highest[t.Basis] == t {
			d.notify = append(d.notify, t)
		}
	}
	return d
}
