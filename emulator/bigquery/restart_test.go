package bigquery_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"

	"researchhub.example/hub/emulator/bigquery"
	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// childDir makes the test binary a server in this folder, to be killed.
const childDir = "HUB_BIGQUERY_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		s, err := bigquery.Start(context.Background(), bigquery.Config{Dir: dir, MemoryLimit: "1GB"})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(s.URL())
		select {} // until killed
	}
	os.Exit(m.Run())
}

// startChild serves a folder from a process of its own until kill, which gives it
// no chance to end well.
func startChild(t *testing.T, dir string) (c *bq.Client, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(kill)
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the child did not start: %v", err)
	}
	c, err = bq.NewClient(ctxOf(t), bqtest.Project, option.WithEndpoint(strings.TrimSpace(url)), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, kill
}

// TestKill holds that what was acknowledged is there after kill -9, and that
// what was under way is not.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	c, kill := startChild(t, dir)
	ctx := ctxOf(t)
	if err := c.Dataset("cdm").Create(ctx, &bq.DatasetMetadata{Labels: map[string]string{"release": "r1"}}); err != nil {
		t.Fatal(err)
	}
	if err := loadCSV(t, c, "cdm", "person", personCSV, personSchema, nil); err != nil {
		t.Fatal(err)
	}
	table := c.Dataset("cdm").Table("person")
	if err := table.Inserter().Put(ctx, []*bq.ValuesSaver{{Schema: personSchema, Row: []bq.Value{int64(5), "F", nil, nil}}}); err != nil {
		t.Fatal(err)
	}
	q := c.Query("SELECT COUNT(*) AS n FROM cdm.person")
	q.Dst = c.Dataset("cdm").Table("counted")
	q.JobID, q.Labels = "counting", map[string]string{"purpose": "test"}
	job, err := q.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	failing := c.Query("SELECT 1 / (person_id - 1) FROM cdm.person")
	failing.JobID = "failing"
	if _, err := failing.Read(ctx); err == nil {
		t.Fatal("a division by zero")
	}
	plain := c.Query("SELECT 7")
	plain.JobID = "plain"
	if diff := cmp.Diff([]string{"7"}, rowsOf(t, plain)); diff != "" {
		t.Fatal(diff)
	}
	// Two jobs that cannot end: one into a new table, one over the old one.
	for _, dst := range []string{"unfinished", "person"} {
		slow := c.Query(slowQuery)
		slow.Dst = c.Dataset("cdm").Table(dst)
		slow.WriteDisposition = bq.WriteTruncate
		slow.JobID = "slow-" + dst
		if _, err := slow.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	c, _ = bqtest.StartIn(t, dir)
	if diff := cmp.Diff([]string{"5"}, rowsOf(t, c.Query("SELECT COUNT(*) FROM cdm.person"))); diff != "" {
		t.Errorf("persons (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"5"}, rowsOf(t, c.Query("SELECT n FROM cdm.counted"))); diff != "" {
		t.Errorf("destination table (-want +got):\n%s", diff)
	}
	if _, err := c.Dataset("cdm").Table("unfinished").Metadata(ctx); codeOf(err) != http.StatusNotFound {
		t.Errorf("the unfinished table: %v", err)
	}
	checkJobsAfterKill(t, c)
	md, err := c.Dataset("cdm").Metadata(ctx)
	if err != nil || md.Labels["release"] != "r1" {
		t.Errorf("data set: %v, %v", md, err)
	}
	tm, err := c.Dataset("cdm").Table("person").Metadata(ctx)
	if err != nil || !tm.Schema[0].Required {
		t.Errorf("schema: %v, %v", tm, err)
	}
}

// checkJobsAfterKill holds that jobs are remembered: a client's id is not run
// again, and what happened to each is told.
func checkJobsAfterKill(t *testing.T, c *bq.Client) {
	t.Helper()
	ctx := ctxOf(t)
	for _, tc := range []struct{ id, reason string }{{"counting", ""}, {"failing", "invalidQuery"}, {"plain", ""}, {"slow-unfinished", "stopped"}, {"slow-person", "stopped"}} {
		again := c.Query("SELECT 1")
		again.JobID = tc.id
		if _, err := again.Run(ctx); codeOf(err) != http.StatusConflict {
			t.Errorf("%s again: %v, want 409", tc.id, err)
		}
		j, err := c.JobFromID(ctx, tc.id)
		if err != nil {
			t.Errorf("%s: %v", tc.id, err)
			continue
		}
		st := j.LastStatus()
		var e *bq.Error
		if errors.As(st.Err(), &e); st.State != bq.Done || tc.reason == "" && st.Err() != nil || tc.reason != "" && (e == nil || e.Reason != tc.reason) {
			t.Errorf("%s: %v, %v, want the reason %q", tc.id, st.State, st.Err(), tc.reason)
		}
	}
	j, err := c.JobFromID(ctx, "counting")
	if err != nil {
		t.Fatal(err)
	}
	st := j.LastStatus().Statistics
	// Five persons: four loaded, one inserted. COUNT(*) reads no column.
	if st.TotalBytesProcessed != 0 || st.CreationTime.IsZero() || st.EndTime.Before(st.StartTime) {
		t.Errorf("statistics: %+v", st)
	}
	cfg, err := j.Config()
	if err != nil || cfg.(*bq.QueryConfig).Labels["purpose"] != "test" {
		t.Errorf("configuration: %v, %v", cfg, err)
	}
	// A table's rows are there, an anonymous result has ended with its process.
	it, err := j.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"5"}, textRows(t, it)); diff != "" {
		t.Errorf("read a job of before (-want +got):\n%s", diff)
	}
	if j, err = c.JobFromID(ctx, "plain"); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Read(ctx); codeOf(err) != http.StatusNotFound {
		t.Errorf("an anonymous result after a restart: %v", err)
	}
}

