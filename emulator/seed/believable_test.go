package seed

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// firsts gives each person's first date of one of the concepts in a table.
func (p population) firsts(table, concept, start string, ids ...int64) map[string]time.Time {
	p.t.Helper()
	first := map[string]time.Time{}
	for _, r := range p.rows(table) {
		for _, id := range ids {
			if r.int(p.t, concept) != id {
				continue
			}
			d := r.date(p.t, start)
			if at, ok := first[r["person_id"]]; !ok || d.Before(at) {
				first[r["person_id"]] = d
			}
		}
	}
	return first
}

func share(part, whole int) float64 { return float64(part) / float64(whole) }

func between(t *testing.T, what string, got, least, most float64) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s is %.3f, want %.3f to %.3f", what, got, least, most)
	}
}

func TestDrugsFollowDiseases(t *testing.T) {
	p := populate(t, 1500, 1)
	diabetic := p.firsts("condition_occurrence", "condition_concept_id", "condition_start_date", 201826)
	metformin := p.firsts("drug_exposure", "drug_concept_id", "drug_exposure_start_date", 1503297, 40164929)
	both, soon := 0, 0
	for person, at := range diabetic {
		start, ok := metformin[person]
		if !ok {
			continue
		}
		both++
		if days := start.Sub(at).Hours() / 24; days >= 0 && days <= 30 {
			soon++
		}
	}
	between(t, "share with type 2 diabetes", share(len(diabetic), 1500), 0.06, 0.16)
	between(t, "metformin in diabetics", share(both, len(diabetic)), 0.6, 0.9)
	between(t, "metformin within 30 days of the diagnosis", share(soon, len(diabetic)), 0.45, 0.75)
	between(t, "metformin in others", share(len(metformin)-both, 1500-len(diabetic)), 0.001, 0.03)

	bleed := p.firsts("condition_occurrence", "condition_concept_id", "condition_start_date", 192671)
	if len(bleed) <= 20 {
		t.Errorf("%d persons with concept 192671: too few to be shown", len(bleed))
	}
	obese := p.firsts("condition_occurrence", "condition_concept_id", "condition_start_date", 433736)
	obeseDiabetic := 0
	for person := range diabetic {
		if _, ok := obese[person]; ok {
			obeseDiabetic++
		}
	}
	if inDiabetics, inOthers := share(obeseDiabetic, len(diabetic)), share(len(obese)-obeseDiabetic, 1500-len(diabetic)); inDiabetics < 1.3*inOthers {
		t.Errorf("obesity in diabetics %.2f, in others %.2f", inDiabetics, inOthers)
	}
}

func TestMeasurementsFollowDiseases(t *testing.T) {
	p := populate(t, 800, 1)
	diabetic := p.firsts("condition_occurrence", "condition_concept_id", "condition_start_date", 201826)
	hypertensive := p.firsts("condition_occurrence", "condition_concept_id", "condition_start_date", 320128)
	mean := func(concept int64, ill map[string]time.Time, want bool) float64 {
		sum, n := 0.0, 0
		for _, r := range p.rows("measurement") {
			since, has := ill[r["person_id"]]
			has = has && !r.date(t, "measurement_date").Before(since)
			if r.int(t, "measurement_concept_id") != concept || has != want {
				continue
			}
			v, err := strconv.ParseFloat(r["value_as_number"], 64)
			if err != nil {
				t.Fatal(err)
			}
			sum, n = sum+v, n+1
		}
		return sum / float64(n)
	}
	between(t, "HbA1c of diabetics in percent", mean(3004410, diabetic, true), 6.9, 8.2)
	between(t, "HbA1c of others in percent", mean(3004410, diabetic, false), 5, 5.7)
	if high, low := mean(3004249, hypertensive, true), mean(3004249, hypertensive, false); high < low+10 {
		t.Errorf("systolic pressure with hypertension %.0f, without %.0f", high, low)
	}
}

func TestPeopleAreBelievable(t *testing.T) {
	p := populate(t, 1500, 1)
	young, women, old := 0, 0, map[string]bool{}
	for _, r := range p.rows("person") {
		age := 2024 - r.int(t, "year_of_birth")
		if age < 0 || age > 100 {
			t.Errorf("an age of %d", age)
		}
		if age < 18 {
			young++
		}
		if age >= 65 {
			old[r["person_id"]] = true
		}
		if r.int(t, "gender_concept_id") == female {
			women++
		}
	}
	between(t, "share under 18", share(young, 1500), 0.06, 0.16)
	between(t, "share of women", share(women, 1500), 0.47, 0.57)
	oldDead, dead := 0, 0
	for _, r := range p.rows("death") {
		dead++
		if old[r["person_id"]] {
			oldDead++
		}
	}
	between(t, "share dead", share(dead, 1500), 0.03, 0.12)
	between(t, "share of the dead that were 65 and more", share(oldDead, dead), 0.6, 0.98)
}

func TestEras(t *testing.T) {
	got := eras([]span{
		{2, 100, 110}, {1, 0, 9}, {1, 40, 49}, {1, 39, 39}, {1, 90, 95}, {2, 105, 107},
	})
	want := []era{
		// Day 39 is the last that joins on to day 9; days 10 to 38 are the gap.
		{1, 0, 49, 3, 29},
		{1, 90, 95, 1, 0},
		{2, 100, 110, 2, 0},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(era{})); diff != "" {
		t.Errorf("eras (-want +got):\n%s", diff)
	}
	if got := eras(nil); len(got) != 0 {
		t.Errorf("eras of nothing: %v", got)
	}
}

func TestDrugErasAreOfIngredients(t *testing.T) {
	p := populate(t, 300, 1)
	ingredients := map[int64]bool{}
	for _, c := range sample {
		if c.class == "Ingredient" {
			ingredients[c.id] = true
		}
	}
	both := 0
	for _, r := range p.rows("drug_era") {
		if id := r.int(t, "drug_concept_id"); !ingredients[id] {
			t.Fatalf("an era of %d, which is no ingredient", id)
		} else if id == 1137529 {
			both++
		}
	}
	if both == 0 {
		t.Error("no era of salmeterol: a drug of two ingredients gives one era only")
	}
}
