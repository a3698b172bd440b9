package circe

import "researchhub.example/hub/shared/fault"

// Definition is a cohort expression that Parse has accepted.
type Definition struct {
	ConceptSets []ConceptSet
	primary     primary
	additional  *group
	qualified   limit
	expression  limit
	rules       []rule
	end         endStrategy
	censoring   []*criterion
	eraPad      int64
	censorFrom  string
	censorTo    string
	// canonical makes the canonical form once, when it is first asked for.
	canonical func() []byte
	warnings  []fault.Field
	legacy    []fault.Field
}

// ConceptSet is one of a definition's concept sets.
type ConceptSet struct {
	ID    int64
	Name  string
	Items []Item
}

// Item is one concept of a concept set with what it stands for.
type Item struct {
	ConceptID   int64
	Excluded    bool
	Descendants bool
	Mapped      bool
}

type primary struct {
	criteria            []*criterion
	priorDays, postDays int64
	limit               limit
}

// limit says which of a person's events stay.
type limit int

const (
	first limit = iota
	last
	all
)

type rule struct {
	name  string
	group *group
}

// criterion is one kind of event with what it must fulfil.
type criterion struct {
	domain  *domain
	set     *int64 // concept set of the standard concept, nil: any
	source  *int64 // concept set of the source concept, nil: any
	first   bool
	adjust  *adjustment // nil: the event's own dates
	period  *userPeriod // nil: the period's own dates
	filters []filter
	nested  *group
}

// filter is one attribute's condition.
type filter struct {
	name string
	attr *attribute
	// Exactly what the attribute's kind needs is set.
	rng      *valueRange
	concepts []int64
	set      *int64
	exclude  bool
	text     string
}

// valueRange compares a number or a date.
type valueRange struct {
	op       string
	from, to string // decimal text, or a date of the form 2026-01-31
}

type group struct {
	kind    string // ALL, ANY, AT_LEAST, AT_MOST
	count   int64
	members []correlated
	demo    []demographic
	groups  []*group
}

// correlated is a criterion in its time relation to the event that a group
// looks at.
type correlated struct {
	criterion    *criterion
	start, end   *window
	restrict     bool // same visit
	ignorePeriod bool // events outside the observation period count as well
	// occurrence: how often.
	op     string // =, <=, >=
	count  int64
	unique bool
	column string
}

type window struct {
	from, to             bound
	indexEnd, eventAtEnd bool
}

// bound is an edge of a window in days from the index date; without days it is
// the edge of the observation period on the side of the sign.
type bound struct {
	open bool
	days int64 // signed
	sign int64
}

type demographic struct{ filters []filter }

// endStrategy says when a person leaves; the zero value is the end of the
// observation period.
type endStrategy struct {
	kind    string // "", "offset", "era"
	atEnd   bool   // offset from the event's end
	offset  int64
	set     int64
	gap     int64
	hasDays bool
	days    int64
}
