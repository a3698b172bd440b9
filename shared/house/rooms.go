package house

import "slices"

// Trigger is how a function is called.
type Trigger string

// The triggers.
const (
	HTTP   Trigger = "http"
	PubSub Trigger = "pubsub"
)

// Client is a client library of a cloud service, or one that is too heavy or
// too powerful to be in every binary.
type Client string

// The clients that a function links only with business.
const (
	Firestore Client = "Firestore"
	Firebase  Client = "Firebase Admin"
	Publisher Client = "Pub/Sub"
	BigQuery  Client = "BigQuery"
	Storage   Client = "Cloud Storage"
	KMS       Client = "Cloud KMS"
	Mail      Client = "SMTP"
	GoogleSQL Client = "the GoogleSQL analyzer"
	DuckDB    Client = "DuckDB"
	PubSubV1  Client = "Pub/Sub v1"
)

// clientPaths lists the import paths that begin each client's packages. The
// first that matches wins, so v2 stands before v1 of the same name.
var clientPaths = []struct {
	client Client
	prefix string
}{
	{Firestore, "cloud.google.com/go/firestore"},
	{Firebase, "firebase.google.com/go"},
	{Publisher, "cloud.google.com/go/pubsub/v2"},
	{PubSubV1, "cloud.google.com/go/pubsub"},
	{BigQuery, "cloud.google.com/go/bigquery"},
	{BigQuery, "google.golang.org/api/bigquery"},
	{Storage, "cloud.google.com/go/storage"},
	{Storage, "google.golang.org/api/storage"},
	{KMS, "cloud.google.com/go/kms"},
	{Mail, "github.com/wneessen/go-mail"},
	{GoogleSQL, "github.com/goccy/go-googlesql"},
	{GoogleSQL, "github.com/goccy/googlesqlwasm2go"},
	{DuckDB, "github.com/duckdb"},
}

// Room is one function: a folder of functions/.
type Room struct {
	Name    string
	Trigger Trigger
	// Clients are the cloud clients that it may link.
	Clients []Client
}

// records are what every room may link: sign-in is checked and records are kept
// everywhere, and events leave through the outbox.
var records = []Client{Firestore, Firebase, Publisher}

// Rooms gives the functions of the hub with what each may link. A new function
// is added here, in emulator/functions.go and in infra/functions.tf.
func Rooms() []Room {
	with := func(more ...Client) []Client { return slices.Concat(records, more) }
	return []Room{
		{"auth", HTTP, with(KMS)},          // seals second factors' secrets
		{"workspace", HTTP, with(Storage)}, // copies notebooks
		{"directory", HTTP, records},
		{"browser", HTTP, with(BigQuery)},
		{"cohort", HTTP, with(BigQuery)},
		{"query", HTTP, with(BigQuery, GoogleSQL)},
		{"environment", HTTP, with(Storage)},
		{"billing", HTTP, records},
		{"billingalerts", PubSub, records},
		{"dissemination", HTTP, records},
		{"reminders", PubSub, with(Storage, BigQuery)}, // goes on with copies, removes files and data sets
		{"notify", PubSub, with(Mail)},
		{"portal", HTTP, records},
	}
}

// hall lists the packages that everything may use, with what they may import
// beyond the standard library and each other.
var hall = map[string][]string{
	"shared/fault": nil,
	"shared/clock": nil,
	"shared/id":    {"github.com/oklog/ulid/v2"},
	"shared/money": {"github.com/shopspring/decimal"},
}

// pure lists the packages that compute and nothing else: neither they nor what
// they import of ours touches a client, the network or the wall clock.
var pure = []string{
	"shared/circe", "shared/dataset", "shared/disclosure", "shared/handoff",
	"shared/money", "shared/omop", "shared/statement",
}

// topLevel lists what may stand in the repository's root beside dot files.
var topLevel = []string{
	"functions", "shared", "infra", "emulator", "scripts",
	"go.mod", "go.sum", "Makefile", "README.md", "LICENSE",
}

// nounless lists package names that say nothing.
var nounless = []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "lib"}

// The longest Go files, in lines. Generated ones are free.
const (
	maxLines     = 500
	maxTestLines = 700
)
