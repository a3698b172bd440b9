// Package suite reads a suite of OHDSI cohort definitions with known answers: a
// folder with
//
//	definitions/<id>.json           the Circe cohort expressions
//	data/<dataset>/<table>.parquet  the CDM's tables, any of which may be missing
//	expected.jsonl                  id, dataset, sha256 of the sorted lines
//	                                "subject_id,start,end", sha256_noties of them
//	                                without the persons of ties.csv, features
//	ties.csv                        id, dataset, subject_id; may be missing
//	sql.jsonl.gz                    id, duckdb: OHDSI's own statements; may be missing
//
// What it reads is checked: a name never leads out of the folder.
package suite

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Filter chooses among the answers of a suite. Its zero value takes all.
type Filter struct {
	// Source and Dataset, if set, are the only ones taken.
	Source, Dataset string
	// IDs, if any, are the only definitions taken.
	IDs []string
	// Every takes each n-th answer after the first Offset ones; 0: each.
	Every, Offset int
}

func (f Filter) takes(a Answer) bool {
	return (f.Source == "" || a.Source == f.Source) && (f.Dataset == "" || a.Dataset == f.Dataset) &&
		(len(f.IDs) == 0 || slices.Contains(f.IDs, a.ID))
}

// Answer is one known answer: a definition on a data set.
type Answer struct {
	ID, Name, Source, Dataset string
	// SHA256 is the hash of all rows; "" where OHDSI's own SQL could not be run:
	// then there is no answer, and Error says why.
	SHA256 string
	// NoTies is the hash without the persons whose answer OHDSI leaves open.
	NoTies   string `json:"sha256_noties"`
	Rows     int
	Features []string
	Error    string
}

// Want is the hash to compare with: without the open persons where there are some.
func (a Answer) Want() string {
	if a.NoTies != "" {
		return a.NoTies
	}
	return a.SHA256
}

// Suite is an opened suite.
type Suite struct {
	folder string
	// Answers are those that the filter takes, in the file's order.
	Answers []Answer
	// Unanswered are the lines that the filter takes and that hold no answer.
	Unanswered []Answer
	// ties holds the persons to leave out, by definition and data set.
	ties map[[2]string]map[string]bool
}

// maxLine bounds one line of expected.jsonl.
const maxLine = 16 << 20

// Open reads the answers of a folder and who is to be left out.
func Open(folder string, f Filter) (*Suite, error) {
	s := &Suite{folder: folder, ties: map[[2]string]map[string]bool{}}
	name := filepath.Join(folder, "expected.jsonl")
	in, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open the expected answers: %w", err)
	}
	defer func() { _ = in.Close() }()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	taken := 0
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var a Answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, n, err)
		}
		if a.ID == "" || a.Dataset == "" {
			return nil, fmt.Errorf("%s, line %d: id and dataset are needed", name, n)
		}
		if !f.takes(a) {
			continue
		}
		if a.SHA256 == "" {
			s.Unanswered = append(s.Unanswered, a)
			continue
		}
		if taken++; taken > f.Offset && (taken-f.Offset)%max(1, f.Every) == 0 {
			s.Answers = append(s.Answers, a)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(s.Answers) == 0 {
		return nil, fmt.Errorf("%s holds no such answer", name)
	}
	if err := s.readTies(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Suite) readTies() error {
	name := filepath.Join(s.folder, "ties.csv")
	in, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open who is left out: %w", err)
	}
	defer func() { _ = in.Close() }()
	r := csv.NewReader(in)
	r.FieldsPerRecord = 3
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if first {
			continue // names of the columns
		}
		k := [2]string{row[0], row[1]}
		if s.ties[k] == nil {
			s.ties[k] = map[string]bool{}
		}
		s.ties[k][row[2]] = true
	}
}

// Datasets are the data sets of the answers, in order of first mention.
func (s *Suite) Datasets() []string {
	var names []string
	for _, a := range s.Answers {
		if !slices.Contains(names, a.Dataset) {
			names = append(names, a.Dataset)
		}
	}
	return names
}

// Data is the folder of a data set's tables. One that is not there is an error.
func (s *Suite) Data(dataset string) (string, error) {
	return s.inside(filepath.Join("data", dataset), dataset)
}

// Definition is an answer's cohort expression.
func (s *Suite) Definition(a Answer) ([]byte, error) {
	path, err := s.inside(filepath.Join("definitions", a.ID+".json"), a.ID)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// inside gives the path of what must be there, below the folder and directly where
// it is looked for: a name is one element.
func (s *Suite) inside(path, name string) (string, error) {
	if name == "" || name == "." || name == ".." || filepath.Base(path) != name && filepath.Base(path) != name+".json" {
		return "", fmt.Errorf("%q is no name of a file", name)
	}
	path = filepath.Join(s.folder, path)
	if _, err := os.Stat(path); err != nil {
		return "", err
	}
	return path, nil
}

// Open reports whether a person is left out of an answer, since OHDSI's SQL leaves
// open which of several rows is meant.
func (s *Suite) Open(a Answer, person string) bool {
	return s.ties[[2]string{a.ID, a.Dataset}][person]
}

// Hash is the hash of an answer's lines, which are put in order.
func Hash(lines []string) string {
	slices.Sort(lines)
	h := sha256.New()
	for _, l := range lines {
		_, _ = io.WriteString(h, l+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}
