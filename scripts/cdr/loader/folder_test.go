package loader

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/omop"
)

// minimal is the smallest folder that can be loaded.
func minimal() map[string]string {
	return map[string]string{
		"person.csv":             "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n1,8507,1970,0,0\n2,8532,1980,0,0\n",
		"observation_period.csv": "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,period_type_concept_id\n1,1,2010-01-31,20201231,0\n",
		"concept.csv":            "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,concept_code,valid_start_date,valid_end_date,invalid_reason\n201826,\"Type 2, diabetes\",Condition,SNOMED,Clinical Finding,S,44054006,19700101,20991231,\n",
		"concept_ancestor.csv":   "ancestor_concept_id,descendant_concept_id,min_levels_of_separation,max_levels_of_separation\n201826,201826,0,0\n",
		"vocabulary.csv":         "vocabulary_id,vocabulary_name,vocabulary_reference,vocabulary_version,vocabulary_concept_id\nNone,OMOP,,v5.0 test,44819096\n",
	}
}

func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		b := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			var buf bytes.Buffer
			gz := gzip.NewWriter(&buf)
			if _, err := gz.Write(b); err != nil {
				t.Fatal(err)
			}
			if err := gz.Close(); err != nil {
				t.Fatal(err)
			}
			b = buf.Bytes()
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func with(files map[string]string, name, text string) map[string]string {
	files[name] = text
	return files
}

func without(files map[string]string, name string) map[string]string {
	delete(files, name)
	return files
}

func TestOpenFolder(t *testing.T) {
	files := minimal()
	files["PERSON.CSV.gz"] = strings.ToUpper(files["person.csv"])
	delete(files, "person.csv")
	files["achilles_results.csv"] = "analysis_id\n1\n"
	files["README.txt"] = "hello"
	files["visit_detail.csv"] = "visit_detail_id,person_id,visit_detail_concept_id,visit_detail_start_date,visit_detail_end_date,visit_detail_type_concept_id,visit_occurrence_id,ADMITTING_SOURCE_VALUE,visit_detail_parent_id,colour\n"
	f, err := openFolder(folderOf(t, files))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"README.txt", "achilles_results.csv"}, f.skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if len(f.sources) != 6 || len(f.sources)+len(f.missing) != len(omop.Tables()) {
		t.Errorf("%d tables found, %d missing", len(f.sources), len(f.missing))
	}
	i := slices.IndexFunc(f.sources, func(s source) bool { return s.table.Name == "visit_detail" })
	detail := f.sources[i]
	for column, at := range map[string]int{"admitted_from_source_value": 7, "parent_visit_detail_id": 8, "provider_id": -1} {
		j := slices.IndexFunc(detail.table.Columns, func(c omop.Column) bool { return c.Name == column })
		if detail.columns[j] != at {
			t.Errorf("%s is taken from column %d, want %d", column, detail.columns[j], at)
		}
	}
	if diff := cmp.Diff([]string{"colour"}, detail.ignored); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
}

func TestHeadersThatAreExpressions(t *testing.T) {
	vocabulary, _ := omop.TableNamed("vocabulary")
	s := source{table: vocabulary, path: "vocabulary.csv"}
	header := []string{"VOCABULARY_ID", "VOCABULARY_NAME", "case vocabulary_reference when null then '' else vocabulary_id end", "VOCABULARY_VERSION", "VOCABULARY_CONCEPT_ID"}
	if err := s.match(header); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 1, 2, 3, 4}, s.columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	person, _ := omop.TableNamed("person")
	s = source{table: person, path: "person.csv"}
	// Which of the two columns the last one stands for cannot be told.
	header = strings.Split("person_id;gender_concept_id;year_of_birth;date(birth_datetime,'unixepoch');race_concept_id;ethnicity_concept_id;coalesce(location_id, provider_id)", ";")
	if err := s.match(header); err != nil {
		t.Fatal(err)
	}
	if s.columns[5] != 3 || s.columns[8] != -1 || len(s.ignored) != 1 {
		t.Errorf("columns %v, ignored %v", s.columns, s.ignored)
	}
}

