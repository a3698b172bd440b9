package main

import (
	"context"
	"fmt"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/circe"
)

// asked is a definition as ours are run.
type asked struct {
	// resolve turns the concept sets into concept ids; "" where there are none.
	resolve string
	sets    *circe.Resolution
	// cohort gives the rows for those ids.
	cohort string
	// apart is the time of compilation, analysis and translation, which OHDSI's
	// statements have behind them.
	apart time.Duration
}

// ask prepares a definition on the engine's data.
func (e *engine) ask(ctx context.Context, raw []byte) (asked, error) {
	var a asked
	began := time.Now()
	d, err := circe.ParseCompatible(raw)
	if err != nil {
		return a, err
	}
	if a.sets, err = circe.Resolve(d.ConceptSets, data); err != nil {
		return a, err
	}
	for _, st := range a.sets.Statements() {
		if a.resolve, err = e.translated(ctx, st); err != nil {
			return a, fmt.Errorf("the concept sets: %w", err)
		}
	}
	a.apart = time.Since(began)
	concepts, err := e.resolve(ctx, a)
	if err != nil {
		return a, err
	}
	began = time.Now()
	st, err := d.Compile(circe.Options{Data: data, Sets: concepts.Sets, Occurs: concepts.Occurs, Compatible: true, Legacy: true})
	if err != nil {
		return a, err
	}
	a.cohort, err = e.translated(ctx, st)
	a.apart += time.Since(began)
	return a, err
}

// resolve reads the concept ids of concept sets and puts the sets together.
func (e *engine) resolve(ctx context.Context, a asked) (circe.Concepts, error) {
	answer := a.sets.Answer()
	if a.resolve == "" {
		return answer.Concepts(), nil
	}
	err := e.conn.Query(ctx, a.resolve, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			err := answer.Add(ch.Cols[0].Int64(i), ch.Cols[1].Int64(i), ch.Cols[2].Int64(i), ch.Cols[3].Int64(i))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return answer.Concepts(), err
}

// ours and theirs are the tables of the two answers.
const (
	ours   = duck.Results + ".main.ours"
	theirs = duck.Results + ".main.cohort"
)

// runOurs runs both statements of ours, the rows kept as the local BigQuery keeps
// a result, and says how long that took.
func (e *engine) runOurs(ctx context.Context, a asked) (time.Duration, error) {
	if err := e.conn.Exec(ctx, "DROP TABLE IF EXISTS "+ours); err != nil {
		return 0, err
	}
	began := e.now()
	if _, err := e.resolve(ctx, a); err != nil {
		return 0, err
	}
	err := e.conn.Exec(ctx, "CREATE TABLE "+ours+" AS "+a.cohort)
	return e.now() - began, err
}

// runTheirs runs OHDSI's statements in order and says how long that took.
func (e *engine) runTheirs(ctx context.Context, statements []string) (time.Duration, error) {
	began := e.now()
	for i, sql := range statements {
		if err := e.conn.Exec(ctx, sql); err != nil {
			return 0, fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	return e.now() - began, nil
}

// clear drops what OHDSI's statements have left behind, those that failed as well.
func (e *engine) clear(ctx context.Context) error {
	var left []string
	err := e.conn.Query(ctx, "SELECT table_name FROM duckdb_tables() WHERE temporary", func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			left = append(left, string(ch.Cols[0].Bytes(i)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range left {
		if err := e.conn.Exec(ctx, "DROP TABLE temp."+duck.Ident(t)); err != nil {
			return err
		}
	}
	return e.conn.Exec(ctx, "DELETE FROM "+theirs)
}

// lines are an answer's rows as "subject_id,start,end", without who is open.
func (e *engine) lines(ctx context.Context, from, columns string, open func(person string) bool) ([]string, error) {
	var lines []string
	err := e.conn.Query(ctx, "SELECT "+columns+" FROM "+from, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			person := fmt.Sprint(ch.Cols[0].Int64(i))
			if !open(person) {
				lines = append(lines, person+","+day(ch.Cols[1], i)+","+day(ch.Cols[2], i))
			}
		}
		return nil
	})
	return lines, err
}

func day(v *duck.Vector, i int) string {
	if !v.Valid(i) {
		return "NULL"
	}
	return time.Unix(int64(v.Int32(i))*86400, 0).UTC().Format(time.DateOnly)
}
