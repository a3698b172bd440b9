package loader

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// DataError is a fault of the folder's data: it names the place and never quotes
// the value, which may be a participant's.
type DataError struct {
	File string
	// Row counts data rows from 1; 0 is the header or the file as a whole.
	Row int64
	// Line is the line of the file on which the row begins.
	Line    int
	Column  string
	Problem string
}

func (e *DataError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Row > 0 {
		fmt.Fprintf(&b, ", row %d (line %d)", e.Row, e.Line)
	}
	if e.Column != "" {
		b.WriteString(", column " + e.Column)
	}
	return b.String() + ": " + e.Problem
}

// csvFile reads a plain or compressed CSV file row by row.
type csvFile struct {
	name string
	file *os.File
	gz   *gzip.Reader
	csv  *csv.Reader
	rows int64
	// bytes and seen are the file's bytes as they are read, and their hash.
	bytes io.Reader
	seen  hash.Hash
}

// readBuffer is the size of the buffer between a file and its reader, in bytes.
const readBuffer = 256 << 10

func openCSV(path string) (*csvFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open CDM table: %w", err)
	}
	r := &csvFile{name: filepath.Base(path), file: f, seen: sha256.New()}
	r.bytes = io.TeeReader(f, r.seen)
	var in io.Reader = bufio.NewReaderSize(r.bytes, readBuffer)
	if strings.HasSuffix(strings.ToLower(path), ".gz") {
		if r.gz, err = gzip.NewReader(in); err != nil {
			_ = f.Close()
			return nil, &DataError{File: r.name, Problem: "not a gzip file: " + err.Error()}
		}
		in = r.gz
	}
	r.csv = csv.NewReader(in)
	r.csv.ReuseRecord = true
	return r, nil
}

func (r *csvFile) close() {
	// Read only: nothing is lost when closing fails.
	_ = r.file.Close()
}

// sum is the hash of the whole file, compressed as it may be; what was not read
// until then is read now.
func (r *csvFile) sum() (string, error) {
	if _, err := io.Copy(io.Discard, r.bytes); err != nil {
		return "", r.fault(err)
	}
	return hex.EncodeToString(r.seen.Sum(nil)), nil
}

// header reads the first line; every row after it must have as many values.
func (r *csvFile) header() ([]string, error) {
	h, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, &DataError{File: r.name, Problem: "the file is empty: its first line must name the columns"}
	}
	if err != nil {
		return nil, r.fault(err)
	}
	return append([]string(nil), h...), nil
}

// next returns the next row, valid until the one after it is read, or io.EOF.
func (r *csvFile) next() ([]string, error) {
	row, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	r.rows++
	if err != nil {
		return nil, r.fault(err)
	}
	return row, nil
}

// fault names the place of a reading error.
func (r *csvFile) fault(err error) error {
	e := &DataError{File: r.name, Row: r.rows}
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse) && errors.Is(parse.Err, csv.ErrFieldCount):
		e.Line, e.Problem = parse.StartLine, "the row has more or fewer values than the header"
	case errors.As(err, &parse):
		e.Line, e.Problem = parse.StartLine, fmt.Sprintf("broken CSV at line %d, byte %d: %v", parse.Line, parse.Column, parse.Err)
	default:
		line, _ := r.csv.FieldPos(0)
		e.Line, e.Problem = line, "the file cannot be read further: "+err.Error()
	}
	return e
}

// at makes a fault of the present row at that value.
func (r *csvFile) at(field int, column, problem string) error {
	line, _ := r.csv.FieldPos(max(field, 0))
	return &DataError{File: r.name, Row: r.rows, Line: line, Column: column, Problem: problem}
}
