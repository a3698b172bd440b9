package jsonvalue

import "errors"

// Query is JSON_QUERY and JSON_EXTRACT on a JSON-formatted STRING: the text of
// the value at the path; false: NULL, also for a JSON null.
func (d Document) Query(p *Path) (string, bool, error) {
	n, err := d.find(p)
	if errors.Is(err, errNothing) || err == nil && n.kind == Null {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	b, err := n.append(nil)
	return string(b), err == nil, err
}

// Scalar is JSON_VALUE and JSON_EXTRACT_SCALAR on a JSON-formatted STRING; false:
// NULL.
func (d Document) Scalar(p *Path) (string, bool, error) {
	n, err := d.find(p)
	if errors.Is(err, errNothing) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	s := n.scalar()
	if s == nil {
		return "", false, nil
	}
	return *s, true, nil
}

// scalar is a scalar's text, nil for anything else.
func (n *node) scalar() *string {
	if n.kind == Null || n.kind == Array || n.kind == Object {
		return nil
	}
	return &n.text
}

// elements are the elements of the array at the path; false: there is none.
func (d Document) elements(p *Path) ([]*node, bool, error) {
	n, err := d.find(p)
	if errors.Is(err, errNothing) || err == nil && n.kind != Array {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return n.list, true, nil
}

// Elements is JSON_QUERY_ARRAY and JSON_EXTRACT_ARRAY on a JSON-formatted STRING;
// false: NULL.
func (d Document) Elements(p *Path) ([]string, bool, error) {
	list, ok, err := d.elements(p)
	if err != nil || !ok {
		return nil, false, err
	}
	out := make([]string, len(list))
	for i, n := range list {
		if n.kind == Null {
			return nil, false, Unsupported("a JSON null within the array of a JSON-formatted STRING")
		}
		b, err := n.append(nil)
		if err != nil {
			return nil, false, err
		}
		out[i] = string(b)
	}
	return out, true, nil
}

// Scalars is JSON_VALUE_ARRAY and JSON_EXTRACT_STRING_ARRAY on a JSON-formatted
// STRING: nil for a JSON null; false: NULL.
func (d Document) Scalars(p *Path) ([]*string, bool, error) {
	list, ok, err := d.elements(p)
	if err != nil || !ok {
		return nil, false, err
	}
	out := make([]*string, len(list))
	for i, n := range list {
		if n.kind == Array || n.kind == Object {
			return nil, false, nil
		}
		out[i] = n.scalar()
	}
	return out, true, nil
}
