package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fn"
)

// limit bounds each wait.
const limit = 90 * time.Second

// echo is a room of the tests: healthy, and it remembers each message in
// Firestore, through the environment as real rooms do.
func echo() fn.Function {
	return fn.Function{Name: "echo", Topic: "echoes", Schedule: "*/5 * * * *", New: func(ctx context.Context) (http.Handler, error) {
		client, err := firestore.NewClient(ctx, os.Getenv("GOOGLE_CLOUD_PROJECT"))
		if err != nil {
			return nil, err
		}
		mux := http.NewServeMux()
		mux.HandleFunc("GET /echo/healthz", func(http.ResponseWriter, *http.Request) {})
		mux.HandleFunc("POST /echo/{$}", func(w http.ResponseWriter, r *http.Request) {
			if _, err := client.Collection("echoes").Doc(r.Header.Get("ce-id")).Set(r.Context(), map[string]any{"at": time.Now()}); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
			}
		})
		mux.HandleFunc("GET /echo/v1/count", func(w http.ResponseWriter, r *http.Request) {
			all, err := client.Collection("echoes").Documents(r.Context()).GetAll()
			if err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			_, _ = fmt.Fprint(w, len(all))
		})
		return mux, nil
	}}
}

var researcher = Account{UID: "demo-researcher", Email: "researcher@university.example", Password: "correct horse", Role: "researcher"}

// bootstrap makes the account unless it is there, as a web client does.
func bootstrap(_ context.Context, _ Environment) ([]Account, error) {
	err := signIn(os.Getenv(authVariable), "signInWithPassword")
	if err != nil {
		err = signIn(os.Getenv(authVariable), "signUp")
	}
	return []Account{researcher}, err
}

// signIn uses the account's password by a method of web clients.
func signIn(host, method string) error {
	body, err := json.Marshal(map[string]any{"email": researcher.Email, "password": researcher.Password, "returnSecureToken": true})
	if err != nil {
		return err
	}
	resp, err := http.Post("http://"+host+"/identitytoolkit.googleapis.com/v1/accounts:"+method+"?key=any", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(resp.Body)
		return errors.New(string(b))
	}
	return nil
}

func config(dir string, out io.Writer) Config {
	return Config{
		Project: "demo-cloud", StateDir: filepath.Join(dir, "state"), FreePorts: true, ReadyFile: filepath.Join(dir, "ready.json"),
		Functions: []fn.Function{echo()}, Bootstrap: bootstrap, Out: out,
	}
}

// TestMain lets the test binary be a local cloud of its own process.
func TestMain(m *testing.M) {
	if dir := os.Getenv("RUN_CLOUD"); dir != "" {
		ctx, cancel := context.WithCancel(context.Background())
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); cancel() }() // the test asks to stop by closing it
		if err := Run(ctx, config(dir, os.Stdout)); err != nil {
			fmt.Println("ended:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// run is a local cloud in a process of its own.
type run struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *output
	ready Ready
	ended chan struct{}
}

// output collects what was printed. It is safe for concurrent use.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func begin(t *testing.T, dir string) *run {
	t.Helper()
	r := &run{cmd: exec.Command(os.Args[0]), out: &output{}, ended: make(chan struct{})}
	r.cmd.Env = append(os.Environ(), "RUN_CLOUD="+dir)
	r.cmd.Stdout, r.cmd.Stderr = r.out, r.out
	r.cmd.WaitDelay = time.Second
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = r.cmd.Wait(); close(r.ended) }()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
		if t.Failed() {
			t.Logf("output:\n%s", r.out)
		}
	})
	return r
}

// up waits until the cloud says that it is ready.
func up(t *testing.T, dir string) *run {
	t.Helper()
	needEmulators(t)
	r := begin(t, dir)
	await(t, "ready file", func() bool {
		select {
		case <-r.ended:
			t.Fatal("the cloud ended while starting")
		default:
		}
		b, err := os.ReadFile(filepath.Join(dir, "ready.json"))
		return err == nil && json.Unmarshal(b, &r.ready) == nil && r.ready.PID == r.cmd.Process.Pid
	})
	return r
}

func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: not within %s", what, limit)
		}
	}
}

// stop asks the cloud to end and gives its exit status and how long it took.
func (r *run) stop(t *testing.T) (int, time.Duration) {
	t.Helper()
	began := time.Now()
	_ = r.stdin.Close()
	r.wait(t)
	return r.cmd.ProcessState.ExitCode(), time.Since(began)
}

