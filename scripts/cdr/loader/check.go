package loader

import (
	"slices"
	"strings"

	"researchhub.example/hub/shared/omop"
)

// Check is one kind of fault that the checks of a load look for. The names stand in
// table hub_check.
type Check string

// The checks, in the order of a report.
const (
	// NoRows: a table without which a release answers nothing is empty.
	NoRows Check = "no_rows"
	// DuplicateKey: rows share their primary key with another row.
	DuplicateKey Check = "duplicate_key"
	// DuplicateRow: rows say what another row says already, in a table without a key.
	DuplicateRow Check = "duplicate_row"
	// MissingValue: the CDM requires a value and there is none.
	MissingValue Check = "missing_value"
	// ForeignKey: rows refer to a row that is not there.
	ForeignKey Check = "foreign_key"
	// OrphanConcept: rows name a concept that CONCEPT lacks; 0, "no matching
	// concept", is none. The example is the concept's id.
	OrphanConcept Check = "orphan_concept"
	// EndsBeforeStart: the end lies before the start.
	EndsBeforeStart Check = "ends_before_start"
	// BeforeBirth: it began before the person was born, as exactly as that is known.
	BeforeBirth Check = "before_birth"
	// AfterDeath: it began after the day on which the person died.
	AfterDeath Check = "after_death"
	// OutsideRelease: the date lies before 1900, or after the day of the release.
	OutsideRelease Check = "outside_release"
	// OutsideObservation: the event began in no observation period of its person, so
	// that cohorts do not see it; or the person has no such period.
	OutsideObservation Check = "outside_observation"
	// ImplausibleBirth: the year of birth lies before 1850, or after the release.
	ImplausibleBirth Check = "implausible_birth"
)

// means says what the rows of a finding do.
var means = map[Check]string{
	NoRows:             "the table is empty",
	DuplicateKey:       "share their key with another row",
	DuplicateRow:       "say what another row says",
	MissingValue:       "have no value, and the CDM requires one",
	ForeignKey:         "refer to a row that is not there",
	OrphanConcept:      "name a concept that the vocabulary lacks",
	EndsBeforeStart:    "end before they start",
	BeforeBirth:        "begin before the person's birth",
	AfterDeath:         "begin after the person's death",
	OutsideRelease:     "have a date before 1900 or after the release",
	OutsideObservation: "begin in no observation period of their person",
	ImplausibleBirth:   "have a year of birth before 1850 or after the release",
}

// checkOrder is the order of a report.
var checkOrder = []Check{NoRows, DuplicateKey, DuplicateRow, MissingValue, ForeignKey, OrphanConcept, EndsBeforeStart, BeforeBirth, AfterDeath, OutsideRelease, OutsideObservation, ImplausibleBirth}

// severity tells whether a fault makes answers wrong, for which nothing is
// published, or is one that real data has and that the hub lives with: rows that
// refer to nothing join nothing, and dates are compared as they are.
func (c Check) severity(t omop.Table, column string) Severity {
	switch {
	case c == DuplicateKey, c == NoRows && t.Name == "person", c == MissingValue && t.Essential(column):
		return SeverityError
	}
	return SeverityWarning
}

// probe is one look at a table: sql gives one row of n, how many rows are at fault,
// and example, the id of one of them.
type probe struct {
	check  Check
	column string
	sql    string
}

// checks makes the looks at the tables of one dataset.
type checks struct {
	from omop.Dataset
	rows map[string]int64
}

// statement looks at a table for everything at once; "" where there is nothing to
// look for. It takes the parameters first and last, DATEs, the bounds of plausible
// dates.
func (c checks) statement(t omop.Table) string {
	if c.rows[t.Name] == 0 {
		return ""
	}
	var parts []string
	for _, p := range slices.Concat(c.keys(t), c.values(t), c.references(t), c.dates(t), c.persons(t)) {
		parts = append(parts, "SELECT '"+string(p.check)+"' AS check_name, '"+p.column+"' AS column_name, n, example FROM ("+p.sql+")")
	}
	return "SELECT check_name, column_name, n, example FROM (\n" + strings.Join(parts, "\nUNION ALL ") + ")\nWHERE n > 0"
}

