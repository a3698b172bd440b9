package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// made writes a suite's files, by their paths in it.
func made(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const lines = `{"id":"a b'c","dataset":"first data","sha256":"1","features":["f"]}

{"id":"2","dataset":"d","error":"no"}
{"id":"3","dataset":"d","sha256":"3","sha256_noties":"4","rows":0}
{"id":"../3","dataset":"..","sha256":"5"}
`

func TestOpen(t *testing.T) {
	dir := made(t, map[string]string{"expected.jsonl": lines, "definitions/a b'c.json": "{}", "3.json": "secret",
		"data/d/person.parquet": "", "ties.csv": "id,dataset,subject_id\n3,d,17\n"})
	s, err := Open(dir, Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Answers) != 3 || len(s.Unanswered) != 1 || s.Unanswered[0].Error != "no" {
		t.Fatalf("answers %v, without one %v", s.Answers, s.Unanswered)
	}
	if raw, err := s.Definition(s.Answers[0]); err != nil || string(raw) != "{}" {
		t.Errorf("an odd name: %q, %v", raw, err)
	}
	if _, err := s.Definition(s.Answers[1]); err == nil {
		t.Error("a definition that is not there is read")
	}
	if raw, err := s.Definition(s.Answers[2]); err == nil {
		t.Errorf("a file outside the definitions is read: %q", raw)
	}
	if _, err := s.Data(".."); err == nil {
		t.Error("a data set outside the data is read")
	}
	if _, err := s.Data("first data"); err == nil {
		t.Error("a data set that is not there is read")
	}
	if !s.Open(s.Answers[1], "17") || s.Open(s.Answers[1], "18") || s.Open(s.Answers[0], "17") {
		t.Error("the wrong persons are left out")
	}
	if s.Answers[1].Want() != "4" || s.Answers[0].Want() != "1" {
		t.Error("the wrong hash is wanted")
	}
	if got := Hash(nil); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("no rows have the hash %s", got)
	}
	if s, err := Open(dir, Filter{Every: 2, Offset: 1}); err != nil || len(s.Answers) != 1 || s.Answers[0].ID != "../3" {
		t.Errorf("every second after the first: %v, %v", s, err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"open the expected answers": {},
		"line 1":                    {"expected.jsonl": "{"},
		"id and dataset are needed": {"expected.jsonl": `{"sha256":"1"}`},
		"holds no such answer":      {"expected.jsonl": `{"id":"1","dataset":"d","error":"no"}`},
		"wrong number of fields":    {"expected.jsonl": lines, "ties.csv": "id,dataset\n"},
	} {
		if _, err := Open(made(t, files), Filter{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
	s, err := Open(made(t, map[string]string{"expected.jsonl": lines, "sql.jsonl.gz": "none"}), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Statements(nil); err == nil || !strings.Contains(err.Error(), "sql.jsonl.gz") {
		t.Errorf("statements that are none: %v", err)
	}
}