func (r *run) wait(t *testing.T) {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(limit):
		t.Fatal("the cloud does not end")
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", url, resp.Status, b, err)
	}
	return string(b)
}

// tick fires the schedule and waits until the function has remembered n messages.
func (r *run) tick(t *testing.T, n string) {
	t.Helper()
	resp, err := http.Post(r.ready.Addresses["hub"]+"/_local/tick/echo", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("tick: %s", resp.Status)
	}
	await(t, "message", func() bool { return get(t, r.ready.Addresses["hub"]+"/echo/v1/count") == n })
}

// nothingLeft checks that no process of the run lives.
func (r *run) nothingLeft(t *testing.T) {
	t.Helper()
	for name, pid := range r.ready.PIDs {
		await(t, name+"'s end", func() bool {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err == nil {
				return strings.Contains(string(stat), ") Z ")
			}
			return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
		})
	}
}

func TestWholeRunAndRestart(t *testing.T) {
	dir := t.TempDir()
	first := up(t, dir)
	table := first.out.String()
	for _, want := range []string{"Research Hub is up", first.ready.Addresses["hub"] + "/echo/", firestoreVariable, researcher.Email, researcher.Password, "a kill loses at most"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q", want)
		}
	}
	if strings.Contains(table, "did not end cleanly") {
		t.Error("a first run is told as unclean")
	}
	first.tick(t, "1")
	if err := signIn(first.ready.Environment[authVariable], "signInWithPassword"); err != nil {
		t.Errorf("demo account: %v", err)
	}

	second := begin(t, dir)
	second.wait(t)
	if out := second.out.String(); second.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(out, fmt.Sprintf("process %d", first.ready.PID)) {
		t.Errorf("a second run beside the first: %s", out)
	}

	code, took := first.stop(t)
	if code != 0 || took > 5*time.Second {
		t.Errorf("clean stop: status %d after %s", code, took)
	}
	first.nothingLeft(t)
	if _, err := os.Stat(filepath.Join(dir, "ready.json")); err == nil {
		t.Error("the ready file outlives the run")
	}

	again := up(t, dir)
	if got := get(t, again.ready.Addresses["hub"]+"/echo/v1/count"); got != "1" {
		t.Errorf("after a restart Firestore holds %s records, want 1", got)
	}
	if err := signIn(again.ready.Environment[authVariable], "signInWithPassword"); err != nil {
		t.Errorf("demo account after a restart: %v", err)
	}
	if strings.Contains(again.out.String(), "did not end cleanly") {
		t.Error("a clean end is told as unclean")
	}
}

func TestKilledPartIsNamedAndTheRestKept(t *testing.T) {
	for _, name := range []string{firestoreName, authName} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := up(t, dir)
			began := time.Now()
			if err := syscall.Kill(r.ready.PIDs[name], syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			await(t, "report", func() bool { return strings.Contains(r.out.String(), name+" (process") })
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("reported after %s", took)
			}
			r.wait(t)
			if code := r.cmd.ProcessState.ExitCode(); code != 1 {
				t.Errorf("exit status %d, want 1", code)
			}
			r.nothingLeft(t)
			if !strings.Contains(r.out.String(), "signal: killed") {
				t.Error("the cause is not told")
			}
			// The next start says what was lost, and how old what it loaded is.
			again := up(t, dir)
			if out := again.out.String(); !strings.Contains(out, "did not end cleanly") || !strings.Contains(out, name+" is as of ") {
				t.Error("the loss is not told")
			}
			if code, _ := again.stop(t); code != 0 {
				t.Errorf("status %d", code)
			}
		})
	}
}

func TestKilledCloudLeavesNothingAndTellsWhatWasLost(t *testing.T) {
	dir := t.TempDir()
	r := up(t, dir)
	r.tick(t, "1")
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.wait(t)
	r.nothingLeft(t)
	again := up(t, dir)
	if !strings.Contains(again.out.String(), "did not end cleanly") {
		t.Error("the unclean end is not told")
	}
	if err := signIn(again.ready.Environment[authVariable], "signInWithPassword"); err != nil {
		t.Errorf("demo account: %v", err)
	}
	if code, _ := again.stop(t); code != 0 {
		t.Errorf("status %d", code)
	}
}
