package bigquery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/emulator/bigquery/bqtest"
	"researchhub.example/hub/shared/testkit"
)

// toolTime bounds one program, the installation of the Node client included.
const toolTime = 2 * time.Minute

// TestBQ drives the server by Google's command line tool.
func TestBQ(t *testing.T) {
	if testing.Short() {
		t.Skip("bq takes seconds for each command")
	}
	bin, err := exec.LookPath("bq")
	if err != nil {
		t.Skip("bq is not installed (it comes with the Google Cloud SDK)")
	}
	_, s := bqtest.StartIn(t, t.TempDir())
	scratch := t.TempDir()
	file := filepath.Join(scratch, "x.csv")
	if err := os.WriteFile(file, []byte("1,a\n2,b\n3,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bq := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), toolTime)
		defer cancel()
		cmd := exec.CommandContext(ctx, bin, append([]string{"--api", s.URL(), "--project_id=" + bqtest.Project, "--oauth_access_token=local", "--headless", "--quiet", "--format=json"}, args...)...)
		cmd.Env = append(os.Environ(), "CLOUDSDK_CONFIG="+scratch, "HOME="+scratch)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, tc := range []struct {
		args []string
		want string
		fail bool
	}{
		{[]string{"mk", "-d", "cdm"}, "successfully created", false},
		{[]string{"load", "cdm.x", file, "i:integer,s:string"}, "", false},
		{[]string{"query", "--nouse_legacy_sql", "SELECT SUM(i) AS n, COUNT(s) AS c FROM cdm.x"}, `[{"c":"2","n":"6"}]`, false},
		{[]string{"cp", "cdm.x", "cdm.y"}, "", false},
		{[]string{"query", "--nouse_legacy_sql", "SELECT nope FROM cdm.x"}, "Unrecognized name: nope at [1:8]", true},
		{[]string{"ls", "-j"}, `"jobType":"COPY"`, false},
	} {
		out, err := bq(tc.args...)
		// bq breaks its errors into lines wherever it likes.
		plain := strings.Join(strings.Fields(out), " ")
		if (err != nil) != tc.fail || !strings.Contains(plain, tc.want) {
			t.Errorf("bq %s: %v, want %q in\n%s", strings.Join(tc.args, " "), err, tc.want, out)
		}
	}
}

// TestNodeClient drives the server by Google's client for Node.
func TestNodeClient(t *testing.T) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Unavailable(t, tool, err)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "client.mjs"} {
		b, err := os.ReadFile(filepath.Join("clienttest", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), toolTime)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		testkit.Unavailable(t, "the client for Node", fmt.Errorf("%w: %s", err, out))
	}
	_, s := bqtest.StartIn(t, t.TempDir())
	cmd := exec.CommandContext(ctx, "node", "client.mjs", s.URL(), dir)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	row := func(i float64, s any, tags ...any) any {
		return map[string]any{"i": i, "s": s, "tags": append([]any{}, tags...)}
	}
	want := map[string]any{"loaded": "2", "dry": "32", "streamed": 2500., "numRows": "4", "left": 0.,
		"rows":  []any{row(1, "a", "x", "y"), row(2, nil), row(3, "c", "z"), row(4, nil)},
		"named": []any{map[string]any{"x": 11.}, map[string]any{"x": 13.}},
		"error": map[string]any{"code": 400., "reason": "invalidQuery"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
