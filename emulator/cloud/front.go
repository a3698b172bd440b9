package cloud

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	pubsubclient "cloud.google.com/go/pubsub/v2"

	"researchhub.example/hub/emulator/pubsub"
	"researchhub.example/hub/emulator/schedule"
	"researchhub.example/hub/emulator/serve"
	"researchhub.example/hub/emulator/state"
	"researchhub.example/hub/shared/fn"
)

// listen takes the front door's port at once, so that a second run, or another
// program there, is told before anything starts.
func (c *cloud) listen() error {
	port := c.cfg.Port
	if c.cfg.FreePorts {
		port = 0
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("port %d is taken: the front door of all functions wants it (%w). Stop what uses it (lsof -i :%d tells), "+
			"or give another one with -port, or start with -free-ports", port, err, port)
	}
	c.front = l
	return nil
}

func (c *cloud) baseURL() string { return "http://" + c.front.Addr().String() }

// Keys is the folder of a state folder that holds what the functions seal and
// sign with.
func Keys(stateDir string) string { return filepath.Join(stateDir, "keys") }

// setEnvironment tells the functions where everything is, as the platform does.
func (c *cloud) setEnvironment() error {
	keys := Keys(c.state.Root())
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return err
	}
	var err error
	if c.webhookSecret, err = webhookSecret(filepath.Join(keys, "training-webhook")); err != nil {
		return err
	}
	c.restore = map[string]*string{}
	for name, value := range c.variables() {
		c.restore[name] = nil
		if former, set := os.LookupEnv(name); set {
			c.restore[name] = &former
		}
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("environment variable %s: %w", name, err)
		}
	}
	return nil
}

// restoreEnvironment puts the variables back: a later run in this process must
// not take them for emulators that somebody else started.
func (c *cloud) restoreEnvironment() {
	for name, former := range c.restore {
		if former == nil {
			_ = os.Unsetenv(name)
		} else {
			_ = os.Setenv(name, *former)
		}
	}
}

// variables is the environment of the functions.
func (c *cloud) variables() map[string]string {
	env := map[string]string{
		"GOOGLE_CLOUD_PROJECT": c.cfg.Project,
		"HUB_BASE_URL":         c.baseURL(),
		"HUB_STATE_DIR":        Keys(c.state.Root()),
		"HUB_NOTEBOOK_BUCKET":  c.notebookBucket(),

		trainingVariable: orSet(trainingVariable, c.webhookSecret),
		identityVariable: orSet(identityVariable, "local"),
	}
	c.parts.mu.Lock()
	defer c.parts.mu.Unlock()
	for _, p := range c.parts.all {
		if p.variable != "" {
			env[p.variable] = p.addr
		}
		if p.variable == smtpVariable && !p.external {
			env["HUB_SMTP_TLS"] = "none" // the sink here has no certificate
		}
	}
	return env
}

// What the function auth is configured with beside the emulators.
const (
	trainingVariable = "HUB_TRAINING_WEBHOOK_SECRETS"
	identityVariable = "HUB_IDENTITY_PROVIDER"
)

// orSet is what the environment has already, or else the local cloud's own.
func orSet(variable, own string) string {
	if value := os.Getenv(variable); value != "" {
		return value
	}
	return own
}

// webhookSecret is the training provider's secret of this state folder: made at
// the first start and kept, so that what signs with it goes on working.
func webhookSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	if text := strings.TrimSpace(string(b)); err == nil && text != "" {
		return text, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the training webhook's secret: %w", err)
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	text := hex.EncodeToString(fresh)
	if err := state.WriteFile(path, []byte(text+"\n")); err != nil {
		return "", fmt.Errorf("the training webhook's secret: %w", err)
	}
	return text, nil
}

// openFrontDoor puts the functions behind it.
func (c *cloud) openFrontDoor(ctx context.Context) error {
	client, err := pubsub.NewClient(ctx, c.parts.get(pubsubName).addr, c.cfg.Project)
	if err != nil {
		return err
	}
	c.parts.add(&part{name: "pubsub client", close: client.Close})
	c.pubsub = client
	c.server = &http.Server{
		Handler:           serve.FrontDoor(c.handlers, c.local()),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          nil,
	}
	go func() {
		if err := c.server.Serve(c.front); !errors.Is(err, http.ErrServerClosed) {
			c.parts.fail(fmt.Errorf("front door: %w", err))
		}
	}()
	return nil
}

