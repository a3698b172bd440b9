package circe

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"researchhub.example/hub/shared/fault"
)

func parsed(t *testing.T, condition int) *Definition {
	t.Helper()
	d, err := Parse(fmt.Appendf(nil, `{"ConceptSets":[{"id":4,"expression":{"items":[{"concept":{"CONCEPT_ID":%d}}]}}],"PrimaryCriteria":{"CriteriaList":[{"ConditionOccurrence":{"CodesetId":4}}]}}`, condition))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shelf are stored cohorts by "name/version": a combination's JSON, or the
// definition of a condition.
func shelf(t *testing.T, stored map[string]string) Lookup {
	return func(_ context.Context, cohort string, version int) (Stored, error) {
		raw, there := stored[fmt.Sprintf("%s/%d", cohort, version)]
		var condition int
		switch n, _ := fmt.Sscanf(raw, "%d", &condition); {
		case !there:
			return Stored{}, fault.New(fault.NotFound, "No.")
		case n == 1:
			return Stored{Definition: parsed(t, condition)}, nil
		}
		c, err := ParseCombination([]byte(raw))
		return Stored{Combination: c}, err
	}
}

func of(op string, operands ...string) string {
	for i, o := range operands {
		if !strings.HasPrefix(o, "{") {
			name, version, _ := strings.Cut(o, "/")
			operands[i] = `{"cohort":"` + name + `","version":` + version + `}`
		}
	}
	return `{"op":"` + op + `","of":[` + strings.Join(operands, ",") + `]}`
}

func expand(t *testing.T, raw string, stored map[string]string) (*Whole, error) {
	t.Helper()
	c, err := ParseCombination([]byte(raw))
	if err != nil {
		return nil, err
	}
	return Expand(t.Context(), c, shelf(t, stored))
}

func TestCombinationsAreRefusedByPath(t *testing.T) {
	deep, many := of(Union, "a/1", "b/1"), []string{}
	for range MaxCombinedDepth {
		deep = of(Union, "a/1", deep)
	}
	stored := map[string]string{"a/1": "1", "b/1": "2", "self/1": of(Union, "self/1", "a/1"), "p/1": of(Union, "q/3", "a/1"), "q/3": of(Difference, "b/1", "p/1"),
		"again/2": of(Union, "again/1", "a/1"), "again/1": "5"}
	for i := range MaxCombined + 1 {
		stored[fmt.Sprintf("n%d/1", i)] = fmt.Sprint(100 + i)
		many = append(many, fmt.Sprintf("n%d/1", i))
	}
	stored["half/1"] = of(Union, append([]string{}, many[:12]...)...)
	stored["c0/1"] = of(Union, "a/1", "b/1")
	for i := range MaxCombinedDepth {
		stored[fmt.Sprintf("c%d/1", i+1)] = of(Union, "a/1", fmt.Sprintf("c%d/1", i))
	}
	stored["d0/1"] = of(Union, "a/1", "b/1")
	for i := range 8 {
		stored[fmt.Sprintf("d%d/1", i+1)] = of(Union, fmt.Sprintf("d%d/1", i), fmt.Sprintf("d%d/1", i))
	}
	for name, c := range map[string]struct{ raw, path, says string }{
		"no such op":              {of("xor", "a/1", "b/1"), "$", "union"},
		"one cohort":              {of(Union, "a/1"), "$", "from 2"},
		"too many at once":        {of(Union, append([]string{}, many...)...), "$", "from 2"},
		"too many by steps":       {of(Union, "half/1", of(Union, append([]string{}, many[12:]...)...)), "$.of[1].of[8]", "more than"},
		"too deep":                {deep, "$.of[1].of[1].of[1].of[1].of[1].of[1].of[1].of[1].of[1].of[1]", "deep"},
		"too deep by names":       {of(Union, "a/1", "c10/1"), "$.of[1]", "deep"},
		"too many to read":        {of(Union, "a/1", "d8/1"), "$.of[1]", "read"},
		"an unknown field":        {`{"op":"union","of":[{"cohort":"a","version":1},{"cohort":"b","version":1,"extra":1}]}`, "$.of[1].extra", "no such field"},
		"no version":              {`{"op":"union","of":[{"cohort":"a","version":1},{"cohort":"b"}]}`, "$.of[1]", "version"},
		"a cohort that is none":   {of(Union, "a/1", "zz/1"), "$.of[1]", "no such cohort"},
		"a cohort of itself":      {of(Union, "a/1", "self/1"), "$.of[1]", "made of itself"},
		"a cohort of one of it":   {of(Union, "a/1", of(Difference, "p/1", "b/1")), "$.of[1].of[0]", "made of itself"},
		"a text instead of a set": {`{"op":"union","of":"a"}`, "$.of", "list"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := expand(t, c.raw, stored)
			fields := fault.FieldsOf(err)
			if !fault.Is(err, fault.Invalid) || len(fields) == 0 || fields[0].Path != c.path || !strings.Contains(fields[0].Message, c.says) {
				t.Errorf("%v with %v, want %q at %s", err, fields, c.says, c.path)
			}
		})
	}
	if w, err := expand(t, of(Union, "again/2", "b/1"), stored); err != nil || len(w.leaves) != 3 {
		t.Errorf("an earlier version in a later one: %v", err)
	}
}

