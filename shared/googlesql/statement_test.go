package googlesql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// summary writes a statement with what it reads.
func summary(a *Analysis) string {
	var out string
	switch s := a.Statement.(type) {
	case nil:
		out = "nothing"
	case *Insert:
		out = fmt.Sprintf("insert %v rows %d query %t", s.Columns, len(s.Rows), s.Query != nil)
	case *Update:
		out = fmt.Sprintf("update %d from %t", len(s.Items), s.From != nil)
	case *Delete:
		out = "delete"
	case *Merge:
		out = "merge"
		for _, w := range s.Whens {
			out += fmt.Sprintf(" %d:%t/%d/%v", w.Match, w.Delete, len(w.Items), w.Columns)
		}
	case *Truncate:
		out = "truncate"
	case *CreateTable:
		out = fmt.Sprintf("table %v mode %d temp %t select %t columns %d partition %d cluster %d options %d", s.Path, s.Mode, s.Temp, s.AsSelect,
			len(s.Columns), len(s.PartitionBy), len(s.ClusterBy), len(s.Options))
	case *CreateView:
		out = fmt.Sprintf("view %v as %s", s.Path, s.Query)
	case *CreateSchema:
		out = fmt.Sprintf("schema %v mode %d", s.Path, s.Mode)
	case *Drop:
		out = fmt.Sprintf("drop %s %v if exists %t", s.Object, s.Path, s.IfExists)
	case *AlterTable:
		out = fmt.Sprintf("alter %s %v", s.Object, s.Path)
		for _, x := range s.Actions {
			out += fmt.Sprintf(" %d:%s%s>%s", x.Kind, x.Name, x.Column.Name, x.NewName)
		}
	case *Assert:
		out = "assert " + s.Description
	}
	for _, u := range a.Tables {
		cols := slices.Clone(u.Columns)
		slices.Sort(cols)
		out += "; " + u.Table.Name + " " + strings.Join(cols, " ")
	}
	if len(a.Others) > 0 {
		out += "; refused " + a.Others[0]
	}
	return out
}

func TestStatements(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"INSERT INTO visit VALUES (1, 2, DEFAULT)", "insert [0 1 2] rows 1 query false"},
		{"INSERT visit (person_id) SELECT person_id FROM person WHERE race = 'x'", "insert [1] rows 0 query true; person Race person_id"},
		{"UPDATE visit SET person_id = 1 WHERE visit_id = 2", "update 1 from false; visit visit_id"},
		{"UPDATE visit v SET person_id = p.person_id FROM person p WHERE v.visit_id = p.year_of_birth", "update 1 from true; person person_id year_of_birth; visit visit_id"},
		{"DELETE FROM visit WHERE TRUE", "delete"},
		{"TRUNCATE TABLE visit", "truncate"},
		{"MERGE visit v USING person p ON v.person_id = p.person_id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (visit_id) VALUES (1) WHEN NOT MATCHED BY SOURCE THEN UPDATE SET visit_id = 3",
			"merge 0:true/0/[] 2:false/0/[0] 1:false/1/[]; person person_id; visit person_id"},
		{"CREATE OR REPLACE TABLE d.t (a INT64 NOT NULL, b DATE) PARTITION BY b CLUSTER BY a OPTIONS (description = 'x')",
			"table [d t] mode 1 temp false select false columns 2 partition 1 cluster 1 options 1"},
		{"CREATE TEMP TABLE t AS SELECT race FROM person", "table [t] mode 0 temp true select true columns 1 partition 0 cluster 0 options 0; person Race"},
		{"CREATE TABLE t (a STRING(3))", "table [t] mode 0 temp false select false columns 1 partition 0 cluster 0 options 0; refused a column whose type has parameters"},
		{"CREATE VIEW d.v AS SELECT race FROM person", "view [d v] as SELECT race FROM person; person Race"},
		{"CREATE SCHEMA IF NOT EXISTS p.d", "schema [p d] mode 2"},
		{"DROP TABLE IF EXISTS d.t", "drop TABLE [d t] if exists true"},
		{"DROP SCHEMA d CASCADE", "drop SCHEMA [d] if exists false"},
		{"ALTER TABLE visit ADD COLUMN x INT64, DROP COLUMN start_date", "alter TABLE [visit] 0:x> 1:start_date>"},
		{"ALTER TABLE visit RENAME COLUMN visit_id TO y", "alter TABLE [visit] 2:visit_id>y"},
		{"ASSERT (SELECT COUNT(*) FROM person) > 0 AS 'none'", "assert none; person "},
		{"CREATE FUNCTION f(x INT64) AS (x)", "nothing; refused the statement CREATE FUNCTION"},
		{"BEGIN TRANSACTION", "nothing; refused the statement BEGIN"},
	} {
		a, err := Analyze(context.Background(), tc.sql, Options{Catalog: testCatalog})
		if err != nil {
			t.Errorf("%s: %v", tc.sql, err)
			continue
		}
		if diff := cmp.Diff(tc.want, summary(a)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
}
