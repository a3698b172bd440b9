package bigqueryx

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/statement"
)

func TestFaultByReason(t *testing.T) {
	api := func(code int, reason, message string) error {
		return &googleapi.Error{Code: code, Message: message, Errors: []googleapi.ErrorItem{{Reason: reason}}}
	}
	for _, c := range []struct {
		err  error
		want fault.Kind
		says string
	}{
		{api(400, "invalidQuery", "Unrecognized name: x at [1:8]"), fault.Invalid, "[1:8]"},
		{&bigquery.Error{Reason: "bytesBilledLimitExceeded"}, fault.Budget, "cap"},
		{api(404, "notFound", "Table t"), fault.NotFound, ""},
		{api(501, "notImplemented", "ST_AREA"), fault.NotBuilt, "ST_AREA"},
		{&googleapi.Error{Code: 503}, fault.Unavailable, "Try again"},
		{context.DeadlineExceeded, fault.Unavailable, "in time"},
		{errors.New("socket at /secret"), fault.Internal, ""},
	} {
		got := Fault("op", c.err)
		if fault.KindOf(got) != c.want || !strings.Contains(fault.Message(got), c.says) {
			t.Errorf("%v: kind %q, message %q; want %q with %q", c.err, fault.KindOf(got), fault.Message(got), c.want, c.says)
		}
	}
}

func TestStartRefusesWithoutACap(t *testing.T) {
	if _, err := Start(context.Background(), nil, Job{}); !fault.Is(err, fault.Budget) {
		t.Errorf("a job without a cap: %v", err)
	}
}

func TestValueKinds(t *testing.T) {
	for _, p := range []statement.Param{
		{Kind: statement.Int64}, {Kind: statement.Float64}, {Kind: statement.String}, {Kind: statement.Bool},
		{Kind: statement.Date, Text: "2026-01-31"}, {Kind: statement.Date, IsNull: true}, {Kind: statement.Int64Array}, {Kind: statement.Texts},
	} {
		if _, err := value(p); err != nil {
			t.Errorf("%s: %v", p.Kind, err)
		}
	}
	for _, p := range []statement.Param{{Kind: "BYTES"}, {Kind: statement.Date, Text: "31.1.2026"}} {
		if v, err := value(p); err == nil {
			t.Errorf("%+v gives %v", p, v)
		}
	}
}

func TestLabel(t *testing.T) {
	if got := Label("ws_01J9ZK@Ünï"); got != "ws_01j9zk--n-" {
		t.Errorf("got %q", got)
	}
	if got := Label(strings.Repeat("a", 80)); len(got) != 63 {
		t.Errorf("%d characters", len(got))
	}
}
