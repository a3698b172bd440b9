package billingalerts

import (
	"strings"
	"testing"
	"unicode/utf8"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/pubsubx"
)

const sample = `{"budgetDisplayName":"Study budget","costAmount":50.01,"costIntervalStart":"2026-11-01T07:00:00Z","budgetAmount":100.0,"budgetAmountType":"SPECIFIED_AMOUNT","currencyCode":"USD","alertThresholdExceeded":0.5}`

func attributes() map[string]string {
	return map[string]string{"billingAccountId": "012345-6789AB-CDEF01", "budgetId": "de72f49d-779b-4945-a127-4d6ce8def0bb", "schemaVersion": "1.0"}
}

func TestParse(t *testing.T) {
	n, err := parse(pubsubx.Message{ID: "1", Attributes: attributes(), Data: []byte(sample)})
	if err != nil {
		t.Fatal(err)
	}
	if n.cost.String() != "50.01" || n.budget.String() != "100" || n.alertExceeded.String() != "0.5" || n.forecastExceeded != nil ||
		n.currency != "USD" || n.displayName != "Study budget" || n.intervalStart.Format("2006-01-02T15") != "2026-11-01T07" || len(n.budgetName) != 64 {
		t.Errorf("%+v", n)
	}
}

func TestParseTakes(t *testing.T) {
	for name, change := range map[string][2]string{
		"a field added later":           {`{"budget`, `{"new":{"a":[1]},"budget`},
		"what has been a float":         {`50.01`, `1.2345678901234567e-05`},
		"many digits":                   {`50.01`, `100.21000000000001`},
		"refunds":                       {`50.01`, `-3.5`},
		"an interval in another zone":   {`T07:00:00Z`, `T00:00:00-07:00`},
		"a name of two lines":           {`Study budget`, `Study\r\nBcc: x`},
		"a type of budget of its own":   {`SPECIFIED_AMOUNT`, `LAST_MONTH_COST`},
		"no threshold":                  {`,"alertThresholdExceeded":0.5`, ``},
		"a threshold that says nothing": {`0.5`, `null`},
	} {
		n, err := parse(pubsubx.Message{Attributes: attributes(), Data: []byte(strings.Replace(sample, change[0], change[1], 1))})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.ContainsAny(n.displayName, "\r\n") {
			t.Errorf("%s: the name has line breaks", name)
		}
	}
}

func TestParseRefusesForGood(t *testing.T) {
	for name, change := range map[string][2]string{
		"no JSON":            {`{`, `<`},
		"no cost":            {`"costAmount":50.01,`, ``},
		"cost of text":       {`50.01`, `"fifty"`},
		"cost without bound": {`50.01`, `1e999999999`},
		"cost too fine":      {`50.01`, `1e-999999999`},
		"cost too long":      {`50.01`, strings.Repeat("9", 70)},
		"no budget":          {`"budgetAmount":100.0,`, ``},
		"negative budget":    {`100.0`, `-1`},
		"no currency":        {`"USD"`, `""`},
		"a currency's name":  {`"USD"`, `"dollar"`},
		"no interval":        {`"costIntervalStart":"2026-11-01T07:00:00Z",`, ``},
		"no such interval":   {`2026-11-01T07:00:00Z`, `yesterday`},
		"negative threshold": {`0.5`, `-0.5`},
		"too large":          {`Study`, strings.Repeat("x", 70<<10)},
	} {
		if _, err := parse(pubsubx.Message{Attributes: attributes(), Data: []byte(strings.Replace(sample, change[0], change[1], 1))}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string][2]string{
		"no account": {"billingAccountId", ""}, "a path": {"budgetId", "../x"}, "no version": {"schemaVersion", ""}, "the next version": {"schemaVersion", "2.0"},
	} {
		a := attributes()
		a[change[0]] = change[1]
		if _, err := parse(pubsubx.Message{Attributes: a, Data: []byte(sample)}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample), "1.0")
	f.Add([]byte(`{"costAmount":1e18,"budgetAmount":1e-60}`), "1.1")
	f.Add([]byte("null"), "")
	f.Fuzz(func(t *testing.T, data []byte, version string) {
		a := attributes()
		a["schemaVersion"] = version
		n, err := parse(pubsubx.Message{ID: "1", Attributes: a, Data: data})
		if err != nil {
			if !fault.Permanent(err) {
				t.Errorf("garbage comes again for ever: %v", err)
			}
			return
		}
		if !utf8.ValidString(n.displayName) || strings.ContainsAny(n.displayName, "\r\n") {
			t.Errorf("name %q", n.displayName)
		}
		for _, th := range (Thresholds{Actual: []int{25, 100}, Forecast: []int{100}}).crossed(n) {
			if th.Percent == 0 {
				t.Errorf("crossed %+v", th)
			}
		}
	})
}
