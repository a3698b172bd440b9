package cloud

import (
	"context"
	"io"
	"time"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fn"
)

// Config says what to run. The zero values of the optional fields mean what
// their comments say.
type Config struct {
	// Project is the Google Cloud project; it begins with "demo-", so that no
	// client ever reaches for the network.
	Project string
	// StateDir is the folder of everything that is kept between runs.
	StateDir string
	// Port is the front door's port at 127.0.0.1.
	Port int
	// FreePorts puts everything, the front door too, on free ports.
	FreePorts bool
	// Processes runs every function in a process of its own.
	Processes bool
	// Repo is the module's folder, for Processes.
	Repo string
	// Package gives a function's import path by its name, for Processes.
	Package func(name string) string
	// PubSub is InProcess or Jar.
	PubSub PubSubKind
	// Rules is the file of Firestore's security rules, "" for none.
	Rules string
	// ReadyFile receives a Ready as JSON when all is up, "" for none.
	ReadyFile string
	// Functions are the ones to serve.
	Functions []fn.Function
	// BigQuery starts the BigQuery emulator, nil for none.
	BigQuery StartBigQuery
	// Data sees to it that a data release is there, nil for none.
	Data Hook
	// Bootstrap makes the demo accounts, nil for none.
	Bootstrap Bootstrap
	// Out receives the log lines and, at the end of the start, the table.
	Out io.Writer
	// Clock tells the time, default the machine's.
	Clock clock.Clock
	// HealthLimit bounds the wait for the functions' health, default a minute.
	HealthLimit time.Duration
	// ExportEvery is the pause between two exports, default a minute.
	ExportEvery time.Duration
}

// PubSubKind names the Pub/Sub to run.
type PubSubKind string

// The kinds of Pub/Sub.
const (
	// InProcess is the client library's own fake, inside this process.
	InProcess PubSubKind = "inprocess"
	// Jar is Google's emulator.
	Jar PubSubKind = "jar"
)

// BigQuery is a running BigQuery emulator.
type BigQuery interface {
	// URL is its address with scheme.
	URL() string
	// Failed gets the error that ended it, if that was not Close.
	Failed() <-chan error
	// Close ends it; what was written is durable.
	Close() error
}

// StartBigQuery starts the BigQuery emulator: its data in dir, listening at
// 127.0.0.1:port, 0 for a free one.
type StartBigQuery func(ctx context.Context, project, dir string, port int, log io.Writer) (BigQuery, error)

// Hook does a step of the start that needs the emulators, with everything in the
// process's environment already. It must be safe to repeat: a start may end
// anywhere.
type Hook func(ctx context.Context, e Environment) error

// Bootstrap makes the demo accounts and their records, as a Hook does its step,
// and gives them to be printed.
type Bootstrap func(ctx context.Context, e Environment) ([]Account, error)

// Environment is what a hook works with.
type Environment struct {
	// Project is the Google Cloud project.
	Project string
	// StateDir is the state folder.
	StateDir string
	// BaseURL is the front door's address.
	BaseURL string
	// Log receives lines of progress.
	Log io.Writer
	// Recovered says that the last run did not end cleanly: Firestore may be up to
	// a minute behind what BigQuery and Storage hold.
	Recovered bool
}

// Account is a demo account of the local cloud.
type Account struct {
	// UID is its identifier.
	UID string `json:"uid"`
	// Email is its address, verified.
	Email string `json:"email"`
	// Password signs it in; it is printed, being of use on this machine only.
	Password string `json:"password"`
	// Role says what it is for.
	Role string `json:"role"`
}

// Preferred ports, the ones that Google's own emulators use where they have one;
// Firestore's own 8080 is the front door's here.
const (
	firestorePort = 8090
	authPort      = 9099
	pubsubPort    = 8085
	storagePort   = 9199
	bigqueryPort  = 9050
	smtpPort      = 1025
	mailboxPort   = 8025
)
