package bigquery_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
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

// TestKill holds that what was acknowledged is there after kill -9, and that
// what was under way is not.
func TestKill(t *testing.T) {
	dir := t.TempDir()
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
	killed := false
	defer func() {
		if !killed {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}()
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the child did not start: %v", err)
	}
	ctx := ctxOf(t)
	c, err := bq.NewClient(ctx, bqtest.Project, option.WithEndpoint(strings.TrimSpace(url)), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
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
	job, err := q.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	// Two jobs that cannot end: one into a new table, one over the old one.
	for _, dst := range []string{"unfinished", "person"} {
		slow := c.Query(slowQuery)
		slow.Dst = c.Dataset("cdm").Table(dst)
		slow.WriteDisposition = bq.WriteTruncate
		if _, err := slow.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	killed = true

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
	md, err := c.Dataset("cdm").Metadata(ctx)
	if err != nil || md.Labels["release"] != "r1" {
		t.Errorf("data set: %v, %v", md, err)
	}
	tm, err := c.Dataset("cdm").Table("person").Metadata(ctx)
	if err != nil || !tm.Schema[0].Required {
		t.Errorf("schema: %v, %v", tm, err)
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
