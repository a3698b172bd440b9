package jsonvalue

// Get follows a path through a value; false: there is nothing.
func (v *Value) Get(p *Path) (*Value, bool, error) {
	for _, s := range p.steps {
		switch v.kind {
		case Object:
			i, ok := v.member(s.key)
			if s.isIndex && ok {
				return nil, false, Unsupported("a JSONPath that takes the key of an object in brackets")
			}
			if !ok {
				return nil, false, nil
			}
			v = v.members[i].Value
		case Array:
			if !s.isIndex {
				if numeral(s.key) {
					return nil, false, Unsupported("a JSONPath that takes the index of an array without brackets")
				}
				return nil, false, nil
			}
			if s.index >= len(v.list) {
				return nil, false, nil
			}
			v = v.list[s.index]
		default:
			return nil, false, nil
		}
	}
	return v, true, nil
}

// numeral reports whether a key could be read as an index.
func numeral(key string) bool {
	for _, r := range key {
		if (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

// Query is JSON_QUERY and JSON_EXTRACT on JSON: the value at the path, or, in lax
// mode, the array of all that it matches.
func (v *Value) Query(p *Path) (*Value, bool, error) {
	if !p.lax {
		return v.Get(p)
	}
	if len(p.steps) == 0 {
		return nil, false, Unsupported("JSON_QUERY in lax mode of the whole value")
	}
	found := []*Value{v}
	for _, s := range p.steps {
		var next []*Value
		for _, x := range found {
			next = x.lax(s, p.recursive, next)
		}
		found = next
	}
	out, err := checked(ArrayValue(found))
	return out, err == nil, err
}

// lax adds what one step matches in lax mode: a key looks into the elements of
// an array, an index takes a value that is no array for an array of it.
func (v *Value) lax(s step, recursive bool, out []*Value) []*Value {
	if s.isIndex {
		switch {
		case v.kind == Array && s.index < len(v.list):
			return append(out, v.list[s.index])
		case v.kind != Array && s.index == 0:
			return append(out, v)
		}
		return out
	}
	switch v.kind {
	case Object:
		if i, ok := v.member(s.key); ok {
			return append(out, v.members[i].Value)
		}
	case Array:
		for _, e := range v.list {
			if e.kind == Object || e.kind == Array && recursive {
				out = e.lax(s, recursive, out)
			}
		}
	}
	return out
}

// Scalar is JSON_VALUE and JSON_EXTRACT_SCALAR on JSON: the text of the scalar at
// the path; false: NULL.
func (v *Value) Scalar(p *Path) (string, bool, error) {
	x, ok, err := v.Get(p)
	if err != nil || !ok {
		return "", false, err
	}
	s, ok := x.scalarText()
	return s, ok, nil
}

func (v *Value) scalarText() (string, bool) {
	switch {
	case !v.isScalar() || v.kind == Null:
		return "", false
	case v.kind == String:
		return v.s, true
	}
	return v.Text(), true
}

// Elements is JSON_QUERY_ARRAY and JSON_EXTRACT_ARRAY on JSON; false: NULL.
func (v *Value) Elements(p *Path) ([]*Value, bool, error) {
	x, ok, err := v.Get(p)
	if err != nil || !ok || x.kind != Array {
		return nil, false, err
	}
	return x.list, true, nil
}

// Scalars is JSON_VALUE_ARRAY and JSON_EXTRACT_STRING_ARRAY on JSON: nil for a
// JSON null; false: NULL, for anything but an array of scalars.
func (v *Value) Scalars(p *Path) ([]*string, bool, error) {
	list, ok, err := v.Elements(p)
	if err != nil || !ok {
		return nil, false, err
	}
	out := make([]*string, len(list))
	for i, e := range list {
		if !e.isScalar() {
			return nil, false, nil
		}
		if s, ok := e.scalarText(); ok {
			out[i] = &s
		}
	}
	return out, true, nil
}

// Field is the member of a key, as the field access j.key gives it; false: NULL.
func (v *Value) Field(key string) (*Value, bool) {
	if v.kind != Object {
		return nil, false
	}
	if i, ok := v.member(key); ok {
		return v.members[i].Value, true
	}
	return nil, false
}

// Element is the element of an array, as j[index] gives it; false: NULL.
func (v *Value) Element(index int64) (*Value, bool) {
	if v.kind != Array || index < 0 || index >= int64(len(v.list)) {
		return nil, false
	}
	return v.list[index], true
}

// Flatten is JSON_FLATTEN: the values within arrays nested in one another.
func (v *Value) Flatten() []*Value { return v.flatten(nil) }

func (v *Value) flatten(out []*Value) []*Value {
	if v.kind != Array {
		return append(out, v)
	}
	for _, e := range v.list {
		out = e.flatten(out)
	}
	return out
}
