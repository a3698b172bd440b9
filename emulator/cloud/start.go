package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"researchhub.example/hub/emulator/auth"
	"researchhub.example/hub/emulator/cloudsdk"
	"researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/java"
	"researchhub.example/hub/emulator/mailbox"
	"researchhub.example/hub/emulator/process"
	"researchhub.example/hub/emulator/pubsub"
	"researchhub.example/hub/emulator/storage"
	"researchhub.example/hub/emulator/toolcache"
)

// Names of the parts and of the variables that clients find them by.
const (
	firestoreName = "firestore"
	authName      = "auth"
	pubsubName    = "pubsub"
	storageName   = "storage"
	bigqueryName  = "bigquery"
	mailName      = "smtp"
	mailboxName   = "mailbox"

	firestoreVariable = "FIRESTORE_EMULATOR_HOST"
	authVariable      = "FIREBASE_AUTH_EMULATOR_HOST"
	pubsubVariable    = "PUBSUB_EMULATOR_HOST"
	storageVariable   = "STORAGE_EMULATOR_HOST"
	bigqueryVariable  = "BIGQUERY_EMULATOR_HOST"
	smtpVariable      = "HUB_SMTP_ADDR"
)

// startEmulators brings up all emulators at the same time. Those that an
// environment variable names are used as they are.
func (c *cloud) startEmulators(ctx context.Context) error {
	records := c.state.Records()
	former, _, err := records.Current()
	if err == nil && former != "" {
		c.formerAt, err = records.Moments(former)
	}
	if err != nil {
		return fmt.Errorf("the kept records of Firestore and Auth: %w; `make reset` starts afresh", err)
	}
	c.former = former
	g, ctx := errgroup.WithContext(ctx)
	for _, e := range []struct {
		name, variable string
		start          func(context.Context, *lines) (*part, error)
	}{
		{firestoreName, firestoreVariable, c.startFirestore},
		{authName, authVariable, c.startAuth},
		{pubsubName, pubsubVariable, c.startPubSub},
		{storageName, storageVariable, c.startStorage},
		{bigqueryName, bigqueryVariable, c.startBigQuery},
		{mailName, smtpVariable, c.startMail},
	} {
		g.Go(func() error {
			log := c.console.part(e.name)
			p, err := external(ctx, e.name, e.variable)
			if err != nil {
				return err
			}
			if p == nil {
				began := time.Now()
				if p, err = e.start(ctx, log); err != nil || p == nil {
					return err
				}
				p.name, p.variable = e.name, e.variable
				log.printf("up at %s (%.1f s)", p.addr, time.Since(began).Seconds())
			} else {
				log.printf("%s is set: %s is used as it is", e.variable, p.addr)
			}
			c.parts.add(p)
			return nil
		})
	}
	return g.Wait()
}

// port is the port to ask for: the preferred one, or 0, any free one, when that
// is taken.
func (c *cloud) port(log *lines, preferred int) int {
	if c.cfg.FreePorts {
		return 0
	}
	if !process.PortFree(preferred) {
		log.printf("port %d is taken by another program: using a free one", preferred)
		return 0
	}
	return preferred
}

func (c *cloud) startFirestore(ctx context.Context, log *lines) (*part, error) {
	javaPath, major, err := java.Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("firestore: %w, or set %s to an emulator that runs", err, firestoreVariable)
	}
	jar, err := firestore.Obtain(ctx, firestore.NewFinder(), major, func(s string) { log.printf("%s", s) })
	if err != nil {
		return nil, err
	}
	o := firestore.Options{
		Java: javaPath, Jar: jar, Port: c.port(log, firestorePort), Rules: c.cfg.Rules, Log: log, Registry: c.registry(),
	}
	if seed := filepath.Join(c.former, firestoreName); c.former != "" && exists(seed) {
		o.Seed = seed
	}
	e, err := firestore.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	return &part{addr: e.Host(), proc: e.Process, note: "Google's emulator, in memory, exported every minute"}, nil
}

// accountsFile is the export of Auth inside its folder of an export.
const accountsFile = "accounts.json"

