package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fakeVerifier takes "<uid>" for a session of level 2 and "<uid>1" for one of level 1.
type fakeVerifier map[string]session.Principal

func (f fakeVerifier) Verify(_ context.Context, raw string) (session.Principal, error) {
	p, ok := f[raw]
	if !ok {
		return p, fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
	}
	return p, nil
}

// fakePublisher keeps what is published, or fails.
type fakePublisher struct {
	mu   sync.Mutex
	down bool
	sent []string
}

func (f *fakePublisher) Publish(_ context.Context, _ string, _ []byte, attributes map[string]string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errors.New("down")
	}
	f.sent = append(f.sent, attributes["type"])
	return nil
}

// room is the function with a store of its own.
type room struct {
	t         *testing.T
	service   *service
	handler   http.Handler
	client    *firestore.Client
	clock     *clock.Manual
	publisher *fakePublisher
	files     *memory
}

// people are the accounts of a room and their tiers.
var people = map[string]access.Tier{
	"ann": access.Controlled, "ben": access.Registered, "carl": access.PublicTier, "dora": access.Controlled, "eve": access.Controlled,
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, client: testkit.Firestore(t), clock: clock.NewManual(morning), publisher: &fakePublisher{}}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	r.service = &service{
		gate:   access.Gate{Client: r.client, Rules: access.DefaultRules(), Clock: r.clock},
		events: outbox.Sender{Client: r.client, Publisher: r.publisher, Log: log, Clock: r.clock},
		limits: defaultLimits(), policies: policy.Versions(),
	}
	r.files = &memory{files: map[string]string{}}
	r.service.copies = &copying.Engine{Gate: r.service.gate, Events: r.service.events, Files: r.files, Check: copying.SourceCheck{}, Rules: copying.DefaultRules(), Log: log,
		Reviewing: copying.Reviews(r.client, r.service.calendar)}
	verifier := fakeVerifier{"nobody": {UID: "nobody", Level: session.SecondFactor}}
	domains := access.TierRule{Kind: "domains", List: []string{"university.example"}}
	r.put(access.Institutions, "university", access.Institution{ID: "university", Name: "Example University",
		Rules: map[string]access.TierRule{"registered": domains, "controlled": domains}})
	for uid, tier := range people {
		verifier[uid] = session.Principal{UID: uid, Level: session.SecondFactor}
		verifier[uid+"1"] = session.Principal{UID: uid, Level: session.SignedIn}
		r.put(access.Accounts, uid, account(uid, tier))
	}
	r.put(omop.ReleasesCollection, "r2026", omop.Release{ID: "r2026", State: omop.ReleasePublished,
		Datasets: map[string]string{"registered": "a", "controlled": "b"}})
	r.put(omop.ReleasesCollection, "loading", omop.Release{ID: "loading", State: omop.ReleaseLoading, Datasets: map[string]string{"registered": "a"}})
	r.put(omop.ReleasesCollection, "half", omop.Release{ID: "half", State: omop.ReleasePublished, Datasets: map[string]string{"registered": "a"}})
	r.handler = newAPI(r.service, api.Options{Verifier: verifier, Log: log}).Handler()
	return r
}

func account(uid string, tier access.Tier) access.Account {
	a := access.Account{UID: uid, Email: uid + "@university.example", Name: "Name of " + uid, InstitutionID: "university", Modules: map[string]access.ModuleFact{}}
	for _, q := range access.Requirements() {
		for _, needs := range q.Tiers {
			if tier.Covers(needs) {
				a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: morning}
			}
		}
	}
	return a
}

func (r *room) put(collection, name string, v any) {
	r.t.Helper()
	if _, err := r.client.Collection(collection).Doc(name).Set(r.t.Context(), v); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) workspace(workspaceID string) access.Workspace {
	r.t.Helper()
	snap, err := r.client.Collection(access.Workspaces).Doc(workspaceID).Get(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	var w access.Workspace
	if err := snap.DataTo(&w); err != nil {
		r.t.Fatal(err)
	}
	return w
}

// count says how many records a collection has.
func (r *room) count(collection string) int {
	r.t.Helper()
	snaps, err := r.client.Collection(collection).Documents(r.t.Context()).GetAll()
	if err != nil {
		r.t.Fatal(err)
	}
	return len(snaps)
}

// answered is what came back.
type answered struct {
	status int
	etag   string
	body   map[string]any
}

func (r *room) do(method, path, token, ifMatch string, body any) answered {
	r.t.Helper()
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		payload = bytes.NewReader(b)
	}
	req := httptest.NewRequestWithContext(r.t.Context(), method, "/workspace/v1"+path, payload)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if ifMatch != "" {
		req.Header.Set("If-Match", ifMatch)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	a := answered{status: w.Code, etag: w.Header().Get("ETag"), body: map[string]any{}}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			r.t.Errorf("%s %s: %s", method, path, w.Body)
		}
	}
	return a
}

func (r *room) want(status int, method, path, token, ifMatch string, body any) answered {
	r.t.Helper()
	a := r.do(method, path, token, ifMatch, body)
	if a.status != status {
		r.t.Fatalf("%s %s: %d %v, want %d", method, path, a.status, a.body, status)
	}
	return a
}

// created makes a workspace and gives its identifier and etag.
func (r *room) created(token, name string) (string, string) {
	r.t.Helper()
	body := newBody()
	body["name"] = name
	a := r.want(201, "POST", "/workspaces", token, "", body)
	return a.body["id"].(string), a.etag
}

// newBody is a workspace that is right in every way.
func newBody() map[string]any {
	var policies []map[string]any
	for _, policyID := range acknowledged {
		p, _ := policy.CurrentOf(policyID, morning)
		policies = append(policies, map[string]any{"id": p.ID, "version": p.Version})
	}
	return map[string]any{"name": "Asthma in cities", "tier": "registered", "releaseId": "r2026", "policies": policies, "purpose": newPurpose()}
}

func newPurpose() map[string]any {
	return map[string]any{
		"kinds": []string{"disease", "populationHealth"}, "disease": "Asthma",
		"intendedStudy": "What we ask.", "scientificApproach": "How we ask.", "anticipatedFindings": "What may come out.",
		"channels": []string{"journals"}, "outcomes": []string{"earlierDiagnosis"},
		"focusOnPopulations": true, "populations": []string{"age65to74"}, "reviewRequested": false,
	}
}
