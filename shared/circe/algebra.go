package circe

import (
	"context"
	"fmt"
	"strings"

	"researchhub.example/hub/shared/fault"
)

// Bounds of a cohort that is made of others.
const (
	// MaxCombined is the most definitions that one cohort may come down to.
	MaxCombined = 20
	// MaxCombinedDepth is how deep operations may lie in each other, those of the
	// cohorts that are named included.
	MaxCombinedDepth = 10
)

// The set operations. A cohort is a set of a person's days: every day from
// cohort_start_date to cohort_end_date, both included.
const (
	// Union holds the days that are in any of the cohorts: periods that overlap, or
	// of which one begins on the day after another ends, become one.
	Union = "union"
	// Intersection holds the days that are in every one: where periods overlap.
	Intersection = "intersection"
	// Difference holds the days that are in the first and in none of the others:
	// its periods with the others cut out, which may leave several of one.
	Difference = "difference"
)

// Combination is one set operation on cohorts.
type Combination struct {
	Op string
	Of []Operand
}

// Operand is a stored cohort's version, or an operation.
type Operand struct {
	// Cohort names a stored cohort, Version one of its versions.
	Cohort  string
	Version int
	// Inner is set instead where the operand is an operation.
	Inner *Combination
	path  string
}

// ParseCombination reads {"op": "union", "of": [{"cohort": "co_…", "version": 1},
// {"op": …}]}: strictly, what is wrong is named with its JSON path.
func ParseCombination(raw []byte) (*Combination, error) {
	root, err := readTree(raw)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	if root == nil {
		root = &node{}
	}
	c := r.combination(root, 1)
	return c, r.err()
}

func (r *reader) combination(n *node, depth int) *Combination {
	o := r.object(n)
	c := &Combination{Op: o.text("op")}
	if c.Op != Union && c.Op != Intersection && c.Op != Difference {
		r.bad(n, "the op union, intersection or difference is expected")
	}
	if depth > MaxCombinedDepth {
		r.bad(n, "operations may lie at most %d deep in each other", MaxCombinedDepth)
		return c
	}
	list := o.list("of")
	if len(list) < 2 || len(list) > MaxCombined {
		r.bad(n, "from 2 to %d cohorts are expected in of", MaxCombined)
		list = nil
	}
	for _, e := range list {
		c.Of = append(c.Of, r.operand(e, depth))
	}
	o.end()
	return c
}

func (r *reader) operand(n *node, depth int) Operand {
	out := Operand{path: n.path()}
	if n.field("op") != nil {
		out.Inner = r.combination(n, depth+1)
		return out
	}
	if r.criteria++; r.criteria == MaxCombined+1 {
		r.bad(n, "at most %d cohorts are accepted together", MaxCombined)
	}
	o := r.object(n)
	if out.Cohort = o.text("cohort"); out.Cohort == "" {
		r.bad(n, "a cohort or an op is expected")
	}
	version, _ := o.integer("version", 1, 1_000_000)
	out.Version = int(version)
	if version == 0 {
		r.bad(n, "the version is missing")
	}
	o.end()
	return out
}

// Stored is what a stored cohort's version holds: one of the two.
type Stored struct {
	Definition  *Definition
	Combination *Combination
}

// Lookup finds a stored cohort's version.
type Lookup func(ctx context.Context, cohort string, version int) (Stored, error)

// Whole is a cohort as it is run: one definition, or several and what is done
// with them.
type Whole struct {
	leaves []*Definition
	hashes map[string]int
	root   part
}

// part is a leaf (op "") or an operation on parts. cohort and version say which
// stored cohort it is, where it is one.
type part struct {
	op      string
	leaf    int
	of      []part
	cohort  string
	version int
}

// Single is the cohort of one definition.
func Single(d *Definition) *Whole { return &Whole{leaves: []*Definition{d}} }

