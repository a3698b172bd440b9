package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions"
	"researchhub.example/hub/emulator/bigquery/jobs"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// caseTime bounds one case.
const caseTime = 20 * time.Second

// runner runs a file's cases on a database of its own.
type runner struct {
	conn *duck.Conn
	// exactJSON is the case's wish that JSON numbers be exact, as BigQuery's are.
	exactJSON bool
	tables    map[string]*googlesql.Table
	// missing tells why a table is not there; empty: it needs what BigQuery lacks.
	missing map[string]string
	// zone is the case's default time zone.
	zone  string
	count int
}

// Table implements googlesql.Catalog; the cases' names ignore case.
func (r *runner) Table(path []string) (*googlesql.Table, error) {
	if t, ok := r.tables[strings.ToLower(strings.Join(path, "."))]; ok {
		return t, nil
	}
	return nil, googlesql.ErrTableNotFound
}

var createTable = regexp.MustCompile(`(?is)^\s*CREATE\s+(TEMP\s+)?TABLE\s+([A-Za-z0-9_.]+)\s+(OPTIONS\s*\([^)]*\)\s*)?AS\s+(.*)$`)

func runFile(ctx context.Context, cases []*testCase, only string, reasons map[string]int, wrong func(*testCase, string)) (tally, error) {
	var t tally
	dir, err := os.MkdirTemp("", "compliance-")
	if err != nil {
		return t, err
	}
	defer os.RemoveAll(dir)
	db, err := duck.Open(ctx, duck.Config{Dir: dir, MemoryLimit: "2GB", Scalars: functions.All()})
	if err != nil {
		return t, err
	}
	defer db.Close()
	conn, err := db.Conn()
	if err != nil {
		return t, err
	}
	defer conn.Release()
	r := &runner{conn: conn, tables: map[string]*googlesql.Table{}, missing: map[string]string{}}
	for _, c := range cases {
		if c.prepare {
			r.prepare(ctx, c)
			continue
		}
		if only != "" && c.name != only {
			continue
		}
		outcome, text := r.run(ctx, c)
		switch outcome {
		case right:
			t.right++
		case refusedCase:
			t.refused++
			reasons[text]++
		case isWrong:
			t.wrong++
			wrong(c, text)
		default:
			t.outOfScope++
		}
	}
	return t, nil
}

// prepare makes a table; one that cannot be made is missing, and the cases that
// read it are refused, or out of scope when it is for what BigQuery lacks.
func (r *runner) prepare(ctx context.Context, c *testCase) {
	m := createTable.FindStringSubmatch(c.sql)
	if m == nil {
		return
	}
	if !r.inZone(c) && zonal.MatchString(c.sql) {
		r.unmade(m[2], c, apierr.NotImplemented("the default time zone %s is not supported by the local BigQuery", c.timeZone))
		return
	}
	a, sql, err := r.translate(ctx, m[4], translate.Params{})
	if err != nil {
		r.unmade(m[2], c, err)
		return
	}
	r.count++
	t := &googlesql.Table{Name: m[2], Data: fmt.Sprintf("main.t%d", r.count)}
	for _, col := range a.Columns {
		t.Columns = append(t.Columns, googlesql.Column{Name: col.Name, Type: col.Type})
	}
	if a.ValueTable {
		sql.SQL = valueTable(t, a, sql.SQL)
	}
	if err := r.conn.Exec(ctx, "CREATE TABLE "+t.Data.(string)+" AS "+sql.SQL); err != nil {
		r.unmade(m[2], c, err)
		return
	}
	r.tables[strings.ToLower(m[2])] = t
}

// unmade notes a table that could not be made.
func (r *runner) unmade(name string, c *testCase, err error) {
	delete(r.tables, strings.ToLower(name))
	r.missing[strings.ToLower(name)] = jobs.QueryError(err).Message
	if isForeign(c) {
		r.missing[strings.ToLower(name)] = ""
	}
	fmt.Printf("not made: %s: %v\n", name, err)
}

