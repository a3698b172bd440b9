package firestorex

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/shared/fault"
)

func TestFault(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"nothing":               {nil, ""},
		"no record":             {status.Error(codes.NotFound, "x"), fault.NotFound},
		"one already":           {status.Error(codes.AlreadyExists, "x"), fault.Conflict},
		"changed":               {status.Error(codes.FailedPrecondition, "x"), fault.Stale},
		"contention":            {status.Error(codes.Aborted, "x"), fault.Unavailable},
		"a deadline, by gRPC":   {status.Error(codes.DeadlineExceeded, "x"), fault.Unavailable},
		"a deadline, by itself": {fmt.Errorf("x: %w", context.DeadlineExceeded), fault.Unavailable},
		"a caller who is gone":  {context.Canceled, fault.Unavailable},
		"a rule's own answer":   {fault.New(fault.Denied, "No."), fault.Denied},
		"anything else":         {errors.New("x"), fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fault.KindOf(Fault("op", c.err)); got != c.want {
				t.Errorf("%v is %q, want %q", c.err, got, c.want)
			}
		})
	}
}
