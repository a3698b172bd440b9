package circe

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// The charts of a cohort's demographics.
const (
	ChartPersons   = "persons"
	ChartAgeSex    = "ageSex"
	ChartRace      = "race"
	ChartEthnicity = "ethnicity"
	ChartConcepts  = "concepts"
)

// Bands of age that are no decade of years.
const (
	BandMinor   = "under 18"
	BandOldest  = "90 and over"
	BandUnknown = "unknown"
)

// AgeBands gives the bands of age in order: under 18 and unknown are their own,
// and who is 90 or older is in one (45 CFR 164.514(b)(2)(i)(C)).
func AgeBands() []string {
	bands := []string{BandMinor, "18–29"}
	for from := 30; from < 90; from += 10 {
		bands = append(bands, fmt.Sprintf("%d–%d", from, from+9))
	}
	return append(bands, BandOldest, BandUnknown)
}

// maxAge is the highest age that is believed, in years.
const maxAge = 125

// bandCase is the SQL of the band of the age that expr is.
func bandCase(expr string) string {
	sql := "CASE\n    WHEN " + expr + " IS NULL OR " + expr + " < 0 OR " + expr + fmt.Sprintf(" > %d THEN '%s'", maxAge, BandUnknown)
	sql += "\n    WHEN " + expr + " < 18 THEN '" + BandMinor + "'\n    WHEN " + expr + " < 30 THEN '18–29'"
	for from := 30; from < 90; from += 10 {
		sql += fmt.Sprintf("\n    WHEN %s < %d THEN '%d–%d'", expr, from+10, from, from+9)
	}
	return sql + "\n    ELSE '" + BandOldest + "' END"
}

// Demographics gives the statement of who is in the cohort, raw counts of persons
// for the disclosure rules: chart STRING, band STRING, concept_id INT64, name
// STRING (NULL where the vocabulary has none), persons INT64.
//
//   - persons: all of them, one row;
//   - ageSex: by band of age and gender_concept_id. The age is that at the start of
//     the person's first period, the year of it less the year of birth, as in
//     OHDSI's SQL; none, one below 0 or above 125 is unknown;
//   - race, ethnicity: by concept, 0 where there is none;
//   - concepts: the top concepts that most of them have an event of, at any
//     time, per domain, which is the band; ties by concept id.
//
// It reads the hub's index tables of the release beside PERSON.
func (f Fragment) Demographics(data omop.Dataset, top int64) statement.Statement {
	const age = "EXTRACT(YEAR FROM m.start_date) - p.year_of_birth"
	with := []string{f.With,
		"members AS (\nSELECT subject_id AS person_id, MIN(cohort_start_date) AS start_date\nFROM (\n" + f.Select + "\n)\nGROUP BY subject_id\n)",
		"people AS (\nSELECT m.person_id, COALESCE(p.gender_concept_id, 0) AS gender, COALESCE(p.race_concept_id, 0) AS race,\n" +
			"  COALESCE(p.ethnicity_concept_id, 0) AS ethnicity,\n  " + bandCase(age) + " AS band\nFROM members AS m\nLEFT JOIN " + data.Table("person") + " AS p ON p.person_id = m.person_id\n)",
		// Each person once, whatever the number of charts.
		"charted AS (\nSELECT c.chart, c.band, c.concept_id, COUNT(*) AS persons\nFROM people AS p\nCROSS JOIN UNNEST([\n" +
			"  STRUCT('" + ChartPersons + "' AS chart, '' AS band, 0 AS concept_id),\n  STRUCT('" + ChartAgeSex + "', p.band, p.gender),\n" +
			"  STRUCT('" + ChartRace + "', '', p.race),\n  STRUCT('" + ChartEthnicity + "', '', p.ethnicity)]) AS c\nGROUP BY c.chart, c.band, c.concept_id\n)",
		"had AS (\nSELECT e.domain, e.concept_id, COUNT(DISTINCT e.person_id) AS persons\nFROM " + data.Table("hub_event") +
			" AS e\nJOIN members AS m ON m.person_id = e.person_id\nWHERE e.concept_id <> 0\nGROUP BY e.domain, e.concept_id\n)",
		"top AS (\nSELECT domain, concept_id, persons, ROW_NUMBER() OVER (PARTITION BY domain ORDER BY persons DESC, concept_id) AS place\nFROM had\n)",
	}
	sql := "WITH " + strings.Join(with, ",\n") + "\nSELECT r.chart, r.band, r.concept_id, n.concept_name AS name, r.persons\nFROM (\n" +
		"SELECT chart, band, concept_id, persons FROM charted\nUNION ALL\n" +
		"SELECT '" + ChartConcepts + "', domain, concept_id, persons FROM top WHERE place <= @top_concepts\n) AS r\nLEFT JOIN " +
		data.Table("hub_concept") + " AS n ON n.concept_id = r.concept_id\nORDER BY r.chart, r.band, r.persons DESC, r.concept_id"
	return statement.Statement{SQL: sql, Params: append(append([]statement.Param{}, f.Params...), statement.IntParam("top_concepts", top))}
}
