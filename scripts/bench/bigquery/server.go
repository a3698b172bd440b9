package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	"researchhub.example/hub/emulator/bigquery"
)

// project is the bench's project id.
const project = "bench"

// serve runs the local BigQuery until it is told to stop, and prints its URL.
func serve(ctx context.Context, dir string) error {
	s, err := bigquery.Start(ctx, bigquery.Config{Dir: dir, Project: project, Datasets: []string{"bench"}})
	if err != nil {
		return err
	}
	fmt.Println(s.URL())
	<-ctx.Done()
	return s.Close()
}

// server is the local BigQuery in a process of its own.
type server struct {
	cmd    *exec.Cmd
	client *bq.Client
	// ready is the time from the start of the process to its first answer.
	ready time.Duration
}

// start starts the process and waits for its first answer.
func start(ctx context.Context, dir string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	began := time.Now()
	cmd := exec.CommandContext(ctx, self, "-serve", dir)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the local BigQuery: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the local BigQuery: %w", err)
	}
	s := &server{cmd: cmd}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the local BigQuery did not start: %w", err)
	}
	url = strings.TrimSpace(url)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/bigquery/v2/projects/"+project+"/datasets", http.NoBody)
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("ask the local BigQuery: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("ask the local BigQuery: %w", err)
	}
	res.Body.Close()
	s.ready = time.Since(began)
	if s.client, err = bq.NewClient(ctx, project, option.WithEndpoint(url), option.WithoutAuthentication()); err != nil {
		s.stop()
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return s, nil
}

// stop ends the process; a second time does nothing.
func (s *server) stop() {
	if s == nil || s.cmd == nil {
		return
	}
	if s.client != nil {
		_ = s.client.Close()
	}
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	_ = s.cmd.Wait()
	s.cmd = nil
}

// rss is the process's resident memory in MB.
func (s *server) rss() (int64, error) {
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(s.cmd.Process.Pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("ask ps for the memory in use: %w", err)
	}
	kb, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	return kb / 1024, err
}

// generate makes the tables persons and events from arithmetic alone, so that
// every run has the same data.
func (s *server) generate(ctx context.Context, cfg config) error {
	perPerson := cfg.events / cfg.persons
	for _, t := range []struct{ name, sql string }{
		{"persons", `SELECT a * 1000 + b AS person_id, IF(MOD(a * 7 + b, 2) = 0, 8507, 8532) AS gender_concept_id,
			1930 + MOD(a * 13 + b * 29, 75) AS year_of_birth
			FROM UNNEST(GENERATE_ARRAY(0, @thousands)) AS a, UNNEST(GENERATE_ARRAY(0, 999)) AS b WHERE a * 1000 + b < @persons`},
		{"events", `SELECT p.person_id, p.person_id * @each + k AS event_id,
			1000 + MOD(MOD(p.person_id * 7919 + k * 104729, 1000003), 1000) AS concept_id,
			DATE_ADD(DATE '2010-01-01', INTERVAL MOD(p.person_id * 31 + k * 127, 5000) DAY) AS start_date,
			MOD(p.person_id * 17 + k * 13, 1000) / 10 AS value
			FROM bench.persons AS p, UNNEST(GENERATE_ARRAY(0, @each - 1)) AS k`},
	} {
		q := s.client.Query(t.sql)
		q.Parameters = []bq.QueryParameter{{Name: "thousands", Value: cfg.persons / 1000}, {Name: "persons", Value: cfg.persons}, {Name: "each", Value: perPerson}}
		q.Parameters = used(q.Parameters, t.sql)
		q.Dst, q.WriteDisposition = s.client.Dataset("bench").Table(t.name), bq.WriteTruncate
		job, err := q.Run(ctx)
		if err != nil {
			return fmt.Errorf("make the table %s: %w", t.name, err)
		}
		status, err := job.Wait(ctx)
		if err == nil {
			err = status.Err()
		}
		if err != nil {
			return fmt.Errorf("make the table %s: %w", t.name, err)
		}
	}
	return nil
}

// used leaves out the parameters that a statement does not name.
func used(all []bq.QueryParameter, sql string) []bq.QueryParameter {
	var out []bq.QueryParameter
	for _, p := range all {
		if strings.Contains(sql, "@"+p.Name) {
			out = append(out, p)
		}
	}
	return out
}

// ask runs a question through the client, with the cache of results off, and
// reads all rows.
func (s *server) ask(ctx context.Context, q question) (answer, error) {
	query := s.client.Query(q.google)
	query.Parameters = q.params
	query.DisableQueryCache = true
	it, err := query.Read(ctx)
	if err != nil {
		return answer{}, err
	}
	var a answer
	for {
		var row []bq.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return a, nil
		}
		if err != nil {
			return a, err
		}
		a.add(len(row), func(i int) int64 {
			n, _ := row[i].(int64)
			return n
		})
	}
}
