package main

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// staged stages a function and gives its folder.
func staged(t *testing.T, name string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	names, err := functionNames(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatal("there are no functions below " + root)
	}
	dir := t.TempDir()
	if err := realMain(t.Context(), []string{"-function", name, "-zip", "-out", dir}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

func TestStagesWhatItLinksAndNothingElse(t *testing.T) {
	dir := staged(t, "auth")
	for _, want := range []string{"go.mod", "go.sum", rootFile, "functions/auth/function.go", "shared/fn/fn.go", "shared/api/docs.html"} {
		if _, err := os.Stat(filepath.Join(dir, want)); err != nil {
			t.Errorf("not staged: %v", err)
		}
	}
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, at)
		rel = filepath.ToSlash(rel)
		switch {
		case strings.HasSuffix(rel, "_test.go"), d.Name() == "testdata":
			t.Errorf("staged a test: %s", rel)
		case strings.HasPrefix(rel, "emulator"), rel == "shared/testkit", rel == "shared/bigqueryx", rel == "shared/googlesql":
			t.Errorf("staged what auth does not link: %s", rel)
		case strings.HasPrefix(rel, "functions/") && d.IsDir() && rel != "functions/auth" && !strings.HasPrefix(rel, "functions/auth/"):
			t.Errorf("staged another function: %s", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheZipDependsOnTheSourceOnly(t *testing.T) {
	var zips [2][]byte
	for i := range zips {
		text, err := os.ReadFile(staged(t, "auth") + ".zip")
		if err != nil {
			t.Fatal(err)
		}
		zips[i] = text
	}
	if !bytes.Equal(zips[0], zips[1]) || len(zips[0]) == 0 {
		t.Errorf("two packages of one source differ: %d and %d bytes", len(zips[0]), len(zips[1]))
	}
}

// The staged source, built as the buildpack does it: a command that imports the
// root package and starts the framework.
func TestTheStagedFunctionServes(t *testing.T) {
	dir := staged(t, "auth")
	const command = `package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	_ "researchhub.example/hub"
)

func main() { log.Fatal(funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT"))) }
`
	if err := os.MkdirAll(filepath.Join(dir, "main"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main", "main.go"), []byte(command), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "function")
	for _, args := range [][]string{{"vet", "./..."}, {"build", "-o", binary, "./main"}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	environment := []string{"FUNCTION_TARGET=auth", "PORT=" + port, "GOOGLE_CLOUD_PROJECT=demo-package",
		"HUB_BASE_URL=http://127.0.0.1:" + port, "HUB_STATE_DIR=" + t.TempDir(), "HOME=" + t.TempDir(),
		// Nobody listens there: only that it starts and says that it is well is asked.
		"FIRESTORE_EMULATOR_HOST=127.0.0.1:1", "FIREBASE_AUTH_EMULATOR_HOST=127.0.0.1:1", "PUBSUB_EMULATOR_HOST=127.0.0.1:1"}

	t.Run("missing configuration is named", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, binary)
		for _, e := range environment {
			if !strings.HasPrefix(e, "GOOGLE_CLOUD_PROJECT=") {
				cmd.Env = append(cmd.Env, e)
			}
		}
		out, err := cmd.CombinedOutput()
		if err == nil || ctx.Err() != nil || !strings.Contains(string(out), "GOOGLE_CLOUD_PROJECT") {
			t.Errorf("ended with %v (%v) and said:\n%s", err, ctx.Err(), out)
		}
	})

	t.Run("healthz answers", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		var log bytes.Buffer
		cmd := exec.CommandContext(ctx, binary)
		cmd.Env, cmd.Stdout, cmd.Stderr = environment, &log, &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for status := 0; status != http.StatusOK; {
			select {
			case err := <-ended:
				t.Fatalf("it ended: %v\n%s", err, log.String())
			case <-tick.C:
				status = get(ctx, "http://"+address+"/auth/healthz")
			}
		}
		if got := get(ctx, "http://"+address+"/auth/v1/nowhere"); got != http.StatusNotFound {
			t.Errorf("a path that is not there answers %d", got)
		}
		cancel()
		if err := <-ended; err == nil {
			t.Error("it ended by itself")
		}
	})
}

func get(ctx context.Context, url string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestBadArguments(t *testing.T) {
	mine := t.TempDir()
	if err := os.MkdirAll(filepath.Join(mine, "auth"), 0o755); err != nil {
		t.Fatal(err)
	}
	precious := filepath.Join(mine, "auth", "thesis.txt")
	if err := os.WriteFile(precious, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"-out DIR":                  {"-all"},
		"either -function NAME":     {"-out", mine},
		"either -function":          {"-out", mine, "-all", "-function", "auth"},
		`no function "nobody"`:      {"-out", mine, "-function", "nobody"},
		`no function "../shared"`:   {"-out", mine, "-function", "../shared"},
		"unknown argument \"auth\"": {"-out", mine, "auth"},
		"is not empty":              {"-out", mine, "-function", "auth"},
	} {
		err := realMain(t.Context(), args, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", args, err, want)
		}
	}
	if _, err := os.Stat(precious); err != nil {
		t.Errorf("a file of somebody else's is gone: %v", err)
	}
}
