package omop

import (
	"fmt"
	"strings"
)

// IndexTable is a table that the hub builds beside the CDM tables of each dataset,
// so that its own questions read little.
type IndexTable struct {
	Name    string
	Columns []Column
	// Cluster names the columns by which BigQuery clusters the table.
	Cluster []string
	query   func(Dataset) string
}

// Query returns the statement that makes the table's rows from the dataset's CDM
// tables and the index tables before it. It is run with the table as destination.
func (t IndexTable) Query(from Dataset) string { return t.query(from) }

// IndexTables returns the index tables in the order in which they are built.
func IndexTables() []IndexTable {
	return []IndexTable{
		{
			// One row per event of any domain, as the CDM records it: an absent end
			// stays NULL. Persons without a row in PERSON are left out.
			Name: "hub_event",
			Columns: define("hub_event", "", `
				domain               STRING  required
				concept_id           INT64   required
				person_id            INT64   required
				event_id             INT64   required
				start_date           DATE    required
				end_date             DATE
				source_concept_id    INT64
				visit_occurrence_id  INT64
			`).Columns,
			Cluster: []string{"concept_id", "person_id"},
			query:   eventQuery,
		},
		{
			// One row per person: demographics, the hull of the observation periods,
			// the date of death. The last three are NULL where there is none.
			Name: "hub_person",
			Columns: define("hub_person", "", `
				person_id             INT64  required
				gender_concept_id     INT64  required
				race_concept_id       INT64  required
				ethnicity_concept_id  INT64  required
				year_of_birth         INT64  required
				observation_start     DATE
				observation_end       DATE
				death_date            DATE
			`).Columns,
			Cluster: []string{"person_id"},
			query:   personQuery,
		},
		{
			// One row per concept, those included that events name and CONCEPT lacks
			// (vocabulary_id is then 'None', the name 'Concept' and the id). The counts are of
			// distinct persons with an event of that concept_id, and of it or a
			// descendant; they are raw and pass the disclosure rules before they are
			// shown.
			Name: "hub_concept",
			Columns: define("hub_concept", "", `
				concept_id                INT64   required
				concept_name              STRING  required
				domain_id                 STRING  required
				vocabulary_id             STRING  required
				concept_class_id          STRING
				standard_concept          STRING
				concept_code              STRING
				persons                   INT64   required
				persons_with_descendants  INT64   required
			`).Columns,
			Cluster: []string{"concept_id"},
			query:   conceptQuery,
		},
		{
			// What a concept set takes in when it names a concept: the concept itself
			// (below = 0), and each descendant that is not invalid (below = 1). Where
			// and whether events are recorded by the member is in occurs: see
			// Occurrence.
			Name: "hub_concept_member",
			Columns: define("hub_concept_member", "", `
				concept_id  INT64  required
				member_id   INT64  required
				below       INT64  required
				occurs      INT64  required
			`).Columns,
			Cluster: []string{"concept_id"},
			query:   memberQuery,
		},
	}
}

