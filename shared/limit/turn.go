package limit

import (
	"cmp"
	"context"
	"sync"

	"researchhub.example/hub/shared/fault"
)

// MaxWaiting is how many wait at one key of Turns that says no other number. A
// person has one or two requests under way; more come from a program.
const MaxWaiting = 3

// Turns lets one piece of work per key into the store at a time, in this
// instance. It guards nothing by itself - the transaction decides, across
// instances - but it keeps a thousand attempts at once from a thousand
// transactions that wait for each other on one document: all but a few are sent
// away without a read or a write. The zero value is ready.
type Turns struct {
	mu     sync.Mutex
	queues map[string]*queue
	// Most is how many wait at one key; MaxWaiting when zero.
	Most int
	// Busy is what is said to who comes when as many wait already as may.
	Busy string
}

// busy is what Turns says that has no words of its own.
const busy = "This is being done already. Wait for the answer, then try again."

// queue is the turn at one key.
type queue struct {
	turn chan struct{} // holds one: whoever is in it has the turn
	here int           // who has the turn and who waits for it
}

// Take waits for the turn at a key and gives what ends it. Where as many wait
// already as may, the answer is fault.Limited at once.
func (t *Turns) Take(ctx context.Context, key string) (done func(), err error) {
	q := t.join(key)
	if q == nil {
		return nil, fault.New(fault.Limited, "%s", cmp.Or(t.Busy, busy))
	}
	select {
	case q.turn <- struct{}{}:
		return func() { <-q.turn; t.leave(key, q) }, nil
	case <-ctx.Done():
		t.leave(key, q)
		return nil, fault.Because(fault.Unavailable, ctx.Err(), "It took too long. Try again.")
	}
}

func (t *Turns) join(key string) *queue {
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
	if q.here > cmp.Or(t.Most, MaxWaiting) {
		return nil
	}
	q.here++
	return q
}

func (t *Turns) leave(key string, q *queue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.here--; q.here == 0 {
		delete(t.queues, key)
	}
}
