package suite

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Statements reads OHDSI's own statements for DuckDB of the definitions that keep
// takes, by the definition's id; nil takes all.
func (s *Suite) Statements(keep func(id string) bool) (map[string][]string, error) {
	name := filepath.Join(s.folder, "sql.jsonl.gz")
	in, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open OHDSI's statements: %w", err)
	}
	defer func() { _ = in.Close() }()
	text, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	all := map[string][]string{}
	for dec := json.NewDecoder(text); ; {
		var line struct {
			ID     string
			DuckDB []string
		}
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if keep == nil || keep(line.ID) {
			all[line.ID] = line.DuckDB
		}
	}
}