func (r *runner) translate(ctx context.Context, sql string, p translate.Params) (*googlesql.Analysis, translate.Statement, error) {
	types := map[string]*googlesql.Type{}
	for n, v := range p.Named {
		types[n] = v.Type
	}
	p.TimeZone, p.Now = r.zone, time.Now()
	a, err := googlesql.Analyze(ctx, sql, googlesql.Options{Catalog: r, NamedParams: types, Preview: !r.exactJSON, TimeZone: r.zone})
	if err != nil || isChange(a) {
		return a, translate.Statement{}, err
	}
	out, err := translate.Query(a, p)
	return a, out, err
}

type outcome int

const (
	right outcome = iota
	refusedCase
	isWrong
	outOfScope
)

// foreign marks what BigQuery does not have.
var foreign = regexp.MustCompile(`(?i)\b(U?INT32|UINT64|FLOAT32|FLOAT|PROTO|ENUM|UUID|MAP|TOKENLIST|TestEnum|KitchenSinkPB|\w*PB|GRAPH|GRAPH_TABLE)\b|googlesql_test\.|_NANOS|\bGQL\b`)

// foreignFeatures are GoogleSQL's features that BigQuery does not have.
var foreignFeatures = regexp.MustCompile(`TIMESTAMP_NANOS|UUID_TYPE|TIMESTAMP_PICOS|PROTO|SQL_GRAPH|ANONYMIZATION|MAP_TYPE`)

// lackingLax are uses of a JSONPath mode that a case may expect to be unknown.
var lackingLax = regexp.MustCompile(`(?i)json_query\s*\(.*["']\s*(lax|recursive)\b`)

// isForeign tells a case that needs what BigQuery does not have, or that expects
// an error because it lacks what BigQuery has.
func isForeign(c *testCase) bool {
	if lackingLax.MatchString(c.sql) && !strings.Contains(c.features, "JSON_QUERY_LAX") {
		return true // a case for what BigQuery has
	}
	return foreign.MatchString(c.sql) || foreign.MatchString(c.params) || foreign.MatchString(c.expected) || foreignFeatures.MatchString(c.features)
}

// zonal finds what the default time zone may matter to.
var zonal = regexp.MustCompile(`(?i)timestamp|datetime\(|\b(date|time)\([^0-9]|current_|extract|timezone|time zone`)

// inZone sets the default time zone that a case was written for. BigQuery's is
// UTC, the cases' own is Los Angeles; others cannot be had.
func (r *runner) inZone(c *testCase) bool {
	switch c.timeZone {
	case "UTC", "+00":
		r.zone = googlesql.UTC
	case "", googlesql.LosAngeles:
		r.zone = googlesql.LosAngeles
	default:
		r.zone = googlesql.UTC
		return false
	}
	return true
}

// unknown are the analyzer's errors for what it does not know, which are no
// answer to a case that expects an error of another kind.
var unknown = regexp.MustCompile(`(?i)not found|not supported|unrecognized|no matching signature|unsupported`)

