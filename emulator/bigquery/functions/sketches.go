package functions

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
)

// A sketch of HLL_COUNT is here the set of what was counted: sketchMark, the
// type's name and a NUL, and the values' hashes in order.
var sketchFunctions = []duck.Scalar{
	{Name: "hub_sketch_init", Signature: "[xsx", Fn: sketchInit},
	{Name: "hub_sketch_merge", Signature: "[xi", Fn: func(in *duck.Row, out *duck.Out) error {
		s, err := mergeSketches(in.List(0), "HLL_COUNT.MERGE")
		if err == nil {
			out.Int64(int64(len(s.hashes)))
		}
		return err
	}},
	{Name: "hub_sketch_merge_partial", Signature: "[xx", Fn: func(in *duck.Row, out *duck.Out) error {
		s, err := mergeSketches(in.List(0), "HLL_COUNT.MERGE_PARTIAL")
		if err == nil {
			out.Bytes(s.bytes())
		}
		return err
	}},
	{Name: "hub_sketch_extract", Signature: "xi", Fn: func(in *duck.Row, out *duck.Out) error {
		s, err := readSketch(in.Bytes(0), "Invalid sketch in HLL_COUNT.EXTRACT")
		if err == nil {
			out.Int64(int64(len(s.hashes)))
		}
		return err
	}},
}

const sketchMark = "\x00hub-sketch\x00"

// hashSize is enough for no two values of a sketch to have one hash.
const hashSize = 16

// maxSketch bounds the values of a sketch.
const maxSketch = 1 << 20

type sketchHash [hashSize]byte

type sketch struct {
	kind   string
	hashes []sketchHash
}

func (s *sketch) bytes() []byte {
	out := append([]byte(sketchMark), s.kind...)
	out = append(out, 0)
	for _, h := range s.hashes {
		out = append(out, h[:]...)
	}
	return out
}

// sorted puts the hashes in order, each once.
func (s *sketch) sorted() error {
	slices.SortFunc(s.hashes, func(a, b sketchHash) int { return bytes.Compare(a[:], b[:]) })
	s.hashes = slices.Compact(s.hashes)
	if len(s.hashes) > maxSketch {
		return duck.Refuse("a sketch of more than %d values", maxSketch)
	}
	return nil
}

func sketchInit(in *duck.Row, out *duck.Out) error {
	list := in.List(0)
	s := &sketch{kind: in.Text(1), hashes: make([]sketchHash, list.Len())}
	for i := range s.hashes {
		sum := sha256.Sum256(list.Bytes(i))
		copy(s.hashes[i][:], sum[:])
	}
	if err := s.sorted(); err != nil {
		return err
	}
	out.Bytes(s.bytes())
	return nil
}

// readSketch reads a sketch; invalid is the error of what cannot be one. Other
// bytes may be a sketch of BigQuery's.
func readSketch(b []byte, invalid string) (*sketch, error) {
	if len(b) == 0 {
		return nil, errors.New(invalid)
	}
	rest, ok := bytes.CutPrefix(b, []byte(sketchMark))
	kind, data, found := bytes.Cut(rest, []byte{0})
	if !ok || !found || len(data)%hashSize != 0 {
		return nil, duck.Refuse("a sketch that BigQuery has made, or that is none")
	}
	s := &sketch{kind: string(kind), hashes: make([]sketchHash, len(data)/hashSize)}
	for i := range s.hashes {
		copy(s.hashes[i][:], data[i*hashSize:])
	}
	return s, nil
}

func mergeSketches(list *duck.List, function string) (*sketch, error) {
	invalid := "Invalid or incompatible sketch in " + function
	var all *sketch
	for i := range list.Len() {
		s, err := readSketch(list.Bytes(i), invalid)
		switch {
		case err != nil:
			return nil, err
		case all == nil:
			all = s
			continue
		case s.kind != all.kind:
			return nil, errors.New(invalid)
		}
		if all.hashes = append(all.hashes, s.hashes...); len(all.hashes) > 2*maxSketch {
			if err := all.sorted(); err != nil {
				return nil, err
			}
		}
	}
	err := all.sorted()
	return all, err
}