func eventQuery(from Dataset) string {
	parts := make([]string, 0, len(events))
	for _, e := range events {
		parts = append(parts, "SELECT '"+e.Domain+"' AS domain, e."+e.Concept+" AS concept_id, e.person_id AS person_id, e."+
			e.ID+" AS event_id, e."+e.Start+" AS start_date, "+
			orNull("e.", e.End, Date)+" AS end_date, "+
			orNull("e.", e.SourceConcept, Int64)+" AS source_concept_id, "+
			orNull("e.", e.Visit, Int64)+" AS visit_occurrence_id FROM "+
			from.Table(e.Table)+" AS e JOIN "+from.Table("person")+" AS p ON p.person_id = e.person_id")
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

func memberQuery(from Dataset) string {
	parts := make([]string, 0, len(conceptColumns))
	for i, c := range conceptColumns {
		parts = append(parts, fmt.Sprintf("SELECT %s AS concept_id, %d AS occurs FROM %s WHERE %s IS NOT NULL GROUP BY concept_id",
			c.Column, int64(1)<<i, from.Table(c.Table), c.Column))
	}
	// Each bit is there once for a concept, so that the sum sets it.
	return "WITH occurring AS (SELECT concept_id, SUM(occurs) AS occurs FROM (" + strings.Join(parts, "\nUNION ALL ") + ") GROUP BY concept_id)\n" +
		"SELECT m.concept_id AS concept_id, m.member_id AS member_id, m.below AS below, COALESCE(o.occurs, 0) AS occurs\nFROM (" +
		"SELECT concept_id, concept_id AS member_id, 0 AS below FROM " + from.Table("concept") +
		"\nUNION ALL SELECT a.ancestor_concept_id AS concept_id, a.descendant_concept_id AS member_id, 1 AS below FROM " +
		from.Table("concept_ancestor") + " AS a JOIN " + from.Table("concept") + " AS c ON c.concept_id = a.descendant_concept_id" +
		" WHERE c.invalid_reason IS NULL) AS m\nLEFT JOIN occurring AS o ON o.concept_id = m.member_id"
}

func orNull(prefix, column, typ string) string {
	if column == "" {
		return "CAST(NULL AS " + typ + ")"
	}
	return prefix + column
}

func personQuery(from Dataset) string {
	return "SELECT p.person_id AS person_id, p.gender_concept_id AS gender_concept_id, p.race_concept_id AS race_concept_id, " +
		"p.ethnicity_concept_id AS ethnicity_concept_id, p.year_of_birth AS year_of_birth, " +
		"o.observation_start AS observation_start, o.observation_end AS observation_end, d.death_date AS death_date\n" +
		"FROM " + from.Table("person") + " AS p\n" +
		"LEFT JOIN (SELECT person_id, MIN(observation_period_start_date) AS observation_start, " +
		"MAX(observation_period_end_date) AS observation_end FROM " + from.Table("observation_period") +
		" GROUP BY person_id) AS o ON o.person_id = p.person_id\n" +
		"LEFT JOIN (SELECT person_id, MIN(death_date) AS death_date FROM " + from.Table("death") +
		" GROUP BY person_id) AS d ON d.person_id = p.person_id"
}

// conceptQuery lays the concepts' own rows, their counts, and their counts with
// descendants one below the other and folds them into a row per concept. It counts
// the distinct pairs of concept and person, which are far fewer than the events.
func conceptQuery(from Dataset) string {
	named := "SELECT concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, standard_concept, concept_code, " +
		"CAST(NULL AS STRING) AS event_domain, 0 AS persons, 0 AS persons_with_descendants FROM " + from.Table("concept")
	unnamed := "CAST(NULL AS STRING) AS concept_name, CAST(NULL AS STRING) AS domain_id, CAST(NULL AS STRING) AS vocabulary_id, " +
		"CAST(NULL AS STRING) AS concept_class_id, CAST(NULL AS STRING) AS standard_concept, CAST(NULL AS STRING) AS concept_code, "
	own := "SELECT concept_id, " + unnamed + "MIN(domain) AS event_domain, COUNT(DISTINCT person_id) AS persons, " +
		"0 AS persons_with_descendants FROM " + from.Table("hub_event") + " GROUP BY concept_id"
	// Ancestors without a row in CONCEPT are nobody's to ask for. Each concept is its
	// own descendant here, whether or not the vocabulary says so.
	families := "(SELECT a.ancestor_concept_id AS concept_id, a.descendant_concept_id AS member_id FROM " + from.Table("concept_ancestor") +
		" AS a JOIN " + from.Table("concept") + " AS c ON c.concept_id = a.ancestor_concept_id" +
		" UNION ALL SELECT concept_id, concept_id AS member_id FROM " + from.Table("hub_event") + " GROUP BY concept_id)"
	pairs := "(SELECT concept_id, person_id FROM " + from.Table("hub_event") + " GROUP BY concept_id, person_id)"
	withDescendants := "SELECT f.concept_id AS concept_id, " + unnamed + "CAST(NULL AS STRING) AS event_domain, 0 AS persons, " +
		"COUNT(DISTINCT e.person_id) AS persons_with_descendants FROM " + families + " AS f JOIN " + pairs +
		" AS e ON e.concept_id = f.member_id GROUP BY f.concept_id"
	return "SELECT concept_id AS concept_id, COALESCE(MAX(concept_name), CONCAT('Concept ', CAST(concept_id AS STRING))) AS concept_name, " +
		"COALESCE(MAX(domain_id), MAX(event_domain)) AS domain_id, COALESCE(MAX(vocabulary_id), 'None') AS vocabulary_id, " +
		"MAX(concept_class_id) AS concept_class_id, MAX(standard_concept) AS standard_concept, MAX(concept_code) AS concept_code, " +
		"SUM(persons) AS persons, SUM(persons_with_descendants) AS persons_with_descendants\nFROM (" +
		named + "\nUNION ALL " + own + "\nUNION ALL " + withDescendants + ")\nGROUP BY concept_id"
}
