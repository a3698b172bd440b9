package duck

import (
	"errors"
	"math"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Row gives a function its arguments. It is valid during the call.
type Row struct {
	cols []*Vector
	i    int
}

func (r *Row) anyNull() bool {
	for _, c := range r.cols {
		if !c.Valid(r.i) {
			return true
		}
	}
	return false
}

// Null reports whether argument k is NULL.
func (r *Row) Null(k int) bool { return !r.cols[k].Valid(r.i) }

// Int64 reads a BIGINT, TIMESTAMP or TIME (microseconds).
func (r *Row) Int64(k int) int64 { return r.cols[k].Int64(r.i) }

// Float64 reads a DOUBLE.
func (r *Row) Float64(k int) float64 { return r.cols[k].Float64(r.i) }

// Bool reads a BOOLEAN.
func (r *Row) Bool(k int) bool { return r.cols[k].Bool(r.i) }

// Date reads a DATE: days since 1970-01-01.
func (r *Row) Date(k int) int32 { return r.cols[k].Int32(r.i) }

// Bytes reads a BLOB or VARCHAR without copying: it is valid during the call.
func (r *Row) Bytes(k int) []byte { return r.cols[k].Bytes(r.i) }

// Text reads a VARCHAR.
func (r *Row) Text(k int) string { return string(r.cols[k].Bytes(r.i)) }

// Decimal reads a DECIMAL(38,9) as the two halves of its unscaled value.
func (r *Row) Decimal(k int) (low uint64, high int64) { return r.cols[k].Huge(r.i) }

// Interval reads an INTERVAL.
func (r *Row) Interval(k int) (months, days int32, micros int64) { return r.cols[k].Interval(r.i) }

// List reads a list argument.
func (r *Row) List(k int) *List {
	child, from, n := r.cols[k].List(r.i)
	return &List{child, from, n}
}

// Interval reads an INTERVAL.
func (v *Vector) Interval(row int) (months, days int32, micros int64) {
	p := unsafe.Add(v.data, row*16)
	return *(*int32)(p), *(*int32)(unsafe.Add(p, 4)), *(*int64)(unsafe.Add(p, 8))
}

// List is a list argument's elements.
type List struct {
	vec     *Vector
	from, n int
}

// Len is the number of elements.
func (l *List) Len() int { return l.n }

// Null reports whether element i is NULL.
func (l *List) Null(i int) bool { return !l.vec.Valid(l.from + i) }

// Int64 reads element i of BIGINT, TIMESTAMP or TIME.
func (l *List) Int64(i int) int64 { return l.vec.Int64(l.from + i) }

// Float64 reads element i of DOUBLE.
func (l *List) Float64(i int) float64 { return l.vec.Float64(l.from + i) }

// Bool reads element i of BOOLEAN.
func (l *List) Bool(i int) bool { return l.vec.Bool(l.from + i) }

// Date reads element i of DATE.
func (l *List) Date(i int) int32 { return l.vec.Int32(l.from + i) }

// Bytes reads element i of BLOB or VARCHAR without copying.
func (l *List) Bytes(i int) []byte { return l.vec.Bytes(l.from + i) }

// Text reads element i of VARCHAR.
func (l *List) Text(i int) string { return string(l.vec.Bytes(l.from + i)) }

// Decimal reads element i of DECIMAL(38,9).
func (l *List) Decimal(i int) (low uint64, high int64) { return l.vec.Huge(l.from + i) }

// Interval reads element i of INTERVAL.
func (l *List) Interval(i int) (months, days int32, micros int64) { return l.vec.Interval(l.from + i) }

// Out takes a function's result for the row. One setter must be called.
type Out struct {
	column
	i    int
	list bool
	elem column
	used int
	room int
}

func newOut(v mapping.Vector, list bool) *Out {
	mapping.VectorEnsureValidityWritable(v)
	return &Out{column: column{v, mapping.VectorGetData(v), mapping.VectorGetValidity(v)}, list: list}
}

func (c *column) null(i int) {
	p := (*uint64)(unsafe.Add(c.validity, i/64*8))
	*p &^= 1 << (i % 64)
}

func (c *column) int64(i int, v int64)     { *(*int64)(unsafe.Add(c.data, i*8)) = v }
func (c *column) int32(i int, v int32)     { *(*int32)(unsafe.Add(c.data, i*4)) = v }
func (c *column) float64(i int, v float64) { *(*float64)(unsafe.Add(c.data, i*8)) = v }
func (c *column) bool(i int, v bool)       { *(*bool)(unsafe.Add(c.data, i)) = v }

func (c *column) huge(i int, low uint64, high int64) {
	p := unsafe.Add(c.data, i*16)
	*(*uint64)(p), *(*int64)(unsafe.Add(p, 8)) = low, high
}

func (c *column) interval(i int, months, days int32, micros int64) {
	p := unsafe.Add(c.data, i*16)
	*(*int32)(p), *(*int32)(unsafe.Add(p, 4)), *(*int64)(unsafe.Add(p, 8)) = months, days, micros
}

// bytes sets a string. Short ones live inside the vector: no call into DuckDB.
func (c *column) bytes(i int, v []byte) {
	if len(v) <= 12 {
		buf := unsafe.Slice((*byte)(unsafe.Add(c.data, i*16)), 16)
		clear(buf)
		*(*uint32)(unsafe.Pointer(&buf[0])) = uint32(len(v))
		copy(buf[4:], v)
		return
	}
	mapping.VectorAssignStringElementLen(c.vec, mapping.IdxT(i), v)
}

// Null sets the result to NULL.
func (o *Out) Null() {
	o.null(o.i)
	if o.list {
		o.huge(o.i, uint64(o.used), 0)
	}
}

// Int64 sets a BIGINT, TIMESTAMP or TIME.
func (o *Out) Int64(v int64) { o.int64(o.i, v) }

// Float64 sets a DOUBLE.
func (o *Out) Float64(v float64) { o.float64(o.i, v) }

// Bool sets a BOOLEAN.
func (o *Out) Bool(v bool) { o.bool(o.i, v) }

// Date sets a DATE.
func (o *Out) Date(v int32) { o.int32(o.i, v) }

// Text sets a VARCHAR, which must be valid UTF-8.
func (o *Out) Text(v string) { o.bytes(o.i, []byte(v)) }

// Bytes sets a BLOB or VARCHAR.
func (o *Out) Bytes(v []byte) { o.bytes(o.i, v) }

// Decimal sets a DECIMAL(38,9) from the two halves of its unscaled value.
func (o *Out) Decimal(low uint64, high int64) { o.huge(o.i, low, high) }

// Interval sets an INTERVAL.
func (o *Out) Interval(months, days int32, micros int64) { o.interval(o.i, months, days, micros) }

// maxElements bounds the elements of all lists of one chunk.
const maxElements = math.MaxInt32

// List sets a list of n elements, each of which must be set by its place.
func (o *Out) List(n int) (*ListOut, error) {
	if n < 0 || o.used+n > maxElements {
		return nil, errors.New("an array is too large")
	}
	need := o.used + n
	if need > o.room {
		o.room = max(2*o.room, need, 64)
		if mapping.ListVectorReserve(o.vec, mapping.IdxT(o.room)) != mapping.StateSuccess {
			return nil, errors.New("an array is too large")
		}
		o.elem.vec = mapping.ListVectorGetChild(o.vec)
		mapping.VectorEnsureValidityWritable(o.elem.vec)
		o.elem.data, o.elem.validity = mapping.VectorGetData(o.elem.vec), mapping.VectorGetValidity(o.elem.vec)
	}
	o.huge(o.i, uint64(o.used), int64(n))
	l := &ListOut{&o.elem, o.used}
	o.used = need
	return l, nil
}

// finish tells DuckDB how many elements the lists have.
func (o *Out) finish() error {
	if o.list && mapping.ListVectorSetSize(o.vec, mapping.IdxT(o.used)) != mapping.StateSuccess {
		return errors.New("an array could not be made")
	}
	return nil
}

// ListOut takes a list's elements by place.
type ListOut struct {
	elem *column
	from int
}

// Null sets element i to NULL.
func (l *ListOut) Null(i int) { l.elem.null(l.from + i) }

// Int64 sets element i of BIGINT, TIMESTAMP or TIME.
func (l *ListOut) Int64(i int, v int64) { l.elem.int64(l.from+i, v) }

// Float64 sets element i of DOUBLE.
func (l *ListOut) Float64(i int, v float64) { l.elem.float64(l.from+i, v) }

// Bool sets element i of BOOLEAN.
func (l *ListOut) Bool(i int, v bool) { l.elem.bool(l.from+i, v) }

// Date sets element i of DATE.
func (l *ListOut) Date(i int, v int32) { l.elem.int32(l.from+i, v) }

// Text sets element i of VARCHAR.
func (l *ListOut) Text(i int, v string) { l.elem.bytes(l.from+i, []byte(v)) }

// Bytes sets element i of BLOB or VARCHAR.
func (l *ListOut) Bytes(i int, v []byte) { l.elem.bytes(l.from+i, v) }

// Decimal sets element i of DECIMAL(38,9).
func (l *ListOut) Decimal(i int, low uint64, high int64) { l.elem.huge(l.from+i, low, high) }

// Interval sets element i of INTERVAL.
func (l *ListOut) Interval(i int, months, days int32, micros int64) {
	l.elem.interval(l.from+i, months, days, micros)
}
