package cohort

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
)

// More rounds, or others: go test ./functions/cohort -run TestSetAlgebraOfRandomCohorts
// -args -algebra.rounds 1000 -algebra.seed 7.
var (
	algebraRounds = flag.Int("algebra.rounds", 16, "how many random combinations of cohorts are compared")
	algebraSeed   = flag.Uint64("algebra.seed", 1, "where their random numbers begin")
)

// What the random cohorts hold: days of a horizon that one number of 64 bits has a
// bit for each of.
const (
	algebraDays    = 40
	algebraPersons = 50
	algebraCohorts = 8
)

// daySet is a person's days in a cohort.
type daySet uint64

// between has the days from one to another, both included.
func between(from, to int) daySet { return (1<<(to-from+1) - 1) << from }

// periods are the longest stretches of days without a gap, each "from to".
func (s daySet) periods(day func(int) string) []string {
	var list []string
	for s != 0 {
		from := bits.TrailingZeros64(uint64(s))
		length := bits.TrailingZeros64(^uint64(s >> from))
		list = append(list, day(from)+" "+day(from+length-1))
		s &^= between(from, from+length-1)
	}
	return list
}

// period is one event of a cohort, from day to day.
type period struct{ from, to int }

// randomPeriods makes a person's events of one cohort. They overlap, follow each
// other from one day to the next, are there twice, last one day, or are those of
// another cohort.
func randomPeriods(r *rand.Rand, others [][]period) []period {
	var list []period
	switch r.IntN(8) {
	case 0:
		return nil
	case 1:
		return []period{{0, algebraDays - 1}}
	case 2:
		if len(others) > 0 {
			return others[r.IntN(len(others))]
		}
	case 3: // one after the other, with and without a day between
		for from := r.IntN(5); from < algebraDays; {
			to := min(from+r.IntN(8), algebraDays-1)
			list = append(list, period{from, to})
			from = to + 1 + r.IntN(2)
		}
		return list
	}
	for range 1 + r.IntN(4) {
		from := r.IntN(algebraDays)
		p := period{from, min(from+r.IntN(12), algebraDays-1)}
		list = append(list, p)
		if r.IntN(4) == 0 {
			list = append(list, p)
		}
	}
	return list
}

// algebra is a dataset of random cohorts, each the eras of one condition, with
// what the test itself knows of them.
type algebra struct {
	*rand.Rand
	data omop.Dataset
	// leaves are days by cohort and person; the first cohort is empty.
	leaves [algebraCohorts][algebraPersons]daySet
	first  time.Time
	// stored are combinations that have a name, c0, c1 and so on.
	stored []string
	made   [][algebraPersons]daySet
}

func (a *algebra) day(n int) string { return a.first.AddDate(0, 0, n).Format(time.DateOnly) }

// load writes the events into a dataset of the local BigQuery.
func (a *algebra) load(t *testing.T, h *house, name string) {
	t.Helper()
	eras := "condition_era_id,person_id,condition_concept_id,condition_era_start_date,condition_era_end_date\n"
	lives := "observation_period_id,person_id,observation_period_start_date,observation_period_end_date\n"
	id := 0
	for person := range algebraPersons {
		lives += fmt.Sprintf("%d,%d,%s,%s\n", person, person, a.day(0), a.day(algebraDays-1))
		var others [][]period
		for cohort := 1; cohort < algebraCohorts; cohort++ {
			list := randomPeriods(a.Rand, others)
			others = append(others, list)
			for _, p := range list {
				id++
				eras += fmt.Sprintf("%d,%d,%d,%s,%s\n", id, person, 100+cohort, a.day(p.from), a.day(p.to))
				a.leaves[cohort][person] |= between(p.from, p.to)
			}
		}
	}
	ctx := context.Background()
	client := h.room.desk.BigQuery
	a.data = omop.Dataset{Project: h.project, ID: name}
	if err := client.Dataset(name).Create(ctx, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Dataset(name).DeleteWithContents(ctx); err != nil {
			t.Error(err)
		}
	})
	for table, text := range map[string]string{"condition_era": eras, "observation_period": lives} {
		header, _, _ := strings.Cut(text, "\n")
		src := bigquery.NewReaderSource(strings.NewReader(text))
		src.SkipLeadingRows = 1
		for column := range strings.SplitSeq(header, ",") {
			kind := bigquery.IntegerFieldType
			if strings.HasSuffix(column, "_date") {
				kind = bigquery.DateFieldType
			}
			src.Schema = append(src.Schema, &bigquery.FieldSchema{Name: column, Type: kind})
		}
		job, err := client.Dataset(name).Table(table).LoaderFrom(src).Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if status, err := job.Wait(ctx); err != nil || status.Err() != nil {
			t.Fatal(err, status.Err())
		}
	}
}

