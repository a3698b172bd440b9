package cohort

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

// lines runs a statement and gives its rows as text, values separated by spaces.
func (h *house) lines(st statement.Statement) []string {
	h.t.Helper()
	ctx := context.Background()
	job, err := bigqueryx.Run(ctx, h.room.desk.BigQuery, bigqueryx.Job{Statement: st, MaxBytesBilled: 1 << 30})
	if err != nil {
		h.t.Fatalf("%v\n%s", err, st.SQL)
	}
	it, err := job.Read(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	var list []string
	for {
		var row []bigquery.Value
		if err := it.Next(&row); errors.Is(err, iterator.Done) {
			return list
		} else if err != nil {
			h.t.Fatal(err)
		}
		words := make([]string, len(row))
		for i, v := range row {
			words[i] = fmt.Sprint(v)
		}
		list = append(list, strings.Join(words, " "))
	}
}

// compiled gives a definition and options with its concept sets resolved on the
// sixty persons.
func (h *house) compiled(raw string) (*circe.Definition, circe.Options) {
	h.t.Helper()
	d, err := circe.Parse([]byte(raw))
	if err != nil {
		h.t.Fatal(err)
	}
	return d, h.options(d.ConceptSets)
}

func (h *house) options(sets []circe.ConceptSet) circe.Options {
	h.t.Helper()
	o := circe.Options{Data: tinycdr.Dataset(h.t, h.client, h.project, omop.TierRegistered), Sets: map[int64][]int64{}}
	r, err := circe.Resolve(sets, o.Data)
	if err != nil {
		h.t.Fatal(err)
	}
	if r.Statement.SQL == "" {
		return o
	}
	answer := r.Answer()
	for _, line := range h.lines(r.Statement) {
		var n [4]int64
		if _, err := fmt.Sscan(line, &n[0], &n[1], &n[2], &n[3]); err != nil {
			h.t.Fatal(err)
		}
		if err := answer.Add(n[0], n[1], n[2], n[3]); err != nil {
			h.t.Fatal(err)
		}
	}
	c := answer.Concepts()
	o.Sets, o.Occurs = c.Sets, c.Occurs
	return o
}

// tinySets are the concept sets of the definitions below: 0 diabetes, 1
// metformin, 2 insulin, 3 HbA1c.
var tinySets = func() string {
	var sets []string
	for i, concept := range []int{tinycdr.Diabetes, tinycdr.Metformin, tinycdr.Insulin, tinycdr.HbA1c} {
		sets = append(sets, fmt.Sprintf(`{"id":%d,"expression":{"items":[{"concept":{"CONCEPT_ID":%d},"includeDescendants":true}]}}`, i, concept))
	}
	return `"ConceptSets":[` + strings.Join(sets, ",") + `]`
}()

// expression puts a definition together: all events of the criteria, and what more
// is said.
func expression(criteria, more string) string {
	return `{` + tinySets + `,"PrimaryCriteria":{"CriteriaList":[` + criteria + `],"PrimaryCriteriaLimit":{"Type":"All"}},"ExpressionLimit":{"Type":"All"}` + more + `}`
}

// within is a rule: one measurement of HbA1c from so many days before to so many
// after the event.
func within(name string, before, after int) string {
	return fmt.Sprintf(`{"name":%q,"expression":{"Type":"ALL","CriteriaList":[{"Criteria":{"Measurement":{"CodesetId":3}},"StartWindow":{"Start":{"Days":%d,"Coeff":-1},"End":{"Days":%d,"Coeff":1}},"Occurrence":{"Type":2,"Count":1}}]}}`, name, before, after)
}

func TestAttritionByHand(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		raw  string
		want []string
	}{
		// Persons 1 to 5 have an event for each rule and none for both.
		"events and persons differ": {expression(`{"DrugExposure":{}}`, `,"InclusionRules":[`+within("soon after", 0, 10)+`,`+within("before", 20, 0)+`]`), []string{
			"0 primary -1 45 40 0 0 0 0", "1 qualified -1 45 40 0 0 0 0",
			"2 rule 0 25 25 25 25 5 5", "3 rule 1 0 0 5 5 25 25",
			"4 limit -1 0 0 0 0 0 0", "5 cohort -1 0 0 0 0 0 0"}},
		"three rules": {expression(`{"ConditionOccurrence":{"CodesetId":0}}`, `,"InclusionRules":[`+within("measured", 0, 30)+
			`,{"name":"drug","expression":{"Type":"ALL","CriteriaList":[{"Criteria":{"DrugExposure":{"CodesetId":1}},"Occurrence":{"Type":2,"Count":1}}]}}`+
			`,{"name":"men","expression":{"Type":"ALL","DemographicCriteriaList":[{"Gender":[{"CONCEPT_ID":8507}]}]}}]`), []string{
			"0 primary -1 50 50 0 0 0 0", "1 qualified -1 50 50 0 0 0 0",
			"2 rule 0 25 25 25 25 7 7", "3 rule 1 25 25 40 40 0 0", "4 rule 2 13 13 25 25 12 12",
			"5 limit -1 13 13 0 0 0 0", "6 cohort -1 13 13 0 0 0 0"}},
		// Each event that fulfils the one rule is one that dropping it cannot gain.
		"one rule, and a limit": {strings.Replace(expression(`{"DrugExposure":{}}`, `,"InclusionRules":[`+within("near", 14, 10)+`]`), `"ExpressionLimit":{"Type":"All"}`, `"ExpressionLimit":{"Type":"Last"}`, 1), []string{
			"0 primary -1 45 40 0 0 0 0", "1 qualified -1 45 40 0 0 0 0", "2 rule 0 30 25 30 25 15 15", "3 limit -1 25 25 0 0 0 0", "4 cohort -1 25 25 0 0 0 0"}},
		"a rule that nothing fulfils": {expression(`{"ConditionOccurrence":{"CodesetId":0}}`, `,"InclusionRules":[`+within("measured", 0, 30)+`,{"name":"none","expression":{"Type":"ALL","CriteriaList":[{"Criteria":{"Death":{}},"Occurrence":{"Type":2,"Count":1}}]}}]`), []string{
			"0 primary -1 50 50 0 0 0 0", "1 qualified -1 50 50 0 0 0 0", "2 rule 0 25 25 25 25 0 0", "3 rule 1 0 0 0 0 25 25", "4 limit -1 0 0 0 0 0 0", "5 cohort -1 0 0 0 0 0 0"}},
		"no rules, additional criteria": {withDrug(tinycdr.Metformin, 30), []string{
			"0 primary -1 50 50 0 0 0 0", "1 qualified -1 30 30 0 0 0 0", "2 limit -1 30 30 0 0 0 0", "3 cohort -1 30 30 0 0 0 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			d, o := h.compiled(c.raw)
			st, err := d.Attrition(o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, h.lines(st)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDemographicsByHand(t *testing.T) {
	h := newHouse(t)
	d, o := h.compiled(withDrug(tinycdr.Metformin, 30))
	f, err := d.Fragment(o)
	if err != nil {
		t.Fatal(err)
	}
	// Persons 1 to 30 of 64 down to 35 years in 2015, odd ones men.
	want := []string{
		"ageSex 30–39 8532 FEMALE 3", "ageSex 30–39 8507 MALE 2", "ageSex 40–49 8507 MALE 5", "ageSex 40–49 8532 FEMALE 5",
		"ageSex 50–59 8507 MALE 5", "ageSex 50–59 8532 FEMALE 5", "ageSex 60–69 8507 MALE 3", "ageSex 60–69 8532 FEMALE 2",
		"concepts Condition 201826 Type 2 diabetes mellitus 30", "concepts Drug 1503297 metformin 30", "concepts Measurement 3004410 Hemoglobin A1c 25",
		"ethnicity  38003564 Not Hispanic or Latino 30", "persons  0 <nil> 30", "race  8527 White 30"}
	got := h.lines(f.Demographics(o.Data, 1))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := h.lines(f.Demographics(o.Data, 2)); !slices.Contains(got, "concepts Drug 1596977 insulin human 5") {
		t.Errorf("the second drug is not there: %q", got)
	}
}

func TestExplainByHand(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		raw    string
		person int64
		want   []string
	}{
		"in, by one of two events": {expression(`{"DrugExposure":{}}`, `,"InclusionRules":[`+within("soon after", 0, 10)+`],"EndStrategy":{"DateOffset":{"DateField":"StartDate","Offset":7}}`), 5, []string{
			"<nil> cohort 0 -1 true 2015-02-11 2015-02-18",
			"1 end 0 -1 true 2015-02-11 2015-02-18",
			"1 event 0 -1 true 2015-02-11 2015-03-12", "1 observationPeriod 0 -1 true 2014-01-01 2018-12-31",
			"1 rule 0 -1 true 2015-02-11 2015-03-12", "1 rule 0 0 true 2015-02-11 2015-03-12",
			"2 event 0 -1 true 2015-03-01 2015-03-02", "2 observationPeriod 0 -1 true 2014-01-01 2018-12-31",
			"2 rule 0 -1 false 2015-03-01 2015-03-02", "2 rule 0 0 false 2015-03-01 2015-03-02"}},
		"out, for want of days before": {strings.Replace(withDrug(tinycdr.Metformin, 30), `"PriorDays":0`, `"PriorDays":400`, 1), 31, []string{
			"1 event 0 -1 false 2015-02-01 2015-02-05", "1 observationPeriod 0 -1 true 2014-01-01 2018-12-31", "1 priorDays 0 -1 false 2014-01-01 2015-02-01"}},
		"out, for want of a drug": {withDrug(tinycdr.Metformin, 30), 31, []string{
			"1 additional 0 -1 false 2015-02-01 2015-02-05", "1 additional 0 0 false 2015-02-01 2015-02-05",
			"1 event 0 -1 true 2015-02-01 2015-02-05", "1 observationPeriod 0 -1 true 2014-01-01 2018-12-31"}},
		"limits and censoring decide": {strings.NewReplacer(`"PrimaryCriteriaLimit":{"Type":"All"}`, `"PrimaryCriteriaLimit":{"Type":"Last"}`, `"ExpressionLimit":{"Type":"All"}`, `"ExpressionLimit":{"Type":"First"}`).
			Replace(expression(`{"ConditionOccurrence":{"CodesetId":0}},{"DrugExposure":{"CodesetId":1}}`, `,"CensoringCriteria":[{"DrugExposure":{"CodesetId":2}},{"Death":{}}]`)), 2, []string{
			"<nil> cohort 0 -1 true 2015-02-11 2015-03-01",
			"1 event 0 -1 false 2015-02-01 2015-02-05", "1 observationPeriod 0 -1 true 2014-01-01 2018-12-31", "1 primaryLimit 0 -1 false 2015-02-01 2015-02-05",
			"2 end 0 -1 false 2015-02-11 2018-12-31", "2 end 1 -1 true 2015-02-11 2015-03-01",
			"2 event 1 -1 true 2015-02-11 2015-03-12", "2 expressionLimit 0 -1 true 2015-02-11 2015-03-12", "2 observationPeriod 0 -1 true 2014-01-01 2018-12-31", "2 primaryLimit 0 -1 true 2015-02-11 2015-03-12"}},
		"nobody": {withDrug(tinycdr.Metformin, 30), 777, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, o := h.compiled(c.raw)
			st, err := d.Explain(o, c.person)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, h.lines(st)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// What is explained is what the cohort holds.
			whole, err := d.Compile(o)
			if err != nil {
				t.Fatal(err)
			}
			var periods, explained []string
			for _, line := range h.lines(whole) {
				if rest, mine := strings.CutPrefix(line, fmt.Sprint(c.person)+" "); mine {
					periods = append(periods, rest)
				}
			}
			for _, line := range c.want {
				if rest, mine := strings.CutPrefix(line, "<nil> cohort 0 -1 true "); mine {
					explained = append(explained, rest)
				}
			}
			if diff := cmp.Diff(periods, explained); diff != "" {
				t.Errorf("the cohort's periods (-cohort +explained):\n%s", diff)
			}
		})
	}
}

func TestSetAlgebraByHand(t *testing.T) {
	h := newHouse(t)
	days := func(criterion string, set, days int) *circe.Definition {
		d, err := circe.Parse([]byte(expression(fmt.Sprintf(`{%q:{"CodesetId":%d}}`, criterion, set), fmt.Sprintf(`,"EndStrategy":{"DateOffset":{"Offset":%d}}`, days))))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	stored := map[string]*circe.Definition{
		"a": days("ConditionOccurrence", 0, 20), // 02-01 to 02-21, persons 1 to 50
		"b": days("DrugExposure", 1, 5),         // 02-11 to 02-16 of 1 to 30, 04-02 to 04-07 of 31 to 40
		"c": days("ConditionOccurrence", 0, 9),  // 02-01 to 02-10: the day before b
		"d": days("ConditionOccurrence", 0, 8),  // 02-01 to 02-09: a day is free before b
		"e": days("DrugExposure", 2, 0),         // 03-01 alone, persons 1 to 5
	}
	find := func(_ context.Context, cohort string, _ int) (circe.Stored, error) {
		return circe.Stored{Definition: stored[cohort]}, nil
	}
	op := func(name string, of ...string) string {
		for i, o := range of {
			if len(o) == 1 {
				of[i] = `{"cohort":"` + o + `","version":1}`
			}
		}
		return `{"op":"` + name + `","of":[` + strings.Join(of, ",") + `]}`
	}
	for name, c := range map[string]struct {
		raw string
		// rows is how many there are; want are those of persons 1, 31 and 41.
		rows int
		want []string
	}{
		"union, overlapping":          {op("union", "a", "b"), 60, []string{"1 2015-02-01 2015-02-21", "31 2015-02-01 2015-02-21", "31 2015-04-02 2015-04-07", "41 2015-02-01 2015-02-21"}},
		"union, from day to day":      {op("union", "b", "c"), 60, []string{"1 2015-02-01 2015-02-16", "31 2015-02-01 2015-02-10", "31 2015-04-02 2015-04-07", "41 2015-02-01 2015-02-10"}},
		"union, a day free":           {op("union", "b", "d"), 90, []string{"1 2015-02-01 2015-02-09", "1 2015-02-11 2015-02-16", "31 2015-02-01 2015-02-09", "31 2015-04-02 2015-04-07", "41 2015-02-01 2015-02-09"}},
		"intersection":                {op("intersection", "a", "b"), 30, []string{"1 2015-02-11 2015-02-16"}},
		"intersection, no common day": {op("intersection", "b", "c"), 0, nil},
		"difference cuts in two":      {op("difference", "a", "b"), 80, []string{"1 2015-02-01 2015-02-10", "1 2015-02-17 2015-02-21", "31 2015-02-01 2015-02-21", "41 2015-02-01 2015-02-21"}},
		"difference, the other way":   {op("difference", "b", "a"), 10, []string{"31 2015-04-02 2015-04-07"}},
		"difference of two":           {op("difference", "a", "b", "c"), 50, []string{"1 2015-02-17 2015-02-21", "31 2015-02-11 2015-02-21", "41 2015-02-11 2015-02-21"}},
		"one day":                     {op("union", "e", "e"), 5, []string{"1 2015-03-01 2015-03-01"}},
		"with itself":                 {op("difference", "a", "a"), 0, nil},
		"nested":                      {op("union", op("difference", "a", "b"), op("intersection", "b", "a"), "e"), 55, []string{"1 2015-02-01 2015-02-21", "1 2015-03-01 2015-03-01", "31 2015-02-01 2015-02-21", "41 2015-02-01 2015-02-21"}},
	} {
		t.Run(name, func(t *testing.T) {
			combination, err := circe.ParseCombination([]byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			w, err := circe.Expand(t.Context(), combination, find)
			if err != nil {
				t.Fatal(err)
			}
			o := h.options(w.ConceptSets())
			st, err := w.Compile(o)
			if err != nil {
				t.Fatal(err)
			}
			all := h.lines(st)
			var got []string
			for _, line := range all {
				if person, _, _ := strings.Cut(line, " "); person == "1" || person == "31" || person == "41" {
					got = append(got, line)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" || len(all) != c.rows {
				t.Errorf("%d rows, want %d (-want +got):\n%s", len(all), c.rows, diff)
			}
			count, err := w.Count(o)
			if err != nil {
				t.Fatal(err)
			}
			if line := h.lines(count)[0]; !strings.HasSuffix(line, fmt.Sprintf(" %d", c.rows)) {
				t.Errorf("counted %s, want %d rows", line, c.rows)
			}
		})
	}
}

// TestDecimalsAreCompared: what OHDSI's SQL drops, the hub compares with.
func TestDecimalsAreCompared(t *testing.T) {
	h := newHouse(t)
	// Persons 1 to 50 are 64 down to 15 years old.
	d, o := h.compiled(expression(`{"ConditionOccurrence":{"CodesetId":0,"Age":{"Value":40.5,"Op":"lt"}}}`, ""))
	for compatible, want := range map[bool]string{false: "26 26", true: "25 25"} {
		o.Compatible = compatible
		st, err := d.Count(o)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.lines(st); got[0] != want {
			t.Errorf("compatible %v: %s, want %s", compatible, got[0], want)
		}
	}
}
