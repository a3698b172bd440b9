package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/shared/googlesql"
)

// Parquet is an open Parquet file.
type Parquet struct {
	file   *parquet.File
	fields []*parquetField
	schema *bq.TableSchema
}

// parquetField is a field of the file's schema: a leaf, or a record of others.
type parquetField struct {
	name               string
	optional, repeated bool
	// list marks the outer group of a LIST that is read as an array: its only kid
	// is repeated, and the elements are that one's, or its only kid's if wrapped.
	list, wrapped bool
	kids          []*parquetField
	from, to      int // the leaves
	typ           *googlesql.Type
	convert       func(parquet.Value) (any, error)
}

// OpenParquet reads a file's schema. lists takes LIST groups for arrays
// (enableListInference); otherwise they are the records that they are made of.
func OpenParquet(in io.ReaderAt, size int64, lists bool) (p *Parquet, err error) {
	defer recoverParquet(&err)
	f, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, apierr.Invalid("Error while reading data, error message: the file is no Parquet file: %v", err)
	}
	if err := checkLogical(f.Metadata().Schema); err != nil {
		return nil, err
	}
	p = &Parquet{file: f, schema: &bq.TableSchema{}}
	for _, c := range f.Root().Columns() {
		field, err := newParquetField(c, lists, 0)
		if err != nil {
			return nil, err
		}
		p.fields = append(p.fields, field)
		p.schema.Fields = append(p.schema.Fields, field.describe())
	}
	return p, nil
}

// recoverParquet makes an error of a fault that a broken file causes.
func recoverParquet(err *error) {
	if r := recover(); r != nil {
		*err = apierr.Invalid("Error while reading data, error message: the Parquet file is broken: %v", r)
	}
}

// checkLogical refuses the annotations that the reader passes over.
func checkLogical(schema []format.SchemaElement) error {
	for _, e := range schema {
		switch e.LogicalType.Value.(type) {
		case *format.Float16Type, *format.VariantType, *format.GeometryType, *format.GeographyType, *format.NullType, *format.UUIDType:
			return apierr.NotImplemented("loading the Parquet column %s of type %s is not supported by the local BigQuery", e.Name, e.LogicalType.String())
		}
	}
	return nil
}

// Schema is the file's schema as a table's.
func (p *Parquet) Schema() *bq.TableSchema { return p.schema }

const maxParquetDepth = 15

func newParquetField(c *parquet.Column, lists bool, depth int) (*parquetField, error) {
	if depth > maxParquetDepth {
		return nil, apierr.Invalid("The Parquet column %s is nested too deeply", strings.Join(c.Path(), "."))
	}
	f := &parquetField{name: c.Name(), optional: c.Optional(), repeated: c.Repeated()}
	if c.Leaf() {
		f.from, f.to = c.Index(), c.Index()+1
		var err error
		if f.typ, f.convert, err = parquetLeaf(c); err != nil {
			return nil, err
		}
		return f, nil
	}
	f.typ = &googlesql.Type{Kind: googlesql.KindStruct}
	for _, sub := range c.Columns() {
		kid, err := newParquetField(sub, lists, depth+1)
		if err != nil {
			return nil, err
		}
		f.kids = append(f.kids, kid)
		f.typ.Fields = append(f.typ.Fields, googlesql.Field{Name: kid.name, Type: kid.valueType()})
	}
	if len(f.kids) == 0 {
		return nil, apierr.NotImplemented("the Parquet column %s without fields is not supported by the local BigQuery", c.Name())
	}
	f.from, f.to = f.kids[0].from, f.kids[len(f.kids)-1].to
	if lt := c.Type().LogicalType(); lists && lt != nil {
		if _, ok := lt.Value.(*format.ListType); ok && len(f.kids) == 1 && f.kids[0].repeated && !f.repeated {
			f.list = true
			// The rule of the format for older files: a repeated group of one field is
			// the wrapper of the element, unless its name says that it is the element.
			k := f.kids[0]
			f.wrapped = len(k.kids) == 1 && k.name != "array" && k.name != f.name+"_tuple" && !k.kids[0].repeated
			f.typ = k.typ
			if f.wrapped {
				f.typ = k.kids[0].valueType()
			}
			if f.typ.Kind == googlesql.KindArray {
				return nil, apierr.NotImplemented("the list of lists %s is not supported by the local BigQuery", c.Name())
			}
		}
	}
	return f, nil
}

// valueType is the type of the field's value, an array when it is repeated.
func (f *parquetField) valueType() *googlesql.Type {
	if f.repeated || f.list {
		return googlesql.ArrayOf(f.typ)
	}
	return f.typ
}

func (f *parquetField) describe() *bq.TableFieldSchema {
	out := &bq.TableFieldSchema{Name: f.name, Type: f.typ.Kind.String(), Mode: "REQUIRED"}
	switch {
	case f.repeated || f.list:
		out.Mode = "REPEATED"
	case f.optional:
		out.Mode = "NULLABLE"
	}
	inner := f
	if f.list {
		if inner = f.kids[0]; f.wrapped {
			inner = inner.kids[0]
		}
	}
	for _, k := range inner.kids {
		out.Fields = append(out.Fields, k.describe())
	}
	return out
}

