package notify

import (
	"context"
	"log/slog"
	"net/http"
	"os"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/mail"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/session"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Mail mail.Config
	// BaseURL is where the hub is, without a slash at the end.
	BaseURL string `env:"HUB_BASE_URL, required"`
	// MaxRoleRecipients bounds how many holders of an admin role one event reaches.
	MaxRoleRecipients int `env:"HUB_MAX_ROLE_RECIPIENTS, default=100"`
}

func init() { fn.Register(fn.Function{Name: "notify", Topic: outbox.Topic, New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	sender, err := mail.New(cfg.Mail)
	if err != nil {
		return nil, err
	}
	client, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	admin, err := session.NewAdmin(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	log, now := o11y.NewLogger(os.Stderr, "notify", cfg.Project), clock.System{}
	return newHandler(deps{
		log:     log,
		dead:    pubsubx.FirestoreDeadLetters{Client: client, Clock: now, Log: log},
		notices: &notices{client: client, clock: now, maxRecipients: cfg.MaxRoleRecipients},
		mail:    sender.Send,
		users:   admin,
		baseURL: cfg.BaseURL,
	}), nil
}

// deps are what the room works with.
type deps struct {
	log     *slog.Logger
	dead    pubsubx.DeadLetters
	notices *notices
	mail    func(context.Context, mail.Message) error
	users   users
	baseURL string
}

func newHandler(d deps) http.Handler {
	a := api.New(api.Options{Function: "notify", Title: "Notify",
		Description: "Takes domain events from Pub/Sub and tells people about them.", Log: d.log})
	push := pubsubx.Handler("notify", d.log, d.dead, d.handle)
	a.HandleRaw("POST /notify", pubsubx.WhyPublic, push)
	a.HandleRaw("POST /notify/{$}", pubsubx.WhyPublic, push)
	return a.Handler()
}
