package duck

/*
#include <stdlib.h>
extern void hubGoScalar(void *, void *, void *);
extern void hubGoScalarFree(void *);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// bound is a registered form of a Scalar.
type bound struct {
	fn    func(*Row, *Out) error
	nulls bool
	safe  bool
	list  bool
}

// logicalType makes DuckDB's type; the caller destroys it.
func logicalType(t valueType) mapping.LogicalType {
	var l mapping.LogicalType
	switch t.letter {
	case 'm':
		l = mapping.CreateLogicalType(mapping.TypeTime)
	case 'n':
		l = mapping.CreateDecimalType(38, 9)
	case 'v':
		l = mapping.CreateLogicalType(mapping.TypeInterval)
	default:
		l = mapping.CreateLogicalType(typeLetters[t.letter])
	}
	if !t.list {
		return l
	}
	defer mapping.DestroyLogicalType(&l)
	return mapping.CreateListType(l)
}

// registerScalars makes Go functions known to the whole database.
func registerScalars(conn mapping.Connection, list []Scalar) error {
	for i := range list {
		s := &list[i]
		sig, err := parseSignature(s.Signature)
		if err != nil {
			return fmt.Errorf("register the function %s: %w", s.Name, err)
		}
		for _, safe := range []bool{false, true} {
			err = registerScalar(conn, s, sig, safe)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func registerScalar(conn mapping.Connection, s *Scalar, sig signature, safe bool) error {
	name := s.Name
	if safe {
		name += SafeSuffix
	}
	sf := mapping.CreateScalarFunction()
	defer mapping.DestroyScalarFunction(&sf)
	mapping.ScalarFunctionSetName(sf, name)
	for _, a := range sig.args {
		t := logicalType(a)
		mapping.ScalarFunctionAddParameter(sf, t)
		mapping.DestroyLogicalType(&t)
	}
	t := logicalType(sig.result)
	mapping.ScalarFunctionSetReturnType(sf, t)
	mapping.DestroyLogicalType(&t)
	if s.Nulls {
		mapping.ScalarFunctionSetSpecialHandling(sf)
	}
	if s.Volatile {
		mapping.ScalarFunctionSetVolatile(sf)
	}
	// The handle is kept in C memory, which DuckDB frees with the function.
	p := C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0))))
	*(*cgo.Handle)(p) = cgo.NewHandle(&bound{fn: s.Fn, nulls: s.Nulls, safe: safe, list: sig.result.list})
	mapping.ScalarFunctionSetExtraInfo(sf, p, C.hubGoScalarFree)
	mapping.ScalarFunctionSetFunction(sf, C.hubGoScalar)
	if mapping.RegisterScalarFunction(conn, sf) != mapping.StateSuccess {
		return fmt.Errorf("register the function %s with DuckDB", name)
	}
	return nil
}

//export hubGoScalarFree
func hubGoScalarFree(p unsafe.Pointer) {
	(*cgo.Handle)(p).Delete()
	C.free(p)
}

// hubGoScalar is what DuckDB calls with a chunk of rows.
//
//export hubGoScalar
func hubGoScalar(info, in, out unsafe.Pointer) {
	fi := mapping.FunctionInfo{Ptr: info}
	b, ok := (*cgo.Handle)(mapping.ScalarFunctionGetExtraInfo(fi)).Value().(*bound)
	if !ok {
		mapping.ScalarFunctionSetError(fi, "a function is not known")
		return
	}
	err := b.call(mapping.DataChunk{Ptr: in}, mapping.Vector{Ptr: out})
	if err != nil {
		var r *refusal
		if errors.As(err, &r) {
			refusals.Add(1)
		}
		mapping.ScalarFunctionSetError(fi, err.Error())
	}
}

// call computes all rows. A panic must not unwind into DuckDB: it is an error of
// this statement.
func (b *bound) call(in mapping.DataChunk, result mapping.Vector) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Refuse("a value that a function failed on (%v)", p)
		}
	}()
	row := &Row{cols: newChunk(in).Cols}
	o := newOut(result, b.list)
	for i, n := 0, int(mapping.DataChunkGetSize(in)); i < n; i++ {
		row.i, o.i = i, i
		if !b.nulls && row.anyNull() {
			o.Null()
			continue
		}
		if err := b.fn(row, o); err != nil {
			var r *refusal
			if !b.safe || errors.As(err, &r) {
				return err
			}
			o.Null()
		}
	}
	return o.finish()
}