func (r *runner) run(ctx context.Context, c *testCase) (outcome, string) {
	if c.elsewhere || isForeign(c) {
		return outOfScope, ""
	}
	if !r.inZone(c) && zonal.MatchString(c.sql+c.params) {
		return refusedCase, "the default time zone " + c.timeZone
	}
	ctx, cancel := context.WithTimeout(ctx, caseTime)
	defer cancel()
	wantError := strings.HasPrefix(c.expected, "ERROR:")
	r.exactJSON = strings.Contains(c.features, "JSON_STRICT_NUMBER_PARSING")
	params, err := r.params(ctx, c.params)
	params.RoundJSON, params.TimeZone, params.Now = !r.exactJSON, r.zone, time.Now()
	if err != nil {
		return refusedCase, "parameters: " + jobs.QueryError(err).Message
	}
	a, sql, err := r.translate(ctx, c.sql, params)
	if err != nil {
		return r.failed(c, wantError, err)
	}
	if isChange(a) {
		return r.change(ctx, c, a, params)
	}
	want := &value{}
	if !wantError {
		p := &parser{s: c.expected}
		if want, err = p.value(); err != nil {
			return outOfScope, ""
		}
	}
	got := &value{isList: true, ordered: true}
	row := &googlesql.Type{Kind: googlesql.KindStruct}
	for _, col := range a.Columns {
		row.Fields = append(row.Fields, googlesql.Field{Name: col.Name, Type: col.Type})
	}
	scalarRows := a.ValueTable && !a.Columns[0].OfStruct
	if scalarRows {
		row = a.Columns[0].Type
	}
	refused := duck.WatchRefusals()
	err = r.conn.Query(ctx, sql.SQL, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			line := &value{isList: true, ordered: true}
			for k, c := range a.Columns {
				line.list = append(line.list, cell(c.Type, ch.Cols[k], i))
			}
			if scalarRows {
				line = line.list[0]
			}
			got.list = append(got.list, line)
		}
		return nil
	})
	if sql.Tries && refused() {
		return refusedCase, "a value that a function refuses, within SAFE or IFERROR"
	}
	if err != nil && sql.Uncertain && jobs.QueryError(err).Reason == "invalidQuery" {
		return refusedCase, "an aggregate that fails within a conditional"
	}
	if err != nil {
		return r.failed(c, wantError, err)
	}
	if wantError {
		return isWrong, fmt.Sprintf("%s\n-- want %s\n-- got  %s\n-- as   %s", c.sql, c.expected, show(got), sql.SQL)
	}
	if len(got.list) == len(want.list) && sameList(want, got, row) {
		return right, ""
	}
	if strings.Contains(c.expected, "reports non-determinism") {
		return refusedCase, leftOpen
	}
	return isWrong, fmt.Sprintf("%s\n-- want %s\n-- got  %s\n-- as   %s", c.sql, show(want), show(got), sql.SQL)
}

// leftOpen is the reason of a case whose result GoogleSQL leaves open, when ours
// is another one: it differs from run to run.
const leftOpen = "a result that GoogleSQL leaves open, and that is another one here"

func (r *runner) failed(c *testCase, wantError bool, err error) (outcome, string) {
	api := jobs.QueryError(err)
	if api.Reason == "notImplemented" {
		if api.Message[0] == 't' && strings.Contains(api.Message, "this form of statement") {
			return refusedCase, "FORM " + c.name + ": " + err.Error()[:min(300, len(err.Error()))]
		}
		return refusedCase, api.Message
	}
	var g *googlesql.Error
	if errors.As(err, &g) && g.Kind == googlesql.ErrNotFound {
		why := r.missing[strings.ToLower(strings.Join(g.Table, "."))]
		if why == "" {
			return outOfScope, ""
		}
		return refusedCase, "a table of the case: " + why
	}
	if wantError && api.Reason == "invalidQuery" {
		if g == nil || !unknown.MatchString(g.Message) || strings.Contains(c.expected, g.Message) {
			return right, ""
		}
	}
	if errors.As(err, &g) {
		return refusedCase, "analysis: " + g.Message[:min(100, len(g.Message))]
	}
	return isWrong, fmt.Sprintf("%s\n-- want %s\n-- got error %v", c.sql, c.expected, err)
}

// params reads the values of "expr AS name, ...": literals as they are, other
// expressions by computing them.
func (r *runner) params(ctx context.Context, text string) (translate.Params, error) {
	p := translate.Params{Named: map[string]googlesql.Value{}}
	if text == "" {
		return p, nil
	}
	a, st, err := r.translate(ctx, "SELECT "+text, p)
	if err != nil {
		return p, err
	}
	literals := map[int]googlesql.Value{}
	if project, ok := a.Root.(*googlesql.ProjectScan); ok {
		for _, x := range project.Exprs {
			if lit, ok := x.Expr.(*googlesql.Literal); ok {
				literals[x.Col.ID] = lit.Value
			}
		}
	}
	return p, r.conn.Query(ctx, st.SQL, func(ch *duck.Chunk) error {
		for i, col := range a.Columns {
			v, ok := literals[col.Col.ID]
			if !ok {
				var err error
				if v, err = jobs.ReadValue(col.Type, ch.Cols[i], 0); err != nil {
					return err
				}
			}
			p.Named[strings.ToLower(col.Name)] = v
		}
		return nil
	})
}
