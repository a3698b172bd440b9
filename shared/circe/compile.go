package circe

import (
	"fmt"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// Options are what a definition is compiled for.
type Options struct {
	// Data is the dataset of one release and tier. It is checked before its name
	// enters a statement.
	Data omop.Dataset
	// Sets are the concept ids per concept set, as Resolve's statement gave them.
	// A set that is not there is empty.
	Sets map[int64][]int64
	// Prefix begins every parameter's and every named query's name, so that
	// several cohorts fit into one statement; lower-case letters and digits.
	Prefix string
	// Compatible follows OHDSI's SQL where it differs from what the definition
	// says: RaceCS and EthnicityCS filter gender, DrugEra.GapDays filters the
	// era's length, % and _ in text filters are wildcards, a specimen has neither
	// a DateAdjustment nor a SpecimenSourceConcept.
	Compatible bool
	// Legacy says that the release has the tables and columns of earlier CDM
	// versions that Circe knows: location_history, location.region_concept_id,
	// drug_exposure.effective_drug_dose and dose_unit_concept_id,
	// specimen.specimen_source_concept_id. Without it a definition that asks for
	// one of them is fault.Invalid.
	Legacy bool
}

// Compile gives the statement whose rows are the cohort: subject_id INT64,
// cohort_start_date DATE, cohort_end_date DATE, one row per person and period.
func (d *Definition) Compile(o Options) (statement.Statement, error) {
	c, err := d.compile(o)
	if err != nil {
		return statement.Statement{}, err
	}
	sql := c.with() + c.final()
	return statement.Statement{SQL: sql, Params: c.params}, nil
}

// Fragment is a compiled cohort as a part of a larger statement.
type Fragment struct {
	// With holds the named queries, "a AS (…),\nb AS (…)".
	With string
	// Select gives the rows that Compile's statement gives.
	Select string
	Params []statement.Param
}

// Fragment compiles for use inside another statement; give each cohort there a
// Prefix of its own.
func (d *Definition) Fragment(o Options) (Fragment, error) {
	c, err := d.compile(o)
	if err != nil {
		return Fragment{}, err
	}
	f := Fragment{With: c.named(), Select: c.final()}
	f.Params = c.params
	return f, nil
}

// Count gives the statement of one row: persons INT64, events INT64.
func (d *Definition) Count(o Options) (statement.Statement, error) {
	c, err := d.compile(o)
	if err != nil {
		return statement.Statement{}, err
	}
	f := Fragment{With: c.named(), Select: c.final()}
	f.Params = c.params
	return f.Count(), nil
}

type cte struct{ name, sql string }

type compiler struct {
	d      *Definition
	o      Options
	params []statement.Param
	sets   map[int64]string // parameter of each concept set in use
	ctes   []cte
	count  int
	// person is the parameter of the one person that Explain asks for, "" for all.
	person string
}

func checkPrefix(s string) error {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return fault.New(fault.Internal, "prefix %q", s)
		}
	}
	return nil
}

// compiler checks the options, and that the release can answer the definition.
func (d *Definition) compiler(o Options) (*compiler, error) {
	if err := o.Data.Check(); err != nil {
		return nil, fault.Because(fault.Internal, err, "")
	}
	if err := checkPrefix(o.Prefix); err != nil {
		return nil, err
	}
	if len(d.legacy) > 0 && !o.Legacy {
		return nil, &fault.Error{Kind: fault.Invalid, Fields: d.legacy,
			Message: fmt.Sprintf("At %s: %s.", d.legacy[0].Path, d.legacy[0].Message)}
	}
	n := 0
	for _, ids := range o.Sets {
		n += len(ids)
	}
	if n > MaxConcepts {
		return nil, tooMany(n)
	}
	return &compiler{d: d, o: o, sets: map[int64]string{}}, nil
}

func (d *Definition) compile(o Options) (*compiler, error) {
	c, err := d.compiler(o)
	if err != nil {
		return nil, err
	}
	events := c.primaryEvents()
	events = c.qualifiedEvents(events)
	events = c.includedEvents(events)
	ends := c.ends(events)
	c.collapse(ends)
	return c, nil
}

func tooMany(concepts int) error {
	return fault.New(fault.TooLarge, "The concept sets hold %d concepts together; at most %d are accepted.", concepts, MaxConcepts)
}

// add names a query and gives its name.
func (c *compiler) add(role, sql string) string {
	name := c.o.Prefix + role + strconv.Itoa(c.count)
	c.count++
	c.ctes = append(c.ctes, cte{name, sql})
	return name
}

