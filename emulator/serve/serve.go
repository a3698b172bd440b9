// Package serve puts the functions behind one front door, each under its own
// name, as the load balancer's URL map does in the cloud: in this process, or
// one process each, as they are deployed.
//
// Standard library only here; the processes run Google's functions framework.
package serve

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sort"
	"time"

	"researchhub.example/hub/shared/fn"
)

// InProcess builds every function in this process. The error names the function.
func InProcess(ctx context.Context, all []fn.Function) (map[string]http.Handler, error) {
	handlers := map[string]http.Handler{}
	for _, f := range all {
		h, err := f.New(ctx)
		if err != nil {
			return nil, fmt.Errorf("the function %s cannot start: %w", f.Name, err)
		}
		handlers[f.Name] = h
	}
	return handlers, nil
}

// Proxy gives handlers that pass requests on to functions that run elsewhere, by
// name and "host:port".
func Proxy(addresses map[string]string) map[string]http.Handler {
	handlers := map[string]http.Handler{}
	for name, addr := range addresses {
		target := &url.URL{Scheme: "http", Host: addr}
		handlers[name] = &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.SetXForwarded()
				r.Out.Host = r.In.Host
			},
			// A direct connection: a proxy from the environment has no business here.
			Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute},
		}
	}
	return handlers
}

// FrontDoor routes /{name} and /{name}/... to each handler with its whole path,
// and everything below /_local/ to local. The root lists what is there.
func FrontDoor(handlers map[string]http.Handler, local http.Handler) http.Handler {
	mux := http.NewServeMux()
	names := make([]string, 0, len(handlers))
	for name, h := range handlers {
		mux.Handle("/"+name, h)
		mux.Handle("/"+name+"/", h)
		names = append(names, name)
	}
	sort.Strings(names)
	mux.Handle("/_local/", local)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprintln(w, "Research Hub, local cloud. Each function describes itself at /{function}/docs:")
		for _, name := range names {
			_, _ = fmt.Fprintf(w, "  /%s/docs\n", name)
		}
	})
	return mux
}

// Healthy waits until every function answers 200 at /{name}/healthz below base.
// The error names those that do not, and with what.
func Healthy(ctx context.Context, base string, names []string) error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{Proxy: nil}}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for _, name := range names {
		for {
			answer := health(ctx, client, base+"/"+name+"/healthz")
			if answer == "" {
				break
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("the function %s is not healthy: %s/%s/healthz says %s", name, base, name, answer)
			}
		}
	}
	return nil
}

// health gives "" for 200, else what came instead.
func health(ctx context.Context, client *http.Client, url string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	resp, err := client.Do(req)
	if err != nil {
		return err.Error()
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return resp.Status
	}
	return ""
}
