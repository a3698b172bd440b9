package number

import (
	"errors"
	"math/bits"
)

// BitCountBytes is BIT_COUNT of BYTES.
func BitCountBytes(b []byte) int64 {
	n := 0
	for _, x := range b {
		n += bits.OnesCount8(x)
	}
	return int64(n)
}

// CombineBytes is a bit operator on two BYTES of one length.
func CombineBytes(a, b []byte, op func(x, y byte) byte) ([]byte, error) {
	if len(a) != len(b) {
		return nil, errors.New("Bitwise binary operator for BYTES requires equal length of the inputs.")
	}
	out := make([]byte, len(a))
	for i := range a {
		out[i] = op(a[i], b[i])
	}
	return out, nil
}

// InvertBytes is ~ of BYTES.
func InvertBytes(a []byte) []byte {
	out := make([]byte, len(a))
	for i, x := range a {
		out[i] = ^x
	}
	return out
}

// ErrNegativeShift is the error of a shift by less than nothing.
var ErrNegativeShift = errors.New("Bitwise shift by negative offset.")

// ShiftLeftBytes is << of BYTES; the length stays.
func ShiftLeftBytes(a []byte, by int64) ([]byte, error) {
	if by < 0 {
		return nil, ErrNegativeShift
	}
	out := make([]byte, len(a))
	if by/8 >= int64(len(a)) {
		return out, nil
	}
	n, rest := int(by/8), uint(by%8)
	for i := range len(a) - n {
		out[i] = a[i+n] << rest
		if i+n+1 < len(a) {
			out[i] |= byte(uint16(a[i+n+1]) >> (8 - rest))
		}
	}
	return out, nil
}

// ShiftRightBytes is >> of BYTES; the length stays.
func ShiftRightBytes(a []byte, by int64) ([]byte, error) {
	if by < 0 {
		return nil, ErrNegativeShift
	}
	out := make([]byte, len(a))
	if by/8 >= int64(len(a)) {
		return out, nil
	}
	n, rest := int(by/8), uint(by%8)
	for i := n; i < len(a); i++ {
		out[i] = a[i-n] >> rest
		if i-n > 0 {
			out[i] |= byte(uint16(a[i-n-1]) << (8 - rest))
		}
	}
	return out, nil
}
