package jsonvalue

import (
	"errors"
	"fmt"
)

// Assignment is one item of UPDATE ... SET on the inside of a JSON value: the
// value at a path, or nil where SQL NULL is set, which removes what is there.
// The path is a JSON array of keys (strings) and offsets (integers).
type Assignment struct {
	Path  *Value
	Value *Value
}

// Errors of Assign.
var (
	errOverlap   = errors.New("Multiple updates to overlapping paths are not allowed.")
	errNoObject  = errors.New("Cannot SET field of non-object JSON value.")
	errNoArray   = errors.New("Cannot SET array offset of non-array JSON value.")
	errNullPath  = errors.New("Cannot SET a NULL offset of JSON")
	errUnsettled = Unsupported("removing a member of a JSON value that has none")
)

// assignStep is one step of a path.
type assignStep struct {
	key     string
	index   int64
	isIndex bool
}

// assignTree is the assignments by their paths' steps, in the order in which
// they were first mentioned.
type assignTree struct {
	leaf  bool
	value *Value
	order []assignStep
	below map[assignStep]*assignTree
}

// Assign applies all assignments to v at once; a nil v is SQL NULL. Their paths
// must not overlap. Members and elements that are missing are made, an array
// being filled up with nulls.
func Assign(v *Value, list []Assignment) (*Value, error) {
	root := &assignTree{}
	for _, a := range list {
		if err := root.add(a); err != nil {
			return nil, err
		}
	}
	if (v == nil || v.kind == Null) && !root.sets() {
		return nil, errUnsettled
	}
	out, err := root.apply(v)
	if err != nil {
		return nil, err
	}
	return checked(out)
}

func (t *assignTree) add(a Assignment) error {
	steps, err := assignSteps(a.Path)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if t.leaf {
			return errOverlap
		}
		next := t.below[s]
		if next == nil {
			if t.below == nil {
				t.below = map[assignStep]*assignTree{}
			}
			next = &assignTree{}
			t.below[s] = next
			t.order = append(t.order, s)
		}
		t = next
	}
	if t.leaf || len(t.below) > 0 {
		return errOverlap
	}
	t.leaf, t.value = true, a.Value
	return nil
}

func assignSteps(path *Value) ([]assignStep, error) {
	if path == nil || path.kind != Array {
		return nil, errNullPath
	}
	out := make([]assignStep, len(path.list))
	for i, s := range path.list {
		switch s.kind {
		case String:
			out[i].key = s.s
		case Int:
			return nil, fmt.Errorf("Cannot SET negative offset of JSON array: %d", s.i)
		case Uint:
			if s.u > maxPad {
				return nil, Unsupported("SET of a JSON array beyond 100000 elements")
			}
			out[i].index, out[i].isIndex = int64(s.u), true
		default:
			return nil, errNullPath
		}
	}
	return out, nil
}

// sets tells whether a value is set below, so that what is missing is made.
func (t *assignTree) sets() bool {
	if t.leaf {
		return t.value != nil
	}
	for _, next := range t.below {
		if next.sets() {
			return true
		}
	}
	return false
}

// apply gives the value in place of v; nil: none. A nil v is a missing one.
func (t *assignTree) apply(v *Value) (*Value, error) {
	if t.leaf {
		return t.value, nil
	}
	if v == nil && !t.sets() {
		return nil, nil
	}
	if v == nil || v.kind == Null {
		if !t.sets() {
			return nil, errUnsettled
		}
		v = ObjectValue(nil)
		if t.order[0].isIndex {
			v = ArrayValue(nil)
		}
	}
	for _, s := range t.order {
		switch {
		case !s.isIndex && v.kind != Object:
			return nil, t.misfit(errNoObject)
		case s.isIndex && v.kind != Array:
			return nil, t.misfit(errNoArray)
		}
	}
	if v.kind == Object {
		return t.members(v)
	}
	return t.elements(v)
}

// misfit is the error of a step that does not fit; whether it is one where
// nothing is set is not settled.
func (t *assignTree) misfit(err error) error {
	if !t.sets() {
		return errUnsettled
	}
	return err
}

func (t *assignTree) members(v *Value) (*Value, error) {
	for _, s := range t.order {
		i, found := v.member(s.key)
		var old *Value
		if found {
			old = v.members[i].Value
		}
		value, err := t.below[s].apply(old)
		switch {
		case err != nil:
			return nil, err
		case value != nil && found:
			v = v.with(i, value)
		case value != nil:
			v = v.withMember(i, Member{s.key, value})
		case found:
			out := *v
			out.members = append(append([]Member(nil), v.members[:i]...), v.members[i+1:]...)
			v = &out
		}
	}
	return v, nil
}

func (t *assignTree) elements(v *Value) (*Value, error) {
	list := append([]*Value(nil), v.list...)
	size := int64(len(list))
	for _, s := range t.order {
		if t.below[s].sets() {
			for int64(len(list)) <= s.index {
				list = append(list, null)
			}
		}
	}
	gone := map[int64]bool{}
	for _, s := range t.order {
		if s.index >= size && !t.below[s].sets() {
			if s.index < int64(len(list)) {
				return nil, errUnsettled
			}
			continue // nothing is there to be removed
		}
		value, err := t.below[s].apply(list[s.index])
		if err != nil {
			return nil, err
		}
		list[s.index] = value
		gone[s.index] = value == nil
	}
	kept := make([]*Value, 0, len(list))
	for i, e := range list {
		if !gone[int64(i)] {
			kept = append(kept, e)
		}
	}
	return ArrayValue(kept), nil
}