// makeHandlers builds the functions, in this process or as programs.
func (c *cloud) makeHandlers(ctx context.Context) (map[string]http.Handler, error) {
	if !c.cfg.Processes {
		return serve.InProcess(ctx, c.cfg.Functions)
	}
	log := c.console.part("build")
	log.printf("building one program per function (minutes the first time, seconds later)")
	var names []string
	for _, f := range c.cfg.Functions {
		names = append(names, f.Name)
	}
	programs, err := serve.Programs{Repo: c.cfg.Repo, Dir: c.state.Path("programs"), Package: c.cfg.Package, Log: log}.Build(ctx, names)
	if err != nil {
		return nil, err
	}
	addresses := map[string]string{}
	for _, name := range names {
		p, addr, err := serve.Launch(name, programs[name], c.registry(), c.console.part(name))
		if err != nil {
			return nil, err
		}
		// A function may bear an emulator's name (auth does).
		c.parts.add(&part{name: "function " + name, addr: addr, proc: p})
		addresses[name] = addr
	}
	return serve.Proxy(addresses), nil
}

// schedules reads every function's cron line, before anything starts.
func (c *cloud) schedules() (map[string]schedule.Schedule, error) {
	all := map[string]schedule.Schedule{}
	for _, f := range c.cfg.Functions {
		if f.Schedule == "" {
			continue
		}
		s, err := schedule.Parse(f.Schedule)
		if err != nil {
			return nil, fmt.Errorf("the function %s: %w", f.Name, err)
		}
		if f.Topic == "" {
			return nil, fmt.Errorf("the function %s has a schedule and no topic to publish to", f.Name)
		}
		all[f.Name] = s
	}
	return all, nil
}

// startFlow makes the topics and subscriptions, and starts relays and ticks.
func (c *cloud) startFlow(ctx context.Context, schedules map[string]schedule.Schedule) error {
	flow, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.stopFlow = cancel
	for _, f := range c.cfg.Functions {
		if f.Topic == "" {
			continue
		}
		push := pubsub.Push{Name: f.Name, Topic: f.Topic, URL: c.baseURL() + "/" + f.Name + "/"}
		if err := pubsub.Ensure(ctx, c.pubsub, c.cfg.Project, push); err != nil {
			return err
		}
		relay := &pubsub.Relay{
			Client: c.pubsub, Project: c.cfg.Project, Push: push, Log: c.console.part("relay"),
			HTTP: &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 8}},
		}
		c.relays.Go(func() {
			if err := relay.Run(flow); err != nil {
				c.parts.fail(err)
			}
		})
	}
	for _, f := range c.cfg.Functions {
		if s, ok := schedules[f.Name]; ok {
			c.relays.Go(func() { c.tick(flow, f, s) })
		}
	}
	return nil
}

// tick publishes at every due minute until ctx ends.
func (c *cloud) tick(ctx context.Context, f fn.Function, s schedule.Schedule) {
	for {
		due := time.NewTimer(time.Until(s.Next(time.Now())))
		select {
		case <-ctx.Done():
			due.Stop()
			return
		case <-due.C:
		}
		if _, err := c.publishTick(ctx, f); err != nil && ctx.Err() == nil {
			c.console.part("scheduler").printf("%s: %v", f.Name, err)
		}
	}
}

// publishTick sends a function its scheduled message.
func (c *cloud) publishTick(ctx context.Context, f fn.Function) (string, error) {
	body, err := json.Marshal(map[string]string{"tick": c.cfg.Clock.Now().Format(time.RFC3339)})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	p := c.pubsub.Publisher(f.Topic)
	defer p.Stop()
	return p.Publish(ctx, &pubsubclient.Message{Data: body, Attributes: map[string]string{"scheduler": f.Name}}).Get(ctx)
}

// local serves what only the local cloud has: POST /_local/tick/{function}
// fires a schedule now.
func (c *cloud) local() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_local/tick/{function}", func(w http.ResponseWriter, r *http.Request) {
		for _, f := range c.cfg.Functions {
			if f.Name != r.PathValue("function") || f.Schedule == "" {
				continue
			}
			id, err := c.publishTick(r.Context(), f)
			if err != nil {
				http.Error(w, "the tick could not be published: "+err.Error(), http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusAccepted)
			_ = json.NewEncoder(w).Encode(map[string]string{"messageId": id})
			return
		}
		http.Error(w, "no function of that name has a schedule", http.StatusNotFound)
	})
	return mux
}

// healthy waits until every function answers at its /healthz.
func (c *cloud) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.HealthLimit)
	defer cancel()
	var names []string
	for _, f := range c.cfg.Functions {
		names = append(names, f.Name)
	}
	return serve.Healthy(ctx, c.baseURL(), names)
}