// combination makes an operation of up to so many levels, as JSON, with its days.
func (a *algebra) combination(depth int) (raw string, days [algebraPersons]daySet) {
	op := []string{circe.Union, circe.Intersection, circe.Difference}[a.IntN(3)]
	var of []string
	for i := range 2 + a.IntN(3) {
		one, held := a.operand(depth)
		of = append(of, one)
		for p := range days {
			switch {
			case i == 0:
				days[p] = held[p]
			case op == circe.Union:
				days[p] |= held[p]
			case op == circe.Intersection:
				days[p] &= held[p]
			default:
				days[p] &^= held[p]
			}
		}
	}
	return fmt.Sprintf(`{"op":%q,"of":[%s]}`, op, strings.Join(of, ",")), days
}

func (a *algebra) operand(depth int) (raw string, days [algebraPersons]daySet) {
	switch {
	case depth > 1 && a.IntN(2) == 0:
		return a.combination(depth - 1)
	case len(a.stored) > 0 && a.IntN(6) == 0:
		i := a.IntN(len(a.stored))
		return fmt.Sprintf(`{"cohort":"c%d","version":1}`, i), a.made[i]
	}
	i := a.IntN(algebraCohorts)
	return fmt.Sprintf(`{"cohort":"l%d","version":1}`, i), a.leaves[i]
}

// find is the shelf of the random cohorts.
func (a *algebra) find(_ context.Context, name string, _ int) (circe.Stored, error) {
	var n int
	if _, err := fmt.Sscanf(name, "c%d", &n); err == nil {
		c, err := circe.ParseCombination([]byte(a.stored[n]))
		return circe.Stored{Combination: c}, err
	}
	if _, err := fmt.Sscanf(name, "l%d", &n); err != nil {
		return circe.Stored{}, err
	}
	d, err := circe.Parse(fmt.Appendf(nil, `{"ConceptSets":[{"id":0,"expression":{"items":[{"concept":{"CONCEPT_ID":%d}}]}}],
		"PrimaryCriteria":{"CriteriaList":[{"ConditionEra":{"CodesetId":0}}],"PrimaryCriteriaLimit":{"Type":"All"}},"ExpressionLimit":{"Type":"All"},
		"EndStrategy":{"DateOffset":{"DateField":"EndDate","Offset":0}}}`, 100+n))
	return circe.Stored{Definition: d}, err
}

// TestSetAlgebraOfRandomCohorts compares what random combinations of random
// cohorts hold with sets of days. The second dataset ends on the last day that
// BigQuery has, which has no day after it.
func TestSetAlgebraOfRandomCohorts(t *testing.T) {
	h := newHouse(t)
	last := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	for name, first := range map[string]time.Time{"algebra_2020": time.Date(2020, 2, 10, 0, 0, 0, 0, time.UTC), "algebra_9999": last.AddDate(0, 0, 1-algebraDays)} {
		t.Run(name, func(t *testing.T) {
			a := &algebra{Rand: rand.New(rand.NewPCG(*algebraSeed, uint64(first.Year()))), first: first}
			a.load(t, h, name)
			rows, refused := 0, 0
			meaning := map[string][algebraPersons]daySet{} // by hash
			for round := range *algebraRounds / 2 {
				raw, days := a.combination(1 + a.IntN(4))
				c, err := circe.ParseCombination([]byte(raw))
				var w *circe.Whole
				if err == nil {
					w, err = circe.Expand(t.Context(), c, a.find)
				}
				if fault.Is(err, fault.Invalid) {
					refused++ // too many cohorts, or too deep
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(a.stored) < 20 {
					a.stored, a.made = append(a.stored, raw), append(a.made, days)
				}
				if same, seen := meaning[w.Hash()]; seen && same != days {
					t.Errorf("round %d of seed %d: another cohort has the hash of %s", round, *algebraSeed, raw)
				}
				meaning[w.Hash()] = days
				rows += a.compare(t, h, w, days, fmt.Sprintf("round %d of seed %d: %s", round, *algebraSeed, raw))
				if t.Failed() {
					return
				}
			}
			if rows < *algebraRounds || refused > *algebraRounds/4 {
				t.Errorf("only %d periods were compared; %d combinations were refused", rows, refused)
			}
		})
	}
}

// compare runs a combination and gives how many periods it should have.
func (a *algebra) compare(t *testing.T, h *house, w *circe.Whole, days [algebraPersons]daySet, what string) int {
	t.Helper()
	var want []string
	for person, set := range days {
		for _, p := range set.periods(a.day) {
			want = append(want, fmt.Sprintf("%d %s", person, p))
		}
	}
	o := circe.Options{Data: a.data, Sets: map[int64][]int64{}}
	for _, s := range w.ConceptSets() {
		o.Sets[s.ID] = []int64{s.Items[0].ConceptID}
	}
	st, err := w.Compile(o)
	if err != nil {
		t.Fatal(what, err)
	}
	got := h.lines(st)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got, cmp.Transformer("none", func(l []string) []string { return append([]string{}, l...) })); diff != "" {
		params, _ := json.Marshal(st.Params)
		t.Errorf("%s\n(-want +got):\n%s\n%s\n%s", what, diff, st.SQL, params)
	}
	return len(want)
}
