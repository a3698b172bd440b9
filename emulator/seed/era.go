package seed

import (
	"cmp"
	"slices"
)

// eraGap is the persistence window of the CDM's eras, in days: spans no farther
// apart belong to one era.
const eraGap = 30

// span is one record that goes into an era: what, from when to when.
type span struct {
	concept    int64
	start, end day
}

// era is a row of CONDITION_ERA or DRUG_ERA.
type era struct {
	concept    int64
	start, end day
	count      int64
	gapDays    int64 // days of the era that no record covers
}

// eras joins spans of the same concept that lie at most eraGap days apart, as the
// CDM derives its era tables. spans is sorted in place.
func eras(spans []span) []era {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.concept, b.concept), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	var all []era
	for _, s := range spans {
		last := len(all) - 1
		if last < 0 || all[last].concept != s.concept || s.start > all[last].end+eraGap {
			all = append(all, era{s.concept, s.start, s.end, 1, 0})
			continue
		}
		e := &all[last]
		e.count++
		if s.start > e.end {
			e.gapDays += int64(s.start-e.end) - 1
		}
		e.end = max(e.end, s.end)
	}
	return all
}

// conditionSpans are the spans of conditions; one without an end lasts a day.
func (h *history) conditionSpans() []span {
	spans := make([]span, 0, len(h.conditions))
	for _, c := range h.conditions {
		end := c.end
		if end == never {
			end = min(c.start+1, h.spanEnd(c.start))
		}
		spans = append(spans, span{c.concept, c.start, end})
	}
	return spans
}

// drugSpans are the spans of exposures by ingredient.
func (h *history) drugSpans() []span {
	spans := make([]span, 0, len(h.exposures))
	for _, e := range h.exposures {
		for _, i := range ingredientsOf(e.drug) {
			spans = append(spans, span{i, e.start, e.end})
		}
	}
	return spans
}
