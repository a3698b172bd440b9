package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/scripts/circecheck/suite"
)

// show prints ours for one definition with the plan and the times of its parts.
func show(ctx context.Context, cfg config, id string) error {
	cfg.filter.IDs = []string{id}
	s, err := suite.Open(cfg.suite, cfg.filter)
	if err != nil {
		return err
	}
	a := s.Answers[0]
	folder, err := s.Data(a.Dataset)
	if err != nil {
		return err
	}
	e, err := open(ctx, cfg.scratch, cfg.threads, cfg.memory, true, parquet(folder))
	if err != nil {
		return err
	}
	defer e.close()
	raw, err := s.Definition(a)
	if err != nil {
		return err
	}
	ready, err := e.ask(ctx, raw)
	if err != nil {
		return err
	}
	for name, sql := range map[string]string{"resolve": ready.resolve, "cohort": ready.cohort} {
		if sql == "" {
			continue
		}
		fmt.Printf("-- %s\n%s\n", name, sql)
		for range 3 {
			began := time.Now()
			if err := e.conn.Exec(ctx, "EXPLAIN "+sql); err != nil {
				return err
			}
			planned := time.Since(began)
			began = time.Now()
			if err := e.conn.Exec(ctx, sql); err != nil {
				return err
			}
			fmt.Printf("-- planned in %.2f ms, planned and run in %.2f ms\n", ms(planned), ms(time.Since(began)))
		}
		var profile []byte
		err := e.conn.Query(ctx, "EXPLAIN (ANALYZE, FORMAT json) "+sql, func(ch *duck.Chunk) error {
			profile = append(profile, ch.Cols[1].Bytes(0)...)
			return nil
		})
		if err != nil {
			return err
		}
		if err := plan(os.Stdout, profile); err != nil {
			return err
		}
	}
	return nil
}
