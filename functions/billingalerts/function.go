package billingalerts

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Thresholds Thresholds
	// MessageRetention is how long a handled message is remembered. Pub/Sub keeps
	// one for 31 days at most; after that the alerts' names still hold.
	MessageRetention time.Duration `env:"HUB_BUDGET_MESSAGE_RETENTION, default=768h"`
}

func init() { fn.Register(fn.Function{Name: "billingalerts", Topic: budget.Topic, New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	if err := cfg.Thresholds.check(); err != nil {
		return nil, err
	}
	client, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	publisher, err := pubsubx.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	log, now := o11y.NewLogger(os.Stderr, "billingalerts", cfg.Project), clock.System{}
	sender := &outbox.Sender{Client: client, Publisher: publisher, Log: log, Clock: now}
	return newHandler(deps{
		log:   log,
		store: &store{client: client, clock: now, thresholds: cfg.Thresholds, retention: cfg.MessageRetention},
		dead:  pubsubx.FirestoreDeadLetters{Client: client, Clock: now, Log: log},
		send:  sender.Send,
	}), nil
}

// deps are what the room works with.
type deps struct {
	log   *slog.Logger
	store *store
	dead  pubsubx.DeadLetters
	// send publishes committed events; best effort, the sweep sends what it does not.
	send func(ctx context.Context, events ...string)
}

func newHandler(d deps) http.Handler {
	a := api.New(api.Options{Function: "billingalerts", Title: "Billing alerts",
		Description: "Takes Cloud Billing's budget notifications from Pub/Sub.", Log: d.log})
	push := pubsubx.Handler("billingalerts", d.log, d.dead, d.handle)
	a.HandleRaw("POST /billingalerts", pubsubx.WhyPublic, push)
	a.HandleRaw("POST /billingalerts/{$}", pubsubx.WhyPublic, push)
	return a.Handler()
}

// handle takes one notification.
func (d deps) handle(ctx context.Context, m pubsubx.Message) error {
	n, err := parse(m)
	if err != nil {
		return err
	}
	events, err := d.store.raise(ctx, m.ID, n)
	if err != nil {
		return err
	}
	d.send(ctx, events...)
	return nil
}
