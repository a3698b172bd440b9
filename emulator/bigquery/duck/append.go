package duck

import (
	"errors"
	"strings"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// ColumnType is a table column's type for an Appender: one of the letters of
// DuckDB's types (f DOUBLE, i BIGINT, b BOOLEAN, s VARCHAR, d DATE, t TIMESTAMP,
// x BLOB, m TIME, n DECIMAL(38,9)).
type ColumnType byte

// Appender adds rows to a table, column vectors at a time: the quickest way
// into DuckDB, and one that takes typed values only.
type Appender struct {
	app   mapping.Appender
	chunk mapping.DataChunk
	types []Type
	cols  []column
	// nodes are the same columns with what is within them; they are made anew for
	// each chunk.
	nodes []*node
	row   int
	size  int
}

type column struct {
	vec      mapping.Vector
	data     unsafe.Pointer
	validity unsafe.Pointer
}

// NewAppender opens an appender on a table, whose name may say the catalog and the
// schema, and needs no quotes. It belongs to the connection's transaction.
func (c *Conn) NewAppender(table string, types []Type) (*Appender, error) {
	a := &Appender{size: int(mapping.VectorSize()), types: types}
	catalog, schema := c.db.home, "main"
	switch parts := strings.Split(table, "."); len(parts) {
	case 2:
		schema, table = parts[0], parts[1]
	case 3:
		catalog, schema, table = parts[0], parts[1], parts[2]
	}
	if mapping.AppenderCreateExt(c.conn, catalog, schema, table, &a.app) != mapping.StateSuccess {
		err := newError(mapping.AppenderError(a.app))
		mapping.AppenderDestroy(&a.app)
		return nil, err
	}
	logical := make([]mapping.LogicalType, len(types))
	for i, t := range types {
		logical[i] = t.logical()
	}
	a.chunk = mapping.CreateDataChunk(logical)
	for i := range logical {
		mapping.DestroyLogicalType(&logical[i])
	}
	a.cols, a.nodes = make([]column, len(types)), make([]*node, len(types))
	a.reset()
	return a, nil
}

func (a *Appender) reset() {
	mapping.DataChunkReset(a.chunk)
	for i := range a.cols {
		v := mapping.DataChunkGetVector(a.chunk, mapping.IdxT(i))
		a.nodes[i] = newNode(a.types[i], v, a.size)
		a.cols[i] = column{v, a.nodes[i].data, a.nodes[i].validity}
	}
	a.row = 0
}

// Null sets a column of the current row to NULL.
func (a *Appender) Null(col int) {
	p := (*uint64)(unsafe.Add(a.cols[col].validity, a.row/64*8))
	*p &^= 1 << (a.row % 64)
}

// Int64 sets a BIGINT, TIMESTAMP or TIME.
func (a *Appender) Int64(col int, v int64) { *(*int64)(unsafe.Add(a.cols[col].data, a.row*8)) = v }

// Int32 sets a DATE.
func (a *Appender) Int32(col int, v int32) { *(*int32)(unsafe.Add(a.cols[col].data, a.row*4)) = v }

// Float64 sets a DOUBLE.
func (a *Appender) Float64(col int, v float64) {
	*(*float64)(unsafe.Add(a.cols[col].data, a.row*8)) = v
}

// Bool sets a BOOLEAN.
func (a *Appender) Bool(col int, v bool) { *(*bool)(unsafe.Add(a.cols[col].data, a.row)) = v }

// Huge sets a DECIMAL(38,9) from the two halves of its unscaled value.
func (a *Appender) Huge(col int, low uint64, high int64) {
	p := unsafe.Add(a.cols[col].data, a.row*16)
	*(*uint64)(p), *(*int64)(unsafe.Add(p, 8)) = low, high
}

// Bytes sets a VARCHAR or BLOB.
func (a *Appender) Bytes(col int, v []byte) {
	setBytes(a.cols[col].vec, a.cols[col].data, a.row, v)
}

func setBytes(vec mapping.Vector, data unsafe.Pointer, row int, v []byte) {
	if len(v) <= 12 {
		// Short strings live inside the vector: no call into DuckDB.
		p := unsafe.Add(data, row*16)
		buf := unsafe.Slice((*byte)(p), 16)
		clear(buf)
		*(*uint32)(p) = uint32(len(v))
		copy(buf[4:], v)
		return
	}
	mapping.VectorAssignStringElementLen(vec, mapping.IdxT(row), v)
}

// Undo forgets what was set of the current row.
func (a *Appender) Undo() {
	for _, n := range a.nodes {
		n.undo(a.row)
	}
}

// undo makes a row that may have been set in part valid again.
func (n *node) undo(row int) {
	p := (*uint64)(unsafe.Add(n.validity, row/64*8))
	*p |= 1 << (row % 64)
	if n.list {
		return // what its content has taken is left unused
	}
	for _, k := range n.kids {
		k.undo(row)
	}
}

// EndRow ends the current row.
func (a *Appender) EndRow() error {
	if a.row++; a.row == a.size {
		return a.flush()
	}
	return nil
}

func (a *Appender) flush() error {
	if a.row == 0 {
		return nil
	}
	for _, n := range a.nodes {
		n.finish()
	}
	mapping.DataChunkSetSize(a.chunk, mapping.IdxT(a.row))
	if mapping.AppendDataChunk(a.app, a.chunk) != mapping.StateSuccess {
		return newError(mapping.AppenderError(a.app))
	}
	a.reset()
	return nil
}

// Close writes what is left when good is true and frees the appender.
func (a *Appender) Close(good bool) error {
	var err error
	if good {
		if err = a.flush(); err == nil && mapping.AppenderFlush(a.app) != mapping.StateSuccess {
			err = newError(mapping.AppenderError(a.app))
		}
	} else {
		mapping.AppenderClear(a.app)
	}
	mapping.DestroyDataChunk(&a.chunk)
	if mapping.AppenderDestroy(&a.app) != mapping.StateSuccess && good && err == nil {
		err = errors.New("close DuckDB's appender")
	}
	return err
}
