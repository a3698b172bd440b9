package bigquery_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// TestKillDuringDML holds that after kill -9 a table has every change that was
// acknowledged, and each change whole or not at all; and that a script's
// temporary tables are gone.
func TestKillDuringDML(t *testing.T) {
	dir := t.TempDir()
	c, kill := startChild(t, dir)
	runSteps(t, c, []step{
		{sql: "CREATE SCHEMA d"},
		{sql: "CREATE TABLE d.pair AS SELECT x AS id, 0 AS n FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS x"},
		{sql: "CREATE VIEW d.v AS SELECT SUM(n) AS total FROM d.pair"},
		{sql: "CREATE TABLE d.dropped (a INT64)"},
		{sql: "DROP TABLE d.dropped"},
	})
	ctx, stop := context.WithCancel(ctxOf(t))
	defer stop()
	var acknowledged atomic.Int64
	enough, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			job, err := c.Query("UPDATE d.pair SET n = n + 1 WHERE TRUE").Run(ctx)
			if err != nil {
				return
			}
			if status, err := job.Wait(ctx); err != nil || status.Err() != nil {
				return
			}
			switch acknowledged.Add(1) {
			case 5:
				if _, err := c.Query("CREATE TEMP TABLE x AS SELECT 1 AS a; LOOP SELECT 1; END LOOP;").Run(ctx); err != nil {
					return
				}
			case 20:
				close(enough)
			}
		}
	}()
	select {
	case <-enough:
	case <-ended:
		t.Fatal("the changes failed")
	}
	kill()
	stop() // else the client would try again until the end of its context
	<-ended
	c, _ = bqtest.StartIn(t, dir)
	rows := rowsOf(t, c.Query("SELECT COUNT(*), MIN(n), MAX(n) FROM d.pair"))
	parts := strings.Split(rows[0], "|")
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || parts[0] != "1000" || parts[1] != parts[2] || n < acknowledged.Load() || n > acknowledged.Load()+1 {
		t.Errorf("rows, least and greatest %v after %d acknowledged changes", parts, acknowledged.Load())
	}
	for _, tc := range []struct{ sql, want string }{
		{"SELECT total FROM d.v", fmt.Sprint(n * 1000)},
		{"SELECT STRING_AGG(table_name ORDER BY table_name) FROM d.INFORMATION_SCHEMA.TABLES", "pair,v"},
		{"SELECT STRING_AGG(schema_name) FROM INFORMATION_SCHEMA.SCHEMATA", "d"},
	} {
		if diff := cmp.Diff([]string{tc.want}, rowsOf(t, c.Query(tc.sql))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
	runSteps(t, c, []step{{sql: "UPDATE d.pair SET n = 0 WHERE TRUE", did: "UPDATE/1000", look: "SELECT SUM(n) FROM d.pair", rows: []string{"0"}}})
}
