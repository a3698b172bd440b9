package cohort

import (
	"fmt"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit/tinycdr"
)

// TestWhatUsesAConceptSet: a cohort that is run and a data set that is made use
// the latest version that asks for what they took in; writing a cohort down,
// reading and exporting use nothing.
func TestWhatUsesAConceptSet(t *testing.T) {
	// As withDrug has it: the drug alone.
	const drug = "1503297"
	h := newHouse(t)
	definition := withDrug(tinycdr.Metformin, 30)
	cohort := func(body string) string { return base + "/cohorts/" + h.cohort(body) }
	dataSet := func(conceptSet string) {
		h.want(201, "POST", base+"/datasets", "writer", fmt.Sprintf(`{"name":"d","cohorts":[%q],"domain":"drug"%s}`, h.cohort(definition), conceptSet), nil)
	}
	// The answer is there already for the one that is told so.
	h.want(200, "POST", cohort(definition)+"/count", "writer", nil, nil)
	for _, c := range []struct {
		name string
		do   func(s keptSet)
		used bool
	}{
		{"kept in a cohort", func(keptSet) { cohort(definition) }, false},
		{"validated", func(keptSet) {
			h.want(200, "POST", base+"/cohorts/validate", "writer", `{"definition":`+definition+`}`, nil)
		}, false},
		{"read, and its concepts", func(s keptSet) {
			h.want(200, "GET", sets+"/"+s.ID, "reader", nil, nil)
			h.want(200, "GET", sets+"/"+s.ID+"/concepts", "reader", nil, nil)
		}, false},
		{"exported", func(s keptSet) { h.want(200, "GET", sets+"/"+s.ID+"/atlas", "reader", nil, nil) }, false},
		{"estimated for a cohort", func(keptSet) { h.want(200, "POST", cohort(definition)+"/estimate", "writer", nil, nil) }, false},
		{"of a cohort that has others", func(keptSet) { h.want(200, "POST", cohort(withDrug(tinycdr.Insulin, 30))+"/count", "writer", nil, nil) }, false},
		{"resolved", func(s keptSet) { h.resolve(s, "") }, true},
		{"counted with a cohort", func(keptSet) {
			h.want(200, "POST", cohort(withDrug(tinycdr.Metformin, 31))+"/count", "writer", nil, nil)
		}, true},
		{"with an answer that is there", func(keptSet) { h.want(200, "POST", cohort(definition)+"/count", "writer", nil, nil) }, true},
		{"materialised with a cohort", func(keptSet) { h.want(200, "POST", cohort(definition)+"/materialise", "writer", `{}`, nil) }, true},
		{"in a data set's cohort", func(keptSet) { dataSet("") }, true},
		{"in a data set", func(keptSet) {
			dataSet(`,"conceptSet":{"items":[{"concept":{"CONCEPT_ID":1503297,"CONCEPT_NAME":"another word for it"}}]}`)
		}, true},
		{"in a cohort made of others", func(keptSet) {
			one, two := h.cohort(definition), h.cohort(withDrug(tinycdr.Insulin, 30))
			var made struct{ ID string }
			h.want(201, "POST", base+"/cohorts/combine", "writer", fmt.Sprintf(`{"name":"c","combination":{"op":"union","of":[{"cohort":%q,"version":1},{"cohort":%q,"version":1}]}}`, one, two), &made)
			h.want(200, "POST", base+"/cohorts/"+made.ID+"/count", "writer", nil, nil)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, other := h.set(drug), h.set(drug+"-")
			c.do(s)
			var after, beside keptSet
			h.want(200, "GET", sets+"/"+s.ID, "reader", nil, &after)
			h.want(200, "GET", sets+"/"+other.ID, "reader", nil, &beside)
			if after.Used != c.used || beside.Used {
				t.Errorf("used %v, want %v; one that asks for something else: %v", after.Used, c.used, beside.Used)
			}
			// The etag goes on, and the change shows what being used means.
			if changed := h.change(s, drug+"-"); (changed.Version == 2) != c.used {
				t.Errorf("a change makes version %d", changed.Version)
			}
		})
	}
}

// TestAShownAnswerPinsTheVersion: a count that was there already is a result of
// this version as well, which stays as it is from then on.
func TestAShownAnswerPinsTheVersion(t *testing.T) {
	h := newHouse(t)
	first := base + "/cohorts/" + h.cohort(withDrug(tinycdr.Metformin, 30))
	h.want(200, "POST", first+"/count", "writer", nil, nil)
	path := base + "/cohorts/" + h.cohort(withDrug(tinycdr.Metformin, 30))
	if text := h.want(200, "POST", path+"/count", "writer", nil, nil); !strings.Contains(text, `"kept":true`) {
		t.Fatal(text)
	}
	if status, text, _ := h.match("PATCH", path, "writer", h.etag(path), `{"definition":`+withDrug(tinycdr.Metformin, 90)+`}`); status != 200 || !strings.Contains(text, `"version":2`) {
		t.Errorf("%d %s", status, text)
	}
}
