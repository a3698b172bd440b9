package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/review"
	"researchhub.example/hub/shared/testkit"
)

// desk is where requests for a review come in: one or two instances over one store.
type desk struct {
	t      *testing.T
	client *firestore.Client
	clock  *clock.Manual
	rules  requestRules
	log    *bytes.Buffer
	mu     sync.Mutex // guards log
}

// quietTopic takes every event.
type quietTopic struct{}

func (quietTopic) Publish(context.Context, string, []byte, map[string]string) error { return nil }

func newDesk(t *testing.T) *desk {
	t.Helper()
	return &desk{t: t, client: testkit.Firestore(t), clock: clock.NewManual(morning), log: &bytes.Buffer{},
		rules: requestRules{Window: 24 * time.Hour, Network: 30, NetworkProject: 5, Address: 3, Project: 50, Confirmations: 100, ConfirmWindow: 10 * time.Minute, ForwardedHops: 1}}
}

func (d *desk) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.Write(p)
}

// instance is one more process of the function.
func (d *desk) instance() http.Handler {
	log := slog.New(slog.NewJSONHandler(d, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := &service{client: d.client, clock: d.clock, maxAge: time.Minute}
	s.requests = &requester{client: d.client, clock: d.clock, limits: limit.New(d.client, d.clock), rules: d.rules, calendar: review.DefaultCalendar(),
		events: outbox.Sender{Client: d.client, Publisher: quietTopic{}, Log: log, Clock: d.clock}}
	return newAPI(s, api.Options{Log: log}).Handler()
}

type heard struct {
	status     int
	retryAfter string
	text       string
}

// post sends a body from a network, such as "203.0.113".
func (d *desk) post(h http.Handler, network, path string, body any) heard {
	d.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(d.t.Context(), "POST", "/directory/v1"+path, bytes.NewReader(b))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", network+".7")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return heard{w.Code, w.Header().Get("Retry-After"), w.Body.String()}
}

func (d *desk) project(n int) string {
	d.t.Helper()
	w := workspace(n)
	w.State, w.Members, w.OwnerUID = access.Active, map[string]string{"owner": access.Owner}, "owner"
	d.put(access.Workspaces, w.ID, w.Keyed())
	d.put(project.Collection, w.ID, project.Of(w, "Ann Example", "Example University"))
	return w.ID
}

func (d *desk) put(collection, name string, v any) {
	d.t.Helper()
	if _, err := d.client.Collection(collection).Doc(name).Set(d.t.Context(), v); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) all(collection string) []*firestore.DocumentSnapshot {
	d.t.Helper()
	snaps, err := d.client.Collection(collection).Documents(d.t.Context()).GetAll()
	if err != nil {
		d.t.Fatal(err)
	}
	return snaps
}

func requestOf(email string) map[string]any {
	return map[string]any{"email": email, "name": "Rita Requester", "reason": "It blames people."}
}

// asked makes a request and gives it the token that notify would have mailed.
func (d *desk) asked(h http.Handler, network, projectID, email string) (requestID string, token review.Token) {
	d.t.Helper()
	before := map[string]bool{}
	for _, snap := range d.all(review.Requests) {
		before[snap.Ref.ID] = true
	}
	if a := d.post(h, network, "/projects/"+projectID+"/review-requests", requestOf(email)); a.status != 202 {
		d.t.Fatalf("%+v", a)
	}
	token = review.NewToken()
	for _, snap := range d.all(review.Requests) {
		if before[snap.Ref.ID] {
			continue
		}
		requestID = snap.Ref.ID
		d.put(review.Requests, requestID, d.request(requestID).WithToken(token))
	}
	return requestID, token
}

func (d *desk) request(requestID string) review.Request {
	d.t.Helper()
	snap, err := d.client.Collection(review.Requests).Doc(requestID).Get(d.t.Context())
	var r review.Request
	if err == nil {
		err = snap.DataTo(&r)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) confirm(h http.Handler, requestID string, token review.Token) heard {
	d.t.Helper()
	return d.post(h, "203.0.113", "/review-requests/"+requestID+"/confirmation", map[string]any{"token": string(token)})
}

// A request is kept, unconfirmed, and only its identifier leaves; the answer is
// the same for a project that is not there.
func TestARequestIsKeptUntilItIsConfirmed(t *testing.T) {
	d := newDesk(t)
	h, ws := d.instance(), d.project(0)
	there := d.post(h, "203.0.113", "/projects/"+ws+"/review-requests", requestOf("Rita@Example.org"))
	missing := d.post(h, "203.0.113", "/projects/"+id.New(id.Workspace, morning)+"/review-requests", requestOf("rita@example.org"))
	none := d.post(h, "203.0.113", "/projects/x/review-requests", requestOf("rita@example.org"))
	if there.status != 202 || there != missing || there != none {
		t.Errorf("%+v, %+v, %+v", there, missing, none)
	}
	snaps := d.all(review.Requests)
	if len(snaps) != 1 {
		t.Fatalf("%d requests", len(snaps))
	}
	r := d.request(snaps[0].Ref.ID)
	want := review.Request{ID: r.ID, ProjectID: ws, Project: "Project 0", Email: "rita@example.org", Name: "Rita Requester", Reason: "It blames people.",
		TokenHashes: []string{}, AskedAt: morning, ExpireAt: morning.Add(review.ConfirmWithin), SchemaVersion: 1}
	if diff := cmp.Diff(want, r, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	events := d.all(outbox.Collection)
	if len(events) != 1 || events[0].Data()["type"] != "reviewRequest.made" || events[0].Data()["target"] != review.Requests+"/"+r.ID {
		t.Errorf("%d events", len(events))
	}
	if n := len(d.all(review.Collection)); n != 0 {
		t.Errorf("%d reviews before anybody confirmed", n)
	}
	for _, bad := range []map[string]any{
		{"email": "rita", "reason": "x"}, {"email": "Rita <rita@example.org>", "reason": "x"}, {"email": "rita@example.org\r\nBcc: eve@evil.example", "reason": "x"},
		{"email": "rita@localhost", "reason": "x"}, {"email": "a@b.example, c@d.example", "reason": "x"}, {"email": "\"a b\"@example.org", "reason": "x"},
		{"email": "rita@exämple.org", "reason": "x"}, {"email": strings.Repeat("a", 250) + "@example.org", "reason": "x"}, {},
		{"email": "rita@example.org", "reason": " "}, {"email": "rita@example.org", "reason": strings.Repeat("é", 1001)},
		{"email": "rita@example.org", "reason": "x", "name": strings.Repeat("é", 81)}, {"email": "rita@example.org", "reason": "\u202egnorw"},
	} {
		if a := d.post(h, "203.0.113", "/projects/"+ws+"/review-requests", bad); a.status != 422 {
			t.Errorf("%.60v: %+v", bad, a)
		}
	}
}

func TestConfirmation(t *testing.T) {
	d := newDesk(t)
	h, ws := d.instance(), d.project(0)
	requestID, token := d.asked(h, "203.0.113", ws, "rita@example.org")
	for name, c := range map[string]struct {
		request string
		token   review.Token
	}{
		"another token":   {requestID, review.NewToken()},
		"a short one":     {requestID, token[:10]},
		"no token":        {requestID, ""},
		"another request": {id.New(id.ReviewRequest, morning), token},
		"no request":      {"x", token},
	} {
		if a := d.confirm(h, c.request, c.token); a.status != 404 || !strings.Contains(a.text, errLink().Error()) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if n := len(d.all(review.Collection)); n != 0 {
		t.Fatalf("%d reviews", n)
	}
	d.clock.Advance(review.ConfirmWithin - time.Second)
	first := d.confirm(h, requestID, token)
	if first.status != 200 {
		t.Fatalf("%+v", first)
	}
	d.clock.Advance(time.Hour) // past the link's time: a second click says the same
	if again := d.confirm(h, requestID, token); again != first {
		t.Errorf("%+v, then %+v", first, again)
	}
	reviews, r := d.all(review.Collection), d.request(requestID)
	if len(reviews) != 1 || r.ReviewID != reviews[0].Ref.ID || r.ConfirmedAt.IsZero() || !r.ExpireAt.IsZero() {
		t.Fatalf("%d reviews, %+v", len(reviews), r)
	}
	// Another person's request joins the same review.
	other, otherToken := d.asked(h, "198.51.100", ws, "omar@example.org")
	if a := d.confirm(h, other, otherToken); a.status != 200 {
		t.Errorf("%+v", a)
	}
	if len(d.all(review.Collection)) != 1 || d.request(other).ReviewID != r.ReviewID {
		t.Errorf("%d reviews, %+v", len(d.all(review.Collection)), d.request(other))
	}
	// Too late for a request that waited.
	late, lateToken := d.asked(h, "198.51.100", ws, "lena@example.org")
	d.clock.Advance(review.ConfirmWithin)
	if a := d.confirm(h, late, lateToken); a.status != 404 || !d.request(late).ConfirmedAt.IsZero() {
		t.Errorf("%+v", a)
	}
	// To the owner and to the board, once each, and about nobody.
	told := map[string]int{}
	for _, snap := range d.all(outbox.Collection) {
		told[snap.Data()["type"].(string)]++
		if text := fmt.Sprint(snap.Data()); strings.Contains(text, "example.org") || strings.Contains(text, "Rita") || strings.Contains(text, "blames") {
			t.Errorf("an event tells who asked: %s", text)
		}
	}
	if diff := cmp.Diff(map[string]int{"reviewRequest.made": 3, "review.opened": 1, "review.queued": 1}, told); diff != "" {
		t.Error(diff)
	}
}

// The same link at two instances at the same moment, and two links of one project:
// one review, one entry for each confirmation, everybody hears that it is done or
// is asked to try again.
func TestConfirmationAtOnce(t *testing.T) {
	d := newDesk(t)
	instances := []http.Handler{d.instance(), d.instance()}
	ws := d.project(0)
	one, oneToken := d.asked(instances[0], "203.0.113", ws, "rita@example.org")
	two, twoToken := d.asked(instances[1], "198.51.100", ws, "omar@example.org")
	var wg sync.WaitGroup
	var done atomic.Int64
	for _, c := range []struct {
		h       http.Handler
		request string
		token   review.Token
	}{{instances[0], one, oneToken}, {instances[1], one, oneToken}, {instances[1], two, twoToken}} {
		wg.Go(func() {
			switch a := d.confirm(c.h, c.request, c.token); a.status {
			case 200:
				done.Add(1)
			case 503: // the store was busy: the page asks again
				if b := d.confirm(c.h, c.request, c.token); b.status == 200 {
					done.Add(1)
				}
			default:
				t.Errorf("%+v", a)
			}
		})
	}
	wg.Wait()
	reviews := d.all(review.Collection)
	if done.Load() != 3 || len(reviews) != 1 || d.request(one).ReviewID != reviews[0].Ref.ID || d.request(two).ReviewID != reviews[0].Ref.ID {
		t.Errorf("%d done, %d reviews", done.Load(), len(reviews))
	}
	acts := map[string]int{}
	for _, snap := range d.all(audit.Collection) {
		acts[snap.Data()["act"].(string)]++
	}
	if diff := cmp.Diff(map[string]int{"review.opened": 1, "reviewRequest.confirmed": 2}, acts); diff != "" {
		t.Error(diff)
	}
}

// A project that is hidden by now has nothing to review.
func TestConfirmationOfAHiddenProject(t *testing.T) {
	d := newDesk(t)
	h := d.instance()
	for i, state := range []string{access.Deleted, access.Purging, access.Copying, ""} {
		ws := d.project(i)
		requestID, token := d.asked(h, fmt.Sprintf("203.0.%d", i), ws, fmt.Sprintf("rita%d@example.org", i))
		if state == "" {
			if _, err := d.client.Collection(access.Workspaces).Doc(ws).Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
		} else if _, err := d.client.Collection(access.Workspaces).Doc(ws).Update(t.Context(), []firestore.Update{{Path: "state", Value: state}}); err != nil {
			t.Fatal(err)
		}
		if a := d.confirm(h, requestID, token); a.status != 404 || len(d.all(review.Collection)) != 0 {
			t.Errorf("%q: %+v", state, a)
		}
	}
}

// A thousand requests: what comes of them is bounded by network, by address and by
// project, over two instances, and the mails with it.
func TestAThousandRequestsAreBounded(t *testing.T) {
	d := newDesk(t)
	d.rules.Project = 12
	instances := []http.Handler{d.instance(), d.instance()}
	ws, other := d.project(0), d.project(1)
	kept := func() int { return len(d.all(review.Requests)) }
	path := "/projects/" + ws + "/review-requests"
	// One network, a thousand addresses.
	answers := make([]heard, 1000)
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := w; i < len(answers); i += 6 {
				answers[i] = d.post(instances[i%2], "203.0.113", path, requestOf(fmt.Sprintf("a%d@example.org", i)))
			}
		})
	}
	wg.Wait()
	let := 0
	for i, a := range answers {
		switch a.status {
		case 202:
			let++
		case 429, 503: // a counter that cannot be had in time refuses as well
		default:
			t.Fatalf("number %d: %+v", i, a)
		}
	}
	if let == 0 || let > d.rules.NetworkProject || kept() != let {
		t.Errorf("%d let through, %d kept; want at most %d", let, kept(), d.rules.NetworkProject)
	}
	// One after the other from there, the limit is reached and says when to come again.
	var last heard
	for i := range d.rules.NetworkProject + 1 {
		last = d.post(instances[i%2], "203.0.113", path, requestOf(fmt.Sprintf("c%d@example.org", i)))
	}
	if last.status != 429 || last.retryAfter == "" || kept() > d.rules.NetworkProject {
		t.Errorf("%+v; %d kept", last, kept())
	}
	// Many networks, one project.
	for i := range 20 {
		d.post(instances[i%2], fmt.Sprintf("198.51.%d", i), path, requestOf(fmt.Sprintf("b%d@example.org", i)))
	}
	if n := kept(); n > d.rules.Project || n < d.rules.Project-1 {
		t.Errorf("%d requests for one project, want %d", n, d.rules.Project)
	}
	// Many networks, one mailbox.
	before := kept()
	for i := range 8 {
		d.post(instances[i%2], fmt.Sprintf("192.0.%d", i), "/projects/"+other+"/review-requests", requestOf("Victim@Example.org"))
	}
	if n := kept() - before; n != d.rules.Address {
		t.Errorf("%d mails to one address, want %d", n, d.rules.Address)
	}
	if n := len(d.all(outbox.Collection)); n != kept() {
		t.Errorf("%d mails for %d requests", n, kept())
	}
	// Guessing links.
	d.rules.Confirmations = 5
	h := d.instance()
	codes := map[int]int{}
	for range 8 {
		codes[d.confirm(h, id.New(id.ReviewRequest, morning), review.NewToken()).status]++
	}
	if diff := cmp.Diff(map[int]int{404: 5, 429: 3}, codes); diff != "" {
		t.Error(diff)
	}
}

// Tokens and requesters are in no log and in no public answer, and tokens in no
// record.
func TestRequestersAndTokensStayHidden(t *testing.T) {
	d := newDesk(t)
	h, ws := d.instance(), d.project(0)
	requestID, token := d.asked(h, "203.0.113", ws, "rita@example.org")
	d.confirm(h, requestID, token+"x")
	d.confirm(h, requestID, token)
	d.confirm(h, requestID, token)
	for _, path := range []string{"/v1/projects", "/v1/projects/" + ws, "/v1/policies"} {
		if text := get(t, h, path, "").Body.String(); strings.Contains(text, "rita") || strings.Contains(text, "Rita") || strings.Contains(text, "blames") {
			t.Errorf("%s tells who asked: %s", path, text)
		}
	}
	if d.log.Len() == 0 {
		t.Error("nothing was logged: the test looks at nothing")
	}
	for _, secret := range []string{string(token), "rita@", "Rita", "blames"} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log has %q: %s", secret, d.log)
		}
	}
	collections, err := d.client.Collections(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collections {
		for _, snap := range d.all(c.ID) {
			text := fmt.Sprint(snap.Data())
			if strings.Contains(text, string(token)) {
				t.Errorf("%s holds the token", snap.Ref.Path)
			}
			if c.ID != review.Requests && (strings.Contains(text, "rita@") || strings.Contains(text, "Rita")) {
				t.Errorf("%s tells who asked", snap.Ref.Path)
			}
		}
	}
}
