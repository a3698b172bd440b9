package dataset

import (
	"regexp"
	"strings"

	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/omop"
)

// OfWorkspace names the BigQuery data set that is a workspace's own: what the hub
// writes for its members, and for nobody else.
func OfWorkspace(workspaceID string) string { return strings.ToLower(workspaceID) }

// cohortPrefix begins the names of the tables that hold materialised cohorts.
const cohortPrefix = "cohort_"

// CohortTable names the table of a workspace's own data set that holds a
// materialised cohort, all its versions in turn.
func CohortTable(cohortID string) string {
	return cohortPrefix + strings.ToLower(strings.TrimPrefix(cohortID, string(id.Cohort)+"_"))
}

// cohortTableForm is the form of CohortTable's names.
var cohortTableForm = regexp.MustCompile(`^` + cohortPrefix + `[0-9a-z]{26}$`)

// IsCohortTable reports whether a table's name can be one of CohortTable's.
func IsCohortTable(name string) bool { return cohortTableForm.MatchString(name) }

// CohortColumns are the columns of such a table: OHDSI's COHORT table.
// cohort_definition_id is the cohort's version.
func CohortColumns() []omop.Column {
	return []omop.Column{{Name: "cohort_definition_id", Type: omop.Int64, Required: true}, {Name: "subject_id", Type: omop.Int64, Required: true},
		{Name: "cohort_start_date", Type: omop.Date, Required: true}, {Name: "cohort_end_date", Type: omop.Date, Required: true}}
}
