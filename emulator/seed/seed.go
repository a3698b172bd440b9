package seed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
)

// MaxPersons bounds a population; what the hub is built for.
const MaxPersons = 1_000_000

// Options says what to write.
type Options struct {
	// Persons is the population's size, 1 to MaxPersons.
	Persons int
	// Seed picks the population: the same seed and size give the same files.
	Seed uint64
	// Progress, if set, is told now and then how many persons are written.
	Progress func(done, total int)
}

// progressEvery is the number of persons between two reports of progress and two
// looks at the context.
const progressEvery = 1000

// Write makes a population and writes it into dir, which is created if need be;
// files of the same names are overwritten. It fails on a size out of bounds, when
// the context ends and when a file cannot be written; then no file of it remains.
func Write(ctx context.Context, dir string, o Options) (err error) {
	if o.Persons < 1 || o.Persons > MaxPersons {
		return fmt.Errorf("synthetic population of %d persons: choose 1 to %d", o.Persons, MaxPersons)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder for the synthetic data: %w", err)
	}
	out, err := create(dir)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, out.close()); err != nil {
			err = errors.Join(err, out.remove())
		}
	}()

	writeVocabulary(out)
	writeHealthSystem(out)
	g := generator{out: out}
	for i := range o.Persons {
		if i%progressEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(i, o.Persons)
			}
		}
		// A generator per person: a person is the same whatever came before.
		rng := rand.New(rand.NewPCG(o.Seed, uint64(i))) //nolint:gosec // a made-up population must be the same each time
		p := newPerson(int64(i+1), rng)
		g.write(p)
		if out.err != nil {
			return out.err
		}
	}
	if o.Progress != nil {
		o.Progress(o.Persons, o.Persons)
	}
	return out.err
}

// remove deletes what was written.
func (s *sink) remove() error {
	var all error
	for _, f := range s.files {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}
