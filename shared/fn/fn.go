// Package fn is a function's front door to the platform: how a room registers
// itself, how its configuration is read, and what every request passes first.
//
// Uses github.com/GoogleCloudPlatform/functions-framework-go (the platform's
// entry point, functions.HTTP only: functions.Typed reuses one argument value
// between requests) and github.com/sethvargo/go-envconfig (struct tags to
// environment variables, with defaults and required ones).
package fn

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
)

// Function is one room of the hub: deployed, scaled and served alone.
type Function struct {
	// Name is the folder's name and the URL prefix: /{Name}/v1/...
	Name string
	// Topic is the Pub/Sub topic whose messages are pushed to /{Name}/, "" for
	// a function that is called over HTTP only.
	Topic string
	// Schedule says how often Cloud Scheduler publishes to Topic, as a cron
	// line in UTC; "" for a topic that others publish to.
	Schedule string
	// New reads the environment, builds real clients and gives the handler. It
	// serves whole paths, prefix included.
	New func(ctx context.Context) (http.Handler, error)
}

var (
	mu       sync.Mutex
	registry []Function
)

// Register makes a function known to the local server and to the platform. Call
// it from init. When FUNCTION_TARGET names this function, it is built at once,
// and a fault in its configuration ends the process with a message that names
// the variable.
func Register(f Function) {
	mu.Lock()
	defer mu.Unlock()
	if f.Name == "" || f.New == nil {
		panic("fn: a function needs a name and a constructor")
	}
	for _, other := range registry {
		if other.Name == f.Name {
			panic("fn: two functions are named " + f.Name)
		}
	}
	registry = append(registry, f)
	if os.Getenv("FUNCTION_TARGET") == f.Name {
		if err := RefuseEmulatorsInCloud(os.Getenv); err != nil {
			fatal(f.Name, err)
		}
		h, err := f.New(context.Background())
		if err != nil {
			fatal(f.Name, err)
		}
		functions.HTTP(f.Name, h.ServeHTTP)
	}
}

func fatal(name string, err error) {
	slog.Error("function cannot start", "function", name, "error", err.Error())
	os.Exit(1)
}

// All gives every registered function, by name.
func All() []Function {
	mu.Lock()
	defer mu.Unlock()
	all := slices.Clone(registry)
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// emulatorVariables redirect a client to an emulator that trusts everybody.
var emulatorVariables = []string{
	"FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST",
	"BIGQUERY_EMULATOR_HOST", "STORAGE_EMULATOR_HOST",
}

// RefuseEmulatorsInCloud fails when the process runs on Cloud Run (K_SERVICE is
// set by the platform) and an emulator variable is set: the Auth emulator
// accepts unsigned tokens, so that would open every door.
func RefuseEmulatorsInCloud(getenv func(string) string) error {
	if getenv("K_SERVICE") == "" {
		return nil
	}
	for _, name := range emulatorVariables {
		if getenv(name) != "" {
			return fmt.Errorf("%s is set in the cloud: an emulator trusts everybody; unset it", name)
		}
	}
	return nil
}
