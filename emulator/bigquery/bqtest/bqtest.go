// Package bqtest gives a test a local BigQuery of its own.
package bqtest

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	"researchhub.example/hub/emulator/bigquery"
)

// Project is the project id of Start's client.
const Project = "demo-test"

// Start serves an empty local BigQuery on a free port until the test ends and
// returns a client of it with its project id.
func Start(t testing.TB) (client *bq.Client, projectID string) {
	t.Helper()
	client, _ = StartIn(t, t.TempDir())
	return client, Project
}

// ExtractDir is where the extract jobs of a server with its data in dir write to.
func ExtractDir(dir string) string { return filepath.Join(dir, "extracts") }

// StartIn is Start with the data in dir; it also returns the server.
func StartIn(t testing.TB, dir string) (*bq.Client, *bigquery.Server) {
	t.Helper()
	s, err := bigquery.Start(context.Background(), bigquery.Config{Dir: dir, MemoryLimit: "1GB", ExtractDir: ExtractDir(dir),
		Logger: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the local BigQuery: %v", err)
		}
	})
	c, err := bq.NewClient(context.Background(), Project, option.WithEndpoint(s.URL()), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, s
}

// testWriter sends the server's log to the test's.
type testWriter struct{ t testing.TB }

var _ io.Writer = testWriter{}

// Write implements io.Writer.
func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", p)
	return len(p), nil
}