// Expand looks up all that a combination names, down to definitions. A cohort
// that comes down to itself, too many of them or operations too deep are
// fault.Invalid, with the path in this combination that leads there.
func Expand(ctx context.Context, c *Combination, find Lookup) (*Whole, error) {
	w := &Whole{hashes: map[string]int{}}
	x := expansion{ctx: ctx, find: find, w: w, open: map[string]bool{}}
	var err error
	w.root, err = x.operation(c, 1, "")
	return w, err
}

type expansion struct {
	ctx  context.Context
	find Lookup
	w    *Whole
	// open are the versions that are being looked into.
	open   map[string]bool
	visits int
}

// maxVisits bounds how many stored cohorts are read for one.
const maxVisits = 100

func (x *expansion) refuse(path, format string, args ...any) error {
	return fault.InvalidFields(fault.Field{Path: path, Message: fmt.Sprintf(format, args...)})
}

// operation expands c. at is the path in the outermost combination, "" in itself.
func (x *expansion) operation(c *Combination, depth int, at string) (part, error) {
	p := part{op: c.Op}
	for _, o := range c.Of {
		path := at
		if path == "" {
			path = o.path
		}
		if depth > MaxCombinedDepth {
			return p, x.refuse(path, "operations lie more than %d deep in each other", MaxCombinedDepth)
		}
		one, err := x.operand(o, depth, at, path)
		if err != nil {
			return p, err
		}
		p.of = append(p.of, one)
	}
	return p, nil
}

func (x *expansion) operand(o Operand, depth int, at, path string) (part, error) {
	if o.Inner != nil {
		return x.operation(o.Inner, depth+1, at)
	}
	key := fmt.Sprintf("%s/%d", o.Cohort, o.Version)
	if x.open[key] {
		return part{}, x.refuse(path, "the cohort is made of itself: version %d of %s comes back to it", o.Version, o.Cohort)
	}
	if x.visits++; x.visits > maxVisits {
		return part{}, x.refuse(path, "more than %d cohorts would have to be read", maxVisits)
	}
	s, err := x.find(x.ctx, o.Cohort, o.Version)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return part{}, x.refuse(path, "there is no such cohort or version in this workspace")
		}
		return part{}, err
	}
	if s.Combination != nil {
		x.open[key] = true
		defer delete(x.open, key)
		p, err := x.operation(s.Combination, depth+1, path)
		p.cohort, p.version = o.Cohort, o.Version
		return p, err
	}
	h := s.Definition.Hash()
	leaf, there := x.w.hashes[h]
	if !there {
		if leaf = len(x.w.leaves); leaf == MaxCombined {
			return part{}, x.refuse(path, "the cohort comes down to more than %d definitions", MaxCombined)
		}
		x.w.hashes[h] = leaf
		x.w.leaves = append(x.w.leaves, s.Definition)
	}
	return part{leaf: leaf, cohort: o.Cohort, version: o.Version}, nil
}

// Definition gives the definition of a cohort that is no combination.
func (w *Whole) Definition() (*Definition, bool) {
	return w.leaves[0], w.root.op == ""
}

// Warnings name what is allowed and hardly meant, of every definition.
func (w *Whole) Warnings() []fault.Field {
	var list []fault.Field
	for _, d := range w.leaves {
		list = append(list, d.Warnings()...)
	}
	return list
}

// text shows the operations on the hashes of the definitions, so that equal
// texts mean equal rows: see Hash.
func (w *Whole) text(p part) string {
	if p.op == "" {
		return w.leaves[p.leaf].Hash()
	}
	return p.op + "(" + strings.Join(w.operands(p), ",") + ")"
}

// Operands gives the stored versions that a combination names itself, those in
// its inner operations included, in order.
func (c *Combination) Operands() []Operand {
	var list []Operand
	for _, o := range c.Of {
		if o.Inner != nil {
			list = append(list, o.Inner.Operands()...)
		} else {
			list = append(list, o)
		}
	}
	return list
}
