package reminders

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/testkit"
)

// From the environment on with real clients: the schedule rings, and what was
// left in the outbox and what is about to expire comes out at Pub/Sub.
func TestNewSweepsAndWarns(t *testing.T) {
	ps := testkit.PubSub(t)
	if _, err := ps.Client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: "projects/" + ps.Project + "/topics/" + outbox.Topic}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PUBSUB_EMULATOR_HOST", ps.Server.Addr)
	t.Setenv("FIRESTORE_EMULATOR_HOST", testkit.FirestoreHost(t))
	t.Setenv("GOOGLE_CLOUD_PROJECT", ps.Project)
	t.Setenv("HUB_NOTEBOOK_BUCKET", "notebooks")
	t.Setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1") // nothing here has files
	t.Setenv("BIGQUERY_EMULATOR_HOST", "127.0.0.1:1")       // nor data sets
	b := &bell{t: t, client: testkit.FirestoreFor(t, ps.Project), clock: clock.NewManual(time.Now())}
	b.add(1)
	a := access.Account{UID: "u1", Modules: map[string]access.ModuleFact{
		string(access.Training): {CompletedAt: time.Now().Add(24*time.Hour - access.DefaultRules().ModuleValidity)}}}
	if _, err := b.client.Collection(access.Accounts).Doc("u1").Set(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	room, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w := httptest.NewRecorder()
		room.ServeHTTP(w, httptest.NewRequest("POST", "/reminders", strings.NewReader(`{"message":{"messageId":"m1"}}`)))
		if w.Code != 204 {
			t.Errorf("status %d", w.Code)
		}
	}
	types := map[string]int{}
	for _, m := range ps.Server.Messages() {
		types[m.Attributes["type"]]++
	}
	if types["x"] != 1 || types["module.expiring"] != 1 {
		t.Errorf("at Pub/Sub: %v", types)
	}
}

func TestMissingConfigurationIsNamed(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-p")
	t.Setenv("HUB_NOTEBOOK_BUCKET", "notebooks")
	t.Setenv("HUB_EXPIRY_WARNING_DAYS", "-1")
	if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), "HUB_EXPIRY_WARNING_DAYS") {
		t.Errorf("got %v", err)
	}
	if err := os.Unsetenv("GOOGLE_CLOUD_PROJECT"); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), "GOOGLE_CLOUD_PROJECT") {
		t.Errorf("got %v", err)
	}
}
