package access

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// A request costs two round trips for all that decides on it, however often the
// gate is asked afterwards: account and workspace together, then the institution.
func TestARequestAsksTheStoreTwice(t *testing.T) {
	var reads atomic.Int64
	conn, err := grpc.NewClient(testkit.FirestoreHost(t), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			if strings.HasSuffix(method, "BatchGetDocuments") {
				reads.Add(1)
			}
			return next(ctx, desc, cc, method, opts...)
		}))
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor(t)
	if d.Client, err = firestore.NewClient(t.Context(), d.project, option.WithGRPCConn(conn)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Client.Close() })

	p := as("registered")
	ctx := session.With(t.Context(), p)
	for _, c := range []struct {
		rule      Rule
		workspace string
		want      int64
	}{
		{MemberOf(Run), d.registered, 2},
		{AtTier(Registered), "", 2},
		{Enabled(), "", 1},
		{ByRecord("x"), "", 1},
		{Own, "", 0},
	} {
		reads.Store(0)
		inside, err := d.Authorize(ctx, p, session.SecondFactor, c.rule, c.workspace)
		if err != nil {
			t.Fatal(err)
		}
		if got := reads.Load(); got != c.want {
			t.Errorf("%s takes %d round trips, want %d", c.rule, got, c.want)
		}
		if c.want == 0 {
			continue
		}
		for range 2 {
			if _, err := d.Tier(inside, p.UID); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Caller(inside, p); err != nil {
				t.Fatal(err)
			}
			if c.workspace != "" {
				if _, _, err := d.Workspace(inside, p, c.workspace, Edit); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := reads.Load(); got != max(c.want, 2) { // the tier takes the institution, once
			t.Errorf("%s and the room's own checks take %d round trips, want %d", c.rule, got, max(c.want, 2))
		}
	}
}
