package reminders

import (
	"context"

	"researchhub.example/hub/shared/copying"
)

// copies goes on with duplicates and snapshots that nobody works on: whose
// request has ended, or whose process has died. Where each stands is in its own
// record, so a message that comes twice finds nothing more to do.
type copies struct {
	engine *copying.Engine
	// limit bounds how many one message goes on with.
	limit int
}

func (c *copies) run(ctx context.Context) error {
	if c == nil {
		return nil
	}
	_, err := c.engine.Sweep(ctx, c.limit)
	return err
}