// TestSecondStart holds that a folder or port in use is a clear error.
func TestSecondStart(t *testing.T) {
	dir := t.TempDir()
	_, s := bqtest.StartIn(t, dir)
	if _, err := bigquery.Start(context.Background(), bigquery.Config{Dir: t.TempDir(), Addr: strings.TrimPrefix(s.URL(), "http://")}); err == nil || !strings.Contains(err.Error(), "choose another port") {
		t.Errorf("a taken port: %v", err)
	}
	if _, err := bigquery.Start(context.Background(), bigquery.Config{Dir: t.TempDir(), Addr: "0.0.0.0:0"}); err == nil || !strings.Contains(err.Error(), "no loopback address") {
		t.Errorf("an open address: %v", err)
	}
	// Within one process DuckDB itself holds the lock by process, so another
	// process is asked.
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "lock") {
		t.Errorf("a folder in use: %v %s", err, out)
	}
}

// TestTornHistory holds that a job whose end was not written down has ended well
// if what it wrote is there, and that a torn line hurts no other job.
func TestTornHistory(t *testing.T) {
	dir := t.TempDir()
	c, s := bqtest.StartIn(t, dir)
	ctx := ctxOf(t)
	if err := c.Dataset("cdm").Create(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for id, dst := range map[string]string{"wrote": "x", "read": ""} {
		q := c.Query("SELECT 1 AS one")
		q.JobID = id
		if dst != "" {
			q.Dst = c.Dataset("cdm").Table(dst)
		}
		rowsOf(t, q)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "jobs.jsonl")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(b)) {
		if !strings.Contains(line, `"ended"`) {
			kept = append(kept, line)
		}
	}
	if len(kept) != 2 {
		t.Fatalf("%d jobs have begun, want 2:\n%s", len(kept), b)
	}
	if err := os.WriteFile(path, []byte(strings.Join(kept, "")+`{"project":"demo-test","job":"torn","cr`), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ = bqtest.StartIn(t, dir)
	for id, want := range map[string]bool{"wrote": true, "read": false} {
		j, err := c.JobFromID(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if st := j.LastStatus(); !st.Done() || (st.Err() == nil) != want {
			t.Errorf("%s: %v, want a good end: %v", id, st.Err(), want)
		}
	}
	if _, err := c.JobFromID(ctx, "torn"); codeOf(err) != http.StatusNotFound {
		t.Errorf("the torn line: %v", err)
	}
}
