package notebook

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"researchhub.example/hub/shared/fault"
)

const bucketID = "hub-notebooks"

func newStorage(t *testing.T) *fakestorage.Server {
	t.Helper()
	srv, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Stop)
	srv.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: bucketID})
	return srv
}

func TestBucket(t *testing.T) {
	srv := newStorage(t)
	t.Setenv("STORAGE_EMULATOR_HOST", srv.URL())
	b, err := OpenBucket(t.Context(), bucketID, 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Create(t.Context(), "workspaces/a/é.ipynb", []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := b.Create(t.Context(), "workspaces/a/é.ipynb", []byte("second")); !fault.Is(err, fault.Conflict) {
		t.Errorf("overwriting: %v", err)
	}
	if got, err := b.Read(t.Context(), "workspaces/a/é.ipynb"); err != nil || string(got) != "first" {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := b.Read(t.Context(), "absent"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an absent object: %v", err)
	}
	srv.CreateObject(fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: bucketID, Name: "large"}, Content: []byte("123456789")})
	if _, err := b.Read(t.Context(), "large"); !fault.Is(err, fault.TooLarge) {
		t.Errorf("an object over the bound: %v", err)
	}
	for _, name := range []string{"snapshots/a/1", "snapshots/a/2", "snapshots/a/3", "snapshots/ab/1"} {
		if err := b.Create(t.Context(), name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{2, 1, 0} {
		if n, err := b.Delete(t.Context(), "snapshots/a/", 2); err != nil || n != want {
			t.Errorf("%d are deleted, want %d: %v", n, want, err)
		}
	}
	if _, err := b.Read(t.Context(), "snapshots/ab/1"); err != nil {
		t.Errorf("a neighbour: %v", err)
	}
	nowhere, err := OpenBucket(t.Context(), "no-such-bucket", 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := nowhere.Create(t.Context(), "x", []byte("x")); !fault.Is(err, fault.Internal) {
		t.Errorf("a bucket that is not there is ours to repair: %v", err)
	}
}

func TestStorageRefusalIsNotTheCallersFault(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer s.Close()
	t.Setenv("STORAGE_EMULATOR_HOST", s.URL)
	b, err := OpenBucket(t.Context(), bucketID, 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Create(t.Context(), "x", []byte("x")); !fault.Is(err, fault.Internal) {
		t.Errorf("create: %v", err)
	}
	if _, err := b.Read(t.Context(), "x"); !fault.Is(err, fault.Internal) {
		t.Errorf("read: %v", err)
	}
}
