package loader

import (
	"fmt"
	"sync/atomic"
	"time"
)

// progress counts the tables of one step of a load.
type progress struct {
	o     *Options
	step  string
	total int
	n     atomic.Int64
}

func (o *Options) progress(step string, total int) *progress {
	return &progress{o: o, step: step, total: total}
}

// skip counts a table of which there is nothing to say.
func (p *progress) skip() { p.n.Add(1) }

// meter measures one table.
type meter struct {
	p       *progress
	head    string
	began   time.Time
	written time.Time
}

func (p *progress) begin(table string) *meter {
	now := time.Now()
	return &meter{p: p, head: fmt.Sprintf("%stable %d of %d, %s", p.step, p.n.Add(1), p.total, table), began: now, written: now}
}

// sayEvery is how often a table that takes long is reported.
const sayEvery = 5 * time.Second

// at is told how many rows are through; it speaks now and then.
func (m *meter) at(rows int64) {
	if time.Since(m.written) < sayEvery {
		return
	}
	m.written = time.Now()
	m.p.o.say("%s: %d rows so far, %s", m.head, rows, m.rate(rows))
}

func (m *meter) done(rows int64) {
	m.p.o.say("%s: %d rows, %s", m.head, rows, m.rate(rows))
}

func (m *meter) rate(rows int64) string {
	took := time.Since(m.began)
	return fmt.Sprintf("%.0f rows/s, %.1f s", float64(rows)/max(took.Seconds(), 0.001), took.Seconds())
}
