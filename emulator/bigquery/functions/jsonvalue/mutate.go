package jsonvalue

import "errors"

// maxPad is the most JSON nulls by which a mutator may lengthen an array here.
const maxPad = 100_000

// Set is one pair of JSON_SET: the value at a path is replaced or, with create,
// made. A path that does not fit the value changes nothing.
func (v *Value) Set(p *Path, value *Value, create bool) (*Value, error) {
	out, err := v.set(p.steps, value, create)
	if err != nil {
		return nil, err
	}
	return checked(out)
}

func (v *Value) set(steps []step, value *Value, create bool) (*Value, error) {
	if len(steps) == 0 {
		return value, nil
	}
	s := steps[0]
	if v.kind == Null && create {
		return build(steps, value)
	}
	switch {
	case v.kind == Object && s.isIndex, v.kind == Array && !s.isIndex && !numeral(s.key):
		return v, nil
	case v.kind == Object:
		i, ok := v.member(s.key)
		if ok {
			part, err := v.members[i].Value.set(steps[1:], value, create)
			if err != nil {
				return nil, err
			}
			return v.with(i, part), nil
		}
		if !create {
			return v, nil
		}
		part, err := build(steps[1:], value)
		if err != nil {
			return nil, err
		}
		return v.withMember(i, Member{s.key, part}), nil
	case v.kind == Array && !s.isIndex:
		return nil, Unsupported("a JSONPath that takes the index of an array without brackets")
	case v.kind == Array && s.index < len(v.list):
		part, err := v.list[s.index].set(steps[1:], value, create)
		if err != nil {
			return nil, err
		}
		return v.with(s.index, part), nil
	case v.kind == Array && create:
		part, err := build(steps[1:], value)
		if err != nil {
			return nil, err
		}
		return v.pad(s.index, part)
	}
	return v, nil
}

// build makes the objects and arrays of a path around a value.
func build(steps []step, value *Value) (*Value, error) {
	if len(steps) == 0 {
		return value, nil
	}
	part, err := build(steps[1:], value)
	if err != nil {
		return nil, err
	}
	if steps[0].isIndex {
		return ArrayValue(nil).pad(steps[0].index, part)
	}
	return ObjectValue([]Member{{steps[0].key, part}}), nil
}

// pad lengthens an array with JSON nulls up to index and puts the values there.
func (v *Value) pad(index int, values ...*Value) (*Value, error) {
	if index-len(v.list) > maxPad {
		return nil, Unsupported("a JSON array that is lengthened by more than 100000 elements")
	}
	list := append([]*Value(nil), v.list...)
	for len(list) < index {
		list = append(list, null)
	}
	return ArrayValue(append(list, values...)), nil
}

// Remove is one path of JSON_REMOVE. The path $ is an error.
func (v *Value) Remove(p *Path) (*Value, error) {
	if len(p.steps) == 0 {
		return nil, errors.New("Invalid input to JSON_REMOVE: The JSONPath cannot be '$'")
	}
	return v.update(p.steps[:len(p.steps)-1], func(x *Value) (*Value, error) {
		s := p.steps[len(p.steps)-1]
		switch {
		case x.kind == Array && s.isIndex && s.index < len(x.list):
			list := append(append([]*Value(nil), x.list[:s.index]...), x.list[s.index+1:]...)
			return ArrayValue(list), nil
		case x.kind == Array && !s.isIndex && numeral(s.key):
			return nil, Unsupported("a JSONPath that takes the index of an array without brackets")
		case x.kind == Object && !s.isIndex:
			i, ok := x.member(s.key)
			if !ok {
				return x, nil
			}
			out := *x
			out.members = append(append([]Member(nil), x.members[:i]...), x.members[i+1:]...)
			return &out, nil
		}
		return x, nil
	})
}

