package seed

import (
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/omop"
)

// sink is the folder being written: one file per table. It keeps the first error
// and then ignores what it is told, so that the generator need not ask each time.
type sink struct {
	files map[string]*file
	err   error
}

// file writes one table's rows, value by value in the order of the CDM's columns.
type file struct {
	sink  *sink
	table omop.Table
	path  string
	f     *os.File
	gz    *gzip.Writer
	buf   []byte
	at    int // columns of the current row written so far
}

// flushAt is the number of bytes gathered before they are compressed.
const flushAt = 64 << 10

// written are the tables that the synthetic data has; a loader makes the others,
// empty.
var written = []string{
	"concept", "vocabulary", "domain", "concept_class", "relationship", "concept_relationship",
	"concept_ancestor", "concept_synonym", "location", "care_site", "provider", "person",
	"observation_period", "visit_occurrence", "condition_occurrence", "drug_exposure",
	"procedure_occurrence", "measurement", "observation", "death", "drug_era", "condition_era", "cdm_source",
}

func create(dir string) (*sink, error) {
	s := &sink{files: map[string]*file{}}
	for _, name := range written {
		table, ok := omop.TableNamed(name)
		if !ok {
			return nil, fmt.Errorf("the CDM has no table %s", name)
		}
		w := &file{sink: s, table: table, path: filepath.Join(dir, name+".csv.gz")}
		var err error
		if w.f, err = os.Create(w.path); err != nil {
			return nil, errors.Join(fmt.Errorf("create synthetic table: %w", err), s.close(), s.remove())
		}
		// The fastest level: the files are read once. The header carries no time,
		// so equal rows give equal bytes.
		if w.gz, err = gzip.NewWriterLevel(w.f, gzip.BestSpeed); err != nil {
			return nil, errors.Join(err, s.close(), s.remove())
		}
		s.files[name] = w
		for _, c := range table.Columns {
			w.text(c.Name)
		}
		w.end()
	}
	return s, nil
}

func (s *sink) table(name string) *file { return s.files[name] }

func (s *sink) close() error {
	var all error
	for _, name := range written {
		w, ok := s.files[name]
		if !ok {
			continue
		}
		w.flush()
		all = errors.Join(all, w.gz.Close(), w.f.Close())
	}
	if all != nil {
		return fmt.Errorf("write synthetic data: %w", all)
	}
	return nil
}

func (s *sink) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (w *file) flush() {
	if len(w.buf) == 0 {
		return
	}
	if _, err := w.gz.Write(w.buf); err != nil {
		w.sink.fail(fmt.Errorf("write %s: %w", w.path, err))
	}
	w.buf = w.buf[:0]
}

func (w *file) next() {
	if w.at > 0 {
		w.buf = append(w.buf, ',')
	}
	w.at++
}

func (w *file) int(v int64) *file {
	w.next()
	w.buf = strconv.AppendInt(w.buf, v, 10)
	return w
}

// id writes an id, or nothing for 0, which here means none.
func (w *file) id(v int64) *file {
	if v == 0 {
		return w.skip(1)
	}
	return w.int(v)
}

// number writes a value with at most two decimals.
func (w *file) number(v float64) *file {
	w.next()
	w.buf = strconv.AppendFloat(w.buf, math.Round(v*100)/100, 'f', -1, 64)
	return w
}

func (w *file) text(s string) *file {
	w.next()
	if strings.ContainsAny(s, ",\"\r\n") {
		w.buf = append(w.buf, '"')
		w.buf = append(w.buf, strings.ReplaceAll(s, `"`, `""`)...)
		w.buf = append(w.buf, '"')
		return w
	}
	w.buf = append(w.buf, s...)
	return w
}

// date writes a day, or nothing for never.
func (w *file) date(d day) *file {
	w.next()
	w.buf = d.append(w.buf)
	return w
}

// datetime writes the day at an hour, or nothing for never.
func (w *file) datetime(d day, hour int) *file {
	w.date(d)
	if d != never {
		w.buf = append(w.buf, ' ', byte('0'+hour/10), byte('0'+hour%10))
		w.buf = append(w.buf, ":00:00"...)
	}
	return w
}

// skip leaves n columns empty.
func (w *file) skip(n int) *file {
	for range n {
		w.next()
	}
	return w
}

// end closes the row; columns not written stay empty.
func (w *file) end() {
	if w.at > len(w.table.Columns) {
		w.sink.fail(fmt.Errorf("%s: a row of %d values for %d columns", w.table.Name, w.at, len(w.table.Columns)))
	}
	w.skip(len(w.table.Columns) - w.at)
	w.buf = append(w.buf, '\n')
	w.at = 0
	if len(w.buf) >= flushAt {
		w.flush()
	}
}
