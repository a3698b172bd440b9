package googlesql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIsScript(t *testing.T) {
	for sql, want := range map[string]bool{
		"SELECT 1":                      false,
		"SELECT 1;":                     false,
		"SELECT ';' ; -- end":           false,
		"SELECT 1; SELECT 2":            true,
		"DECLARE x INT64":               true,
		"set x = 1":                     true,
		"BEGIN SELECT 1; END":           true,
		"BEGIN TRANSACTION":             false,
		"BEGIN TRANSACTION; SELECT 1":   true,
		"BEGIN":                         false,
		"IF TRUE THEN SELECT 1; END IF": true,
		"`IF` ":                         false,
		"":                              false,
	} {
		if got := IsScript(sql); got != want {
			t.Errorf("%q: %v", sql, got)
		}
	}
}

// outline writes steps on one line.
func outline(sql string, list []Step) string {
	text := func(s Span) string { return sql[s.From:s.To] }
	var out []string
	for _, s := range list {
		switch s := s.(type) {
		case *SQLStep:
			out = append(out, text(s.Text))
		case *DeclareStep:
			out = append(out, fmt.Sprintf("declare %v %s=%s", s.Names, text(s.Type), text(s.Default)))
		case *SetStep:
			out = append(out, fmt.Sprintf("set %v=%s", s.Names, text(s.Value)))
		case *IfStep:
			for _, b := range s.Branches {
				out = append(out, "if "+text(b.Cond)+" {"+outline(sql, b.Body)+"}")
			}
			out = append(out, "else {"+outline(sql, s.Else)+"}")
		case *LoopStep:
			out = append(out, "while "+text(s.While)+" {"+outline(sql, s.Body)+"} until "+text(s.Until))
		case *ForStep:
			out = append(out, "for "+s.Name+" in "+text(s.Query)+" {"+outline(sql, s.Body)+"}")
		case *BlockStep:
			out = append(out, "{"+outline(sql, s.Body)+"}")
		case *JumpStep:
			out = append(out, fmt.Sprintf("jump %d", s.Kind))
		}
	}
	return strings.Join(out, "; ")
}

func TestParseScript(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"SELECT 1; SELECT 'é;' ;", "SELECT 1; SELECT 'é;'"},
		{"DECLARE a, b INT64 DEFAULT 1 + 2; DECLARE c DEFAULT (SELECT 1); SET a = b; SET (a, b) = (1, 2);", "declare [a b] INT64=1 + 2; declare [c] =(SELECT 1); set [a]=b; set [a b]=(1, 2)"},
		{"IF a > 1 THEN SELECT 1; ELSEIF b THEN SELECT 2; ELSE BEGIN SELECT 3; END; END IF;", "if a > 1 {SELECT 1}; if b {SELECT 2}; else {{SELECT 3}}"},
		{"CASE WHEN a THEN SELECT 1; ELSE SELECT 2; END CASE;", "if a {SELECT 1}; else {SELECT 2}"},
		{"WHILE x < 3 DO BREAK; END WHILE; LOOP CONTINUE; LEAVE; END LOOP; REPEAT SELECT 1; UNTIL x END REPEAT; RETURN;",
			"while x < 3 {jump 1} until ; while  {jump 2; jump 1} until ; while  {SELECT 1} until x; jump 3"},
		{"FOR r IN (SELECT 1 AS x) DO SELECT r.x; END FOR;", "for r in SELECT 1 AS x {SELECT r.x}"},
		{"CREATE TEMP TABLE t AS SELECT 1; INSERT INTO t VALUES (1); DROP TABLE t;", "CREATE TEMP TABLE t AS SELECT 1; INSERT INTO t VALUES (1); DROP TABLE t"},
	} {
		steps, err := ParseScript(context.Background(), tc.sql)
		if err != nil {
			t.Errorf("%s: %v", tc.sql, err)
			continue
		}
		if diff := cmp.Diff(tc.want, outline(tc.sql, steps)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
}

func TestParseScriptRefuses(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1; EXECUTE IMMEDIATE 'SELECT 1';":                                "the statement EXECUTE IMMEDIATE in a script is not supported",
		"BEGIN TRANSACTION; SELECT 1;":                                           "the statement BEGIN in a script is not supported",
		"BEGIN SELECT 1; EXCEPTION WHEN ERROR THEN SELECT 2; END;":               "EXCEPTION WHEN ERROR is not supported",
		"CREATE TEMP FUNCTION f(x INT64) AS (x); SELECT f(1);":                   "the statement CREATE FUNCTION in a script is not supported",
		"SELECT 1; CALL p();":                                                    "the statement CALL in a script is not supported",
		strings.Repeat("BEGIN ", 60) + strings.Repeat("SELECT 1; END; ", 1):      "Syntax error",
		strings.Repeat("BEGIN ", 60) + "SELECT 1;" + strings.Repeat(" END;", 60): "nested",
		strings.Repeat("SELECT 1;", 2000):                                        "more than 1000 statements",
		"SELECT 1; SELECT FROM":                                                  "Syntax error: SELECT list must not be empty at [1:18]",
		"BREAK;":                                                                 "inside of a loop body",
	} {
		_, err := ParseScript(context.Background(), sql)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", sql, err, want)
		}
	}
}

func TestVariables(t *testing.T) {
	a, err := Analyze(context.Background(), "SELECT X + 1, (SELECT x FROM (SELECT 'column' AS x))", Options{Variables: map[string]*Type{"x": Int64}})
	if err != nil {
		t.Fatal(err)
	}
	if a.Columns[0].Type != Int64 || a.Columns[1].Type != String || len(a.Others) > 0 {
		t.Errorf("types %v, %v, others %v", a.Columns[0].Type, a.Columns[1].Type, a.Others)
	}
	var e *Error
	if _, err := Analyze(context.Background(), "SELECT x", Options{}); !errors.As(err, &e) {
		t.Errorf("a variable lives on: %v", err)
	}
}
