package loader

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"researchhub.example/hub/shared/omop"
)

// source is one file of the folder and the table it holds.
type source struct {
	table   omop.Table
	path    string
	columns []int    // per column of the table: its place in the file, or -1
	ignored []string // headers that are no column of the table
	absent  []string // required columns that the file lacks, all of them bearable
}

func (s source) name() string { return filepath.Base(s.path) }

// folder is what a folder holds.
type folder struct {
	path    string
	sources []source // in the order of omop.Tables
	skipped []string // files that are no table of a release
	missing []string // tables without a file; they are made empty
}

// open looks at every file of a folder and reads the headers of those that are
// tables. It fails when the folder is no CDM: a needed table or an essential column
// is missing, or a table is there twice.
func openFolder(path string) (folder, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return folder{}, fmt.Errorf("read the CDM folder: %w", err)
	}
	f := folder{path: path}
	files := map[string]string{}
	for _, e := range entries {
		stem, ok := tableStem(e.Name())
		if _, known := omop.TableNamed(stem); !ok || !known || e.IsDir() {
			f.skipped = append(f.skipped, e.Name())
			continue
		}
		if other, twice := files[stem]; twice {
			return folder{}, fmt.Errorf("table %s is there twice, as %s and as %s: keep one of them", stem, other, e.Name())
		}
		files[stem] = e.Name()
	}
	var problems []error
	for _, t := range omop.Tables() {
		name, ok := files[t.Name]
		if !ok {
			f.missing = append(f.missing, t.Name)
			if t.Needed {
				problems = append(problems, fmt.Errorf("table %s is missing: a file %s.csv or %s.csv.gz", t.Name, t.Name, t.Name))
			}
			continue
		}
		s, err := openSource(t, filepath.Join(path, name))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		f.sources = append(f.sources, s)
	}
	if len(problems) > 0 {
		return folder{}, fmt.Errorf("%s is not an OMOP CDM folder that can be loaded:\n%w", path, errors.Join(problems...))
	}
	return f, nil
}

func tableStem(name string) (string, bool) {
	lower := strings.ToLower(name)
	for _, ending := range []string{".csv.gz", ".csv"} {
		if stem, ok := strings.CutSuffix(lower, ending); ok {
			return stem, true
		}
	}
	return "", false
}

func openSource(t omop.Table, path string) (source, error) {
	s := source{table: t, path: path}
	r, err := openCSV(path)
	if err != nil {
		return source{}, err
	}
	defer r.close()
	header, err := r.header()
	if err != nil {
		return source{}, err
	}
	err = s.match(header)
	return s, err
}

// match finds the table's columns among the headers.
func (s *source) match(header []string) error {
	s.columns = make([]int, len(s.table.Columns))
	for i := range s.columns {
		s.columns[i] = -1
	}
	place := func(name string, at int) bool {
		i := slices.IndexFunc(s.table.Columns, func(c omop.Column) bool { return c.Name == name })
		if i < 0 || s.columns[i] >= 0 {
			return false
		}
		s.columns[i] = at
		return true
	}
	var expressions []int
	for at, raw := range header {
		name := omop.CurrentName(s.table.Name, strings.ToLower(strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))))
		switch {
		case !plain(name):
			expressions = append(expressions, at)
		case place(name, at):
		default:
			if _, known := s.table.Column(name); known {
				return &DataError{File: s.name(), Column: name, Problem: "this column is there twice"}
			}
			s.ignored = append(s.ignored, raw)
		}
	}
	for _, at := range expressions {
		if name, ok := s.inExpression(header[at]); !ok || !place(name, at) {
			s.ignored = append(s.ignored, header[at])
		}
	}
	for i, c := range s.table.Columns {
		if s.columns[i] >= 0 || !c.Required {
			continue
		}
		if s.table.Essential(c.Name) {
			return &DataError{File: s.name(), Column: c.Name, Problem: "this column is missing"}
		}
		s.absent = append(s.absent, c.Name)
	}
	return nil
}

// inExpression finds the column that an SQL expression stands for. Exports leave
// such headers behind, "date(birth_datetime,'unixepoch')" for one: it is the one
// column named in it that no other header brings.
func (s *source) inExpression(header string) (string, bool) {
	words := strings.FieldsFunc(strings.ToLower(header), func(r rune) bool { return !nameRune(r) })
	var found []string
	for _, w := range words {
		i := slices.IndexFunc(s.table.Columns, func(c omop.Column) bool { return c.Name == w })
		if i >= 0 && s.columns[i] < 0 && !slices.Contains(found, w) {
			found = append(found, w)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

func nameRune(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}

func plain(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) })
}
