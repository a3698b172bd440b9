package testkit

import (
	"context"
	"os"
	"sync"
	"testing"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	firestoreemulator "researchhub.example/hub/emulator/firestore"
)

var firestoreHost = sync.OnceValues(func() (string, error) {
	if host := os.Getenv("FIRESTORE_EMULATOR_HOST"); host != "" {
		return host, nil
	}
	e, err := firestoreemulator.Start(context.Background(), firestoreemulator.Options{})
	if err != nil {
		return "", err
	}
	return e.Host(), nil
})

// FirestoreHost is the address of the emulator, "127.0.0.1:port": the one that
// FIRESTORE_EMULATOR_HOST names, else one of this test binary's own.
func FirestoreHost(t testing.TB) string {
	t.Helper()
	host, err := firestoreHost()
	if err != nil {
		Unavailable(t, "the Firestore emulator", err)
	}
	return host
}

// Firestore gives a client to an empty database of this test's own, closed when
// the test ends. Many transactions on one document are very slow in the
// emulator: keep contention to two or three at once.
func Firestore(t testing.TB) *firestore.Client {
	t.Helper()
	return FirestoreFor(t, Project(t))
}

// FirestoreFor gives a client to the database of a project, for tests that need
// to know its name.
func FirestoreFor(t testing.TB, project string) *firestore.Client {
	t.Helper()
	conn, err := grpc.NewClient(FirestoreHost(t),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(owner{}))
	if err != nil {
		t.Fatalf("Firestore emulator: %v", err)
	}
	client, err := firestore.NewClient(context.Background(), project, option.WithGRPCConn(conn))
	if err != nil {
		t.Fatalf("Firestore emulator: %v", err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// owner is what the emulator takes for a service account: rules do not apply.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}

func (owner) RequireTransportSecurity() bool { return false }
