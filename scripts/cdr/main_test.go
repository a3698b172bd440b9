package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/api/iterator"

	"researchhub.example/hub/emulator/bigquery/bqtest"
	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/testkit"
)

// dieAt makes this test binary the command itself, which kills itself when it has
// said a line with that text in it.
const dieAt = "CDR_TEST_DIE_AT"

func TestMain(m *testing.M) {
	if text := os.Getenv(dieAt); text != "" {
		if err := run(context.Background(), os.Args[1:], mortal(text), os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

type mortal string

func (m mortal) Write(p []byte) (int, error) {
	if strings.Contains(string(p), string(m)) {
		// Nothing of this process runs after this: no deferred call, no clean-up.
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return len(p), nil
}

// TestKilledProcessIsReplacedAtOnce kills the real command, with the real Firestore,
// in three stages of a load; the next one waits for nobody and leaves nothing behind.
func TestKilledProcessIsReplacedAtOnce(t *testing.T) {
	project := testkit.Project(t)
	t.Setenv("FIRESTORE_EMULATOR_HOST", testkit.FirestoreHost(t))
	bq, server := bqtest.StartIn(t, t.TempDir())
	t.Setenv("BIGQUERY_EMULATOR_HOST", server.URL())
	folder := filepath.Join(t.TempDir(), "cdm")
	if err := seed.Write(context.Background(), folder, seed.Options{Persons: 5, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	args := []string{"-cdm", folder, "-release", "r1", "-project", project}
	datasets := func() int {
		t.Helper()
		n := 0
		it := bq.Datasets(context.Background())
		it.ProjectID = project
		for {
			_, err := it.Next()
			if errors.Is(err, iterator.Done) {
				return n
			}
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	for _, text := range []string{"table 16 of", "registered tier, table 20 of", "checks: 0 errors"} {
		child := exec.Command(os.Args[0], args...)
		child.Env = append(os.Environ(), dieAt+"="+text)
		said, err := child.CombinedOutput()
		if err == nil || child.ProcessState.Exited() {
			t.Fatalf("%s: it was not killed: %v\n%s", text, err, said)
		}
		if n := datasets(); n != 2 {
			t.Errorf("%s: the killed load left %d datasets, and the ones before it were not dropped", text, n)
		}
	}
	var out bytes.Buffer
	if err := run(context.Background(), args, &out, io.Discard); err != nil || datasets() != 2 {
		t.Errorf("after the kills: %v, %d datasets\n%s", err, datasets(), out.String())
	}
	out.Reset()
	if err := run(context.Background(), args, &out, io.Discard); err != nil || !strings.Contains(out.String(), "holds this data already") {
		t.Errorf("again: %v\n%s", err, out.String())
	}
}

func TestArgumentsThatAreRefused(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "")
	cases := []struct{ args, want string }{
		{"", "one of -cdm FOLDER, -dataset PROJECT.DATASET and -synthetic PERSONS"},
		{"-cdm x -synthetic 10 -release r -project demo-hub", "one of -cdm FOLDER"},
		{"-cdm x -dataset a.b -release r -project demo-hub", "one of -cdm FOLDER"},
		{"-dataset there -release r -project demo-hub", "give it as PROJECT.DATASET"},
		{"-dataset demo-hub.a.b -release r -project demo-hub", "give it as PROJECT.DATASET"},
		{"-report -cdm x -release r -project demo-hub", "-report loads nothing"},
		{"-cdm x -project demo-hub", "-release is missing"},
		{"-cdm x -release r", "-project is missing"},
		{"-cdm x -release r -project demo-hub more", `"more" is not understood`},
		{"-synthetic 1000001 -release r -project demo-hub", "choose 1 to 1000000"},
		{"-synthetic -1 -release r -project demo-hub", "choose 1 to 1000000"},
		{"-colour", "not defined"},
	}
	for _, c := range cases {
		err := run(context.Background(), strings.Fields(c.args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.args, err, c.want)
		}
	}
	if err := run(context.Background(), []string{"-h"}, io.Discard, io.Discard); err != nil {
		t.Errorf("help: %v", err)
	}
}

func TestSyntheticDataIsPublished(t *testing.T) {
	project := testkit.Project(t)
	t.Setenv("FIRESTORE_EMULATOR_HOST", testkit.FirestoreHost(t))
	_, server := bqtest.StartIn(t, t.TempDir())
	t.Setenv("BIGQUERY_EMULATOR_HOST", server.URL())
	left := t.TempDir()
	t.Setenv("TMPDIR", left)
	var out bytes.Buffer
	args := []string{"-synthetic", "20", "-release", "synthetic", "-project", project}
	if err := run(context.Background(), args, &out, io.Discard); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	snap, err := testkit.FirestoreFor(t, project).Collection(omop.ReleasesCollection).Doc("synthetic").Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var r omop.Release
	if err := snap.DataTo(&r); err != nil {
		t.Fatal(err)
	}
	if r.State != omop.ReleasePublished || r.Persons != 20 || r.Title != "Synthetic data of 20 persons" || len(r.Datasets) != 2 {
		t.Errorf("record %+v", r)
	}
	if entries, err := os.ReadDir(left); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if !strings.Contains(out.String(), "release synthetic is published: 20 persons") {
		t.Errorf("said:\n%s", out.String())
	}
	// What was printed at the load can be printed again.
	var report bytes.Buffer
	if err := run(context.Background(), []string{"-report", "-release", "synthetic", "-project", project}, &report, io.Discard); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(report.String()) {
		if !strings.Contains(out.String(), line) {
			t.Errorf("reported and not said at the load: %s", line)
		}
	}
	if !strings.Contains(report.String(), "checks: 0 errors, ") || r.Errors != 0 || r.Warnings != strings.Count(report.String(), "warning: ") {
		t.Errorf("record %+v, report:\n%s", r, report.String())
	}
	// The release itself, as a dataset of CDM tables, is the origin of another one.
	out.Reset()
	copied := []string{"-dataset", project + "." + r.Datasets[omop.TierControlled], "-release", "copied", "-project", project}
	if err := run(context.Background(), copied, &out, io.Discard); err != nil || !strings.Contains(out.String(), "release copied is published: 20 persons") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
