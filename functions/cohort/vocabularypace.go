package cohort

import (
	"sync"
	"time"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
)

// pace bounds how fast one caller may search: a bucket of tokens for each, in this
// instance. A search costs this instance's processor and nothing else, so it is
// here that one caller must not take all of it; what costs a query is counted
// across instances (see room.paid).
type pace struct {
	clock clock.Clock
	// perSecond is how many searches a caller may go on with, burst how many at once.
	perSecond, burst float64

	mu      sync.Mutex
	buckets map[string]bucket
}

// A person who types makes some searches a second; a page of a web client, some at
// once.
const (
	searchesPerSecond = 10
	searchBurst       = 40
)

type bucket struct {
	left float64
	at   time.Time
}

// maxBuckets bounds the callers that are remembered; full buckets are forgotten
// first, which changes nothing.
const maxBuckets = 10_000

// take takes one of a caller's tokens, or is fault.Limited.
func (p *pace) take(uid string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	b, known := p.buckets[uid]
	if !known {
		p.forget(now)
		b = bucket{p.burst, now}
	}
	b.left = min(p.burst, b.left+now.Sub(b.at).Seconds()*p.perSecond)
	b.at = now
	if b.left < 1 {
		p.buckets[uid] = b
		f := fault.New(fault.Limited, "Too many searches in a short time. Wait a moment, then go on.")
		f.RetryAfter = time.Duration((1 - b.left) / p.perSecond * float64(time.Second))
		return f
	}
	b.left--
	p.buckets[uid] = b
	return nil
}

// forget lets go of callers who may begin anew anyway, and everybody where all are busy.
func (p *pace) forget(now time.Time) {
	if p.buckets == nil {
		p.buckets = map[string]bucket{}
	}
	if len(p.buckets) < maxBuckets {
		return
	}
	for uid, b := range p.buckets {
		if b.left+now.Sub(b.at).Seconds()*p.perSecond >= p.burst {
			delete(p.buckets, uid)
		}
	}
	if len(p.buckets) >= maxBuckets {
		clear(p.buckets)
	}
}
