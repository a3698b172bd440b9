package seed

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// The events of one person, before they get their ids. A visit is named by its
// place in visits, plus one; 0 is none.
type visit struct {
	concept    int64
	start, end day
	id         int64
}

type condition struct {
	concept, source int64
	start, end      day // end may be never
	visit           int
}

type exposure struct {
	drug       int64
	start, end day
	days       int64
	visit      int
}

type procedure struct {
	concept int64
	on      day
	visit   int
}

type measurement struct {
	concept, unit int64
	value         float64
	on            day
	visit         int
}

type observation struct {
	concept, value int64
	on             day
	visit          int
}

const (
	inpatient, outpatient, emergency = 9201, 9202, 9203
)

// history gathers one person's events; it is used again for the next person.
type history struct {
	p            *person
	rng          *rand.Rand
	visits       []visit
	conditions   []condition
	exposures    []exposure
	procedures   []procedure
	measurements []measurement
	observations []observation
}

func (h *history) reset(p *person) {
	*h = history{
		p: p, rng: p.rng,
		visits: h.visits[:0], conditions: h.conditions[:0], exposures: h.exposures[:0],
		procedures: h.procedures[:0], measurements: h.measurements[:0], observations: h.observations[:0],
	}
}

// live fills in the person's events.
func (h *history) live(p *person) {
	h.reset(p)
	for i := range diseases {
		if p.onset[i] != never {
			h.diagnose(i)
		}
	}
	for i := range therapies {
		t := &therapies[i]
		if p.onset[t.disease] != never && h.rng.Float64() < t.share {
			h.treat(t)
		}
	}
	h.offLabel()
	h.passing()
	h.checkUps()
}

// spanEnd is the last day of the period that holds d.
func (h *history) spanEnd(d day) day {
	for _, s := range h.p.periods {
		if d <= s.end {
			return s.end
		}
	}
	return d
}

// visitOn returns the visit of that kind that begins that day, a new one if none.
func (h *history) visitOn(d day, concept int64) int {
	for i, v := range h.visits {
		if v.start == d && v.concept == concept {
			return i + 1
		}
	}
	end := d
	if concept == inpatient {
		end = min(d+1+day(h.rng.ExpFloat64()*4), h.spanEnd(d))
	}
	h.visits = append(h.visits, visit{concept: concept, start: d, end: end})
	return len(h.visits)
}

// diagnose records a disease's first diagnosis, its procedures, and for a chronic
// one the later visits and complications.
func (h *history) diagnose(i int) {
	d, on := &diseases[i], h.p.onset[i]
	kind := int64(outpatient)
	switch u := h.rng.Float64(); {
	case u < d.hospital:
		kind = inpatient
	case d.hospital > 0 && u < d.hospital+0.2:
		kind = emergency
	}
	v := h.visitOn(on, kind)
	c := condition{concept: h.p.first[i], start: on, end: never, visit: v}
	if c.concept == d.first[0].concept {
		c.source = d.source
	}
	if !d.chronic {
		c.end = min(on+5+day(h.rng.IntN(20)), h.spanEnd(on))
	}
	h.conditions = append(h.conditions, c)
	for _, todo := range d.procedure {
		if h.rng.Float64() < todo.weight {
			h.procedures = append(h.procedures, procedure{todo.concept, on, v})
		}
	}
	for _, l := range d.later {
		when := on + 180 + day(h.rng.ExpFloat64()*900)
		if h.rng.Float64() < l.weight && within(h.p.periods, when) {
			h.conditions = append(h.conditions, condition{concept: l.concept, start: when, end: never, visit: h.visitOn(when, outpatient)})
		}
	}
	if !d.chronic {
		return
	}
	for next := on + 200 + day(h.rng.IntN(400)); ; next += 200 + day(h.rng.IntN(400)) {
		if next > h.p.lastDay() {
			return
		}
		if within(h.p.periods, next) {
			c.start, c.visit = next, h.visitOn(next, outpatient)
			h.conditions = append(h.conditions, c)
		}
	}
}

