package testkit_test

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"researchhub.example/hub/shared/testkit"
)

func TestPubSubPublishes(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ps := testkit.PubSub(t)
	topic := "projects/" + ps.Project + "/topics/events"
	if _, err := ps.Client.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topic}); err != nil {
		t.Fatal(err)
	}
	if _, err := ps.Client.Publisher("events").Publish(ctx, &pubsub.Message{Data: []byte("hello")}).Get(ctx); err != nil {
		t.Fatal(err)
	}
	if got := ps.Server.Messages(); len(got) != 1 || string(got[0].Data) != "hello" {
		t.Errorf("published %v", got)
	}
}
