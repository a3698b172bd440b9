package duck

import (
	"encoding/binary"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Chunk is a piece of a result: up to a few thousand rows, column by column.
type Chunk struct {
	Rows int
	Cols []*Vector
}

// Vector is one column of a chunk, or the content of its lists or structs.
type Vector struct {
	vec      mapping.Vector
	data     unsafe.Pointer
	validity unsafe.Pointer
	kids     map[int]*Vector
}

func newChunk(dc mapping.DataChunk) *Chunk {
	ch := &Chunk{Rows: int(mapping.DataChunkGetSize(dc))}
	for i := range mapping.DataChunkGetColumnCount(dc) {
		ch.Cols = append(ch.Cols, newVector(mapping.DataChunkGetVector(dc, i)))
	}
	return ch
}

func newVector(v mapping.Vector) *Vector {
	return &Vector{vec: v, data: mapping.VectorGetData(v), validity: mapping.VectorGetValidity(v)}
}

// Valid reports whether the row is not NULL.
func (v *Vector) Valid(row int) bool {
	if v.validity == nil {
		return true
	}
	mask := *(*uint64)(unsafe.Add(v.validity, row/64*8))
	return mask>>(row%64)&1 == 1
}

// Int64 reads a BIGINT, TIMESTAMP or TIME (microseconds).
func (v *Vector) Int64(row int) int64 { return *(*int64)(unsafe.Add(v.data, row*8)) }

// Int32 reads an INTEGER or DATE (days).
func (v *Vector) Int32(row int) int32 { return *(*int32)(unsafe.Add(v.data, row*4)) }

// Float64 reads a DOUBLE.
func (v *Vector) Float64(row int) float64 { return *(*float64)(unsafe.Add(v.data, row*8)) }

// Bool reads a BOOLEAN.
func (v *Vector) Bool(row int) bool { return *(*bool)(unsafe.Add(v.data, row)) }

// Huge reads a HUGEINT or wide DECIMAL as its two halves.
func (v *Vector) Huge(row int) (low uint64, high int64) {
	p := unsafe.Add(v.data, row*16)
	return *(*uint64)(p), *(*int64)(unsafe.Add(p, 8))
}

// Bytes reads a VARCHAR or BLOB. The slice is only valid while the chunk is.
func (v *Vector) Bytes(row int) []byte {
	p := unsafe.Add(v.data, row*16)
	n := *(*uint32)(p)
	if n <= 12 {
		return unsafe.Slice((*byte)(unsafe.Add(p, 4)), n)
	}
	return unsafe.Slice(*(**byte)(unsafe.Add(p, 8)), n)
}

// List gives the content of a LIST column and the part of it that is this
// row's.
func (v *Vector) List(row int) (child *Vector, from, length int) {
	entry := unsafe.Slice((*byte)(unsafe.Add(v.data, row*16)), 16)
	from, length = int(binary.LittleEndian.Uint64(entry)), int(binary.LittleEndian.Uint64(entry[8:]))
	return v.child(0, mapping.ListVectorGetChild), from, length
}

// Field gives a STRUCT's field as a column of the same rows.
func (v *Vector) Field(i int) *Vector {
	return v.child(i, func(vec mapping.Vector) mapping.Vector { return mapping.StructVectorGetChild(vec, mapping.IdxT(i)) })
}

func (v *Vector) child(i int, get func(mapping.Vector) mapping.Vector) *Vector {
	if k, ok := v.kids[i]; ok {
		return k
	}
	if v.kids == nil {
		v.kids = map[int]*Vector{}
	}
	k := newVector(get(v.vec))
	v.kids[i] = k
	return k
}
