// Command emulator is the local cloud: it starts every emulator and every
// function of the hub on this machine, prints a table of addresses and demo
// accounts, and stops cleanly on Ctrl-C.
//
//	go run ./emulator              # or: make run
//	go run ./emulator -reset       # or: make reset
//
// It needs Go, Node.js 20 or newer and Java 17 or newer.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"researchhub.example/hub/emulator/cloud"
	"researchhub.example/hub/emulator/process"
	"researchhub.example/hub/emulator/state"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/seal"
)

// stderr is the real one; os.Stderr becomes the functions' (see captureLogs).
var stderr = os.Stderr

func main() {
	if err := realMain(os.Args[1:]); err != nil {
		fmt.Fprintln(stderr, "emulator: "+err.Error())
		os.Exit(1)
	}
}

func realMain(args []string) error {
	repo, err := repoRoot()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	port := flags.Int("port", 8080, "port of the front door, where all functions are")
	stateDir := flags.String("state", filepath.Join(repo, ".state"), "folder of all that is kept between runs")
	project := flags.String("project", "demo-research-hub", "Google Cloud project; begins with demo-")
	processes := flags.Bool("processes", false, "run every function in a process of its own, as deployed")
	pubsub := flags.String("pubsub", string(cloud.InProcess), "which Pub/Sub: inprocess, or jar (Google's emulator)")
	cdm := flags.String("cdm", os.Getenv("CDM"), "folder of OMOP CDM CSV files to load instead of synthetic data (environment: CDM)")
	persons := flags.Int("persons", defaultPersons, "number of synthetic persons")
	freePorts := flags.Bool("free-ports", false, "put everything on free ports")
	readyFile := flags.String("ready-file", "", "file that receives all addresses as JSON when everything is up")
	reset := flags.Bool("reset", false, "wipe the state folder and end")
	rotate := flags.Bool("rotate-key", false, "seal new secrets under a new key from now on, and end; what runs notices")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return fmt.Errorf("%w (-help lists the flags)", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag (-help lists them)", flags.Arg(0))
	}
	if *reset {
		if err := state.Reset(*stateDir); err != nil {
			return err
		}
		fmt.Println("The state folder is empty: the next start begins afresh.")
		return nil
	}
	if *rotate {
		return rotateKey(*stateDir)
	}
	if err := captureLogs(os.Stdout); err != nil {
		return err
	}
	return cloud.Run(untilInterrupted(), cloud.Config{
		Project: *project, StateDir: *stateDir, Port: *port, FreePorts: *freePorts, Processes: *processes,
		Repo: repo, Package: functionPackage, PubSub: cloud.PubSubKind(*pubsub), Rules: rules(repo), ReadyFile: *readyFile,
		Functions: fn.All(), Out: os.Stdout,
		BigQuery: startBigQuery, Data: loadData(*cdm, *persons), Bootstrap: bootstrap,
	})
}

// rotateKey adds a key to the keyset that the functions of that state folder seal
// with; in the cloud Cloud KMS does so on a schedule.
func rotateKey(stateDir string) error {
	path, err := seal.Config{Keyset: os.Getenv("HUB_SEAL_KEYSET"), StateDir: cloud.Keys(stateDir)}.LocalPath()
	if err != nil {
		return err
	}
	if err := seal.RotateLocal(path); err != nil {
		return err
	}
	fmt.Println("New secrets are sealed under a new key; the earlier ones still open what they sealed.")
	return nil
}

// untilInterrupted gives a context that ends at the first Ctrl-C (or the
// terminal's end, or a plain kill). The second Ctrl-C ends everything at once.
func untilInterrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		fmt.Fprintln(stderr, "\nstopping (Ctrl-C again ends at once, and what is in memory since the last export is lost)")
		cancel()
		// make and timeout pass a signal on that the terminal has sent as well: one
		// key pressed, two signals. A second one counts when it comes later.
		for first := time.Now(); ; {
			if <-signals; time.Since(first) > sameKey {
				break
			}
		}
		process.KillAll()
		os.Exit(130)
	}()
	return ctx
}

// sameKey is within what time two signals are one.
const sameKey = 500 * time.Millisecond

// repoRoot is the folder of the module: the nearest go.mod upwards.
func repoRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside the repository: run `go run ./emulator` there", start)
		}
	}
}

// functionPackage is where a function's room is.
func functionPackage(name string) string { return "researchhub.example/hub/functions/" + name }

// rules is the file of Firestore's security rules, "" while there is none.
func rules(repo string) string {
	path := filepath.Join(repo, "infra", "firestore.rules")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
