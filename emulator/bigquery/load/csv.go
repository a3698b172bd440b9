package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
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
	// MaxBad is how many bad records are left out before the load fails.
	MaxBad int64
}

// maxRow is BigQuery's limit on a CSV row, in bytes.
const maxRow = 100 << 20

// CSV reads all rows and appends them. The caller's transaction makes it all or
// nothing. A row that is no CSV at all ends the load, however many bad records
// are allowed, as what follows it cannot be told.
func CSV(ctx context.Context, in io.Reader, o Options, t *Target) (Result, error) {
	var res Result
	buffered, err := text(in)
	if err != nil {
		return res, err
	}
	parsers := make([]parser, len(t.Cols))
	for i, c := range t.Cols {
		if parsers[i], err = parserOf(c.Type); err != nil {
			return res, refuseType(c)
		}
	}
	s := &scanner{in: buffered, o: o}
	for {
		if s.row%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return res, err
			}
		}
		fields, err := s.next()
		if errors.Is(err, io.EOF) {
			return res, nil
		}
		if err != nil && (s.row > o.SkipRows || !errors.Is(err, errEncoding)) {
			if err := s.fault(err, &res); err != nil {
				return res, err
			}
			continue
		}
		if s.row <= o.SkipRows {
			continue
		}
		if len(fields) == 1 && len(fields[0].text) == 0 && !fields[0].quoted && len(t.Cols) > 1 {
			continue // an empty line
		}
		if err := appendRow(s.row, fields, o, t, parsers); err != nil {
			var re *rowError
			if !errors.As(err, &re) {
				return res, err
			}
			t.App.Undo()
			if err := res.skip(re, o.MaxBad, "CSV"); err != nil {
				return res, err
			}
			continue
		}
		res.Rows++
	}
}

// fault takes a row that cannot be cut into fields.
func (s *scanner) fault(err error, res *Result) error {
	if errors.Is(err, errEncoding) {
		return res.skip(&rowError{row: s.row, what: err.Error()}, s.o.MaxBad, "CSV")
	}
	for _, known := range []error{errQuotedNewline, errOpenQuote, errAfterQuote, errRowSize} {
		if errors.Is(err, known) {
			return (&rowError{row: s.row, what: err.Error()}).api()
		}
	}
	return readError(err, s.row)
}

func appendRow(row int64, fields []field, o Options, t *Target, parsers []parser) error {
	if len(fields) > len(t.Cols) && !o.IgnoreUnknown {
		return &rowError{row: row, what: fmt.Sprintf("Too many values in row: %d fields, %d expected", len(fields), len(t.Cols))}
	}
	if len(fields) < len(t.Cols) && !o.JaggedRows {
		return &rowError{row: row, what: fmt.Sprintf("Too few values in row: %d fields, %d expected (the first one missing is %s)", len(fields), len(t.Cols), t.Cols[len(fields)].Name)}
	}
	for i := range t.Cols {
		missing := i >= len(fields)
		if missing || !fields[i].quoted && string(fields[i].text) == o.NullMarker {
			if t.required(i) {
				return &rowError{row, t.Cols[i].Name, i, "Missing a value of a REQUIRED field"}
			}
			t.App.Null(t.place(i))
			continue
		}
		if err := parsers[i](t.App, t.place(i), fields[i].text); err != nil {
			return &rowError{row, t.Cols[i].Name, i, err.Error()}
		}
	}
	return t.endRow()
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
