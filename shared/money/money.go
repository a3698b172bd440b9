// Package money is an exact amount with its currency. Money is never a float:
// BigQuery prices, credits and budgets are decimals.
//
// Uses github.com/shopspring/decimal: arbitrary-precision decimals with the
// rounding modes that money needs.
package money

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/shopspring/decimal"
)

// USD is the currency of credits and of BigQuery's list prices.
const USD = "USD"

// Amount is a decimal in one currency. The zero Amount is nothing in no
// currency; adding to it takes the other's currency.
type Amount struct {
	value    decimal.Decimal
	currency string
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

// Parse reads a decimal such as "12.50" and an ISO 4217 code such as "USD".
func Parse(value, currency string) (Amount, error) {
	d, err := decimal.NewFromString(value)
	if err != nil {
		return Amount{}, fmt.Errorf("not a decimal amount")
	}
	return New(d, currency)
}

// New makes an amount of a decimal. Exponents are bounded so that no input
// makes a number of unbounded size.
func New(d decimal.Decimal, currency string) (Amount, error) {
	if !currencyForm.MatchString(currency) {
		return Amount{}, fmt.Errorf("not an ISO 4217 currency code")
	}
	if d.Exponent() < -18 || d.Exponent() > 18 || d.NumDigits() > 36 {
		return Amount{}, fmt.Errorf("an amount has at most 18 digits on each side of the point")
	}
	return Amount{d, currency}, nil
}

// MustParse is Parse for constants; it panics on a malformed one.
func MustParse(value, currency string) Amount {
	a, err := Parse(value, currency)
	if err != nil {
		panic(err)
	}
	return a
}

// Value is the decimal.
func (a Amount) Value() decimal.Decimal { return a.value }

// Currency is the ISO 4217 code, "" for the zero Amount.
func (a Amount) Currency() string { return a.currency }

// Add is the sum. Two currencies do not add.
func (a Amount) Add(b Amount) (Amount, error) { return a.with(b, a.value.Add(b.value)) }

// Sub is the difference. Two currencies do not subtract.
func (a Amount) Sub(b Amount) (Amount, error) { return a.with(b, a.value.Sub(b.value)) }

func (a Amount) with(b Amount, v decimal.Decimal) (Amount, error) {
	switch {
	case a.currency == b.currency, b.currency == "":
		return Amount{v, a.currency}, nil
	case a.currency == "":
		return Amount{v, b.currency}, nil
	default:
		return Amount{}, fmt.Errorf("%s and %s do not add", a.currency, b.currency)
	}
}

// Cmp is -1, 0 or 1. Two currencies do not compare.
func (a Amount) Cmp(b Amount) (int, error) {
	if a.currency != b.currency && a.currency != "" && b.currency != "" {
		return 0, fmt.Errorf("%s and %s do not compare", a.currency, b.currency)
	}
	return a.value.Cmp(b.value), nil
}

// Negative reports whether the amount is below zero.
func (a Amount) Negative() bool { return a.value.IsNegative() }

// String is the amount for people: at least two decimals, then the code.
func (a Amount) String() string { return a.Decimal() + " " + a.currency }

// Decimal is the exact amount as text, with at least two decimals.
func (a Amount) Decimal() string {
	if a.value.Equal(a.value.Round(2)) {
		return a.value.StringFixed(2)
	}
	return a.value.String()
}

type wire struct {
	Value    string `json:"value"`
	Currency string `json:"currency"`
}

// MarshalJSON writes {"value":"12.50","currency":"USD"}; text, so that no
// reader makes a float of it.
func (a Amount) MarshalJSON() ([]byte, error) { return json.Marshal(wire{a.Decimal(), a.currency}) }

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Amount) UnmarshalJSON(b []byte) error {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	parsed, err := Parse(w.Value, w.Currency)
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// OnDemandPerTiB is BigQuery's list price of a query per TiB billed (on-demand,
// US multi-region, from the published price list): the default of what a
// function's configuration says.
var OnDemandPerTiB = MustParse("6.25", USD)

var tebibyte = decimal.NewFromInt(1 << 40)

// QueryCost is what that many billed bytes cost at a price per TiB, rounded up
// to a millionth so that an estimate never falls short.
func QueryCost(bytes int64, perTiB Amount) Amount {
	v := decimal.NewFromInt(bytes).Mul(perTiB.value).DivRound(tebibyte, 18)
	return Amount{v.RoundCeil(6), perTiB.currency}
}
