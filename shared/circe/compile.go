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
	// Occurs tells where the sets' concepts occur, as Resolve's statement gave it: a
	// criterion asks for those alone that its column has, and one without any is
	// not asked for. Nil where it is not known.
	Occurs map[int64]int64
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
	sets   map[int64]string  // parameter of each concept set in use
	bound  map[string]string // parameter of each value in use
	ctes   []cte
	known  map[string]string // name of each query, by its SQL
	count  int
	// person is the parameter of the one person that Explain asks for, "" for all.
	person string
	shape
	cohort string // query of the cohort's rows before the censor window
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
	return &compiler{d: d, o: o, sets: map[int64]string{}, bound: map[string]string{}, known: map[string]string{}}, nil
}

func (d *Definition) compile(o Options) (*compiler, error) {
	c, err := d.compiler(o)
	if err != nil {
		return nil, err
	}
	d, possible := d.folded(o)
	if !possible {
		c.cohort = c.add("nobody", nobody)
		return c, nil
	}
	c.d = d
	c.shape = d.leanest()
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

// add names a query and gives its name; the same query is there once.
func (c *compiler) add(role, sql string) string {
	if name, ok := c.known[sql]; ok {
		return name
	}
	name := c.o.Prefix + role + strconv.Itoa(c.count)
	c.count++
	c.ctes = append(c.ctes, cte{name, sql})
	c.known[sql] = name
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

// bind gives the SQL of a parameter; equal values share one.
func (c *compiler) bind(p statement.Param) string {
	key := valueKey(p)
	if name, ok := c.bound[key]; ok {
		return name
	}
	p.Name = c.o.Prefix + "p" + strconv.Itoa(len(c.params))
	c.params = append(c.params, p)
	c.bound[key] = "@" + p.Name
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
