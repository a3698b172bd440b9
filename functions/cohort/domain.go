package cohort

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// column is one column that a data set may have. sql is over the aliases m (the
// cohort's members), p (the person), t (the event) and those of the joins.
type column struct{ name, sql string }

// domain is what a row of a data set is.
type domain struct {
	// table and concept are the events' table and concept column; "" for persons.
	table, concept string
	columns        []column
	// joins maps an alias to the column that its concept names.
	joins map[string]string
}

// eventDomain describes a table of events with the columns that every one has.
func eventDomain(table, concept string, joins map[string]string, more ...column) domain {
	d := domain{table: table, concept: concept, joins: map[string]string{"c": "t." + concept}}
	for alias, on := range joins {
		d.joins[alias] = on
	}
	d.columns = append([]column{{"person_id", "t.person_id"}, {table + "_id", "t." + table + "_id"},
		{concept, "t." + concept}, {"concept_name", "c.concept_name"}}, more...)
	return d
}

// domains are the kinds of row of this version.
var domains = map[string]domain{
	"person": {columns: []column{{"person_id", "p.person_id"}, {"year_of_birth", "p.year_of_birth"},
		{"gender_concept_id", "p.gender_concept_id"}, {"gender", "g.concept_name"},
		{"cohort_id", "m.cohort_id"}, {"cohort_start_date", "m.cohort_start_date"}, {"cohort_end_date", "m.cohort_end_date"},
		{"race_concept_id", "p.race_concept_id"}, {"ethnicity_concept_id", "p.ethnicity_concept_id"}},
		joins: map[string]string{"g": "p.gender_concept_id"}},
	"condition": eventDomain("condition_occurrence", "condition_concept_id", nil,
		column{"condition_start_date", "t.condition_start_date"}, column{"condition_end_date", "t.condition_end_date"},
		column{"condition_type_concept_id", "t.condition_type_concept_id"}, column{"visit_occurrence_id", "t.visit_occurrence_id"}),
	"drug": eventDomain("drug_exposure", "drug_concept_id", nil,
		column{"drug_exposure_start_date", "t.drug_exposure_start_date"}, column{"drug_exposure_end_date", "t.drug_exposure_end_date"},
		column{"quantity", "t.quantity"}, column{"days_supply", "t.days_supply"}, column{"refills", "t.refills"},
		column{"route_concept_id", "t.route_concept_id"}, column{"visit_occurrence_id", "t.visit_occurrence_id"}),
	"measurement": eventDomain("measurement", "measurement_concept_id", map[string]string{"u": "t.unit_concept_id"},
		column{"measurement_date", "t.measurement_date"}, column{"value_as_number", "t.value_as_number"},
		column{"value_as_concept_id", "t.value_as_concept_id"}, column{"unit_concept_id", "t.unit_concept_id"}, column{"unit", "u.concept_name"},
		column{"range_low", "t.range_low"}, column{"range_high", "t.range_high"}, column{"visit_occurrence_id", "t.visit_occurrence_id"}),
}

// choose gives the named columns in the order asked for, all of them where none
// is named.
func (d domain) choose(names []string) ([]column, error) {
	if len(names) == 0 {
		return d.columns, nil
	}
	var list []column
	for i, n := range names {
		at := slices.IndexFunc(d.columns, func(c column) bool { return c.name == n })
		if at < 0 {
			return nil, fault.InvalidFields(fault.Field{Path: fmt.Sprintf("body.columns[%d]", i), Message: "this domain has the columns " + d.names()})
		}
		if slices.Contains(names[:i], n) {
			return nil, fault.InvalidFields(fault.Field{Path: fmt.Sprintf("body.columns[%d]", i), Message: "the column is named twice"})
		}
		list = append(list, d.columns[at])
	}
	return list, nil
}

func (d domain) names() string {
	names := make([]string, len(d.columns))
	for i, c := range d.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// member is one cohort of a data set, compiled.
type member struct {
	id       string
	fragment circe.Fragment
}

// compile puts cohorts, concepts and columns together to one statement. Concepts
// are nil where the domain takes none, or where every concept is meant.
func compile(data omop.Dataset, members []member, d domain, columns []column, concepts *[]int64) statement.Statement {
	var with, parts []string
	var st statement.Statement
	for i, m := range members {
		name := fmt.Sprintf("cohort_id%d", i)
		with = append(with, m.fragment.With)
		parts = append(parts, "SELECT @"+name+" AS cohort_id, subject_id, cohort_start_date, cohort_end_date\nFROM (\n"+m.fragment.Select+"\n)")
		st.Params = append(st.Params, m.fragment.Params...)
		st.Params = append(st.Params, statement.TextParam(name, m.id))
	}
	with = append(with, "members AS (\n"+strings.Join(parts, "\nUNION ALL\n")+"\n)")
	var selected []string
	used := map[string]bool{}
	for _, c := range columns {
		selected = append(selected, c.sql+" AS "+c.name)
		alias, _, _ := strings.Cut(c.sql, ".")
		used[alias] = true
	}
	from := "members AS m\nJOIN " + data.Table("person") + " AS p ON p.person_id = m.subject_id"
	where := ""
	if d.table != "" {
		// A person counts once here, however many periods and cohorts hold them.
		with = append(with, "persons AS (\nSELECT subject_id FROM members GROUP BY subject_id\n)")
		from = data.Table(d.table) + " AS t\nJOIN persons AS m ON m.subject_id = t.person_id"
		if concepts != nil {
			where = "\nWHERE t." + d.concept + " IN UNNEST(@concepts)"
			st.Params = append(st.Params, statement.IntsParam("concepts", *concepts))
		}
	}
	for _, alias := range []string{"c", "g", "u"} {
		if on, ok := d.joins[alias]; ok && used[alias] {
			from += "\nLEFT JOIN " + data.Table("concept") + " AS " + alias + " ON " + alias + ".concept_id = " + on
		}
	}
	st.SQL = "WITH " + strings.Join(with, ",\n") + "\nSELECT " + strings.Join(selected, ", ") + "\nFROM " + from + where
	return st
}
