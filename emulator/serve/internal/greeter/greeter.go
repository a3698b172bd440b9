// Package greeter is a function for the tests of package serve.
package greeter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"researchhub.example/hub/shared/fn"
)

// Function is registered as "greeter".
var Function = fn.Function{Name: "greeter", New: newHandler}

func init() { fn.Register(Function) }

func newHandler(context.Context) (http.Handler, error) {
	if os.Getenv("GREETER_FAILS") != "" {
		return nil, errors.New("GREETER_FAILS is set")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /greeter/healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /greeter/v1/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "hello %s from %d at %s", r.PathValue("name"), os.Getpid(), r.Host)
	})
	return mux, nil
}
