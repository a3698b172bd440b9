package environment

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"researchhub.example/hub/shared/fault"
)

func TestBucket(t *testing.T) {
	srv := newStorage(t)
	t.Setenv("STORAGE_EMULATOR_HOST", srv.URL())
	b, err := openBucket(t.Context(), bucketID, 8)
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
	nowhere, err := openBucket(t.Context(), "no-such-bucket", 8)
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
	b, err := openBucket(t.Context(), bucketID, 8)
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

func TestContentThatIsNotWhatItsRecordSays(t *testing.T) {
	r := newRoom(t)
	_, body := r.call("owner", "POST", notebooksPath(wsID), newNotebook("n", "python", runID))
	made := decode[notebookView](t, body)
	r.storage.CreateObject(fakestorage.Object{
		ObjectAttrs: fakestorage.ObjectAttrs{BucketName: bucketID, Name: "workspaces/" + wsID + "/notebooks/" + made.ID + ".ipynb"},
		Content:     []byte(`{"cells":[]}`),
	})
	if res, body := r.call("owner", "GET", made.Content, ""); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("a changed file was served: %d %s", res.StatusCode, body)
	}
}
