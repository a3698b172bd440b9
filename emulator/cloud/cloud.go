// Package cloud brings up the local cloud: every emulator and every function,
// supervised, with one table of addresses when all is well, and a clean end.
//
// Uses golang.org/x/sync/errgroup: parts start at the same time, and the first
// failure ends the others.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"golang.org/x/sync/errgroup"

	"researchhub.example/hub/emulator/process"
	"researchhub.example/hub/emulator/state"
	"researchhub.example/hub/shared/clock"
)

// cloud is one run.
type cloud struct {
	cfg     Config
	console *console
	state   *state.Dir
	parts   *parts
	began   time.Time

	// former is the export that this run began with, "" for none.
	former   string
	formerAt map[string]time.Time

	exporting sync.Mutex
	accounts  []Account
	front     net.Listener
	server    *http.Server
	handlers  map[string]http.Handler
	pubsub    *pubsub.Client
	relays    sync.WaitGroup
	stopFlow  context.CancelFunc
	// webhookSecret is what the training provider signs with here.
	webhookSecret string
	// restore is the environment as it was, of the variables set for the functions.
	restore map[string]*string
}

// Run brings everything up, prints the table and stays until ctx ends (the
// error is nil then), or until a part dies (the error names it). However it
// ends, no process is left and what is in memory is exported as far as the
// parts that hold it still live.
func Run(ctx context.Context, cfg Config) (err error) {
	if err := check(&cfg); err != nil {
		return err
	}
	c := &cloud{cfg: cfg, console: &console{out: cfg.Out}, parts: newParts(ctx), began: cfg.Clock.Now()}
	if cfg.ReadyFile != "" {
		// One of a former run would tell addresses that are none.
		if err := os.Remove(cfg.ReadyFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("-ready-file: %w", err)
		}
	}
	if c.state, err = state.Open(cfg.StateDir, c.began); err != nil {
		return err
	}
	defer func() { _ = c.state.Close() }()
	logs := c.state.Path("logs")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	c.console.logs = logs
	defer c.console.close()
	swept, err := process.Sweep(c.registry())
	if err != nil {
		return err
	}
	if len(swept) > 0 {
		c.console.part("state").printf("stopped what a killed run had left: %s", strings.Join(swept, ", "))
	}
	defer c.forgetReady()
	err = c.start(c.parts.alive)
	up := err == nil
	switch {
	case up:
		c.stay()
	case ctx.Err() != nil:
		err = nil // asked to stop while starting
	}
	if dead := c.parts.death(); dead != nil {
		err = dead // what else went wrong is its consequence
	}
	return errors.Join(err, c.stop(up))
}

func check(cfg *Config) error {
	if !strings.HasPrefix(cfg.Project, "demo-") {
		return fmt.Errorf("-project %q: begin it with demo-; clients never use the network for such a project", cfg.Project)
	}
	if cfg.PubSub == "" {
		cfg.PubSub = InProcess
	}
	if cfg.PubSub != InProcess && cfg.PubSub != Jar {
		return fmt.Errorf("-pubsub %q: give %s or %s", cfg.PubSub, InProcess, Jar)
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.HealthLimit == 0 {
		cfg.HealthLimit = time.Minute
	}
	if cfg.ExportEvery == 0 {
		cfg.ExportEvery = time.Minute
	}
	return nil
}

// start brings everything up, in the order that the parts need each other.
func (c *cloud) start(ctx context.Context) error {
	if err := c.listen(); err != nil {
		return err
	}
	schedules, err := c.schedules()
	if err != nil {
		return err
	}
	if err := c.startEmulators(ctx); err != nil {
		return err
	}
	if err := c.setEnvironment(); err != nil {
		return err
	}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	if err := c.openFrontDoor(ctx); err != nil {
		return err
	}
	if err := c.startFlow(ctx, schedules); err != nil {
		return err
	}
	if err := c.healthy(ctx); err != nil {
		return err
	}
	// A first export at once: a kill from here on loses a minute, not all.
	if err := c.export(ctx); err != nil {
		return err
	}
	c.console.text(c.table())
	return c.writeReady()
}

// stay keeps the cloud up until it is asked to stop or a part dies.
func (c *cloud) stay() {
	c.exportEvery(c.parts.alive, c.cfg.ExportEvery)
	if dead := c.parts.death(); dead != nil {
		c.console.part("state").printf("%v: stopping everything", dead)
	}
}

// drainLimit bounds the wait for requests, and for messages, under way.
const drainLimit = time.Second

// stop ends everything: no new work, then the export, then the parts.
func (c *cloud) stop(up bool) error {
	log := c.console.part("state")
	if c.stopFlow != nil {
		c.stopFlow()
	}
	if c.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
		if err := c.server.Shutdown(ctx); err != nil {
			_ = c.server.Close()
		}
		cancel()
	} else if c.front != nil {
		_ = c.front.Close()
	}
	waitAtMost(&c.relays, drainLimit)
	var err error
	lost := c.lost()
	if up {
		if err = c.export(context.Background()); err == nil {
			log.printf("records of Firestore and Auth are in %s", c.state.Root())
		}
	}
	c.parts.stop()
	c.restoreEnvironment()
	for _, name := range lost {
		log.printf("%s died with its records in memory: what came after its last export is lost", name)
	}
	// A start that failed before the records were loaded must not hide that the
	// run before it had ended uncleanly.
	if err == nil && len(lost) == 0 && (up || c.state.Unclean.IsZero()) {
		err = c.state.Clean()
	}
	return err
}

// lost names the in-memory parts that have died: what they held is gone.
func (c *cloud) lost() []string {
	var names []string
	for _, name := range []string{firestoreName, authName} {
		if p := c.parts.get(name); p != nil && !p.external && !c.parts.living(name) {
			names = append(names, name)
		}
	}
	return names
}

// waitAtMost waits for a group, but no longer than that.
func waitAtMost(wg *sync.WaitGroup, limit time.Duration) {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// prepare brings the data, the demo accounts and the functions, which need the
// emulators but not each other.
func (c *cloud) prepare(ctx context.Context) error {
	env := c.environment()
	g, ctx := errgroup.WithContext(ctx)
	if c.cfg.Data != nil {
		g.Go(func() error {
			if err := c.cfg.Data(ctx, env); err != nil {
				return fmt.Errorf("data: %w", err)
			}
			return nil
		})
	}
	if c.cfg.Bootstrap != nil {
		g.Go(func() (err error) {
			if c.accounts, err = c.cfg.Bootstrap(ctx, env); err != nil {
				return fmt.Errorf("demo accounts: %w", err)
			}
			return nil
		})
	}
	// Not under the group's context: functions keep theirs for as long as they run.
	run := c.parts.alive
	g.Go(func() (err error) {
		c.handlers, err = c.makeHandlers(run)
		return err
	})
	return g.Wait()
}

func (c *cloud) environment() Environment {
	return Environment{
		Project: c.cfg.Project, StateDir: c.state.Root(), BaseURL: c.baseURL(),
		Log: c.console.part("data"), Recovered: !c.state.Unclean.IsZero(),
	}
}