// treat records a therapy's exposures from its start to its end.
func (h *history) treat(t *therapy) {
	on := h.p.onset[t.disease]
	start := on + day(h.rng.IntN(promptDays+1))
	if h.rng.Float64() >= t.prompt {
		start = on + 31 + day(h.rng.ExpFloat64()*300)
	} else if !within(h.p.periods, start) {
		start = on
	}
	h.course(pickOne(h.rng, t.drugs), start, t.supply, t.stop)
}

// course records exposures to one drug, one after the other, mostly with small
// gaps, until it is stopped or the person is no longer seen.
func (h *history) course(drug int64, start day, supply int, stop float64) {
	first := true
	for start <= h.p.lastDay() {
		if within(h.p.periods, start) {
			e := exposure{drug: drug, start: start, days: int64(supply), end: min(start+day(supply)-1, h.spanEnd(start))}
			if first {
				e.visit = h.visitOn(start, outpatient)
			}
			first = false
			h.exposures = append(h.exposures, e)
		}
		if h.rng.Float64() < stop {
			return
		}
		gap := h.rng.IntN(11)
		if h.rng.Float64() < 0.08 {
			gap = 35 + h.rng.IntN(90)
		}
		start += day(supply + gap)
	}
}

// randomDay draws a day on which the person is seen.
func (h *history) randomDay() day {
	total := 0
	for _, s := range h.p.periods {
		total += int(s.end-s.start) + 1
	}
	n := h.rng.IntN(total)
	for _, s := range h.p.periods {
		if length := int(s.end-s.start) + 1; n < length {
			return s.start + day(n)
		} else {
			n -= length
		}
	}
	return h.p.lastDay()
}

func (h *history) offLabel() {
	for _, o := range offLabel {
		if h.rng.Float64() >= o.share {
			continue
		}
		if d := h.randomDay(); years(h.p.birth, d) >= 18 {
			h.course(o.drug, d, o.supply, 1)
		}
	}
}

func (h *history) seenYears() float64 {
	total := 0.0
	for _, s := range h.p.periods {
		total += float64(s.end-s.start) / daysPerYear
	}
	return total
}

func (h *history) passing() {
	for _, ill := range passing {
		for range h.times(ill.perYear * h.seenYears()) {
			d := h.randomDay()
			v := h.visitOn(d, outpatient)
			h.conditions = append(h.conditions, condition{
				concept: ill.concept, start: d, end: min(d+4+day(h.rng.IntN(12)), h.spanEnd(d)), visit: v,
			})
			if h.rng.Float64() < ill.share {
				h.course(ill.drug, d, 7, 1)
			}
		}
	}
}

// times draws how often something happens that is expected mean times: each of the
// waits between is exponential.
func (h *history) times(mean float64) int {
	n := 0
	for left := mean - h.rng.ExpFloat64(); left > 0 && n < 100; left -= h.rng.ExpFloat64() {
		n++
	}
	return n
}

// sort puts the events in the order of time and carries the links to visits over.
func (h *history) sort(firstVisitID int64) {
	order := make([]int, len(h.visits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(h.visits[a].start, h.visits[b].start) })
	for rank, i := range order {
		h.visits[i].id = firstVisitID + int64(rank)
	}
	slices.SortStableFunc(h.conditions, func(a, b condition) int { return cmp.Compare(a.start, b.start) })
	slices.SortStableFunc(h.exposures, func(a, b exposure) int { return cmp.Compare(a.start, b.start) })
	slices.SortStableFunc(h.procedures, func(a, b procedure) int { return cmp.Compare(a.on, b.on) })
	slices.SortStableFunc(h.measurements, func(a, b measurement) int { return cmp.Compare(a.on, b.on) })
	slices.SortStableFunc(h.observations, func(a, b observation) int { return cmp.Compare(a.on, b.on) })
}

// visitID is the id of a visit named by its place plus one; 0 for none.
func (h *history) visitID(v int) int64 {
	if v == 0 {
		return 0
	}
	return h.visits[v-1].id
}