// update changes the value at the end of the steps, if there is one.
func (v *Value) update(steps []step, change func(*Value) (*Value, error)) (*Value, error) {
	if len(steps) == 0 {
		return change(v)
	}
	s := steps[0]
	i, ok := s.index, false
	var part *Value
	switch {
	case v.kind == Array && s.isIndex && s.index < len(v.list):
		part, ok = v.list[i], true
	case v.kind == Array && !s.isIndex && numeral(s.key):
		return nil, Unsupported("a JSONPath that takes the index of an array without brackets")
	case v.kind == Object && !s.isIndex:
		if i, ok = v.member(s.key); ok {
			part = v.members[i].Value
		}
	}
	if !ok {
		return v, nil
	}
	changed, err := part.update(steps[1:], change)
	if err != nil {
		return nil, err
	}
	return v.with(i, changed), nil
}

// Append is one pair of JSON_ARRAY_APPEND: values are put at the end of the array
// at a path, or into a new one in place of a JSON null.
func (v *Value) Append(p *Path, values []*Value) (*Value, error) {
	out, err := v.update(p.steps, func(x *Value) (*Value, error) {
		switch {
		case x.kind == Null && len(values) == 0:
			return nil, Unsupported("JSON_ARRAY_APPEND of an empty array to a JSON null")
		case x.kind == Array || x.kind == Null:
			return x.pad(len(x.list), values...)
		}
		return x, nil
	})
	if err != nil {
		return nil, err
	}
	return checked(out)
}

// Insert is one pair of JSON_ARRAY_INSERT: values are put before the element at a
// path; an array that is too short is lengthened with JSON nulls.
func (v *Value) Insert(p *Path, values []*Value) (*Value, error) {
	if len(p.steps) == 0 {
		return v, nil
	}
	last := p.steps[len(p.steps)-1]
	out, err := v.update(p.steps[:len(p.steps)-1], func(x *Value) (*Value, error) {
		switch {
		case x.kind == Array && !last.isIndex && numeral(last.key):
			return nil, Unsupported("a JSONPath that takes the index of an array without brackets")
		case !last.isIndex || x.kind != Array && x.kind != Null:
			return x, nil
		case last.index >= len(x.list) && len(values) == 0:
			return nil, Unsupported("JSON_ARRAY_INSERT of an empty array beyond the end of an array")
		case last.index >= len(x.list):
			return x.pad(last.index, values...)
		}
		list := append([]*Value(nil), x.list[:last.index]...)
		return ArrayValue(append(append(list, values...), x.list[last.index:]...)), nil
	})
	if err != nil {
		return nil, err
	}
	return checked(out)
}

// StripNulls is JSON_STRIP_NULLS: JSON nulls are removed from the value at a
// path, from arrays too with arrays, and with empty also what becomes empty.
func (v *Value) StripNulls(p *Path, arrays, empty bool) (*Value, error) {
	return v.update(p.steps, func(x *Value) (*Value, error) {
		out, err := x.strip(arrays, empty)
		if err != nil {
			return nil, err
		}
		if !out.hollow(arrays, empty) {
			return out, nil
		}
		if len(p.steps) > 0 && x.kind != Null {
			return nil, Unsupported("JSON_STRIP_NULLS at a path of which nothing is left")
		}
		return null, nil
	})
}

// hollow reports whether a stripped value is itself to be removed.
func (v *Value) hollow(arrays, empty bool) bool {
	return v.kind == Null ||
		empty && (v.kind == Object && len(v.members) == 0 || arrays && v.kind == Array && len(v.list) == 0)
}

func (v *Value) strip(arrays, empty bool) (*Value, error) {
	switch v.kind {
	case Array:
		out := make([]*Value, 0, len(v.list))
		for _, e := range v.list {
			x, err := e.strip(arrays, empty)
			if err != nil {
				return nil, err
			}
			if x.hollow(arrays, empty) {
				if arrays {
					continue
				}
				if x.kind != Null {
					return nil, Unsupported("JSON_STRIP_NULLS of an empty object within an array that keeps its nulls")
				}
			}
			out = append(out, x)
		}
		return ArrayValue(out), nil
	case Object:
		out := &Value{kind: Object, members: make([]Member, 0, len(v.members))}
		for _, m := range v.members {
			x, err := m.Value.strip(arrays, empty)
			if err != nil {
				return nil, err
			}
			if !x.hollow(arrays, empty) {
				out.members = append(out.members, Member{m.Key, x})
			}
		}
		return out, nil
	}
	return v, nil
}
