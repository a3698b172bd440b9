// Package firestorex is the plumbing to Firestore: the client, etags, cursors,
// and the one place that turns a gRPC status into a fault.
//
// Uses cloud.google.com/go/firestore, the official client.
package firestorex

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/shared/fault"
)

// Open makes the client of one project. It honours FIRESTORE_EMULATOR_HOST.
func Open(ctx context.Context, project string) (*firestore.Client, error) {
	c, err := firestore.NewClient(ctx, project)
	if err != nil {
		return nil, fmt.Errorf("firestore: %w", err)
	}
	return c, nil
}

// Fault turns an error of the client into a fault. A fault that a transaction's
// function returned comes back as it is. Fault(op, nil) is nil.
func Fault(op string, err error) error {
	if err == nil {
		return nil
	}
	if fault.KindOf(err) != fault.Internal {
		return fault.Wrap(op, err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		// The client gives a context's end as it is when it ends between two tries.
		return fault.Wrap(op, errAway(err))
	}
	switch status.Code(err) {
	case codes.NotFound:
		return fault.Wrap(op, fault.Because(fault.NotFound, err, "There is no such record."))
	case codes.AlreadyExists:
		return fault.Wrap(op, fault.Because(fault.Conflict, err, "There is one already."))
	case codes.FailedPrecondition:
		return fault.Wrap(op, fault.Because(fault.Stale, err, "It was changed in the meantime: read it again, then change it."))
	case codes.Aborted, codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled:
		return fault.Wrap(op, errAway(err))
	default:
		return fault.Wrap(op, err)
	}
}

func errAway(cause error) error {
	return fault.Because(fault.Unavailable, cause, "The store does not answer right now. Try again.")
}

// ETag is the entity tag of a document: its update time, quoted as HTTP wants it.
func ETag(updated time.Time) string {
	return fmt.Sprintf("%q", updated.UTC().Format(time.RFC3339Nano))
}

// ParseIfMatch reads an If-Match header made by ETag. A change without one is
// fault.NoPrecondition: nobody overwrites what they have not read.
func ParseIfMatch(header string) (time.Time, error) {
	if header == "" {
		return time.Time{}, fault.New(fault.NoPrecondition, "Send the etag of what you read as If-Match.")
	}
	t, err := time.Parse(time.RFC3339Nano, strings.Trim(header, `"`))
	if err != nil {
		return time.Time{}, fault.New(fault.Stale, "If-Match is not an etag of this record: read it again, then change it.")
	}
	return t, nil
}

// CheckETag compares what a transaction read with the caller's If-Match.
func CheckETag(snap *firestore.DocumentSnapshot, want time.Time) error {
	if !snap.UpdateTime.Equal(want) {
		return fault.New(fault.Stale, "It was changed in the meantime: read it again, then change it.")
	}
	return nil
}
