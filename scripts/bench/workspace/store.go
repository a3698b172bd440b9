package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	firestoreemulator "researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/functions/workspace"
	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// The account with few workspaces, how many they are, and the one with many.
const (
	project = "demo-bench"

	few     = 10
	fewUID  = "few"
	manyUID = "many"
)

// bench is a store of its own with the function before it.
type bench struct {
	emulator *firestoreemulator.Emulator
	client   *firestore.Client
	handler  http.Handler
	// read counts the documents that the store has sent.
	read atomic.Int64
	// one is a workspace of the account with few.
	one string
}

func open(ctx context.Context) (*bench, error) {
	b := &bench{}
	var err error
	if b.emulator, err = firestoreemulator.Start(ctx, firestoreemulator.Options{Progress: func(s string) { fmt.Println(s) }}); err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(b.emulator.Host(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(owner{}), grpc.WithStreamInterceptor(b.count))
	if err != nil {
		b.close()
		return nil, err
	}
	if b.client, err = firestore.NewClient(ctx, project, option.WithGRPCConn(conn)); err != nil {
		b.close()
		return nil, err
	}
	// Nothing measured touches the notebooks' files.
	for name, value := range map[string]string{"GOOGLE_CLOUD_PROJECT": project, "HUB_NOTEBOOK_BUCKET": "none"} {
		if err := os.Setenv(name, value); err != nil {
			b.close()
			return nil, err
		}
	}
	cfg, err := fn.ReadConfig[workspace.Config](ctx)
	if err != nil {
		b.close()
		return nil, err
	}
	b.handler = workspace.NewHandler(cfg, workspace.Parts{Client: b.client, Publisher: nobody{}, Verifier: trusting{}, Log: slog.New(slog.DiscardHandler), Timeout: time.Hour})
	return b, nil
}

func (b *bench) close() {
	if b.client != nil {
		_ = b.client.Close()
	}
	b.emulator.Kill()
}

// count is on the wire between client and store: it sees every document that
// comes back, whoever asked for it.
func (b *bench) count(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := streamer(ctx, desc, cc, method, opts...)
	return &counted{s, &b.read}, err
}

// owner is what the emulator takes for a service account.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}

func (owner) RequireTransportSecurity() bool { return false }

type counted struct {
	grpc.ClientStream
	read *atomic.Int64
}

func (c *counted) RecvMsg(m any) error {
	err := c.ClientStream.RecvMsg(m)
	if err != nil {
		return err
	}
	switch m := m.(type) {
	case *firestorepb.RunQueryResponse:
		if m.GetDocument() != nil {
			c.read.Add(1)
		}
	case *firestorepb.BatchGetDocumentsResponse:
		c.read.Add(1) // what is not there is billed as a read too
	}
	return nil
}

// trusting takes the token for the uid of a session of level 2.
type trusting struct{}

func (trusting) Verify(_ context.Context, raw string) (session.Principal, error) {
	now := time.Now()
	return session.Principal{UID: raw, Level: session.SecondFactor, AuthTime: now, SecondFactorAt: now, Session: "s"}, nil
}

// nobody is a publisher that must not be needed: nothing measured writes.
type nobody struct{}

func (nobody) Publish(context.Context, string, []byte, map[string]string) error {
	return fault.New(fault.Unavailable, "the bench publishes nothing")
}

// seedPeople makes the two accounts and their institution.
func (b *bench) seedPeople(ctx context.Context) error {
	domains := access.TierRule{Kind: "domains", List: []string{"university.example"}}
	put := func(path string, v any) error {
		_, err := b.client.Doc(path).Set(ctx, v)
		return err
	}
	err := put(access.Institutions+"/university", access.Institution{ID: "university", Name: "Example University",
		Rules: map[string]access.TierRule{"registered": domains, "controlled": domains}})
	for _, uid := range []string{fewUID, manyUID} {
		if err != nil {
			return err
		}
		a := access.Account{UID: uid, Email: uid + "@university.example", Name: "Name of " + uid, InstitutionID: "university", Modules: map[string]access.ModuleFact{}}
		for _, q := range access.Requirements() {
			a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: time.Now().Add(-time.Hour)}
		}
		err = put(access.Accounts+"/"+uid, a)
	}
	return err
}

// writers is how many bulk writers seed side by side: each keeps itself to 500
// writes a second, which the emulator does not need.
const writers = 8

// seedWorkspaces makes n workspaces of an account, of every role, state and tier
// that a list can choose.
func (b *bench) seedWorkspaces(ctx context.Context, uid string, n int) error {
	start := time.Now().Add(-time.Duration(n) * time.Second).Truncate(time.Microsecond)
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for first := range writers {
		group.Go(func() error { return b.seedSome(ctx, uid, start, first, n, &done) })
	}
	stop := make(chan struct{})
	defer close(stop)
	go progress(stop, n, &done)
	return group.Wait()
}

// seedSome makes every so many-th workspace, from that one on.
func (b *bench) seedSome(ctx context.Context, uid string, start time.Time, first, n int, done *atomic.Int64) error {
	w := b.client.BulkWriter(ctx)
	defer w.End()
	var jobs []*firestore.BulkWriterJob
	settle := func() error {
		w.Flush()
		for _, job := range jobs {
			if _, err := job.Results(); err != nil {
				return err
			}
		}
		done.Add(int64(len(jobs)))
		jobs = jobs[:0]
		return nil
	}
	for i := first; i < n; i += writers {
		one := made(uid, i, start.Add(time.Duration(i)*time.Second))
		if uid == fewUID && i == 0 {
			b.one = one.ID
		}
		job, err := w.Create(b.client.Collection(access.Workspaces).Doc(one.ID), one)
		if err != nil {
			return err
		}
		if jobs = append(jobs, job); len(jobs) == 500 {
			if err := settle(); err != nil {
				return err
			}
		}
	}
	return settle()
}

// progress says every ten seconds how many are made.
func progress(stop <-chan struct{}, n int, done *atomic.Int64) {
	began, tick := time.Now(), time.NewTicker(10*time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			fmt.Printf("%d of %d workspaces made after %.0f s\n", done.Load(), n, time.Since(began).Seconds())
		}
	}
}

// made is the i-th workspace of an account: of ten, seven are owned, eight are
// active.
func made(uid string, i int, at time.Time) access.Workspace {
	role := []string{access.Owner, access.Owner, access.Owner, access.Owner, access.Owner, access.Owner, access.Owner, access.Writer, access.Writer, access.Reader}[i%10]
	w := access.Workspace{
		ID: id.New(id.Workspace, at), Name: fmt.Sprintf("Project %06d", i), Tier: access.Registered, ReleaseID: "r2026",
		OwnerUID: "somebody", Members: map[string]string{"somebody": access.Owner, uid: role},
		Purpose: access.Purpose{Kinds: []string{"educational"}, IntendedStudy: text, ScientificApproach: text, AnticipatedFindings: text,
			Channels: []string{"journals"}, Outcomes: []string{"healthEquity"}},
		Policies: map[string]string{"stigmatizingResearch": "1", "ethicalConduct": "1"}, State: access.Active, CreatedAt: at, UpdatedAt: at,
	}
	if i%10 == 3 {
		w.State = access.Archived
	}
	if i%10 == 4 {
		w.State = access.Paused
	}
	if i%10 == 5 {
		w.Tier = access.Controlled
	}
	return w.Keyed()
}

// text is a free text of a purpose, of a usual length.
const text = "We ask which of the conditions that people report in their surveys are also found in their records, and how soon. " +
	"The two are compared person by person, by age and by where people live, with the methods that the literature has for it."
