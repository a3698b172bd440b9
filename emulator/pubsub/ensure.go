package pubsub

import (
	"context"
	"fmt"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Push is one function that receives a topic's messages.
type Push struct {
	// Name is the function's name, and its subscription's.
	Name string
	// Topic is the topic's short name.
	Topic string
	// URL is where messages are posted.
	URL string
}

// DeadLetterTopic is the short name of the topic (and of the pull subscription
// on it) that receives what a function never accepted.
func (p Push) DeadLetterTopic() string { return p.Name + "-dead-letters" }

// ackDeadlineSeconds is the lease of a message; the client extends it while a
// delivery is under way.
const ackDeadlineSeconds = 60

// Ensure makes the topic, the dead-letter topic and the subscriptions of a push,
// unless they are there.
func Ensure(ctx context.Context, client *pubsub.Client, project string, p Push) error {
	name := func(kind, short string) string { return "projects/" + project + "/" + kind + "/" + short }
	for _, topic := range []string{p.Topic, p.DeadLetterTopic()} {
		_, err := client.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: name("topics", topic)})
		if err != nil && status.Code(err) != codes.AlreadyExists {
			return fmt.Errorf("pubsub: topic %s: %w", topic, err)
		}
	}
	for subscription, topic := range map[string]string{p.Name: p.Topic, p.DeadLetterTopic(): p.DeadLetterTopic()} {
		_, err := client.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{
			Name: name("subscriptions", subscription), Topic: name("topics", topic), AckDeadlineSeconds: ackDeadlineSeconds,
		})
		if err != nil && status.Code(err) != codes.AlreadyExists {
			return fmt.Errorf("pubsub: subscription %s: %w", subscription, err)
		}
	}
	return nil
}
