package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"

	"researchhub.example/hub/emulator/bigquery"
	"researchhub.example/hub/emulator/cloud"
)

// startBigQuery runs the hub's own BigQuery emulator in this process.
func startBigQuery(ctx context.Context, project, dir string, port int, log io.Writer) (cloud.BigQuery, error) {
	return bigquery.Start(ctx, bigquery.Config{
		Dir: dir, ExtractDir: filepath.Join(filepath.Dir(dir), "extracts"), Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Project: project,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
}