func TestCombinationHash(t *testing.T) {
	stored := map[string]string{"a/1": "1", "b/1": "2", "c/1": "3", "ab/1": of(Union, "a/1", "b/1"), "alias/7": "1"}
	hash := func(raw string) string {
		t.Helper()
		w, err := expand(t, raw, stored)
		if err != nil {
			t.Fatal(err)
		}
		return w.Hash()
	}
	base := hash(of(Union, "a/1", "b/1", "c/1"))
	for _, same := range []string{of(Union, "c/1", "a/1", "b/1"), of(Union, "ab/1", "c/1"), of(Union, "a/1", of(Union, "b/1", "c/1")), of(Union, "alias/7", "b/1", "c/1", "b/1")} {
		if hash(same) != base {
			t.Errorf("%s has another hash", same)
		}
	}
	seen := map[string]string{}
	for _, other := range []string{of(Union, "a/1", "b/1", "c/1"), of(Intersection, "a/1", "b/1", "c/1"), of(Union, "a/1", "b/1"), of(Difference, "a/1", "b/1"), of(Difference, "b/1", "a/1"),
		of(Difference, of(Difference, "a/1", "b/1"), "c/1"), of(Difference, "a/1", of(Difference, "b/1", "c/1")), of(Union, "a/1", of(Intersection, "b/1", "c/1"))} {
		if was, there := seen[hash(other)]; there {
			t.Errorf("%s has the hash of %s", other, was)
		}
		seen[hash(other)] = other
	}
	if hash(of(Difference, "a/1", "b/1", "c/1")) != hash(of(Difference, "a/1", "c/1", "b/1")) {
		t.Error("the order of what is taken away changes the hash")
	}
}

func TestCombinedConceptSetsAreBounded(t *testing.T) {
	w, err := expand(t, of(Union, "a/1", "b/1"), map[string]string{"a/1": "1", "b/1": "2"})
	if err != nil {
		t.Fatal(err)
	}
	if sets := w.ConceptSets(); len(sets) != 2 || sets[0].ID != 0 || sets[1].ID != 1 || sets[1].Items[0].ConceptID != 2 {
		t.Errorf("concept sets %+v", sets)
	}
	half := make([]int64, MaxConcepts/2+1)
	if _, err := w.Compile(Options{Data: testOptions.Data, Sets: map[int64][]int64{0: half, 1: half}}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too many concepts: %v", err)
	}
	st, err := w.Compile(Options{Data: testOptions.Data, Sets: map[int64][]int64{0: {11}, 1: {22}}})
	if err != nil || len(st.Params) != 2 || st.Params[0].Ints[0] != 11 || st.Params[1].Ints[0] != 22 {
		t.Errorf("%v, parameters %+v", err, st.Params)
	}
}
