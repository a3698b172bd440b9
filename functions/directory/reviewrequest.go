package directory

import (
	"context"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/review"
)

// requestRules bound the requests for a review, which anybody may send. They
// count over all instances. A window is a calendar's piece, not a sliding one.
type requestRules struct {
	// Window is the window of the requests.
	Window time.Duration `env:"HUB_REVIEW_REQUEST_WINDOW, default=24h"`
	// Network bounds the requests from one network, NetworkProject those of them
	// for one project: nobody uses up by themselves what a project may get.
	Network        int `env:"HUB_REVIEW_REQUEST_NETWORK, default=30"`
	NetworkProject int `env:"HUB_REVIEW_REQUEST_NETWORK_PROJECT, default=5"`
	// Address bounds the mails that strangers can have sent to one address.
	Address int `env:"HUB_REVIEW_REQUEST_ADDRESS, default=3"`
	// Project bounds the requests for one project.
	Project int `env:"HUB_REVIEW_REQUEST_PROJECT, default=50"`
	// Confirmations bounds the links tried from one network in ConfirmWindow.
	Confirmations int           `env:"HUB_REVIEW_CONFIRMATIONS, default=100"`
	ConfirmWindow time.Duration `env:"HUB_REVIEW_CONFIRM_WINDOW, default=10m"`
	// ForwardedHops is how many addresses the platform appends to
	// X-Forwarded-For (see limit.Caller).
	ForwardedHops int `env:"HUB_FORWARDED_HOPS, default=0"`
}

// The limits' names.
const (
	limitNetwork        = "reviewRequest.network"
	limitNetworkProject = "reviewRequest.networkProject"
	limitAddress        = "reviewRequest.address"
	limitProject        = "reviewRequest.project"
	limitConfirm        = "reviewConfirmation.network"
)

// requester takes requests for a review. It reads the project's public face and,
// when a request is confirmed, the workspace's record, of which it shows nothing.
type requester struct {
	client   *firestore.Client
	clock    clock.Clock
	events   outbox.Sender
	limits   *limit.Limiter
	rules    requestRules
	calendar review.Calendar
}

// requestIn is a request as it is sent.
type requestIn struct {
	Email  string `json:"email,omitempty" doc:"Where the link goes that confirms the request."`
	Name   string `json:"name,omitempty" doc:"For the board; at most 80 characters."`
	Reason string `json:"reason,omitempty" doc:"What the board should look at; required, at most 1,000 characters."`
}

// The bounds of a request's texts, in characters, and of an address (RFC 5321,
// section 4.5.3.1.3, less the angle brackets).
const (
	maxName    = 80
	maxReason  = 1000
	maxAddress = 254
)

// valid checks a request and gives it as it is kept.
func (in requestIn) valid() (requestIn, error) {
	var f fault.Form
	in.Email, in.Name, in.Reason = strings.TrimSpace(in.Email), strings.Join(strings.Fields(in.Name), " "), strings.TrimSpace(in.Reason)
	if !plainAddress(in.Email) {
		f.Say("body.email", "Give an e-mail address such as name@university.example; international domains in Punycode.")
	}
	// One mailbox has one count, however its letters are written.
	in.Email = strings.ToLower(in.Email)
	if n := utf8.RuneCountInString(in.Reason); n == 0 {
		f.Say("body.reason", "Write what the board should look at.")
	} else if n > maxReason {
		f.Say("body.reason", "Use at most %d characters; there are %d.", maxReason, n)
	}
	if n := utf8.RuneCountInString(in.Name); n > maxName {
		f.Say("body.name", "Use at most %d characters; there are %d.", maxName, n)
	}
	for path, text := range map[string]string{"body.name": in.Name, "body.reason": in.Reason} {
		if strings.ContainsFunc(text, unseen) {
			f.Say(path, "Use characters that can be seen, spaces and line breaks.")
		}
	}
	return in, f.Err()
}

// plainAddress takes an address of ASCII letters without a name, a quoted part
// or an address of numbers: what a mail to it could be bent by.
func plainAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > maxAddress || strings.ContainsAny(s, "\"[]()<>,;: \\") {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	return strings.Contains(domain, ".") && !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) })
}

// unseen refuses what cannot be seen, and what changes how the rest is seen.
func unseen(r rune) bool {
	return r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r)
}

// ask keeps a request that is not confirmed yet, and has the link mailed. The
// answer is the same whether there is such a project or not.
func (r *requester) ask(ctx context.Context, projectID string, in requestIn, from limit.Caller) error {
	in, err := in.valid()
	if err != nil {
		return err
	}
	if err := r.allow(ctx, projectID, in.Email, from.Network(r.rules.ForwardedHops)); err != nil {
		return err
	}
	if !isProject(projectID) {
		return nil
	}
	now := r.clock.Now()
	request := review.Request{
		ID: id.New(id.ReviewRequest, now), ProjectID: projectID, Email: in.Email, Name: in.Name, Reason: in.Reason,
		TokenHashes: []string{}, AskedAt: now, ExpireAt: now.Add(review.ConfirmWithin), SchemaVersion: review.Schema,
	}
	var event string
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		event = ""
		snap, err := tx.Get(r.client.Collection(project.Collection).Doc(projectID))
		face, found, err := firestorex.Decode[project.Project]("reviewRequest.project", snap, err)
		if err != nil || !found {
			return err
		}
		request.Project = face.Name
		if err := tx.Create(r.client.Collection(review.Requests).Doc(request.ID), request); err != nil {
			return err
		}
		// The event says which request; who asked stays in the request alone.
		event, err = outbox.Add(tx, r.client, outbox.Event{Type: "reviewRequest.made", At: now, Target: review.Requests + "/" + request.ID, Data: map[string]string{}})
		return err
	})
	if err != nil {
		return firestorex.Fault("reviewRequest.ask", err)
	}
	if event != "" {
		r.events.Send(ctx, event)
	}
	return nil
}

// allow counts a request by network, by network and project, by address and by
// project. Who is over one of the first limits counts for none of the others.
func (r *requester) allow(ctx context.Context, projectID, email, network string) error {
	for _, c := range []struct {
		name string
		most int
		key  string
	}{
		{limitNetwork, r.rules.Network, network},
		{limitNetworkProject, r.rules.NetworkProject, network + "\n" + projectID},
		{limitAddress, r.rules.Address, email},
		{limitProject, r.rules.Project, projectID},
	} {
		if err := r.limits.Allow(ctx, limit.Rule{Name: c.name, Most: c.most, Window: r.rules.Window}, c.key); err != nil {
			return err
		}
	}
	return nil
}

// isProject reports whether a project could have that identifier.
func isProject(projectID string) bool { return id.Check(id.Workspace, projectID) == nil }