// example is the column whose value names a row of the table.
func example(t omop.Table) string {
	if t.Key != "" {
		return t.Key
	}
	return t.Columns[0].Name
}

// where counts the rows of the table, as t, that meet a condition.
func (c checks) where(t omop.Table, check Check, column, join, condition string) probe {
	return probe{check, column, "SELECT COUNT(*) AS n, CAST(MIN(t." + example(t) + ") AS STRING) AS example FROM " +
		c.from.Table(t.Name) + " AS t" + join + " WHERE " + condition}
}

// pairs are the columns that tell the rows of a table without a key apart.
var pairs = map[string]string{
	"concept_ancestor":     "ancestor_concept_id, descendant_concept_id",
	"concept_relationship": "concept_id_1, concept_id_2, relationship_id",
	"fact_relationship":    "domain_concept_id_1, fact_id_1, domain_concept_id_2, fact_id_2, relationship_concept_id",
}

func (c checks) keys(t omop.Table) []probe {
	check, key := DuplicateKey, t.Key
	if key == "" {
		check, key = DuplicateRow, pairs[t.Name]
	}
	if key == "" {
		return nil
	}
	first, _, _ := strings.Cut(key, ",")
	return []probe{{check, first, "SELECT IFNULL(SUM(k.many), 0) AS n, CAST(MIN(k." + first + ") AS STRING) AS example FROM (SELECT " +
		key + ", COUNT(*) AS many FROM " + c.from.Table(t.Name) + " GROUP BY " + key + " HAVING COUNT(*) > 1) AS k"}}
}

func (c checks) values(t omop.Table) []probe {
	var all []probe
	for _, column := range t.Columns {
		if column.Required {
			all = append(all, c.where(t, MissingValue, column.Name, "", "t."+column.Name+" IS NULL"))
		}
	}
	return all
}

// elsewhere are the references whose columns are not called as the key they mean.
var elsewhere = map[string]string{
	"preceding_visit_occurrence_id": "visit_occurrence",
	"preceding_visit_detail_id":     "visit_detail",
	"parent_visit_detail_id":        "visit_detail",
	"episode_parent_id":             "episode",
	"source_vocabulary_id":          "vocabulary",
	"target_vocabulary_id":          "vocabulary",
	"reverse_relationship_id":       "relationship",
}

// lookups are the vocabulary's small tables; exports often leave them out, which is
// said once and not for every row.
var lookups = []string{"vocabulary", "domain", "concept_class", "relationship"}

// parent finds the table that a column refers to.
func parent(t omop.Table, column string) (omop.Table, bool) {
	if concept(column) || column == t.Key && t.Name != "death" {
		return omop.Table{}, false
	}
	if name, ok := elsewhere[column]; ok {
		return omop.TableNamed(name)
	}
	for _, p := range omop.Tables() {
		if p.Key == column && p.Name != "death" {
			return p, true
		}
	}
	return omop.Table{}, false
}

func concept(column string) bool {
	return column == "concept_id" || strings.HasSuffix(column, "_concept_id") || strings.HasPrefix(column, "concept_id_") ||
		strings.Contains(column, "_concept_id_")
}

