// Package load reads CSV strictly and appends it to DuckDB.
//
// The CSV is parsed here and handed over in typed column vectors, not read by
// DuckDB's own reader: that one guesses (types, quotes, jagged rows), does not
// name row and column as BigQuery does, and needs access to files, which is
// locked. A hand-written scanner over one buffer keeps several hundred thousand
// rows a second.
package load

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// Options are BigQuery's CSV options that are supported.
type Options struct {
	Delimiter      byte
	Quote          byte // 0: no quoting
	SkipRows       int64
	NullMarker     string
	QuotedNewlines bool
	JaggedRows     bool
	IgnoreUnknown  bool
}

// maxRow is BigQuery's limit on a CSV row, in bytes.
const maxRow = 100 << 20

// Error says where a CSV is broken.
type rowError struct {
	row    int64
	column string
	place  int
	what   string
}

func (e *rowError) api() *apierr.Error {
	if e.column == "" {
		return apierr.Invalid("Error while reading data, error message: %s; row: %d", e.what, e.row)
	}
	return apierr.Invalid("Error while reading data, error message: %s for field %s (position %d); row: %d", e.what, e.column, e.place, e.row)
}

// CSV reads all rows and appends them; it returns their number. Input that
// begins with gzip's magic number is unpacked. The caller's transaction makes
// it all or nothing.
func CSV(ctx context.Context, in io.Reader, o Options, cols []googlesql.Column, required []bool, app *duck.Appender) (int64, error) {
	buffered := bufio.NewReaderSize(in, 1<<20)
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return 0, apierr.Invalid("Error while reading data, error message: the gzip header is broken: %v", err)
		}
		defer z.Close()
		buffered = bufio.NewReaderSize(z, 1<<20)
	}
	// A byte order mark is no part of the first field.
	if bom, err := buffered.Peek(3); err == nil && bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3)
	}
	parsers := make([]parser, len(cols))
	for i, c := range cols {
		p, err := parserOf(c.Type)
		if err != nil {
			return 0, apierr.Invalid("field %s: %v", c.Name, err)
		}
		parsers[i] = p
	}
	s := &scanner{in: buffered, o: o}
	var loaded int64
	for {
		if s.row%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		fields, err := s.next()
		if errors.Is(err, io.EOF) {
			return loaded, nil
		}
		if err != nil {
			return 0, s.apiError(err)
		}
		if s.row <= o.SkipRows {
			continue
		}
		if len(fields) == 1 && len(fields[0].text) == 0 && !fields[0].quoted && len(cols) > 1 {
			continue // an empty line
		}
		if err := appendRow(s.row, fields, o, cols, required, parsers, app); err != nil {
			var re *rowError
			if errors.As(err, &re) {
				return 0, re.api()
			}
			return 0, err
		}
		loaded++
	}
}

func (e *rowError) Error() string { return e.what }

func appendRow(row int64, fields []field, o Options, cols []googlesql.Column, required []bool, parsers []parser, app *duck.Appender) error {
	if len(fields) > len(cols) && !o.IgnoreUnknown {
		return &rowError{row: row, what: fmt.Sprintf("Too many values in row: %d fields, %d expected", len(fields), len(cols))}
	}
	if len(fields) < len(cols) && !o.JaggedRows {
		return &rowError{row: row, what: fmt.Sprintf("Too few values in row: %d fields, %d expected (the first one missing is %s)", len(fields), len(cols), cols[len(fields)].Name)}
	}
	for i := range cols {
		if i >= len(fields) || !fields[i].quoted && string(fields[i].text) == o.NullMarker {
			if required[i] {
				return &rowError{row, cols[i].Name, i, "Missing a value of a REQUIRED field"}
			}
			app.Null(i)
			continue
		}
		if err := parsers[i](app, i, fields[i].text); err != nil {
			return &rowError{row, cols[i].Name, i, err.Error()}
		}
	}
	return app.EndRow()
}

// field is one value as it stood in the file.
type field struct {
	text   []byte
	quoted bool
}

// scanner cuts rows into fields.
type scanner struct {
	in     *bufio.Reader
	o      Options
	row    int64
	buf    []byte
	ends   []int
	quoted []bool
	fields []field
}

