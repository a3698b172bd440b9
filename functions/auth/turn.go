package auth

import (
	"cmp"
	"context"
	"sync"

	"researchhub.example/hub/shared/fault"
)

// maxWaiting is how many checks of one account wait behind the one that is under
// way in this instance. A person has one or two; more come from a program.
const maxWaiting = 3

// turns lets one check per key into the store at a time, in this instance. It
// guards nothing by itself - the transaction decides, across instances - but it
// keeps a thousand guesses at once from a thousand transactions that wait for
// each other on one document: all but a few are sent away without a read or a
// write. The zero value is ready.
type turns struct {
	mu     sync.Mutex
	queues map[string]*queue
	// most is how many wait at one key; maxWaiting when zero.
	most int
}

// errNoTurn is for who comes when as many wait already as may.
var errNoTurn = fault.New(fault.Limited, "Codes of this account are being checked. Wait for the answer, then send one.")

// queue is the turn at one key.
type queue struct {
	turn chan struct{} // holds one: whoever is in it has the turn
	here int           // who has the turn and who waits for it
}

// take waits for the turn at a key and gives what ends it. Where as many wait
// already as may, the answer is fault.Limited at once.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	q := t.join(key)
	if q == nil {
		return nil, errNoTurn
	}
	select {
	case q.turn <- struct{}{}:
		return func() { <-q.turn; t.leave(key, q) }, nil
	case <-ctx.Done():
		t.leave(key, q)
		return nil, fault.Because(fault.Unavailable, ctx.Err(), "It took too long. Try again.")
	}
}

func (t *turns) join(key string) *queue {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.queues == nil {
		t.queues = map[string]*queue{}
	}
	q := t.queues[key]
	if q == nil {
		q = &queue{turn: make(chan struct{}, 1)}
		t.queues[key] = q
	}
	if q.here > cmp.Or(t.most, maxWaiting) {
		return nil
	}
	q.here++
	return q
}

func (t *turns) leave(key string, q *queue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.here--; q.here == 0 {
		delete(t.queues, key)
	}
}