func (c *compiler) with() string { return "WITH " + c.named() + "\n" }

func (c *compiler) named() string {
	parts := make([]string, len(c.ctes))
	for i, q := range c.ctes {
		parts[i] = q.name + " AS (\n" + q.sql + "\n)"
	}
	return strings.Join(parts, ",\n")
}

func (c *compiler) table(name string) string { return c.ofPerson(name, c.o.Data.Table(name)) }

// bind gives the SQL of a new parameter.
func (c *compiler) bind(p statement.Param) string {
	p.Name = c.o.Prefix + "p" + strconv.Itoa(len(c.params))
	c.params = append(c.params, p)
	return "@" + p.Name
}

func (c *compiler) integer(v int64) string { return c.bind(statement.IntParam("", v)) }

// conceptSet gives the SQL of a concept set's ids; a set is bound once.
func (c *compiler) conceptSet(id int64) string {
	if p, ok := c.sets[id]; ok {
		return p
	}
	p := c.bind(statement.IntsParam("", append([]int64{}, c.o.Sets[id]...)))
	c.sets[id] = p
	return p
}

// days is a date moved by a bound number of days; zero moves nothing.
func (c *compiler) days(date string, n int64) string {
	if n == 0 {
		return date
	}
	return "DATE_ADD(" + date + ", INTERVAL " + c.integer(n) + " DAY)"
}

// order gives the ORDER BY that a limit picks by: the date, then the identifier.
func order(l limit, date, id string) string {
	if l == last {
		return date + " DESC, " + id
	}
	return date + ", " + id
}

// primaryEvents numbers the events of all primary criteria inside an observation
// period. The number identifies an event of a person from here on.
func (c *compiler) primaryEvents() string {
	p := c.d.primary
	parts := make([]string, len(p.criteria))
	for i, cr := range p.criteria {
		parts[i] = fmt.Sprintf("SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, %d AS source FROM %s", i, c.criterion(cr, ""))
	}
	sql := "SELECT e.person_id, e.start_date, e.end_date, e.visit_occurrence_id,\n" +
		"  o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end,\n" +
		"  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY " + order(p.limit, "e.start_date", "e.event_id") +
		", e.source, o.observation_period_start_date, o.observation_period_id) AS event_id\n" +
		"FROM (\n" + strings.Join(parts, "\nUNION ALL\n") + "\n) AS e\n" +
		"JOIN " + c.table("observation_period") + " AS o ON o.person_id = e.person_id\n" +
		"  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date"
	var where []string
	if p.priorDays > 0 {
		where = append(where, c.days("o.observation_period_start_date", p.priorDays)+" <= e.start_date")
	}
	if p.postDays > 0 {
		where = append(where, c.days("e.start_date", p.postDays)+" <= o.observation_period_end_date")
	}
	if len(where) > 0 {
		sql += "\nWHERE " + strings.Join(where, " AND ")
	}
	if p.limit != all {
		return c.add("primary", "SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end FROM (\n"+sql+"\n)\nWHERE event_id = 1")
	}
	return c.add("primary", sql)
}

const eventColumns = "e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end"

// limited keeps the first or the last event of each person.
func (c *compiler) limited(role, events string, l limit) string {
	if l == all {
		return events
	}
	return c.add(role, "SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end FROM (\n"+
		"SELECT "+eventColumns+",\n  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY "+order(l, "e.start_date", "e.event_id")+
		") AS place\nFROM "+events+" AS e\n)\nWHERE place = 1")
}

// qualifiedEvents applies the additional criteria. The qualified limit acts only
// where there are some, as in OHDSI's SQL.
func (c *compiler) qualifiedEvents(events string) string {
	if c.d.additional == nil {
		return events
	}
	g := c.group(c.d.additional, events)
	q := c.add("qualified", "SELECT "+eventColumns+"\nFROM "+events+" AS e\nJOIN "+g+" AS g ON g.person_id = e.person_id AND g.event_id = e.event_id")
	return c.limited("best", q, c.d.qualified)
}

// includedEvents keeps the events that fulfil every inclusion rule.
func (c *compiler) includedEvents(events string) string {
	if len(c.d.rules) > 0 {
		sql := "SELECT " + eventColumns + "\nFROM " + events + " AS e"
		for i, r := range c.d.rules {
			sql += fmt.Sprintf("\nJOIN %s AS r%d ON r%d.person_id = e.person_id AND r%d.event_id = e.event_id", c.group(r.group, events), i, i, i)
		}
		events = c.add("included", sql)
	}
	return c.limited("chosen", events, c.d.expression)
}
