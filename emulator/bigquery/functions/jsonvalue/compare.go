package jsonvalue

import (
	"bytes"
	"encoding/binary"
	"math"
)

// Compare orders two values: null < strings < numbers < booleans < arrays <
// objects; numbers by their mathematical value, arrays element by element,
// objects by their sorted members, key before value.
func Compare(a, b *Value) int { return bytes.Compare(a.SortKey(), b.SortKey()) }

// SortKey is a text of bytes that orders and equals as the value does.
func (v *Value) SortKey() []byte { return v.sortKey(nil) }

func (v *Value) sortKey(b []byte) []byte {
	switch v.kind {
	case Null:
		return append(b, 1)
	case String:
		return appendKeyText(append(b, 2), v.s)
	case Int, Uint, Float:
		return v.numberKey(append(b, 3))
	case Bool:
		if v.b {
			return append(b, 4, 1)
		}
		return append(b, 4, 0)
	case Array:
		b = append(b, 5)
		for _, e := range v.list {
			b = e.sortKey(b)
		}
		return append(b, 0)
	}
	b = append(b, 6)
	for _, m := range v.members {
		b = m.Value.sortKey(appendKeyText(append(b, 1), m.Key))
	}
	return append(b, 0)
}

// appendKeyText writes a string such that a prefix comes before what it begins.
func appendKeyText(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == 0 {
			b = append(b, 0, 0xff)
			continue
		}
		b = append(b, s[i])
	}
	return append(b, 0, 1)
}

// numberKey writes the largest FLOAT64 that is not above the number, and how far
// the number is above it.
func (v *Value) numberKey(b []byte) []byte {
	f, above := v.f, uint64(0)
	switch v.kind {
	case Uint:
		f = float64(v.u)
		if f >= 1<<64 || uint64(f) > v.u {
			f = math.Nextafter(f, 0)
		}
		above = v.u - uint64(f)
	case Int:
		f = float64(v.i)
		if int64(f) > v.i {
			f = math.Nextafter(f, math.Inf(-1))
		}
		above = uint64(v.i - int64(f))
	}
	if f == 0 {
		f = 0 // and not -0
	}
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	b = binary.BigEndian.AppendUint64(b, bits)
	return binary.BigEndian.AppendUint16(b, uint16(above))
}

// Contains is JSON_CONTAINS: whether the other value is part of this one.
func (v *Value) Contains(other *Value) (bool, error) {
	if v.kind == Array && other.isScalar() {
		return v.anyContains(other)
	}
	return v.contains(other)
}

func (v *Value) contains(other *Value) (bool, error) {
	switch {
	case v.kind == Object && other.kind == Object:
		for _, m := range other.members {
			i, ok := v.member(m.Key)
			if !ok {
				return false, nil
			}
			if ok, err := v.members[i].Value.contains(m.Value); !ok {
				return false, err
			}
		}
		return true, nil
	case v.kind == Array && other.kind == Array:
		if len(v.list)*len(other.list) > maxPairs {
			return false, Unsupported("JSON_CONTAINS of arrays of this size")
		}
		for _, e := range other.list {
			if ok, err := v.anyContains(e); !ok {
				return false, err
			}
		}
		return true, nil
	case !v.isScalar() || !other.isScalar():
		return false, nil
	}
	if Compare(v, other) != 0 {
		return false, nil
	}
	if (v.kind == Float) != (other.kind == Float) {
		return false, Unsupported("JSON_CONTAINS of an integer and an equal number that is none")
	}
	return true, nil
}

// maxPairs bounds the comparisons of the elements of two arrays.
const maxPairs = 10_000_000

func (v *Value) anyContains(other *Value) (bool, error) {
	for _, e := range v.list {
		ok, err := e.contains(other)
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}