func (c checks) references(t omop.Table) []probe {
	var all []probe
	for _, column := range t.Columns {
		if concept(column.Name) && column.Name != t.Key {
			// Concepts are few and rows many: each concept is looked up once.
			all = append(all, probe{OrphanConcept, column.Name, "SELECT IFNULL(SUM(u.many), 0) AS n, CAST(MIN(u.id) AS STRING) AS example FROM (SELECT " +
				column.Name + " AS id, COUNT(*) AS many FROM " + c.from.Table(t.Name) + " WHERE " + column.Name + " <> 0 GROUP BY " + column.Name +
				") AS u LEFT JOIN " + c.from.Table("concept") + " AS c ON c.concept_id = u.id WHERE c.concept_id IS NULL"})
			continue
		}
		p, ok := parent(t, column.Name)
		if !ok || slices.Contains(lookups, p.Name) && c.rows[p.Name] == 0 {
			continue
		}
		all = append(all, c.where(t, ForeignKey, column.Name,
			" LEFT JOIN "+c.from.Table(p.Name)+" AS p ON p."+p.Key+" = t."+column.Name,
			"t."+column.Name+" IS NOT NULL AND p."+p.Key+" IS NULL"))
	}
	return all
}

// span is a start and an end in one table.
type span struct{ start, end string }

// spans pairs the dates of a table; the first is when a row begins, whose end may be
// missing.
func spans(t omop.Table) []span {
	var all []span
	var last string
	for _, c := range t.Columns {
		switch {
		case c.Type != omop.Date:
		case strings.HasSuffix(c.Name, "_end_date"):
			all = append(all, span{last, c.Name})
		default:
			last = c.Name
		}
	}
	return all
}

// begins is the column that says when a row of a person's began, "" where there is none.
func begins(t omop.Table) string {
	i := slices.IndexFunc(t.Columns, func(c omop.Column) bool { return c.Type == omop.Date })
	if _, ok := t.Column("person_id"); i < 0 || !ok {
		return ""
	}
	return t.Columns[i].Name
}

func (c checks) dates(t omop.Table) []probe {
	var all []probe
	for _, s := range spans(t) {
		all = append(all, c.where(t, EndsBeforeStart, s.end, "", "t."+s.end+" < t."+s.start))
	}
	begin := begins(t)
	if begin == "" {
		return all
	}
	for _, column := range t.Columns {
		if column.Type == omop.Date {
			all = append(all, c.where(t, OutsideRelease, column.Name, "", "t."+column.Name+" < @first OR t."+column.Name+" > @last"))
		}
	}
	// A part of the date of birth that is not known decides nothing.
	earlier := func(part string) string {
		return "EXTRACT(" + strings.ToUpper(part) + " FROM t." + begin + ") < p." + part + "_of_birth"
	}
	same := func(part string) string {
		return "EXTRACT(" + strings.ToUpper(part) + " FROM t." + begin + ") = p." + part + "_of_birth"
	}
	all = append(all, c.where(t, BeforeBirth, begin, " JOIN "+c.from.Table("person")+" AS p ON p.person_id = t.person_id",
		earlier("year")+" OR ("+same("year")+" AND ("+earlier("month")+" OR ("+same("month")+" AND "+earlier("day")+")))"))
	if t.Name != "death" && c.rows["death"] > 0 {
		all = append(all, c.where(t, AfterDeath, begin, " JOIN (SELECT person_id, MIN(death_date) AS death_date FROM "+
			c.from.Table("death")+" GROUP BY person_id) AS d ON d.person_id = t.person_id", "t."+begin+" > d.death_date"))
	}
	return all
}

func (c checks) persons(t omop.Table) []probe {
	periods := " LEFT JOIN " + c.from.Table("observation_period") + " AS o ON o.person_id = t.person_id"
	if t.Name == "person" {
		return []probe{
			c.where(t, ImplausibleBirth, "year_of_birth", "", "t.year_of_birth < 1850 OR t.year_of_birth > EXTRACT(YEAR FROM @last)"),
			c.where(t, OutsideObservation, "person_id", periods, "o.person_id IS NULL"),
		}
	}
	i := slices.IndexFunc(omop.EventTables(), func(e omop.EventTable) bool { return e.Table == t.Name })
	if i < 0 {
		return nil
	}
	start := omop.EventTables()[i].Start
	return []probe{c.where(t, OutsideObservation, start,
		periods+" AND t."+start+" BETWEEN o.observation_period_start_date AND o.observation_period_end_date", "o.person_id IS NULL")}
}