func TestFoldersThatAreRefused(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"a needed table is missing", without(minimal(), "person.csv"), "table person is missing"},
		{"a table is there twice", with(minimal(), "PERSON.csv.gz", "person_id\n"), "table person is there twice"},
		{"an essential column is missing", with(minimal(), "death.csv", "person_id\n1\n"), "death.csv, column death_date: this column is missing"},
		{"a column is there twice", with(minimal(), "death.csv", "person_id,death_date,DEATH_DATE\n"), "column death_date: this column is there twice"},
		{"an empty file", with(minimal(), "death.csv", ""), "death.csv: the file is empty"},
		{"not gzip", with(without(minimal(), "concept.csv"), "concept.csv.gz.csv", "x"), "table concept is missing"},
		{"nothing", nil, "table person is missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := openFolder(folderOf(t, c.files))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := openFolder(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there was opened")
	}
	dir := folderOf(t, without(minimal(), "concept.csv"))
	if err := os.WriteFile(filepath.Join(dir, "concept.csv.gz"), []byte("plain text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openFolder(dir); err == nil || !strings.Contains(err.Error(), "concept.csv.gz: not a gzip file") {
		t.Errorf("plain text under a .gz name: %v", err)
	}
}

// streamed runs one table of a folder through its checks.
func streamed(t *testing.T, files map[string]string, table string) ([][]string, tally, error) {
	t.Helper()
	f, err := openFolder(folderOf(t, files))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(f.sources, func(s source) bool { return s.table.Name == table })
	var out bytes.Buffer
	got, err := f.sources[i].stream(context.Background(), &out, func(int64) {})
	if err != nil {
		return nil, got, err
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows, got, nil
}

func TestStreamNormalises(t *testing.T) {
	rows, _, err := streamed(t, minimal(), "observation_period")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"1", "1", "2010-01-31", "2020-12-31", "0"}}, rows); diff != "" {
		t.Errorf("observation_period (-want +got):\n%s", diff)
	}
	rows, _, err = streamed(t, minimal(), "concept")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"201826", "Type 2, diabetes", "Condition", "SNOMED", "Clinical Finding", "S", "44054006", "1970-01-01", "2099-12-31", null}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("concept (-want +got):\n%s", diff)
	}
	// Columns in another order, one absent, text with a line break.
	rows, got, err := streamed(t, with(minimal(), "note.csv",
		"note_text,note_id,person_id,note_date,note_type_concept_id,note_class_concept_id,language_concept_id\n\"a\n\"\"b\"\"\",7,1,2010-01-31 00:00:00,0,0,0\n"), "note")
	if err != nil {
		t.Fatal(err)
	}
	wantNote := []string{"7", "1", "2010-01-31", null, "0", "0", null, "a\n\"b\"", null, "0"}
	if diff := cmp.Diff(wantNote, rows[0][:10]); diff != "" {
		t.Errorf("note (-want +got):\n%s", diff)
	}
	if got.rows != 1 || len(got.sum) != 64 {
		t.Errorf("tally %+v", got)
	}
}

func TestStreamNamesThePlace(t *testing.T) {
	const header = "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id,birth_datetime\n"
	const good = "1,8507,1970,0,0,\n"
	cases := []struct {
		name, rows string
		want       DataError
	}{
		{"a bad number", good + "2,8532,19x0,0,0,\n", DataError{"person.csv", 2, 3, "year_of_birth", errInt.Error()}},
		{"a bad date and time", good + good + "2,8532,1980,0,0,31/01/1980\n", DataError{"person.csv", 3, 4, "birth_datetime", errDatetime.Error()}},
		{"no value where one must be", good + "2,,1980,0,0,\n", DataError{"person.csv", 2, 3, "gender_concept_id", "no value, and there must be one"}},
		{"too few values", good + "2,8532\n", DataError{"person.csv", 2, 3, "", "the row has more or fewer values than the header"}},
		{"a stray quote", good + "2,85\"32,1980,0,0,\n", DataError{"person.csv", 2, 3, "", `broken CSV at line 3, byte 5: bare " in non-quoted-field`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := streamed(t, with(minimal(), "person.csv", header+c.rows), "person")
			var got *DataError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a data error", err)
			}
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(err.Error(), "19x0") || strings.Contains(err.Error(), "31/01") {
				t.Errorf("the message quotes the value: %v", err)
			}
		})
	}
}

func TestStreamOfACutFile(t *testing.T) {
	files := without(minimal(), "person.csv")
	files["person.csv.gz"] = minimal()["person.csv"]
	dir := folderOf(t, files)
	path := filepath.Join(dir, "person.csv.gz")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-6], 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openFolder(dir)
	if err == nil {
		i := slices.IndexFunc(f.sources, func(s source) bool { return s.table.Name == "person" })
		_, err = f.sources[i].stream(context.Background(), &bytes.Buffer{}, func(int64) {})
	}
	var got *DataError
	if !errors.As(err, &got) || got.File != "person.csv.gz" {
		t.Errorf("got %v, want an error that names the file", err)
	}
}
