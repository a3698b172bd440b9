package billingalerts

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/testkit"
)

// From the environment on with real clients: a notification goes in, an event
// comes out at Pub/Sub.
func TestNewRaisesAnAlert(t *testing.T) {
	ps := testkit.PubSub(t)
	if _, err := ps.Client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: "projects/" + ps.Project + "/topics/" + outbox.Topic}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PUBSUB_EMULATOR_HOST", ps.Server.Addr)
	t.Setenv("FIRESTORE_EMULATOR_HOST", testkit.FirestoreHost(t))
	t.Setenv("GOOGLE_CLOUD_PROJECT", ps.Project)
	h := &hub{t: t, client: testkit.FirestoreFor(t, ps.Project), clock: clock.NewManual(t0)}
	name, err := budget.Name(attributes()["billingAccountId"], attributes()["budgetId"])
	if err != nil {
		t.Fatal(err)
	}
	h.put(budget.Collection, name, budget.Budget{ID: name, WorkspaceID: "ws1"})
	h.put(access.Workspaces, "ws1", access.Workspace{ID: "ws1", Name: "Study", OwnerUID: "u1"})
	room, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if code := h.deliver(room, "m1", sample); code != 204 {
			t.Errorf("status %d", code)
		}
	}
	h.want(actual(25, 50))
	got := ps.Server.Messages()
	if len(got) != 1 || got[0].Attributes["type"] != "billing.alertRaised" {
		t.Errorf("%d events at Pub/Sub, want 1: %+v", len(got), got)
	}
	w := httptest.NewRecorder()
	room.ServeHTTP(w, httptest.NewRequest("GET", "/billingalerts/healthz", nil))
	if w.Code != 200 {
		t.Errorf("healthz: %d", w.Code)
	}
}

func TestMissingConfigurationIsNamed(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-p")
	t.Setenv("HUB_ALERT_THRESHOLDS", "0")
	if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), "HUB_ALERT_THRESHOLDS") {
		t.Errorf("got %v", err)
	}
	if err := os.Unsetenv("GOOGLE_CLOUD_PROJECT"); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), "GOOGLE_CLOUD_PROJECT") {
		t.Errorf("got %v", err)
	}
}
