package seed

import "math"

// checkUps records the yearly visits with what is measured at them, and the last
// smoking status asked for.
func (h *history) checkUps() {
	perYear := 0.9
	for i := range diseases {
		if h.p.onset[i] != never && diseases[i].chronic {
			perYear += 0.25
		}
	}
	asked := never
	for range max(1, h.times(math.Min(perYear, 4)*h.seenYears())) {
		d := h.randomDay()
		v := h.visitOn(d, outpatient)
		h.measure(d, v)
		if h.p.smoking != 0 && years(h.p.birth, d) >= 18 && (asked == never || h.rng.Float64() < 0.15) {
			asked = d
			h.observations = append(h.observations, observation{43054909, h.p.smoking, d, v})
		}
	}
	if onset := h.p.onset[type2Diabetes]; onset != never {
		// Glycated haemoglobin twice a year.
		for d := onset; d <= h.p.lastDay(); d += 150 + day(h.rng.IntN(60)) {
			if within(h.p.periods, d) {
				h.sugar(d, h.visitOn(d, outpatient))
			}
		}
	}
}

// has reports whether a disease was recorded by that day.
func (h *history) has(disease int, d day) bool {
	return h.p.onset[disease] != never && h.p.onset[disease] <= d
}

func (h *history) take(concept, unit int64, value, least float64, d day, v int) {
	h.measurements = append(h.measurements, measurement{concept, unit, math.Max(value, least), d, v})
}

// measure takes what is measured at a visit. Children grow, so body and pressure
// scale with age.
func (h *history) measure(d day, v int) {
	age := years(h.p.birth, d)
	grown := math.Min(age/18, 1)
	final := math.Min(years(h.p.birth, dataEnd)/18, 1)
	height := h.p.height - (final-grown)*0.9
	bmi := h.p.bmi - (final-grown)*8 + h.rng.NormFloat64()*0.6
	if h.rng.Float64() < 0.7 {
		h.take(3038553, 9531, bmi, 12, d, v)
		h.take(3025315, 9529, bmi*height*height, 2.5, d, v)
	}
	if age >= 3 && h.rng.Float64() < 0.85 {
		pressure := 92 + 22*grown + 0.22*math.Max(age-18, 0) + (h.p.bmi-27)*0.35 + h.rng.NormFloat64()*8
		if h.has(hypertension, d) {
			pressure += 14
		}
		h.take(3004249, 8876, math.Round(pressure), 70, d, v)
		h.take(3012888, 8876, math.Round(pressure*0.5+16+h.rng.NormFloat64()*4), 40, d, v)
	}
	if age < 18 {
		return
	}
	if h.rng.Float64() < 0.35 {
		h.creatinine(d, v)
	}
	if h.rng.Float64() < 0.3 {
		cholesterol := 182 + h.rng.NormFloat64()*26
		if h.has(hyperlipidemia, d) {
			cholesterol += 38
		}
		h.take(3027114, 8840, math.Round(cholesterol), 90, d, v)
	}
	if h.rng.Float64() < 0.12 && !h.has(type2Diabetes, d) {
		h.sugar(d, v)
	}
}

func (h *history) creatinine(d day, v int) {
	value := 0.8 + h.rng.NormFloat64()*0.12
	if h.p.gender == male {
		value += 0.15
	}
	if h.has(kidneyDisease, d) {
		value += 0.5
		switch h.p.first[kidneyDisease] {
		case 443612:
			value += 1.3
		case 443611:
			value += 3.5
		}
	}
	h.take(3016723, 8840, value, 0.4, d, v)
}

// sugar takes glycated haemoglobin and glucose; both fall once metformin is taken.
func (h *history) sugar(d day, v int) {
	hba1c, glucose := 5.3+h.rng.NormFloat64()*0.3, 92+h.rng.NormFloat64()*9
	if h.has(type2Diabetes, d) {
		hba1c, glucose = 8.1+h.rng.NormFloat64()*1.1, 168+h.rng.NormFloat64()*32
		if h.treatedBy(1503297, d) {
			hba1c, glucose = hba1c-0.9, glucose-24
		}
	}
	h.take(3004410, 8554, math.Round(hba1c*10)/10, 4, d, v)
	h.take(3004501, 8840, math.Round(glucose), 60, d, v)
}

// treatedBy reports whether an exposure to that ingredient began before the day.
func (h *history) treatedBy(ingredient int64, d day) bool {
	for _, e := range h.exposures {
		if e.start >= d {
			continue
		}
		for _, i := range ingredientsOf(e.drug) {
			if i == ingredient {
				return true
			}
		}
	}
	return false
}
