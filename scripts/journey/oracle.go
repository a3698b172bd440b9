package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// studyCase is the cohort of the journey: a condition (descendants included)
// and a drug (descendants included) that begins within 30 days after it.
type studyCase struct {
	name            string
	condition, drug int64
}

// window is the days after the condition in which the drug begins.
const window = 30

// expectedPersons counts the cohort straight from the CSV files, in memory and
// without SQL: the check on everything between the files and the answer. As in
// OHDSI's meaning both events lie in one observation period of the person.
func expectedPersons(folder string, c studyCase) (int, error) {
	condition, err := descendants(folder, c.condition)
	if err != nil {
		return 0, err
	}
	drug, err := descendants(folder, c.drug)
	if err != nil {
		return 0, err
	}
	type period struct{ from, to time.Time }
	periods := map[string][]period{}
	err = eachRow(folder, "observation_period", []string{"person_id", "observation_period_start_date", "observation_period_end_date"}, func(v []string) error {
		from, err := day(v[1])
		if err != nil {
			return err
		}
		to, err := day(v[2])
		periods[v[0]] = append(periods[v[0]], period{from, to})
		return err
	})
	if err != nil {
		return 0, err
	}
	given := map[string][]time.Time{}
	err = eachRow(folder, "drug_exposure", []string{"person_id", "drug_concept_id", "drug_exposure_start_date"}, func(v []string) error {
		if !drug[v[1]] {
			return nil
		}
		at, err := day(v[2])
		given[v[0]] = append(given[v[0]], at)
		return err
	})
	if err != nil {
		return 0, err
	}
	in := map[string]bool{}
	err = eachRow(folder, "condition_occurrence", []string{"person_id", "condition_concept_id", "condition_start_date"}, func(v []string) error {
		if in[v[0]] || !condition[v[1]] {
			return nil
		}
		at, err := day(v[2])
		if err != nil {
			return err
		}
		for _, p := range periods[v[0]] {
			if at.Before(p.from) || at.After(p.to) {
				continue
			}
			for _, g := range given[v[0]] {
				if !g.Before(at) && !g.After(at.AddDate(0, 0, window)) && !g.Before(p.from) && !g.After(p.to) {
					in[v[0]] = true
				}
			}
		}
		return nil
	})
	return len(in), err
}

// descendants resolves one concept with what is below it, as OHDSI does: the
// concept itself where the vocabulary has it, its descendants where the
// vocabulary has them as valid.
func descendants(folder string, concept int64) (map[string]bool, error) {
	want := strconv.FormatInt(concept, 10)
	below := map[string]bool{}
	err := eachRow(folder, "concept_ancestor", []string{"ancestor_concept_id", "descendant_concept_id"}, func(v []string) error {
		if v[0] == want {
			below[v[1]] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	err = eachRow(folder, "concept", []string{"concept_id", "invalid_reason"}, func(v []string) error {
		if v[0] == want || (below[v[0]] && v[1] == "") {
			set[v[0]] = true
		}
		return nil
	})
	return set, err
}

func day(s string) (time.Time, error) {
	if len(s) > 10 {
		s = s[:10]
	}
	layout := time.DateOnly
	if len(s) == 8 {
		layout = "20060102"
	}
	return time.Parse(layout, s)
}

// eachRow reads the named columns of a table's file, plain or gzip.
func eachRow(folder, table string, columns []string, f func([]string) error) error {
	r, closeAll, err := openTable(folder, table)
	if err != nil {
		return err
	}
	defer closeAll()
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		at[i] = -1
		for k, h := range header {
			if strings.EqualFold(columnName(h), c) {
				at[i] = k
			}
		}
		if at[i] < 0 {
			return fmt.Errorf("%s has no column %s", table, c)
		}
	}
	v := make([]string, len(columns))
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		for i, k := range at {
			v[i] = row[k]
		}
		if err := f(v); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
}

// columnName is the CDM's name in a header cell. Exports from SQLite carry the
// expression instead: date(birth_datetime,'unixepoch').
func columnName(header string) string {
	if inner, ok := strings.CutPrefix(strings.ToLower(header), "date("); ok {
		name, _, _ := strings.Cut(inner, ",")
		return name
	}
	return header
}

func openTable(folder, table string) (io.Reader, func(), error) {
	for _, ending := range []string{".csv", ".csv.gz"} {
		f, err := os.Open(filepath.Join(folder, table+ending))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if ending == ".csv" {
			return f, func() { f.Close() }, nil
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			f.Close()
			return nil, nil, err
		}
		return z, func() { z.Close(); f.Close() }, nil
	}
	return nil, nil, fmt.Errorf("there is no %s.csv or %s.csv.gz in %s", table, table, folder)
}
