package cohort

import (
	"context"
	"strconv"
	"strings"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/vocabulary"
)

// conceptsStatement gives a vocabulary's concepts in the order of their ids, packed;
// of more than fit, those that participants have and the standard ones.
func conceptsStatement(data omop.Dataset, most int) statement.Statement {
	// LIMIT takes numbers only; this one is configuration.
	return packedStatement("SELECT "+conceptColumns+"\nFROM "+conceptTables(data)+
		"\nORDER BY h.persons_with_descendants > 0 DESC, h.standard_concept IS NOT NULL DESC, c.invalid_reason IS NULL DESC, h.concept_id\nLIMIT "+strconv.Itoa(most+1),
		"CAST(concept_id AS STRING)", clean("concept_name"), "domain_id", "vocabulary_id", "concept_class_id", "standard_concept", clean("concept_code"), "invalid_reason",
		"CAST(persons AS STRING)", "CAST(persons_with_descendants AS STRING)")
}

func synonymsStatement(data omop.Dataset) statement.Statement {
	return packedStatement("SELECT DISTINCT concept_id, concept_synonym_name FROM "+data.Table("concept_synonym")+" WHERE concept_synonym_name IS NOT NULL",
		"CAST(concept_id AS STRING)", clean("concept_synonym_name"))
}

// A vocabulary has millions of cells, and a client of BigQuery takes about a
// microsecond for each: so one cell brings the rows of a thousand ids, with ASCII's
// separators of records and of units between them and their fields.
const (
	records = "\x1e"
	units   = "\x1f"
	perCell = "1000"
)

// clean takes the separators out of a text that people wrote.
func clean(column string) string {
	return `REPLACE(REPLACE(` + column + `, '\x1e', ' '), '\x1f', ' ')`
}

// packedStatement gives the rows of a query in the order of concept_id and then of
// their fields.
func packedStatement(from string, fields ...string) statement.Statement {
	for i, f := range fields {
		fields[i] = "COALESCE(" + f + ", '')"
	}
	return statement.Statement{SQL: `SELECT DIV(concept_id, ` + perCell + `) AS part, STRING_AGG(line, '\x1e' ORDER BY concept_id, line) AS lines
FROM (SELECT concept_id, CONCAT(` + strings.Join(fields, `, '\x1f', `) + `) AS line FROM (` + from + `))
GROUP BY part
ORDER BY part`}
}

// packed reads the rows of a packedStatement.
func (s *shelf) packed(ctx context.Context, st statement.Statement, fields int, each func([]string) error) error {
	return s.rows(ctx, st, func(v []bigquery.Value) error {
		for line := range strings.SplitSeq(textOf(v[1]), records) {
			f := strings.Split(line, units)
			if len(f) != fields {
				return fault.New(fault.Internal, "a concept with %d fields instead of %d", len(f), fields)
			}
			if err := each(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// conceptFields is how many fields packedConcept takes.
const conceptFields = 10

func packedConcept(f []string) vocabulary.Concept {
	return vocabulary.Concept{ID: number(f[0]), Name: f[1], Domain: f[2], Vocabulary: f[3], Class: f[4], Standard: f[5], Code: f[6], Invalid: f[7],
		Persons: number(f[8]), PersonsWithDescendants: number(f[9])}
}

// number reads what CAST(INT64 AS STRING) wrote.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
