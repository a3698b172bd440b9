package storage

import (
	"context"
	"io"
	"testing"
	"time"

	"cloud.google.com/go/storage"
)

func TestObjectsOutliveTheServer(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	dir := t.TempDir()
	open := func() (*Server, *storage.Client) {
		s, err := Start(Options{Dir: dir, Buckets: []string{"demo-notebooks"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv("STORAGE_EMULATOR_HOST", s.Host())
		c, err := storage.NewClient(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return s, c
	}
	s, c := open()
	w := c.Bucket("demo-notebooks").Object("ws_1/notebook.ipynb").NewWriter(ctx)
	w.ContentType = "application/x-ipynb+json"
	if _, err := io.WriteString(w, "{}"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	_ = s.Close()

	s, c = open()
	defer func() { _ = c.Close(); _ = s.Close() }()
	r, err := c.Bucket("demo-notebooks").Object("ws_1/notebook.ipynb").NewReader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != "{}" || r.Attrs.ContentType != "application/x-ipynb+json" {
		t.Errorf("after a restart: %q, %+v, %v", got, r.Attrs, err)
	}
}
