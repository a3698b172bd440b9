// Package circe reads OHDSI's Circe cohort expression and compiles it to one
// GoogleSQL statement. It is pure: standard library, the statement and the OMOP
// table names only, so that light functions and tests may link it.
//
// A definition goes through three steps:
//
//   - Parse reads the JSON strictly. Every field is known, or the error
//     (fault.Invalid) names its JSON path.
//   - Resolve gives the statement that turns the concept sets into concept ids
//     on one release's vocabulary. The ids become constants of the cohort's
//     statement, so that BigQuery prunes by them.
//   - Compile gives the statement that returns subject_id, cohort_start_date and
//     cohort_end_date; Count the one that returns persons and events.
//
// Nothing that a caller wrote becomes SQL text: every value is a named
// parameter, and names come from tables in this package. No statement depends on
// the current date, on the order of rows or on a random choice: where OHDSI's own
// SQL leaves ties open, ties are broken by the event's identifier and then by the
// order of the criteria in the definition.
//
// The meaning is that of the SQL that OHDSI's own generator (circe-be 1.12)
// writes for the same definition, save for its defects: those are followed with
// Options.Compatible only.
package circe
