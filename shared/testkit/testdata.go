package testkit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestDataVariable moves the folder of test data.
const TestDataVariable = "HUB_TESTDATA"

// TestData gives the path of a file or folder of test data that is too large or
// too foreign to be in the repository, such as "omop/gibleed". It is looked for
// in the folder that HUB_TESTDATA names, else in the folder `shared` beside the
// repository. Without such a folder the test is skipped; with CI set, an entry
// that is missing in a folder that is there fails the test.
func TestData(t testing.TB, name string) string {
	t.Helper()
	path, err := findTestData(name)
	switch {
	case err == nil:
		return path
	case errors.Is(err, errNoEntry) && os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return ""
}

var errNoEntry = errors.New("test data is missing")

func findTestData(name string) (string, error) {
	root := os.Getenv(TestDataVariable)
	if root == "" {
		repo, err := RepoRoot()
		if err != nil {
			return "", err
		}
		root = filepath.Join(filepath.Dir(repo), "shared")
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return "", fmt.Errorf("there is no folder of test data at %s: set %s to one that holds %s", root, TestDataVariable, name)
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: the folder of test data %s has no %s; set %s to one that has", errNoEntry, root, name, TestDataVariable)
	} else if err != nil {
		return "", fmt.Errorf("test data: %w", err)
	}
	return path, nil
}

// RepoRoot is the folder of the module that the working folder belongs to: the
// nearest one upwards with a go.mod.
func RepoRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod upwards of the working folder: run this inside the repository")
		}
		dir = parent
	}
}
