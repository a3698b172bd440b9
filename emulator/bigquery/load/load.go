// Package load reads CSV, newline-delimited JSON and Parquet strictly and appends
// the rows to DuckDB.
//
// The data is parsed here and handed over in typed column vectors, not read by
// DuckDB's own readers: those guess (types, quotes, jagged rows), do not name row
// and column as BigQuery does, and need access to files, which is locked. Parquet
// is read by github.com/parquet-go/parquet-go, which is pure Go and shows the
// repetition and definition levels that nested records are put together from.
package load

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// Target is where rows go: an open appender on a table, and the columns that the
// data holds, in the data's order, as far as the data has one.
type Target struct {
	App *duck.Appender
	// Cols and Fields are the data's columns.
	Cols   []googlesql.Column
	Fields []*bq.TableFieldSchema
	// Place is the table's column of each; nil: the same order. The table's other
	// columns, Rest, are NULL, or empty arrays.
	Place []int
	Rest  []int
}

// place is the table's column of the data's column i.
func (t *Target) place(i int) int {
	if t.Place == nil {
		return i
	}
	return t.Place[i]
}

func (t *Target) required(i int) bool { return strings.EqualFold(t.Fields[i].Mode, "REQUIRED") }

// append writes a row of values.
func (t *Target) append(row []googlesql.Value) error {
	for i, v := range row {
		Set(t.App.Slot(t.place(i)), v)
	}
	return t.endRow()
}

func (t *Target) endRow() error {
	for _, i := range t.Rest {
		t.App.Slot(i).Missing()
	}
	return t.App.EndRow()
}

// Result is what has been read.
type Result struct {
	Rows, Bad int64
	// Errors tell of the first bad records that were left out.
	Errors []*apierr.Error
}

// Add adds the result of another file.
func (r *Result) Add(o Result) {
	r.Rows += o.Rows
	r.Bad += o.Bad
	r.Errors = append(r.Errors, o.Errors[:min(len(o.Errors), maxErrors-len(r.Errors))]...)
}

// maxErrors is how many bad records are told of.
const maxErrors = 5

// skip counts a bad record; when there are more than most, it gives the error
// that ends the load.
func (r *Result) skip(e *rowError, most int64, format string) error {
	r.Bad++
	if r.Bad > most {
		api := e.api()
		if most > 0 {
			return apierr.Invalid("Error while reading data, error message: %s processing encountered too many errors, giving up. Rows: %d; errors: %d; max bad: %d; the last one: %s",
				format, r.Rows+r.Bad, r.Bad, most, api.Message)
		}
		return api
	}
	if len(r.Errors) < maxErrors {
		r.Errors = append(r.Errors, e.api())
	}
	return nil
}

// rowError says where data is broken.
type rowError struct {
	row    int64
	column string
	place  int
	what   string
}

// Error implements error.
func (e *rowError) Error() string { return e.what }

func (e *rowError) api() *apierr.Error {
	if e.column == "" {
		return apierr.Invalid("Error while reading data, error message: %s; row: %d", e.what, e.row)
	}
	return apierr.Invalid("Error while reading data, error message: %s for field %s (position %d); row: %d", e.what, e.column, e.place, e.row)
}

func refuseType(c googlesql.Column) error {
	return apierr.NotImplemented("loading field %s of type %s is not supported by the local BigQuery", c.Name, c.Type)
}

// text opens text data: input that begins with gzip's magic number is unpacked,
// all its members one after the other, and a byte order mark is taken off.
func text(in io.Reader) (*bufio.Reader, error) {
	const size = 1 << 20
	buffered := bufio.NewReaderSize(in, size)
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, apierr.Invalid("Error while reading data, error message: the gzip header is broken: %v", err)
		}
		buffered = bufio.NewReaderSize(z, size)
	}
	if bom, err := buffered.Peek(3); err == nil && bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3)
	}
	return buffered, nil
}

// readError is the error of reading on after a row.
func readError(err error, row int64) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &corrupt) {
		return apierr.Invalid("Error while reading data, error message: the gzip data is broken near row %d", row)
	}
	return fmt.Errorf("read the uploaded data: %w", err)
}
