package cloud

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"researchhub.example/hub/emulator/auth"
	"researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/state"
)

// exportLimit bounds one export, so that a clean stop stays within seconds.
const exportLimit = 20 * time.Second

// export writes the records of the in-memory emulators. A part that has died
// keeps those of its last export; one of the environment's is not ours to keep.
func (c *cloud) export(ctx context.Context) error {
	c.exporting.Lock()
	defer c.exporting.Unlock()
	ctx, cancel := context.WithTimeout(ctx, exportLimit)
	defer cancel()
	exporters := map[string]state.Exporter{}
	any := false
	for name, exporter := range map[string]state.Exporter{
		firestoreName: func(dir string) error { return c.exportFirestore(ctx, dir) },
		authName:      func(dir string) error { return c.exportAuth(ctx, dir) },
	} {
		if p := c.parts.get(name); p == nil || p.external {
			continue
		}
		exporters[name] = nil
		if c.parts.living(name) {
			exporters[name], any = exporter, true
		}
	}
	if !any {
		return nil
	}
	if err := c.state.Records().Write(c.cfg.Clock.Now(), exporters); err != nil {
		return fmt.Errorf("records could not be written to %s (%w): what Firestore and Auth learned since the last export is in memory only", c.state.Root(), err)
	}
	return nil
}

func (c *cloud) exportFirestore(ctx context.Context, dir string) error {
	return firestore.Export(ctx, c.parts.get(firestoreName).addr, c.cfg.Project, dir)
}

func (c *cloud) exportAuth(ctx context.Context, dir string) error {
	accounts, err := auth.Export(ctx, c.parts.get(authName).addr, c.cfg.Project)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return state.WriteJSON(filepath.Join(dir, accountsFile), accounts)
}

// exportEvery exports again and again until ctx ends. A failure is told once,
// and again when it is over.
func (c *cloud) exportEvery(ctx context.Context, every time.Duration) {
	log := c.console.part("state")
	tick := time.NewTicker(every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := c.export(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			log.printf("%v", err)
		}
		if err == nil && failing {
			log.printf("records are written again")
		}
		failing = err != nil
	}
}
