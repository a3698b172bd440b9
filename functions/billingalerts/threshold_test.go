package billingalerts

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/fn"
)

func defaults(t *testing.T) Thresholds {
	t.Helper()
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-p")
	cfg, err := fn.ReadConfig[Config](t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Thresholds
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func opt(s string) *decimal.Decimal {
	if s == "" {
		return nil
	}
	d := dec(s)
	return &d
}

func actual(percents ...int) []budget.Threshold {
	var list []budget.Threshold
	for _, p := range percents {
		list = append(list, budget.Threshold{Basis: budget.Actual, Percent: p})
	}
	return list
}

var forecast100 = budget.Threshold{Basis: budget.Forecast, Percent: 100}

func TestCrossed(t *testing.T) {
	thresholds := defaults(t)
	for _, c := range []struct {
		name, cost, budget, alert, forecast string
		want                                []budget.Threshold
	}{
		{"nothing spent", "0", "100", "", "", nil},
		{"below the first", "24.999999999", "100", "", "", nil},
		{"on the first", "25", "100", "", "", actual(25)},
		{"just below the second", "49.99", "100", "0.25", "", actual(25)},
		{"on the second", "50.00", "100", "", "", actual(25, 50)},
		{"Cloud Billing ahead of the cost", "49.99", "100", "0.5", "", actual(25, 50)},
		{"the cost ahead of Cloud Billing", "91", "100", "0.5", "", actual(25, 50, 75, 90)},
		{"all", "100", "100", "1.0", "", actual(25, 50, 75, 90, 100)},
		{"far over", "1000000", "100", "1.5", "", actual(25, 50, 75, 90, 100)},
		{"a threshold of their own between ours", "10", "100", "0.6", "", actual(25, 50)},
		{"a third of a budget that does not divide", "0.1", "0.3", "", "", actual(25)},
		{"0.1 of 0.4 is a quarter exactly", "0.1", "0.4", "", "", actual(25)},
		{"forecast only", "10", "100", "", "1.0", []budget.Threshold{forecast100}},
		{"forecast below", "10", "100", "", "0.9", nil},
		{"both", "50", "100", "0.5", "1.2", append(actual(25, 50), forecast100)},
		{"refunds", "-5", "100", "", "", nil},
		{"budget of nothing, no cost", "0", "0", "", "", nil},
		{"budget of nothing, some cost", "0.01", "0", "", "", actual(25, 50, 75, 90, 100)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := thresholds.crossed(notification{cost: dec(c.cost), budget: dec(c.budget), alertExceeded: opt(c.alert), forecastExceeded: opt(c.forecast)})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	both := append(actual(25, 50), forecast100)
	for _, c := range []struct {
		name                             string
		crossed, alerted, record, notify []budget.Threshold
	}{
		{"nothing", nil, nil, nil, nil},
		{"the first", actual(25), nil, actual(25), actual(25)},
		{"the next", actual(25, 50), actual(25), actual(50), actual(50)},
		{"two at once: the highest speaks", actual(25, 50), nil, actual(25, 50), actual(50)},
		{"all there", actual(25, 50), actual(25, 50), nil, nil},
		{"a later one that is older", actual(25), actual(25, 50), nil, nil},
		{"a lower one found late is silent", actual(25, 50), actual(50), actual(25), nil},
		{"each basis speaks", both, nil, both, []budget.Threshold{actual(50)[0], forecast100}},
		{"forecast alone is new", both, actual(25, 50), []budget.Threshold{forecast100}, []budget.Threshold{forecast100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			alerted := map[budget.Threshold]bool{}
			for _, th := range c.alerted {
				alerted[th] = true
			}
			got := decide(c.crossed, func(th budget.Threshold) bool { return alerted[th] })
			if diff := cmp.Diff(decision{c.record, c.notify}, got, cmp.AllowUnexported(decision{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestThresholdsAreConfiguration(t *testing.T) {
	t.Setenv("HUB_ALERT_THRESHOLDS", "10,80")
	t.Setenv("HUB_FORECAST_THRESHOLDS", "120")
	got := defaults(t)
	if diff := cmp.Diff(Thresholds{[]int{10, 80}, []int{120}}, got); diff != "" {
		t.Error(diff)
	}
	if err := got.check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Thresholds{{}, {Actual: []int{0}}, {Forecast: []int{1000}}, {Actual: make([]int, 21)}} {
		if bad.check() == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}
