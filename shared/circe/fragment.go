package circe

import "researchhub.example/hub/shared/statement"

// Statement gives the statement whose rows are the cohort.
func (f Fragment) Statement() statement.Statement {
	return statement.Statement{SQL: "WITH " + f.With + "\n" + f.Select, Params: f.Params}
}

// Count gives the statement of one row: persons INT64, events INT64.
func (f Fragment) Count() statement.Statement {
	return statement.Statement{SQL: "WITH " + f.With + "\nSELECT COUNT(DISTINCT subject_id) AS persons, COUNT(*) AS events\nFROM (\n" + f.Select + "\n)", Params: f.Params}
}
