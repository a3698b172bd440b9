package seed

import (
	"math"
	"math/rand/v2"
)

// person is one made-up participant: who, seen when, ill since when.
type person struct {
	id                       int64
	rng                      *rand.Rand
	gender, race, ethnicity  int64
	birth, death             day
	periods                  []period
	bmi                      float64 // adult or present body mass index, kg/m2
	height                   float64 // m
	smoking                  int64   // concept, 0 in children
	location, site, provider int64
	onset                    [diseaseCount]day
	first                    [diseaseCount]int64 // concept of the first record
	cause                    int64
}

const (
	male, female                  = 8507, 8532
	smoker, neverSmoked, exSmoker = 4298794, 4144272, 4310250
)

// Shares of the population; what is missing to 1 has concept 0, unknown.
var (
	genders     = []choice{{female, 0.52}, {male, 0.475}}
	races       = []choice{{8527, 0.6}, {8516, 0.18}, {8515, 0.06}, {8657, 0.02}, {8557, 0.01}}
	ethnicities = []choice{{38003564, 0.79}, {38003563, 0.17}}
	smokers     = []choice{{neverSmoked, 0.6}, {exSmoker, 0.22}, {smoker, 0.18}}
)

// ages are the bands of age at the end of the data, in years, with their shares.
var ages = []struct{ from, to, share float64 }{
	{0.6, 18, 0.1}, {18, 30, 0.15}, {30, 45, 0.22}, {45, 60, 0.24}, {60, 75, 0.2}, {75, 96, 0.09},
}

func newPerson(id int64, rng *rand.Rand) *person {
	p := &person{id: id, rng: rng, death: never}
	p.gender = pick(rng, genders)
	p.race = pick(rng, races)
	p.ethnicity = pick(rng, ethnicities)
	p.birth = dataEnd - day(p.age()*daysPerYear)
	p.location = rng.Int64N(locations) + 1
	p.site = rng.Int64N(careSites) + 1
	p.provider = rng.Int64N(providers) + 1
	p.body()
	p.observe()
	p.fallIll()
	p.mayDie()
	return p
}

// pick draws a concept by weight, 0 when the weights do not add up to 1.
func pick(rng *rand.Rand, of []choice) int64 {
	u := rng.Float64()
	for _, c := range of {
		if u -= c.weight; u < 0 {
			return c.concept
		}
	}
	return 0
}

// pickOne draws a concept by weight and always gives one.
func pickOne(rng *rand.Rand, of []choice) int64 {
	if c := pick(rng, of); c != 0 {
		return c
	}
	return of[0].concept
}

func (p *person) age() float64 {
	u := p.rng.Float64()
	for _, band := range ages {
		if u < band.share {
			return band.from + (band.to-band.from)*u/band.share
		}
		u -= band.share
	}
	return ages[0].to
}

func (p *person) body() {
	grown := math.Min(years(p.birth, dataEnd)/18, 1)
	p.height = 0.75 + grown*0.9 + p.rng.NormFloat64()*0.06
	if p.gender == male {
		p.height += grown * 0.13
	}
	p.bmi = math.Max(14, 16.5+grown*11.5+p.rng.NormFloat64()*(2+3.5*grown))
	if grown == 1 {
		p.smoking = pickOne(p.rng, smokers)
	}
}

// observe sets when the person was seen: one period, or two with a gap.
func (p *person) observe() {
	start := firstStart + day(p.rng.IntN(int(lastStart-firstStart)))
	// Who is born later is seen from soon after birth.
	start = max(start, p.birth+day(p.rng.IntN(20)))
	end := dataEnd
	if p.rng.Float64() < 0.2 && end-start > 400 {
		end = start + 365 + day(p.rng.IntN(int(end-start-364)))
	}
	p.periods = []period{{start, end}}
	if length := end - start; length > 900 && p.rng.Float64() < 0.1 {
		gap := start + 300 + day(p.rng.IntN(int(length-800)))
		p.periods = []period{{start, gap}, {gap + 60 + day(p.rng.IntN(340)), end}}
	}
}

func (p *person) lastDay() day { return p.periods[len(p.periods)-1].end }

// fallIll draws each disease in turn and the day of its first record.
func (p *person) fallIll() {
	end := p.lastDay()
	age := years(p.birth, end)
	for i := range diseases {
		p.onset[i] = never
		if p.rng.Float64() >= p.chance(i, age) {
			continue
		}
		d := &diseases[i]
		// Later ages are likelier; nobody is born with it.
		least := math.Min(d.byAge[0].age, age)
		began := p.birth + day((least+(age-least)*math.Sqrt(p.rng.Float64()))*daysPerYear)
		recorded := place(p.periods, began)
		if recorded != began && recorded != never {
			// It was there before: recorded at one of the first visits.
			recorded = place(p.periods, recorded+day(p.rng.IntN(90)))
		}
		if recorded == never || recorded < p.birth {
			continue
		}
		p.onset[i] = recorded
		p.first[i] = pickOne(p.rng, d.first)
		if i == asthma && years(p.birth, recorded) < childhoodAsthmaBefore {
			p.first[i] = 4051466
		}
	}
}

// chance is that of having had a disease by that age.
func (p *person) chance(i int, age float64) float64 {
	d := &diseases[i]
	c := curve(d.byAge, age)
	if i == obesity {
		// A body mass index of 30 and more; not everyone's is written down.
		if p.bmi < 30 {
			return 0
		}
		return 0.75
	}
	switch p.gender {
	case male:
		c *= d.male
	case female:
		c *= d.female
	}
	for _, r := range d.after {
		if p.onset[r.disease] != never {
			c *= r.times
		}
	}
	if p.smoking == smoker && d.smoker > 0 {
		c *= d.smoker
	}
	if p.smoking == exSmoker && d.exSmoker > 0 {
		c *= d.exSmoker
	}
	return math.Min(c, 0.95)
}

// mayDie draws, year by year, whether the person dies while being seen (the risk
// doubles about every eight years of age), and cuts the periods there.
func (p *person) mayDie() {
	for _, span := range p.periods {
		for from := span.start; from < span.end; from += 365 {
			days := min(365, span.end-from)
			risk := math.Exp(-10.4+0.088*years(p.birth, from)) * float64(days) / daysPerYear
			for i := range diseases {
				if d := diseases[i].died; d > 0 && p.onset[i] != never && p.onset[i] <= from {
					risk *= d
				}
			}
			if p.smoking == smoker {
				risk *= 1.4
			}
			if p.rng.Float64() < risk {
				p.die(from + day(p.rng.IntN(int(days))))
				return
			}
		}
	}
}

func (p *person) die(on day) {
	p.death = on
	for i, span := range p.periods {
		if on <= span.end {
			p.periods[i].end = on
			p.periods = p.periods[:i+1]
			break
		}
	}
	var causes []int64
	for i := range diseases {
		switch {
		case p.onset[i] == never:
		case p.onset[i] > on:
			p.onset[i] = never
		case diseases[i].died > 1:
			causes = append(causes, p.first[i])
		}
	}
	if len(causes) > 0 {
		p.cause = causes[p.rng.IntN(len(causes))]
	}
}