var (
	errQuotedNewline = errors.New("Missing close quote character (\"): the row ends within a quoted field, and allowQuotedNewlines is not set")
	errOpenQuote     = errors.New("Missing close quote character (\"): the data ends within a quoted field")
	errAfterQuote    = errors.New("Data between close quote character (\") and field separator")
	errEncoding      = errors.New("Invalid UTF-8")
	errRowSize       = errors.New("The row is larger than 100 MB")
)

func (s *scanner) apiError(err error) error {
	for _, known := range []error{errQuotedNewline, errOpenQuote, errAfterQuote, errEncoding, errRowSize} {
		if errors.Is(err, known) {
			return (&rowError{row: s.row, what: err.Error()}).api()
		}
	}
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) {
		return apierr.Invalid("Error while reading data, error message: the gzip data is broken near row %d", s.row)
	}
	return fmt.Errorf("read the uploaded data: %w", err)
}

// line reads up to and with the next newline.
func (s *scanner) line() ([]byte, error) {
	part, err := s.in.ReadSlice('\n')
	if err == nil {
		return part, nil
	}
	if !errors.Is(err, bufio.ErrBufferFull) {
		return part, err
	}
	whole := append([]byte(nil), part...)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(whole) > maxRow {
			return nil, errRowSize
		}
		part, err = s.in.ReadSlice('\n')
		whole = append(whole, part...)
	}
	return whole, err
}

// next returns the fields of the next row; they are valid until the next call.
func (s *scanner) next() ([]field, error) {
	s.buf, s.ends, s.quoted = s.buf[:0], s.ends[:0], s.quoted[:0]
	line, err := s.line()
	if len(line) == 0 {
		if err == nil {
			err = io.EOF
		}
		return nil, err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	s.row++
	for {
		rest, done, err := s.field(line)
		if err != nil {
			return nil, err
		}
		if done {
			break
		}
		line = rest
	}
	if !utf8.Valid(s.buf) {
		return nil, errEncoding
	}
	s.fields = s.fields[:0]
	start := 0
	for i, end := range s.ends {
		s.fields = append(s.fields, field{s.buf[start:end], s.quoted[i]})
		start = end
	}
	return s.fields, nil
}

// trimEnd takes the row's end off.
func trimEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// field reads one field from the rest of a row; done: it was the last.
func (s *scanner) field(line []byte) (rest []byte, done bool, err error) {
	if s.o.Quote != 0 && len(line) > 0 && line[0] == s.o.Quote {
		return s.quotedField(line[1:])
	}
	i := bytes.IndexByte(line, s.o.Delimiter)
	if i < 0 {
		s.buf = append(s.buf, trimEnd(line)...)
	} else {
		s.buf = append(s.buf, line[:i]...)
	}
	s.ends, s.quoted = append(s.ends, len(s.buf)), append(s.quoted, false)
	if i < 0 {
		return nil, true, nil
	}
	return line[i+1:], false, nil
}

func (s *scanner) quotedField(line []byte) (rest []byte, done bool, err error) {
	for {
		i := bytes.IndexByte(line, s.o.Quote)
		if i < 0 {
			s.buf = append(s.buf, line...)
			if len(s.buf) > maxRow {
				return nil, false, errRowSize
			}
			if !bytes.HasSuffix(line, []byte("\n")) {
				return nil, false, errOpenQuote
			}
			if !s.o.QuotedNewlines {
				return nil, false, errQuotedNewline
			}
			if line, err = s.line(); err != nil && !errors.Is(err, io.EOF) {
				return nil, false, err
			}
			if len(line) == 0 {
				return nil, false, errOpenQuote
			}
			continue
		}
		s.buf = append(s.buf, line[:i]...)
		line = line[i+1:]
		if len(line) > 0 && line[0] == s.o.Quote {
			s.buf = append(s.buf, s.o.Quote)
			line = line[1:]
			continue
		}
		s.ends, s.quoted = append(s.ends, len(s.buf)), append(s.quoted, true)
		switch {
		case len(trimEnd(line)) == 0:
			return nil, true, nil
		case line[0] == s.o.Delimiter:
			return line[1:], false, nil
		}
		return nil, false, errAfterQuote
	}
}
