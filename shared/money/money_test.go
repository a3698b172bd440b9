package money

import (
	"encoding/json"
	"testing"
)

func TestArithmetic(t *testing.T) {
	a, b := MustParse("0.1", USD), MustParse("0.2", USD)
	sum, err := a.Add(b)
	if err != nil || sum.Decimal() != "0.30" {
		t.Errorf("0.1 + 0.2 = %s, %v; want 0.30", sum.Decimal(), err)
	}
	if _, err := a.Add(MustParse("1", "EUR")); err == nil {
		t.Error("USD and EUR add")
	}
	if _, err := a.Cmp(MustParse("1", "EUR")); err == nil {
		t.Error("USD and EUR compare")
	}
	var zero Amount
	if got, err := zero.Add(a); err != nil || got.Currency() != USD {
		t.Errorf("zero + a = %v, %v", got, err)
	}
	diff, err := a.Sub(b)
	if err != nil || !diff.Negative() {
		t.Errorf("0.1 - 0.2 = %v, %v; want a negative amount", diff, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range [][2]string{{"", USD}, {"NaN", USD}, {"1e400", USD}, {"1", "usd"}, {"1", ""}, {"1,5", USD}} {
		if got, err := Parse(c[0], c[1]); err == nil {
			t.Errorf("Parse(%q, %q) = %v", c[0], c[1], got)
		}
	}
}

func TestQueryCostRoundsUp(t *testing.T) {
	for bytes, want := range map[int64]string{
		0:               "0.00",
		1:               "0.000001",
		10 << 20:        "0.00006",
		1 << 40:         "6.25",
		3 << 39:         "9.375",
		(1 << 40) + 1:   "6.250001",
		300 * (1 << 40): "1875.00",
	} {
		if got := QueryCost(bytes, OnDemandPerTiB).Decimal(); got != want {
			t.Errorf("QueryCost(%d) = %s, want %s", bytes, got, want)
		}
	}
}

func TestJSONRoundTripIsText(t *testing.T) {
	b, err := json.Marshal(MustParse("12.5", USD))
	if err != nil || string(b) != `{"value":"12.50","currency":"USD"}` {
		t.Fatalf("%s, %v", b, err)
	}
	var a Amount
	if err := json.Unmarshal(b, &a); err != nil {
		t.Fatal(err)
	}
	if c, err := a.Cmp(MustParse("12.50", USD)); err != nil || c != 0 {
		t.Errorf("read back %v", a)
	}
}
