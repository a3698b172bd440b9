package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/scripts/circecheck/suite"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

type checker struct {
	client *bigquery.Client
	suite  *suite.Suite
	// datasets are the names in the local BigQuery of the suite's data sets, whose
	// own may hold anything.
	datasets map[string]string
	show     bool
}

// outcome is how one comparison ended, and why.
type outcome struct {
	kind kind
	why  string
}

func (c checker) check(ctx context.Context, a suite.Answer) outcome {
	lines, err := c.rows(ctx, a)
	if err != nil {
		return outcome{refused, err.Error()}
	}
	if suite.Hash(lines) != a.Want() {
		return outcome{different, fmt.Sprintf("%d rows, expected %d with all persons", len(lines), a.Rows)}
	}
	return outcome{identical, ""}
}

// rows gives the lines "subject_id,start,end" of a definition, without the
// persons whose answer is open.
func (c checker) rows(ctx context.Context, a suite.Answer) ([]string, error) {
	raw, err := c.suite.Definition(a)
	if err != nil {
		return nil, err
	}
	d, err := circe.ParseCompatible(raw)
	if err != nil {
		return nil, err
	}
	data := omop.Dataset{Project: project, ID: c.datasets[a.Dataset]}
	concepts, err := c.resolve(ctx, d.ConceptSets, data)
	if err != nil {
		return nil, fmt.Errorf("resolve: %w", err)
	}
	st, err := d.Compile(circe.Options{Data: data, Sets: concepts.Sets, Occurs: concepts.Occurs, Compatible: true, Legacy: true})
	if err != nil {
		return nil, err
	}
	if c.show {
		fmt.Println(st.SQL)
	}
	var lines []string
	err = c.query(ctx, st, func(r []bigquery.Value) error {
		if id := fmt.Sprint(r[0]); !c.suite.Open(a, id) {
			lines = append(lines, fmt.Sprintf("%s,%v,%v", id, r[1], r[2]))
		}
		return nil
	})
	return lines, err
}

func (c checker) resolve(ctx context.Context, sets []circe.ConceptSet, data omop.Dataset) (circe.Concepts, error) {
	r, err := circe.Resolve(sets, data)
	if err != nil || r.Statement.SQL == "" {
		return circe.Concepts{}, err
	}
	answer := r.Answer()
	err = c.query(ctx, r.Statement, func(row []bigquery.Value) error {
		var n [4]int64
		for i := range n {
			n[i], _ = row[i].(int64)
		}
		return answer.Add(n[0], n[1], n[2], n[3])
	})
	return answer.Concepts(), err
}

// oneQuery bounds one statement.
const oneQuery = 5 * time.Minute

func (c checker) query(ctx context.Context, st statement.Statement, each func([]bigquery.Value) error) error {
	ctx, cancel := context.WithTimeout(ctx, oneQuery)
	defer cancel()
	job, err := bigqueryx.Run(ctx, c.client, bigqueryx.Job{Statement: st, MaxBytesBilled: 1 << 40})
	if err != nil {
		return err
	}
	it, err := job.Read(ctx)
	if err != nil {
		return err
	}
	for {
		var row []bigquery.Value
		switch err := it.Next(&row); {
		case errors.Is(err, iterator.Done):
			return nil
		case err != nil:
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
}
