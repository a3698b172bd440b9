package pubsubx

import (
	"context"
	"fmt"
	"sync"

	"cloud.google.com/go/pubsub/v2"

	"researchhub.example/hub/shared/fault"
)

// Publisher sends messages to topics by their short names.
type Publisher struct {
	client *pubsub.Client
	mu     sync.Mutex
	topics map[string]*pubsub.Publisher
}

// Open makes a publisher for one project. It honours PUBSUB_EMULATOR_HOST.
func Open(ctx context.Context, project string) (*Publisher, error) {
	c, err := pubsub.NewClient(ctx, project)
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	return NewPublisher(c), nil
}

// NewPublisher uses a client that is there already.
func NewPublisher(c *pubsub.Client) *Publisher {
	return &Publisher{client: c, topics: map[string]*pubsub.Publisher{}}
}

// Publish sends one message and waits until Pub/Sub has it.
func (p *Publisher) Publish(ctx context.Context, topic string, data []byte, attributes map[string]string) error {
	p.mu.Lock()
	t, ok := p.topics[topic]
	if !ok {
		t = p.client.Publisher(topic)
		p.topics[topic] = t
	}
	p.mu.Unlock()
	_, err := t.Publish(ctx, &pubsub.Message{Data: data, Attributes: attributes}).Get(ctx)
	if err != nil {
		return fault.Wrap("publish "+topic, fault.Because(fault.Unavailable, err, "The message could not be sent. Try again."))
	}
	return nil
}

// Close flushes and ends the publisher.
func (p *Publisher) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.topics {
		t.Stop()
	}
	return p.client.Close()
}
