package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// filter chooses among the answers of a suite.
type filter struct {
	source, only, dataset string
	every                 int
}

// answer is one known answer: a definition on a data set.
type answer struct {
	ID, Name, Source, Dataset string
	SHA256                    string
	// NoTies is the hash without the persons whose answer OHDSI leaves open.
	NoTies   string `json:"sha256_noties"`
	Rows     int
	Features []string
}

func (a answer) want() string {
	if a.NoTies != "" {
		return a.NoTies
	}
	return a.SHA256
}

type suite struct {
	folder  string
	answers []answer
	// ties holds the persons to leave out, by definition and data set.
	ties map[[2]string]map[string]bool
}

// maxLine bounds one line of expected.jsonl.
const maxLine = 16 << 20

func openSuite(folder string, f filter) (suite, error) {
	s := suite{folder: folder, ties: map[[2]string]map[string]bool{}}
	in, err := os.Open(filepath.Join(folder, "expected.jsonl"))
	if err != nil {
		return s, err
	}
	defer func() { _ = in.Close() }()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for n := 0; lines.Scan(); {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return s, fmt.Errorf("expected.jsonl: %w", err)
		}
		// Without a hash OHDSI's own SQL could not be run: there is no answer.
		if a.SHA256 == "" || f.source != "" && a.Source != f.source || f.only != "" && !slices.Contains(strings.Split(f.only, ","), a.ID) || f.dataset != "" && a.Dataset != f.dataset {
			continue
		}
		if n++; n%f.every == 0 {
			s.answers = append(s.answers, a)
		}
	}
	if err := lines.Err(); err != nil {
		return s, err
	}
	if len(s.answers) == 0 {
		return s, fmt.Errorf("%s holds no such answer", folder)
	}
	err = s.readTies()
	return s, err
}

func (s *suite) readTies() error {
	in, err := os.Open(filepath.Join(s.folder, "ties.csv"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return err
	}
	for _, r := range rows[min(1, len(rows)):] {
		k := [2]string{r[0], r[1]}
		if s.ties[k] == nil {
			s.ties[k] = map[string]bool{}
		}
		s.ties[k][r[2]] = true
	}
	return nil
}

func (s suite) datasets() []string {
	var names []string
	for _, a := range s.answers {
		if !slices.Contains(names, a.Dataset) {
			names = append(names, a.Dataset)
		}
	}
	return names
}

func (s suite) definition(id string) ([]byte, error) {
	return os.ReadFile(filepath.Join(s.folder, "definitions", id+".json"))
}
