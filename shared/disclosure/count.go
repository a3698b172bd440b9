// Package disclosure holds the small-count rules of the Data and Statistics
// Dissemination Policy. It is pure.
package disclosure

import "strconv"

// Policy are the numbers of the rule.
type Policy struct {
	// SmallMax is the largest count that is never shown: counts from 1 to it
	// are hidden, 0 and larger ones are shown.
	SmallMax int64 `env:"HUB_SMALL_COUNT_MAX, default=20"`
	// PublicMultiple is what public counts are rounded up to.
	PublicMultiple int64 `env:"HUB_PUBLIC_COUNT_MULTIPLE, default=20"`
}

// DefaultPolicy is the programme's: 1–20 never shown, public counts in twenties.
func DefaultPolicy() Policy { return Policy{SmallMax: 20, PublicMultiple: 20} }

// Count is a count as it may be shown.
type Count struct {
	// Value is the number shown, or the upper bound when Hidden.
	Value int64 `json:"value" doc:"The count shown; when hidden, the largest it could be."`
	// Hidden says that the true count lies between 1 and Value.
	Hidden bool `json:"hidden" doc:"True where the count is between 1 and value and is not shown."`
	// Text is what people read: "0", "≤ 20", "137".
	Text string `json:"text" doc:"The count for people." example:"≤ 20"`
}

// Show applies the rule inside a workspace: 0 and counts above SmallMax as they
// are, the rest as "≤ 20".
func (p Policy) Show(n int64) Count {
	if n > 0 && n <= p.SmallMax {
		return p.small()
	}
	return Count{Value: n, Text: strconv.FormatInt(n, 10)}
}

// ShowPublic applies the rule to what anybody can see: small counts as "≤ 20",
// larger ones rounded up to the next multiple.
func (p Policy) ShowPublic(n int64) Count {
	if n > 0 && n <= p.SmallMax {
		return p.small()
	}
	if m := p.PublicMultiple; m > 1 {
		n = (n + m - 1) / m * m
	}
	return Count{Value: n, Text: strconv.FormatInt(n, 10)}
}

func (p Policy) small() Count {
	return Count{Value: p.SmallMax, Hidden: true, Text: "≤ " + strconv.FormatInt(p.SmallMax, 10)}
}
