package testkit

import (
	"context"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// PubSubServer is Pub/Sub in this process, for one test.
type PubSubServer struct {
	// Server is the fake itself: its Messages are what was published.
	Server *pstest.Server
	// Client talks to it.
	Client *pubsub.Client
	// Project is the client's project.
	Project string
}

// PubSub starts an empty Pub/Sub in this process and gives it with a client;
// both are closed when the test ends. It is cloud.google.com/go's own fake,
// which knows pull, filters, ordering and dead letters, and no push; its Seek
// must not be called.
func PubSub(t testing.TB) PubSubServer {
	t.Helper()
	server := pstest.NewServer()
	t.Cleanup(func() { _ = server.Close() })
	conn, err := grpc.NewClient(server.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatalf("pstest: %v", err)
	}
	project := Project(t)
	client, err := pubsub.NewClient(context.Background(), project, option.WithGRPCConn(conn))
	if err != nil {
		t.Fatalf("pstest: %v", err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return PubSubServer{Server: server, Client: client, Project: project}
}
