package cloudsdk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRootsFollowTheLinkInPath(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	real := filepath.Join(dir, "sdk", "bin", "gcloud")
	link := filepath.Join(dir, "gcloud")
	if err := os.MkdirAll(filepath.Dir(real), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(real, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"CLOUDSDK_ROOT": "/explicit"}
	p := Places{
		Getenv: func(k string) string { return env[k] }, Usual: []string{"/usual"},
		LookPath: func(string) (string, error) { return link, nil },
	}
	if diff := cmp.Diff([]string{"/explicit", filepath.Join(dir, "sdk"), "/usual"}, p.Roots()); diff != "" {
		t.Errorf("roots (-want +got):\n%s", diff)
	}
	env = nil
	p.LookPath = func(string) (string, error) { return "", errors.New("not found") }
	if diff := cmp.Diff([]string{"/usual"}, p.Roots()); diff != "" {
		t.Errorf("roots without gcloud (-want +got):\n%s", diff)
	}
}
