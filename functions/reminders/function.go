package reminders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/notebook"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/review"
)

// Topic is what Cloud Scheduler publishes to.
const Topic = "hub-schedule"

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access access.Rules
	// OutboxAge is how old an event is before a sweep takes it from its sender.
	OutboxAge time.Duration `env:"HUB_OUTBOX_AGE, default=1m"`
	// OutboxPage and OutboxPages bound what one message sweeps.
	OutboxPage  int `env:"HUB_OUTBOX_PAGE, default=100"`
	OutboxPages int `env:"HUB_OUTBOX_PAGES, default=10"`
	// WarningDays are how many days before expiry a module warns.
	WarningDays []int `env:"HUB_EXPIRY_WARNING_DAYS, default=15,7,1,0"`
	// AccountsPage and AccountsPages bound how many accounts one message looks at.
	AccountsPage  int `env:"HUB_ACCOUNTS_PAGE, default=200"`
	AccountsPages int `env:"HUB_ACCOUNTS_PAGES, default=10"`
	// PurgeRecords bounds how many records of deleted workspaces one message removes.
	PurgeRecords int `env:"HUB_PURGE_RECORDS, default=500"`
	// Copies are the numbers of duplicates and snapshots, CopiesPage how many of
	// them one message goes on with.
	Copies copying.Rules
	// Reviews says when the answer to a review is due that a duplicate asks for.
	Reviews    review.Config
	CopiesPage int `env:"HUB_COPYING_PAGE, default=5"`
	// Bucket is the Cloud Storage bucket that keeps notebooks.
	Bucket string `env:"HUB_NOTEBOOK_BUCKET, required"`
	// MaxNotebookBytes bounds a notebook that is copied, in bytes.
	MaxNotebookBytes int64 `env:"HUB_NOTEBOOK_MAX_BYTES, default=10485760"`
	// ReviewReminders bounds how many reviews one message tells the board of.
	ReviewReminders int `env:"HUB_REVIEW_REMINDERS, default=100"`
}

func (c Config) check() error {
	if min(c.OutboxPage, c.OutboxPages, c.AccountsPage, c.AccountsPages) < 1 || max(c.OutboxPage, c.AccountsPage) > 1000 {
		return fmt.Errorf("HUB_OUTBOX_PAGE, HUB_OUTBOX_PAGES, HUB_ACCOUNTS_PAGE and HUB_ACCOUNTS_PAGES are above 0, pages at most 1000")
	}
	if min(c.PurgeRecords, c.ReviewReminders) < 1 {
		return fmt.Errorf("HUB_PURGE_RECORDS and HUB_REVIEW_REMINDERS are above 0")
	}
	if len(c.WarningDays) == 0 || slices.Min(c.WarningDays) < 0 {
		return fmt.Errorf("HUB_EXPIRY_WARNING_DAYS lists days, 0 for the day of expiry")
	}
	return nil
}

func init() {
	fn.Register(fn.Function{Name: "reminders", Topic: Topic, Schedule: "*/5 * * * *", New: New})
}

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	if err := cfg.check(); err != nil {
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
	calendar, err := cfg.Reviews.Calendar()
	if err != nil {
		return nil, err
	}
	files, err := notebook.OpenBucket(ctx, cfg.Bucket, cfg.MaxNotebookBytes)
	if err != nil {
		return nil, err
	}
	data, err := bigqueryx.OpenDatasets(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	log, now := o11y.NewLogger(os.Stderr, "reminders", cfg.Project), clock.System{}
	sender := outbox.Sender{Client: client, Publisher: publisher, Log: log, Clock: now}
	return newHandler(deps{
		log:    log,
		dead:   pubsubx.FirestoreDeadLetters{Client: client, Clock: now, Log: log},
		sender: &sender,
		age:    cfg.OutboxAge, page: cfg.OutboxPage, pages: cfg.OutboxPages,
		expiry: &expiry{client: client, clock: now, log: log, rules: cfg.Access, days: cfg.WarningDays,
			page: cfg.AccountsPage, pages: cfg.AccountsPages},
		purge: &purge{client: client, clock: now, log: log, records: cfg.PurgeRecords, files: files, data: data},
		copies: &copies{limit: cfg.CopiesPage, engine: &copying.Engine{Gate: access.Gate{Client: client, Rules: cfg.Access, Clock: now}, Events: sender,
			Files: files, Check: copying.SourceCheck{}, Rules: cfg.Copies, Log: log,
			Reviewing: copying.Reviews(client, calendar)}},
		reviews: &reviewsDue{client: client, clock: now, log: log, most: cfg.ReviewReminders},
	}), nil
}

// deps are what the room works with.
type deps struct {
	log         *slog.Logger
	dead        pubsubx.DeadLetters
	sender      *outbox.Sender
	age         time.Duration
	page, pages int
	expiry      *expiry
	purge       *purge
	copies      *copies
	reviews     *reviewsDue
}

func newHandler(d deps) http.Handler {
	a := api.New(api.Options{Function: "reminders", Title: "Reminders",
		Description: "Does what is due, when Cloud Scheduler says so.", Log: d.log})
	push := pubsubx.Handler("reminders", d.log, d.dead, d.handle)
	a.HandleRaw("POST /reminders", pubsubx.WhyPublic, push)
	a.HandleRaw("POST /reminders/{$}", pubsubx.WhyPublic, push)
	return a.Handler()
}

// handle does every task, so that one which fails keeps none from the others.
// Whatever fails is worth another attempt: nothing of it is the message's fault.
func (d deps) handle(ctx context.Context, _ pubsubx.Message) error {
	events, expiryErr := d.expiry.run(ctx)
	d.sender.Send(ctx, events...)
	due, reviewsErr := d.reviews.run(ctx)
	d.sender.Send(ctx, due...)
	sweepErr := d.sweep(ctx)
	purgeErr := d.purge.run(ctx)
	copyErr := d.copies.run(ctx)
	if err := errors.Join(expiryErr, reviewsErr, sweepErr, purgeErr, copyErr); err != nil {
		return fault.Because(fault.Unavailable, err, "Some of what is due could not be done.")
	}
	return nil
}

// sweep goes on until a page is not full or the bound is reached; the next
// message goes on from there.
func (d deps) sweep(ctx context.Context) error {
	total := 0
	for range d.pages {
		sent, err := d.sender.Sweep(ctx, d.age, d.page)
		total += sent
		if err != nil {
			return err
		}
		if sent < d.page {
			break
		}
	}
	if total > 0 {
		d.log.InfoContext(ctx, "outbox swept", "sent", total)
	}
	return nil
}