// Append reads all rows into the target, whose columns are the file's in order.
func (p *Parquet) Append(ctx context.Context, t *Target) (res Result, err error) {
	defer recoverParquet(&err)
	buf := make([]parquet.Row, 256)
	leaves := make([][]parquet.Value, len(p.file.Root().Columns())+1)
	for _, group := range p.file.RowGroups() {
		rows := group.Rows()
		for {
			if err := ctx.Err(); err != nil {
				rows.Close()
				return res, err
			}
			n, err := rows.ReadRows(buf)
			for _, row := range buf[:n] {
				leaves = split(row, leaves)
				values, err := p.row(leaves)
				if err == nil {
					err = t.append(values)
				}
				if err != nil {
					rows.Close()
					return res, parquetError(err, res.Rows+1)
				}
				res.Rows++
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				rows.Close()
				return res, apierr.Invalid("Error while reading data, error message: the Parquet file is broken after row %d: %v", res.Rows, err)
			}
		}
		if err := rows.Close(); err != nil {
			return res, apierr.Invalid("Error while reading data, error message: the Parquet file is broken after row %d: %v", res.Rows, err)
		}
	}
	return res, nil
}

func parquetError(err error, row int64) error {
	var f *FieldError
	if errors.As(err, &f) {
		return (&rowError{row: row, what: f.What}).api()
	}
	return err
}

// split gives a row's values by leaf.
func split(row parquet.Row, leaves [][]parquet.Value) [][]parquet.Value {
	leaves = leaves[:0]
	row.Range(func(_ int, values []parquet.Value) bool {
		leaves = append(leaves, values)
		return true
	})
	return leaves
}

func (p *Parquet) row(leaves [][]parquet.Value) ([]googlesql.Value, error) {
	out := make([]googlesql.Value, len(p.fields))
	for i, f := range p.fields {
		if f.to > len(leaves) {
			return nil, fmt.Errorf("a row has %d leaves", len(leaves))
		}
		v, err := f.read(leaves[f.from:f.to], 0, 0)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// read puts a field's value together from its leaves' values. def and rep are
// the definition and repetition levels of what the field is in.
func (f *parquetField) read(leaves [][]parquet.Value, def, rep int) (googlesql.Value, error) {
	if f.repeated {
		return f.array(leaves, def, rep, f.element)
	}
	if f.optional {
		if leaves[0][0].DefinitionLevel() <= def {
			if f.list {
				return googlesql.Value{Type: f.valueType(), V: []googlesql.Value{}}, nil // BigQuery has no NULL array
			}
			return googlesql.Value{Type: f.typ}, nil
		}
		def++
	}
	if f.list {
		inner := f.kids[0]
		v, err := inner.array(leaves, def, rep, func(l [][]parquet.Value, def, rep int) (googlesql.Value, error) {
			if f.wrapped {
				return inner.kids[0].read(l, def, rep)
			}
			return inner.element(l, def, rep)
		})
		v.Type = f.valueType()
		return v, err
	}
	return f.element(leaves, def, rep)
}

// array cuts the leaves' values into elements.
func (f *parquetField) array(leaves [][]parquet.Value, def, rep int, element func([][]parquet.Value, int, int) (googlesql.Value, error)) (googlesql.Value, error) {
	list := []googlesql.Value{}
	out := googlesql.Value{Type: googlesql.ArrayOf(f.typ)}
	if leaves[0][0].DefinitionLevel() <= def {
		out.V = list
		return out, nil
	}
	rest := make([][]parquet.Value, len(leaves))
	copy(rest, leaves)
	for len(rest[0]) > 0 {
		one := make([][]parquet.Value, len(leaves))
		for i, values := range rest {
			n := 1
			for n < len(values) && values[n].RepetitionLevel() > rep+1 {
				n++
			}
			if len(values) == 0 {
				return out, wrong(f.name, "the repetition levels of %s do not agree", f.name)
			}
			one[i], rest[i] = values[:n], values[n:]
		}
		v, err := element(one, def+1, rep+1)
		if err != nil {
			return out, err
		}
		if v.IsNull() {
			return out, wrong(f.name, "Only optional fields can be set to NULL. Field: %s; Value: NULL", f.name)
		}
		list = append(list, v)
	}
	out.V = list
	return out, nil
}

// element reads a leaf's value, or a record that is there.
func (f *parquetField) element(leaves [][]parquet.Value, def, rep int) (googlesql.Value, error) {
	v := googlesql.Value{Type: f.typ}
	if f.convert != nil {
		x, err := f.convert(leaves[0][0])
		if err != nil {
			return v, wrong(f.name, "%s in field %s", err.Error(), f.name)
		}
		v.V = x
		return v, nil
	}
	list := make([]googlesql.Value, len(f.kids))
	for i, k := range f.kids {
		x, err := k.read(leaves[k.from-f.from:k.to-f.from], def, rep)
		if err != nil {
			return v, err
		}
		list[i] = x
	}
	v.V = list
	return v, nil
}
