package duck

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Type is a column's type for an Appender: a letter (see ColumnType; also v
// INTERVAL), a list of Elem, or a struct of Fields, which are named f0, f1 ...
type Type struct {
	Letter ColumnType
	Elem   *Type
	Fields []Type
}

// logical makes DuckDB's own form of the type; the caller destroys it.
func (t Type) logical() mapping.LogicalType {
	switch {
	case t.Elem != nil:
		elem := t.Elem.logical()
		defer mapping.DestroyLogicalType(&elem)
		return mapping.CreateListType(elem)
	case len(t.Fields) > 0:
		types, names := make([]mapping.LogicalType, len(t.Fields)), make([]string, len(t.Fields))
		for i, f := range t.Fields {
			types[i], names[i] = f.logical(), fmt.Sprintf("f%d", i)
		}
		defer func() {
			for i := range types {
				mapping.DestroyLogicalType(&types[i])
			}
		}()
		return mapping.CreateStructType(types, names)
	}
	switch t.Letter {
	case 'm':
		return mapping.CreateLogicalType(mapping.TypeTime)
	case 'n':
		return mapping.CreateDecimalType(38, 9)
	case 'v':
		return mapping.CreateLogicalType(mapping.TypeInterval)
	}
	return mapping.CreateLogicalType(typeLetters[byte(t.Letter)])
}

// node is a vector of an appender's chunk, with those within it.
type node struct {
	vec      mapping.Vector
	data     unsafe.Pointer
	validity unsafe.Pointer
	kids     []*node
	list     bool
	// used are the rows of a list's content that are taken, room those there are.
	used, room int
}

func newNode(t Type, vec mapping.Vector, rows int) *node {
	n := &node{list: t.Elem != nil, room: rows}
	switch {
	case t.Elem != nil:
		n.kids = []*node{newNode(*t.Elem, mapping.ListVectorGetChild(vec), rows)}
	case len(t.Fields) > 0:
		for i, f := range t.Fields {
			n.kids = append(n.kids, newNode(f, mapping.StructVectorGetChild(vec, mapping.IdxT(i)), rows))
		}
	}
	n.point(vec)
	return n
}

// point takes the addresses of a vector that DuckDB may have moved.
func (n *node) point(vec mapping.Vector) {
	mapping.VectorEnsureValidityWritable(vec)
	n.vec, n.data, n.validity = vec, mapping.VectorGetData(vec), mapping.VectorGetValidity(vec)
	for i, k := range n.kids {
		if n.list {
			k.point(mapping.ListVectorGetChild(vec))
		} else {
			k.point(mapping.StructVectorGetChild(vec, mapping.IdxT(i)))
		}
	}
}

// finish tells DuckDB how much of the lists' contents is taken.
func (n *node) finish() {
	if n.list {
		mapping.ListVectorSetSize(n.vec, mapping.IdxT(n.kids[0].used))
	}
	for _, k := range n.kids {
		k.finish()
	}
}

func (n *node) null(row int) {
	p := (*uint64)(unsafe.Add(n.validity, row/64*8))
	*p &^= 1 << (row % 64)
	if n.list {
		clear(unsafe.Slice((*byte)(unsafe.Add(n.data, row*16)), 16))
		return
	}
	for _, k := range n.kids {
		k.null(row)
	}
}

// Slot is the place of one value: a column of the current row, an element of a
// list there, or a field of a struct.
type Slot struct {
	n   *node
	row int
}

// Slot gives the place of a column's value in the current row. Every column of
// a row must be set before EndRow.
func (a *Appender) Slot(col int) Slot { return Slot{a.nodes[col], a.row} }

// Null sets NULL, also in all that is within.
func (s Slot) Null() { s.n.null(s.row) }

// Missing sets NULL, or an empty list.
func (s Slot) Missing() {
	if s.n.list {
		s.List(0)
		return
	}
	s.Null()
}

// Int64 sets a BIGINT, TIMESTAMP or TIME.
func (s Slot) Int64(v int64) { *(*int64)(unsafe.Add(s.n.data, s.row*8)) = v }

// Int32 sets a DATE.
func (s Slot) Int32(v int32) { *(*int32)(unsafe.Add(s.n.data, s.row*4)) = v }

// Float64 sets a DOUBLE.
func (s Slot) Float64(v float64) { *(*float64)(unsafe.Add(s.n.data, s.row*8)) = v }

// Bool sets a BOOLEAN.
func (s Slot) Bool(v bool) { *(*bool)(unsafe.Add(s.n.data, s.row)) = v }

// Huge sets a DECIMAL(38,9) from the two halves of its unscaled value.
func (s Slot) Huge(low uint64, high int64) {
	p := unsafe.Add(s.n.data, s.row*16)
	*(*uint64)(p), *(*int64)(unsafe.Add(p, 8)) = low, high
}

// Interval sets an INTERVAL.
func (s Slot) Interval(months, days int32, micros int64) {
	p := unsafe.Add(s.n.data, s.row*16)
	*(*int32)(p), *(*int32)(unsafe.Add(p, 4)), *(*int64)(unsafe.Add(p, 8)) = months, days, micros
}

// Bytes sets a VARCHAR, which must be UTF-8, or BLOB.
func (s Slot) Bytes(v []byte) { setBytes(s.n.vec, s.n.data, s.row, v) }

// List sets a list of length elements, each of which must then be set. The places
// are good until the next list of the same column is made.
func (s Slot) List(length int) func(i int) Slot {
	child := s.n.kids[0]
	from := child.used
	child.used += length
	if child.used > child.room {
		child.room = 1 << bits.Len(uint(child.used))
		mapping.ListVectorReserve(s.n.vec, mapping.IdxT(child.room))
		child.point(mapping.ListVectorGetChild(s.n.vec))
	}
	entry := unsafe.Slice((*byte)(unsafe.Add(s.n.data, s.row*16)), 16)
	binary.LittleEndian.PutUint64(entry, uint64(from))
	binary.LittleEndian.PutUint64(entry[8:], uint64(length))
	return func(i int) Slot { return Slot{child, from + i} }
}

// Field gives the place of a struct's field.
func (s Slot) Field(i int) Slot { return Slot{s.n.kids[i], s.row} }
