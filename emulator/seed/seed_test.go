package seed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/omop"
)

func sums(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		all[e.Name()] = hex.EncodeToString(sum[:])
	}
	return all
}

func TestSameSeedSameBytes(t *testing.T) {
	first, again, other := populate(t, 60, 1), populate(t, 60, 1), populate(t, 60, 2)
	want := sums(t, first.dir)
	if len(want) != len(written) {
		t.Errorf("%d files, want %d", len(want), len(written))
	}
	if diff := cmp.Diff(want, sums(t, again.dir)); diff != "" {
		t.Errorf("two runs with one seed differ (-first +again):\n%s", diff)
	}
	if sums(t, other.dir)["person.csv.gz"] == want["person.csv.gz"] {
		t.Error("two seeds give the same persons")
	}
}

func TestPersonsDoNotHangOnSize(t *testing.T) {
	small, large := populate(t, 10, 7).rows("person"), populate(t, 40, 7).rows("person")
	if diff := cmp.Diff(small, large[:10]); diff != "" {
		t.Errorf("the first ten persons change with the size (-10 +40):\n%s", diff)
	}
}

func TestSizes(t *testing.T) {
	for _, n := range []int{1, 10} {
		if got := len(populate(t, n, 1).rows("person")); got != n {
			t.Errorf("%d persons, want %d", got, n)
		}
	}
	for _, n := range []int{0, -1, MaxPersons + 1} {
		dir := filepath.Join(t.TempDir(), "new")
		err := Write(context.Background(), dir, Options{Persons: n})
		if err == nil || !strings.Contains(err.Error(), "choose 1 to 1000000") {
			t.Errorf("%d persons: %v", n, err)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%d persons left a folder", n)
		}
	}
}

func TestStopLeavesNoFiles(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	dir := t.TempDir()
	stop := func(done, _ int) {
		if done == progressEvery {
			cancel()
		}
	}
	if err := Write(ctx, dir, Options{Persons: 3 * progressEvery, Seed: 1, Progress: stop}); err == nil {
		t.Fatal("no error though the context ended")
	}
	if left := sums(t, dir); len(left) != 0 {
		t.Errorf("files left: %v", left)
	}
}

// foreign keys of the tables that are written, column by column.
func keyOf(column string) (table, key string, ok bool) {
	switch {
	case strings.HasSuffix(column, "concept_id") || strings.HasPrefix(column, "concept_id_"):
		return "concept", "concept_id", true
	case column == "person_id":
		return "person", "person_id", true
	case column == "provider_id":
		return "provider", "provider_id", true
	case column == "care_site_id":
		return "care_site", "care_site_id", true
	case column == "location_id":
		return "location", "location_id", true
	case column == "visit_occurrence_id" || column == "preceding_visit_occurrence_id":
		return "visit_occurrence", "visit_occurrence_id", true
	case column == "domain_id" || column == "vocabulary_id" || column == "concept_class_id" || column == "relationship_id":
		return strings.TrimSuffix(column, "_id"), column, true
	}
	return "", "", false
}

func TestKeysHoldAndRequiredColumnsAreFilled(t *testing.T) {
	p := populate(t, 300, 1)
	keys := map[string]map[string]bool{}
	for _, name := range written {
		table, _ := omop.TableNamed(name)
		seen := map[string]bool{}
		for _, r := range p.rows(name) {
			if table.Key != "" {
				if seen[r[table.Key]] {
					t.Fatalf("%s: key %s twice", name, r[table.Key])
				}
				seen[r[table.Key]] = true
			}
			for _, c := range table.Columns {
				v := r[c.Name]
				if v == "" && c.Required {
					t.Fatalf("%s.%s is empty in %v", name, c.Name, r)
				}
				to, key, ok := keyOf(c.Name)
				if !ok || v == "" {
					continue
				}
				if keys[to] == nil {
					keys[to] = p.ids(to, key)
				}
				if !keys[to][v] {
					t.Fatalf("%s.%s = %s is not in %s", name, c.Name, v, to)
				}
			}
		}
	}
}

func TestEventsLieWhereThePersonIsSeen(t *testing.T) {
	p := populate(t, 400, 3)
	type lifeSpan struct{ birth, death time.Time }
	lives := map[string]lifeSpan{}
	for _, r := range p.rows("person") {
		at, err := time.Parse(time.DateTime, r["birth_datetime"])
		if err != nil {
			t.Fatal(err)
		}
		lives[r["person_id"]] = lifeSpan{birth: at.Truncate(24 * time.Hour)}
	}
	for _, r := range p.rows("death") {
		l := lives[r["person_id"]]
		l.death = r.date(t, "death_date")
		lives[r["person_id"]] = l
	}
	periods := map[string][]period{}
	for _, r := range p.rows("observation_period") {
		start, end := r.date(t, "observation_period_start_date"), r.date(t, "observation_period_end_date")
		life := lives[r["person_id"]]
		if start.Before(life.birth) || end.Before(start) || (!life.death.IsZero() && end.After(life.death)) {
			t.Fatalf("observation period %v of a life %v", r, life)
		}
		span := period{day(start.Unix() / 86400), day(end.Unix() / 86400)}
		for _, other := range periods[r["person_id"]] {
			if span.start <= other.end && other.start <= span.end {
				t.Fatalf("observation periods of person %s overlap", r["person_id"])
			}
		}
		periods[r["person_id"]] = append(periods[r["person_id"]], span)
	}
	events := 0
	for _, e := range omop.EventTables() {
		if !slices.Contains(written, e.Table) {
			continue
		}
		for _, r := range p.rows(e.Table) {
			events++
			spans := periods[r["person_id"]]
			start := day(r.date(t, e.Start).Unix() / 86400)
			i := slices.IndexFunc(spans, func(s period) bool { return s.start <= start && start <= s.end })
			if i < 0 {
				t.Fatalf("%s begins outside the observation periods: %v", e.Table, r)
			}
			if e.End == "" || r[e.End] == "" {
				continue
			}
			if end := day(r.date(t, e.End).Unix() / 86400); end < start || end > spans[i].end {
				t.Fatalf("%s ends before it begins or outside its observation period: %v", e.Table, r)
			}
		}
	}
	if events < 10_000 {
		t.Errorf("only %d events", events)
	}
}

// BenchmarkThousandPersons has an aim: below a second.
func BenchmarkThousandPersons(b *testing.B) {
	for b.Loop() {
		if err := Write(context.Background(), b.TempDir(), Options{Persons: 1000, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
