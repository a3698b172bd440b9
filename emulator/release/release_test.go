package release

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"

	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/testkit"
)

// world stands for the emulators: datasets that a load leaves, and a real Firestore.
type world struct {
	t        *testing.T
	fs       *firestore.Client
	stateDir string
	datasets map[string]bool
	loads    []string
	fail     error
	written  string
}

func newWorld(t *testing.T) *world {
	return &world{t: t, fs: testkit.Firestore(t), stateDir: t.TempDir(), datasets: map[string]bool{}}
}

func (w *world) clients() Clients {
	return Clients{
		Firestore: w.fs, StateDir: w.stateDir, Say: w.t.Logf,
		HasDataset: func(_ context.Context, id string) (bool, error) { return w.datasets[id], nil },
		Write: func(_ context.Context, dir string, _ Source) error {
			w.written = dir
			return os.MkdirAll(dir, 0o755)
		},
		Load: func(ctx context.Context, folder, release, title string) (omop.Release, error) {
			if w.fail != nil {
				return omop.Release{}, w.fail
			}
			w.loads = append(w.loads, release)
			id := release + "_" + string(rune('a'+len(w.loads)))
			w.datasets[id] = true
			r := omop.Release{ID: release, Title: title, State: omop.ReleasePublished, Datasets: map[string]string{omop.TierControlled: id}}
			_, err := w.fs.Collection(omop.ReleasesCollection).Doc(release).Set(ctx, r)
			return r, err
		},
	}
}

func (w *world) ensure(s Source) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return Ensure(ctx, w.clients(), s)
}

func (w *world) published(id string) map[string]string {
	w.t.Helper()
	snap, err := w.fs.Collection(omop.ReleasesCollection).Doc(id).Get(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	var r omop.Release
	if err := snap.DataTo(&r); err != nil {
		w.t.Fatal(err)
	}
	return r.Datasets
}

func TestLoadsOnceAndAgainOnlyForOtherData(t *testing.T) {
	w := newWorld(t)
	folder := filepath.Join(t.TempDir(), "GI Bleed-5.3")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "person.csv")
	if err := os.WriteFile(file, []byte("person_id\n1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	synthetic, own := Source{Persons: 10}, Source{Folder: folder}
	changed := func() Source {
		if err := os.WriteFile(file, []byte("person_id\n1\n2\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return own
	}
	for i, step := range []struct {
		source func() Source
		want   []string
	}{
		{func() Source { return synthetic }, []string{"synthetic"}},
		{func() Source { return synthetic }, nil},
		{func() Source { return Source{Persons: 20} }, []string{"synthetic"}},
		{func() Source { return own }, []string{"gi_bleed_5_3"}},
		{func() Source { return Source{Persons: 20} }, nil},
		{func() Source { return own }, nil},
		{changed, []string{"gi_bleed_5_3"}},
	} {
		w.loads = nil
		if err := w.ensure(step.source()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, w.loads); diff != "" {
			t.Errorf("step %d: loads (-want +got):\n%s", i, diff)
		}
	}
	if _, err := os.Stat(w.written); err == nil {
		t.Error("the synthetic files are left in the state folder")
	}
}

func TestRecordThatFirestoreLostIsWrittenAgain(t *testing.T) {
	w := newWorld(t)
	if err := w.ensure(Source{Persons: 10}); err != nil {
		t.Fatal(err)
	}
	want := w.published("synthetic")
	record := w.fs.Collection(omop.ReleasesCollection).Doc("synthetic")
	for name, lose := range map[string]func() error{
		"no record": func() error { _, err := record.Delete(context.Background()); return err },
		"an older one": func() error {
			_, err := record.Set(context.Background(), omop.Release{ID: "synthetic", State: omop.ReleaseLoading})
			return err
		},
	} {
		if err := lose(); err != nil {
			t.Fatal(err)
		}
		if err := w.ensure(Source{Persons: 10}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, w.published("synthetic")); diff != "" {
			t.Errorf("%s: record (-want +got):\n%s", name, diff)
		}
	}
	if len(w.loads) != 1 {
		t.Errorf("loaded %d times, want once", len(w.loads))
	}
	// Nor is it lost while another release is the one in use.
	if _, err := record.Delete(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := w.ensure(Source{Folder: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, w.published("synthetic")); diff != "" {
		t.Errorf("beside another release: record (-want +got):\n%s", diff)
	}
}

func TestTablesThatAreGoneAreLoadedAgain(t *testing.T) {
	w := newWorld(t)
	if err := w.ensure(Source{Persons: 10}); err != nil {
		t.Fatal(err)
	}
	w.datasets = map[string]bool{}
	if err := w.ensure(Source{Persons: 10}); err != nil {
		t.Fatal(err)
	}
	if len(w.loads) != 2 || len(w.datasets) != 1 {
		t.Errorf("%d loads, datasets %v", len(w.loads), w.datasets)
	}
}

func TestFailedLoadIsToldAndTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.fail = errors.New("person.csv, row 3, column year_of_birth: not a whole number")
	if err := w.ensure(Source{Persons: 10}); !errors.Is(err, w.fail) {
		t.Errorf("error %v", err)
	}
	w.fail = nil
	if err := w.ensure(Source{Persons: 10}); err != nil || len(w.loads) != 1 {
		t.Errorf("after the repair: %d loads, %v", len(w.loads), err)
	}
}

func TestFolderThatIsNotThere(t *testing.T) {
	_, err := Source{Folder: filepath.Join(t.TempDir(), "absent")}.fingerprint()
	if err == nil || !strings.Contains(err.Error(), "-cdm") {
		t.Errorf("error %v", err)
	}
}

func TestReleaseIDs(t *testing.T) {
	for folder, want := range map[string]string{
		"": "synthetic", "/data/gibleed": "gibleed", "/data/GiBleed_5.3": "gibleed_5_3", "/data/2024 Q1/": "cdm_2024_q1",
		"/data/Größe": "gr_e", "/data/--": "cdm", "/" + strings.Repeat("a b ", 40): strings.Repeat("a_b_", 15)[:59],
	} {
		got := Source{Folder: folder}.releaseID()
		if got != want {
			t.Errorf("%q: %q, want %q", folder, got, want)
		}
		if err := omop.CheckReleaseID(got); err != nil {
			t.Errorf("%q: %v", folder, err)
		}
	}
}

// TestADatasetHasItsIndexTables: one without an index table, as an earlier version
// made it, is not there as a whole.
func TestADatasetHasItsIndexTables(t *testing.T) {
	last := omop.IndexTables()[len(omop.IndexTables())-1].Name
	for name, c := range map[string]struct {
		lacks string // the end of the path that is not found
		code  int
		want  bool
		fails bool
	}{
		"all there":      {"nothing", http.StatusNotFound, true, false},
		"no dataset":     {"/datasets/d", http.StatusNotFound, false, false},
		"no index table": {"/tables/" + last, http.StatusNotFound, false, false},
		"no answer":      {"/tables/" + last, http.StatusForbidden, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, c.lacks) {
					http.Error(w, fmt.Sprintf(`{"error":{"code":%d}}`, c.code), c.code)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{}`))
			}))
			defer server.Close()
			client, err := bigquery.NewClient(t.Context(), "demo-test", option.WithEndpoint(server.URL), option.WithoutAuthentication())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			got, err := BigQueryHas(client)(t.Context(), "d")
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}
