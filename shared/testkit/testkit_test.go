package testkit

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindTestData(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "omop", "gibleed"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(TestDataVariable, root)
	got, err := findTestData("omop/gibleed")
	if err != nil || got != filepath.Join(root, "omop", "gibleed") {
		t.Errorf("there: %q, %v", got, err)
	}
	if _, err := findTestData("omop/absent"); !errors.Is(err, errNoEntry) {
		t.Errorf("a missing entry: %v", err)
	}
	t.Setenv(TestDataVariable, filepath.Join(root, "nowhere"))
	if _, err := findTestData("omop/gibleed"); err == nil || errors.Is(err, errNoEntry) || !strings.Contains(err.Error(), TestDataVariable) {
		t.Errorf("a missing folder: %v", err)
	}
}

// verdict runs f on a test of its own and tells whether it failed or skipped.
type verdict struct {
	testing.TB
	failed, skipped bool
}

func (v *verdict) Helper()               { v.TB.Helper() }
func (v *verdict) Errorf(string, ...any) { v.failed = true }
func (v *verdict) Fatalf(string, ...any) { v.failed = true; panic(v) }
func (v *verdict) Fatal(...any)          { v.failed = true; panic(v) }
func (v *verdict) Skipf(string, ...any)  { v.skipped = true; panic(v) }
func (v *verdict) Skip(...any)           { v.skipped = true; panic(v) }
func judge(t *testing.T, f func(testing.TB)) (v *verdict) {
	v = &verdict{TB: t}
	defer func() {
		if r := recover(); r != nil && r != any(v) {
			panic(r)
		}
	}()
	f(v)
	return v
}

func TestMissingThingsSkipOrFail(t *testing.T) {
	t.Setenv(TestDataVariable, t.TempDir())
	missing := func(t testing.TB) { TestData(t, "absent") }
	noEmulator := func(t testing.TB) { Unavailable(t, "x", errors.New("y")) }
	for _, ci := range []string{"", "1"} {
		t.Setenv("CI", ci)
		for name, f := range map[string]func(testing.TB){"data": missing, "emulator": noEmulator} {
			v := judge(t, f)
			if v.failed != (ci != "") || v.skipped != (ci == "") {
				t.Errorf("CI=%q, %s missing: failed %t, skipped %t", ci, name, v.failed, v.skipped)
			}
		}
	}
}

func TestGolden(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "golden.txt")
	if v := judge(t, func(t testing.TB) { Golden(t, path, []byte("a")) }); !v.failed {
		t.Error("a missing golden file passed")
	}
	if err := flag.Set("update", "true"); err != nil {
		t.Fatal(err)
	}
	Golden(t, path, []byte("a"))
	if err := flag.Set("update", "false"); err != nil {
		t.Fatal(err)
	}
	if v := judge(t, func(t testing.TB) { Golden(t, path, []byte("a")) }); v.failed {
		t.Error("the same bytes failed")
	}
	if v := judge(t, func(t testing.TB) { Golden(t, path, []byte("b")) }); !v.failed {
		t.Error("other bytes passed")
	}
}

func TestProjectsDiffer(t *testing.T) {
	one, two := Project(t), Project(t)
	if one == two || !strings.HasPrefix(one, "demo-") {
		t.Errorf("projects %q and %q", one, two)
	}
}