func (c *cloud) startAuth(ctx context.Context, log *lines) (*part, error) {
	node, err := auth.Node(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: %w, or set %s to an emulator that runs", err, authVariable)
	}
	dir, err := auth.Install(ctx, toolcache.Dir(), log, func(s string) { log.printf("%s", s) })
	if err != nil {
		return nil, err
	}
	e, err := auth.Start(ctx, auth.Options{
		Node: node, Dir: dir, Port: c.port(log, authPort), Project: c.cfg.Project, Log: log, Registry: c.registry(),
	})
	if err != nil {
		return nil, err
	}
	p := &part{addr: e.Host(), proc: e.Process, note: "Firebase's emulator, in memory, exported every minute"}
	if err := c.importAccounts(ctx, e.Host()); err != nil {
		e.Kill()
		return nil, err
	}
	return p, nil
}

func (c *cloud) importAccounts(ctx context.Context, host string) error {
	if c.former == "" {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(c.former, authName, accountsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("auth: the kept accounts: %w", err)
	}
	var accounts auth.Accounts
	if err := json.Unmarshal(b, &accounts); err != nil {
		return fmt.Errorf("auth: the kept accounts: %w; `make reset` starts afresh", err)
	}
	return auth.Import(ctx, host, c.cfg.Project, accounts)
}

func (c *cloud) startPubSub(ctx context.Context, log *lines) (*part, error) {
	port := c.port(log, pubsubPort)
	if c.cfg.PubSub != Jar {
		s, err := pubsub.StartInProcess(port)
		if err != nil {
			return nil, err
		}
		return &part{addr: s.Host(), close: s.Close, note: "the client library's fake, in this process"}, nil
	}
	javaPath, _, err := java.Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w, or start with -pubsub=inprocess", err)
	}
	jar := pubsub.FindJar(cloudsdk.Here().Roots())
	if jar == "" {
		return nil, fmt.Errorf("pubsub: Google's emulator is not on this machine; %s", pubsub.HowToGetJar)
	}
	dir := c.state.Path("pubsub")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	j, err := pubsub.StartJar(ctx, pubsub.JarOptions{
		Java: javaPath, Jar: jar, Port: port, DataDir: dir, Log: log, Registry: c.registry(),
	})
	if err != nil {
		return nil, err
	}
	return &part{addr: j.Host(), proc: j.Process, note: "Google's emulator, in memory"}, nil
}

func (c *cloud) startStorage(_ context.Context, log *lines) (*part, error) {
	s, err := storage.Start(storage.Options{
		Dir: c.state.Path("storage"), Port: c.port(log, storagePort), Buckets: []string{c.notebookBucket()},
	})
	if err != nil {
		return nil, err
	}
	return &part{addr: s.Host(), close: s.Close, note: "durable"}, nil
}

func (c *cloud) startBigQuery(ctx context.Context, log *lines) (*part, error) {
	if c.cfg.BigQuery == nil {
		return nil, nil
	}
	dir := c.state.Path("bigquery")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("bigquery: %w", err)
	}
	b, err := c.cfg.BigQuery(ctx, c.cfg.Project, dir, c.port(log, bigqueryPort), log)
	if err != nil {
		return nil, err
	}
	go func() {
		select {
		case err := <-b.Failed():
			c.parts.fail(fmt.Errorf("bigquery %w: %s", errDied, err.Error()))
		case <-c.parts.alive.Done():
		}
	}()
	return &part{addr: b.URL(), close: b.Close, note: "durable"}, nil
}

func (c *cloud) startMail(_ context.Context, log *lines) (*part, error) {
	m, err := mailbox.Start(c.port(log, smtpPort), c.port(log, mailboxPort), c.cfg.Clock)
	if err != nil {
		return nil, err
	}
	c.parts.add(&part{name: mailboxName, addr: "http://" + m.Page(), note: "every mail that the functions sent"})
	return &part{addr: m.Addr(), close: m.Close, note: "SMTP, nothing leaves this machine"}, nil
}

func (c *cloud) registry() string { return c.state.Path("pids") }

func (c *cloud) notebookBucket() string { return c.cfg.Project + "-notebooks" }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
