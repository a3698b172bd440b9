package jobs

import (
	"context"
	"errors"
	"regexp"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

const (
	// maxScriptSteps bounds the statements and conditions that a script runs, and
	// maxForRows the rows that FOR goes over.
	maxScriptSteps = 10000
	maxForRows     = 10000
)

// script is a script that is being run. Its statements run one after the other
// in its job's goroutine, each under a job of its own.
type script struct {
	m       *Manager
	job     *Job
	project string
	config  *bq.JobConfigurationQuery
	params  Params
	text    string

	vars  map[string]googlesql.Value
	temps *tempTables
	steps int

	children          int64
	processed, billed int64
	// result is what the last statement has given; nil: no rows.
	result *store.Table
}

// jump is the way out of a list of statements before its end.
type jump = googlesql.JumpKind

// startScript starts a script's job. What cannot be parsed, or is not supported,
// is refused before anything is run.
func (m *Manager) startScript(ctx context.Context, id ID, config *bq.JobConfiguration, p Params) (*Job, error) {
	q := config.Query
	if q.DestinationTable != nil {
		return nil, apierr.Invalid("configuration.query.destinationTable cannot be set for scripts")
	}
	if len(p.Positional) > 0 {
		return nil, apierr.NotImplemented("positional parameters in a script are not supported by the local BigQuery; use named ones").At("query")
	}
	steps, err := googlesql.ParseScript(ctx, q.Query)
	if err != nil {
		return nil, QueryError(scriptError(err))
	}
	stats := bq.JobStatistics{Query: &bq.JobStatistics2{StatementType: "SCRIPT"}}
	return m.start(id, config, stats, func(ctx context.Context, j *Job) error {
		s := &script{m: m, job: j, project: id.Project, config: q, params: p, text: q.Query, vars: map[string]googlesql.Value{},
			temps: &tempTables{names: map[string]store.Key{}}}
		defer s.finish(ctx)
		_, err := s.run(ctx, steps)
		return err
	})
}

// scriptError names what the parser's description lacks.
func scriptError(err error) error {
	var r *googlesql.Refused
	if errors.As(err, &r) {
		return &translate.Unsupported{What: r.What}
	}
	return err
}

// finish sets the job's result and statistics and removes the temporary tables.
func (s *script) finish(ctx context.Context) {
	s.job.mu.Lock()
	s.job.result = s.result
	s.job.stats.NumChildJobs = s.children
	s.job.stats.TotalBytesProcessed = s.processed
	q := *s.job.stats.Query
	q.TotalBytesProcessed, q.TotalBytesBilled = s.processed, s.billed
	s.job.stats.Query = &q
	s.job.mu.Unlock()
	if s.temps.dataset.Dataset != "" {
		if err := s.m.Store.DeleteDataset(context.WithoutCancel(ctx), s.temps.dataset, true); err != nil {
			s.m.log.Warn("a script's temporary tables could not be removed; the next start does it", "error", err)
		}
	}
}

// run runs statements until one jumps.
func (s *script) run(ctx context.Context, list []googlesql.Step) (jump, error) {
	for _, step := range list {
		if err := s.count(ctx); err != nil {
			return 0, err
		}
		j, err := s.step(ctx, step)
		if err != nil || j != 0 {
			return j, err
		}
	}
	return 0, nil
}

func (s *script) count(ctx context.Context) error {
	if s.steps++; s.steps > maxScriptSteps {
		return apierr.ResourcesExceed("the script runs more than %d statements and conditions, which the local BigQuery does not support", maxScriptSteps)
	}
	return ctx.Err()
}

func (s *script) step(ctx context.Context, step googlesql.Step) (jump, error) {
	switch step := step.(type) {
	case *googlesql.SQLStep:
		return 0, s.sql(ctx, step.Text)
	case *googlesql.DeclareStep:
		return 0, s.declare(ctx, step)
	case *googlesql.SetStep:
		return 0, s.set(ctx, step)
	case *googlesql.IfStep:
		for _, b := range step.Branches {
			ok, err := s.condition(ctx, b.Cond)
			if err != nil {
				return 0, err
			}
			if ok {
				return s.run(ctx, b.Body)
			}
		}
		return s.run(ctx, step.Else)
	case *googlesql.LoopStep:
		return s.loop(ctx, step)
	case *googlesql.ForStep:
		return s.forIn(ctx, step)
	case *googlesql.BlockStep:
		return s.block(ctx, step.Body)
	case *googlesql.JumpStep:
		return step.Kind, nil
	}
	return 0, &translate.Unsupported{What: "this statement of a script"}
}

// block runs BEGIN ... END, whose variables end with it.
func (s *script) block(ctx context.Context, list []googlesql.Step) (jump, error) {
	outer := make(map[string]bool, len(s.vars))
	for name := range s.vars {
		outer[name] = true
	}
	j, err := s.run(ctx, list)
	for name := range s.vars {
		if !outer[name] {
			delete(s.vars, name)
		}
	}
	return j, err
}

func (s *script) loop(ctx context.Context, step *googlesql.LoopStep) (jump, error) {
	for {
		if err := s.count(ctx); err != nil {
			return 0, err
		}
		if step.While != (googlesql.Span{}) {
			if ok, err := s.condition(ctx, step.While); err != nil || !ok {
				return 0, err
			}
		}
		if j, err := s.run(ctx, step.Body); err != nil || j == googlesql.JumpReturn {
			return j, err
		} else if j == googlesql.JumpBreak {
			return 0, nil
		}
		if step.Until != (googlesql.Span{}) {
			if ok, err := s.condition(ctx, step.Until); err != nil || ok {
				return 0, err
			}
		}
	}
}

// forIn runs FOR: the query is run once, and its rows are STRUCTs.
func (s *script) forIn(ctx context.Context, step *googlesql.ForStep) (jump, error) {
	name := strings.ToLower(step.Name)
	if _, ok := s.vars[name]; ok {
		return 0, apierr.InvalidQuery("Variable '%s' redeclaration", step.Name).At("query")
	}
	rows, row, err := s.query(ctx, s.padded("", step.Query, ""), maxForRows)
	if err != nil {
		return 0, err
	}
	defer delete(s.vars, name)
	for _, r := range rows {
		if err := s.count(ctx); err != nil {
			return 0, err
		}
		s.vars[name] = googlesql.Value{Type: row, V: r}
		j, err := s.run(ctx, step.Body)
		switch {
		case err != nil || j == googlesql.JumpReturn:
			return j, err
		case j == googlesql.JumpBreak:
			return 0, nil
		}
	}
	return 0, nil
}

// condition evaluates a condition; NULL is not TRUE.
func (s *script) condition(ctx context.Context, cond googlesql.Span) (bool, error) {
	v, err := s.coerced(ctx, cond, googlesql.Bool)
	return v.V == true, err
}

func (s *script) declare(ctx context.Context, step *googlesql.DeclareStep) error {
	for _, name := range step.Names {
		if _, ok := s.vars[strings.ToLower(name)]; ok {
			return apierr.InvalidQuery("Variable '%s' redeclaration", name).At("query")
		}
	}
	var v googlesql.Value
	none := googlesql.Span{}
	switch {
	case step.Type == none:
		rows, row, err := s.query(ctx, s.padded("SELECT (", step.Default, "\n)"), 1)
		if err != nil {
			return err
		}
		v = googlesql.Value{Type: row.Fields[0].Type, V: rows[0][0].V}
	default:
		_, row, err := s.query(ctx, s.padded("SELECT CAST(NULL AS ", step.Type, ")"), 1)
		if err != nil {
			return err
		}
		v = googlesql.Value{Type: row.Fields[0].Type}
		if v.Type.Kind == googlesql.KindArray {
			v.V = []googlesql.Value{} // an ARRAY begins empty
		}
		if step.Default != none {
			if v, err = s.coerced(ctx, step.Default, v.Type); err != nil {
				return err
			}
		}
	}
	for _, name := range step.Names {
		s.vars[strings.ToLower(name)] = v
	}
	return nil
}

func (s *script) set(ctx context.Context, step *googlesql.SetStep) error {
	for _, name := range step.Names {
		if _, ok := s.vars[strings.ToLower(name)]; !ok {
			return apierr.InvalidQuery("Undeclared variable: %s", name).At("query")
		}
	}
	if !step.Tuple {
		name := strings.ToLower(step.Names[0])
		v, err := s.coerced(ctx, step.Value, s.vars[name].Type)
		if err == nil {
			s.vars[name] = v
		}
		return err
	}
	rows, row, err := s.query(ctx, s.padded("SELECT (", step.Value, "\n)"), 1)
	if err != nil {
		return err
	}
	t := row.Fields[0].Type
	if t.Kind != googlesql.KindStruct || len(t.Fields) != len(step.Names) {
		return apierr.InvalidQuery("Cannot assign a value of type %s to %d variables", t, len(step.Names)).At("query")
	}
	if rows[0][0].IsNull() {
		return apierr.InvalidQuery("Cannot assign NULL STRUCT to multiple variables").At("query")
	}
	fields, ok := rows[0][0].V.([]googlesql.Value)
	if !ok {
		return apierr.Internal("the local BigQuery could not read a STRUCT")
	}
	for i, name := range step.Names {
		key := strings.ToLower(name)
		if fields[i].Type.String() != s.vars[key].Type.String() {
			if fields[i], err = s.convert(ctx, fields[i], s.vars[key].Type); err != nil {
				return err
			}
		}
	}
	for i, name := range step.Names {
		s.vars[strings.ToLower(name)] = fields[i]
	}
	return nil
}

// notCoerced is the analyzer's message on an assignment to the made-up table.
var notCoerced = regexp.MustCompile(`Value has type (.+) which cannot be inserted into column x, which has type (\S+)`)

// coerced evaluates an expression as it is assigned to a variable of a type. The
// analyzer coerces the value of an INSERT in the same way, so it is asked for
// one into a table of a single column.
func (s *script) coerced(ctx context.Context, expr googlesql.Span, t *googlesql.Type) (googlesql.Value, error) {
	return s.insert(ctx, s.padded("INSERT INTO `"+variableTable+"` (x) VALUES ((", expr, "\n))"), t, s.now())
}

// convert is coerced for a value.
func (s *script) convert(ctx context.Context, v googlesql.Value, t *googlesql.Type) (googlesql.Value, error) {
	p := s.now()
	p.vars = map[string]googlesql.Value{"x": v}
	return s.insert(ctx, "INSERT INTO `"+variableTable+"` (x) VALUES (x)", t, p)
}

func (s *script) insert(ctx context.Context, sql string, t *googlesql.Type, p Params) (googlesql.Value, error) {
	q := *s.config
	q.Query, p.variable = sql, t
	a, c, err := s.m.resolve(ctx, s.project, &q, &p)
	if err != nil {
		var g *googlesql.Error
		if errors.As(err, &g) {
			if m := notCoerced.FindStringSubmatch(g.Message); m != nil {
				g.Message = "Cannot coerce expression of type " + m[1] + " to type " + m[2]
			}
		}
		return googlesql.Value{}, err
	}
	i, ok := a.Statement.(*googlesql.Insert)
	if len(a.Others) > 0 || !ok || len(i.Rows) != 1 || len(i.Rows[0]) != 1 || i.Rows[0][0] == nil {
		return googlesql.Value{}, &translate.Unsupported{What: "this expression in a script"}
	}
	v, err := s.m.evaluate(ctx, a, c, i.Rows[0][0], p)
	v.Type = t
	return v, err
}

// query runs a query and gives its rows with their STRUCT type.
func (s *script) query(ctx context.Context, sql string, most int) ([][]googlesql.Value, *googlesql.Type, error) {
	q := *s.config
	q.Query = sql
	p := s.now()
	a, c, err := s.m.resolve(ctx, s.project, &q, &p)
	if err != nil {
		return nil, nil, err
	}
	release := s.m.Store.Acquire(stored(c.tables(a)))
	defer release()
	st, err := translate.Query(a, s.m.values(p))
	if err != nil {
		return nil, nil, err
	}
	row := &googlesql.Type{Kind: googlesql.KindStruct}
	var types []*googlesql.Type
	for _, col := range a.Columns {
		row.Fields = append(row.Fields, googlesql.Field{Name: col.Name, Type: col.Type})
		types = append(types, col.Type)
	}
	rows, err := s.m.readAll(ctx, st, types, most)
	return rows, row, err
}

// now are the parameters and variables as they are.
func (s *script) now() Params {
	p := s.params
	p.temps = s.temps
	p.vars = make(map[string]googlesql.Value, len(s.vars))
	for name, v := range s.vars {
		p.vars[name] = v
	}
	return p
}

// padded gives a part of the script between two texts, such that the part stands
// at the line and, where there is room for the text before it, at the column
// that it has in the script: positions in errors are then the script's.
func (s *script) padded(before string, part googlesql.Span, after string) string {
	head := s.text[:part.From]
	lines := strings.Count(head, "\n")
	column := part.From - (strings.LastIndexByte(head, '\n') + 1)
	var b strings.Builder
	switch {
	case len(before) <= column:
		b.WriteString(strings.Repeat("\n", lines) + strings.Repeat(" ", column-len(before)) + before)
	case lines > 0:
		b.WriteString(strings.Repeat("\n", lines-1) + before + "\n" + strings.Repeat(" ", column))
	default:
		b.WriteString(before)
	}
	return b.String() + s.text[part.From:part.To] + after
}
