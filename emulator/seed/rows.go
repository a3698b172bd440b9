package seed

import "strconv"

// generator writes person after person and hands out the ids.
type generator struct {
	out *sink
	h   history
	// The last ids given.
	period, visit, condition, drug, procedure, measurement, observation, conditionEra, drugEra int64
}

// byID finds the sample's concepts, for the codes that stand as source values.
var byID = func() map[int64]concept {
	m := make(map[int64]concept, len(sample))
	for _, c := range sample {
		if c.id != 0 { // unknown has no code
			m[c.id] = c
		}
	}
	return m
}()

func (g *generator) write(p *person) {
	h := &g.h
	h.live(p)
	h.sort(g.visit + 1)
	g.person(p)
	g.visits(p)
	g.conditions(p)
	g.drugs(p)
	g.others(p)
	for _, e := range eras(h.conditionSpans()) {
		g.conditionEra++
		g.out.table("condition_era").int(g.conditionEra).int(p.id).int(e.concept).date(e.start).date(e.end).int(e.count).end()
	}
	for _, e := range eras(h.drugSpans()) {
		g.drugEra++
		g.out.table("drug_era").int(g.drugEra).int(p.id).int(e.concept).date(e.start).date(e.end).int(e.count).int(e.gapDays).end()
	}
}

func (g *generator) person(p *person) {
	born := p.birth.time()
	g.out.table("person").int(p.id).int(p.gender).int(int64(born.Year())).int(int64(born.Month())).int(int64(born.Day())).
		datetime(p.birth, p.rng.IntN(24)).int(p.race).int(p.ethnicity).int(p.location).int(p.provider).int(p.site).
		text("synthetic-" + strconv.FormatInt(p.id, 10)).text(byID[p.gender].code).int(0).
		text(byID[p.race].code).int(0).text(byID[p.ethnicity].code).int(0).end()
	for _, s := range p.periods {
		g.period++
		g.out.table("observation_period").int(g.period).int(p.id).date(s.start).date(s.end).int(typeEpisode).end()
	}
	if p.death != never {
		g.out.table("death").int(p.id).date(p.death).datetime(p.death, p.rng.IntN(24)).int(typeEHR).
			id(p.cause).text(byID[p.cause].code).id(p.cause).end()
	}
}

func (g *generator) visits(p *person) {
	visits := g.h.visits
	inOrder := make([]visit, len(visits))
	for _, v := range visits {
		inOrder[v.id-g.visit-1] = v
	}
	before := int64(0)
	for _, v := range inOrder {
		hour := 8 + int(v.id%9)
		g.out.table("visit_occurrence").int(v.id).int(p.id).int(v.concept).date(v.start).datetime(v.start, hour).
			date(v.end).datetime(v.end, hour+1).int(typeEncounter).int(p.provider).int(p.site).
			text(byID[v.concept].code).int(0).skip(4).id(before).end()
		before = v.id
	}
	g.visit += int64(len(visits))
}

func (g *generator) conditions(p *person) {
	for _, c := range g.h.conditions {
		g.condition++
		source := c.source
		if source == 0 {
			source = c.concept
		}
		g.out.table("condition_occurrence").int(g.condition).int(p.id).int(c.concept).date(c.start).skip(1).date(c.end).skip(1).
			int(typeEHR).int(0).skip(1).int(p.provider).id(g.h.visitID(c.visit)).skip(1).text(byID[source].code).int(source).end()
	}
}

func (g *generator) drugs(p *person) {
	for _, e := range g.h.exposures {
		g.drug++
		g.out.table("drug_exposure").int(g.drug).int(p.id).int(e.drug).date(e.start).skip(1).date(e.end).skip(2).
			int(typePrescription).skip(1).int(0).int(e.days).int(e.days).skip(1).int(0).skip(1).int(p.provider).
			id(g.h.visitID(e.visit)).skip(1).text(byID[e.drug].code).int(e.drug).end()
	}
}

func (g *generator) others(p *person) {
	for _, x := range g.h.procedures {
		g.procedure++
		g.out.table("procedure_occurrence").int(g.procedure).int(p.id).int(x.concept).date(x.on).skip(1).date(x.on).skip(1).
			int(typeEHR).int(0).int(1).int(p.provider).id(g.h.visitID(x.visit)).skip(1).text(byID[x.concept].code).int(x.concept).end()
	}
	for _, x := range g.h.measurements {
		g.measurement++
		g.out.table("measurement").int(g.measurement).int(p.id).int(x.concept).date(x.on).skip(2).int(typeLab).int(0).
			number(x.value).skip(1).int(x.unit).skip(2).int(p.provider).id(g.h.visitID(x.visit)).skip(1).
			text(byID[x.concept].code).int(x.concept).text(byID[x.unit].code).end()
	}
	for _, x := range g.h.observations {
		g.observation++
		g.out.table("observation").int(g.observation).int(p.id).int(x.concept).date(x.on).skip(1).int(typeEHR).skip(2).
			int(x.value).skip(2).int(p.provider).id(g.h.visitID(x.visit)).skip(1).text(byID[x.concept].code).int(x.concept).end()
	}
}
