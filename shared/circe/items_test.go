package circe

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// itemTexts are concepts of a set as they may be written, rightly or not.
var itemTexts = []string{
	`{"concept":{"CONCEPT_ID":201820}}`,
	`{"concept":{"CONCEPT_ID":0},"isExcluded":true,"includeDescendants":false,"includeMapped":true}`,
	" {\n\t\"includeMapped\" : true ,\r\n \"concept\" : { \"CONCEPT_NAME\" : \"a \\\"name\\\" \\u00e9é\" , \"CONCEPT_ID\" : 7 , \"INVALID_REASON\" : null } }",
	`{"concept":{"CONCEPT_ID":140737488355327,"STANDARD_CONCEPT":"S","STANDARD_CONCEPT_CAPTION":"Standard","INVALID_REASON_CAPTION":"Valid","CONCEPT_CODE":"1","DOMAIN_ID":"Drug","VOCABULARY_ID":"V","CONCEPT_CLASS_ID":"c","VALID_START_DATE":"2000-01-01","VALID_END_DATE":"2099-12-31"}}`,
	`{"concept":{"CONCEPT_ID":140737488355328}}`, `{"concept":{"CONCEPT_ID":999999999999999}}`, `{"concept":{"CONCEPT_ID":1000000000000000000000}}`,
	`{"concept":{"CONCEPT_ID":-1}}`, `{"concept":{"CONCEPT_ID":-0}}`, `{"concept":{"CONCEPT_ID":01}}`, `{"concept":{"CONCEPT_ID":1.0}}`, `{"concept":{"CONCEPT_ID":1e2}}`, `{"concept":{"CONCEPT_ID":"1"}}`, `{"concept":{"CONCEPT_ID":true}}`,
	`{"concept":{"CONCEPT_ID":null}}`, `{"isExcluded":true}`, `{"concept":{"CONCEPT_NAME":"a"}}`, `{"concept":{}}`, `{"concept":null}`, `{"concept":[]}`, `{"concept":1}`, `{}`, `[]`, `1`, `""`, `null`,
	`{"concept":{"CONCEPT_ID":1},"concept":{"CONCEPT_ID":1}}`, `{"concept":{"CONCEPT_ID":1,"CONCEPT_ID":1}}`, `{"concept":{"CONCEPT_ID":1,"DOMAIN_ID":"a","DOMAIN_ID":"a"}}`, `{"concept":{"CONCEPT_ID":1,"DOMAIN_ID":null,"DOMAIN_ID":"a"}}`,
	`{"concept":{"CONCEPT_ID":1},"isExcluded":null}`, `{"concept":{"CONCEPT_ID":1},"isExcluded":"true"}`, `{"concept":{"CONCEPT_ID":1},"isExcluded":1}`, `{"concept":{"CONCEPT_ID":1},"isExcluded":tru}`, `{"concept":{"CONCEPT_ID":1},"isExcluded":true,"isExcluded":true}`,
	`{"concept":{"CONCEPT_ID":1},"more":1}`, `{"concept":{"CONCEPT_ID":1,"MORE":1}}`, `{"concept":{"CONCEPT_ID":1,"CONCEPT_NAME":1}}`, `{"concept":{"CONCEPT_ID":1,"CONCEPT_NAME":{}}}`, `{"concept":{"CONCEPT_ID":1,"CONCEPT_NAME":"\x"}}`, "{\"concept\":{\"CONCEPT_ID\":1,\"CONCEPT_NAME\":\"\xff\"}}",
	`{"\u0063oncept":{"CONCEPT_ID":1}}`, `{"concept":{"CONCEPT_ID":1,}}`, `{"concept":{"CONCEPT_ID":1},}`, `{"concept":{"CONCEPT_ID":1}`, `{"concept":{"CONCEPT_ID":1`, `{"concept" {"CONCEPT_ID":1}}`, `{"concept":{"CONCEPT_ID":}}`,
}

// TestItemsAreReadAsTheTreeReadsThem: what the scanner takes for a concept is what
// the strict reader makes of it, and ends where it ends. The texts are broken at
// random places as well.
func TestItemsAreReadAsTheTreeReadsThem(t *testing.T) {
	texts := append([]string{}, itemTexts...)
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		b := []byte(itemTexts[r.IntN([]int{4, len(itemTexts)}[r.IntN(2)])])
		for range 1 + r.IntN(2) {
			i, other := r.IntN(len(b)), itemTexts[r.IntN(len(itemTexts))]
			switch r.IntN(3) {
			case 0:
				b[i] = other[r.IntN(len(other))]
			case 1:
				b = append(b[:i:i], b[min(i+1+r.IntN(9), len(b)):]...)
			default:
				b = append(b[:i:i], other[r.IntN(len(other)):]...)
			}
			if len(b) == 0 {
				b = []byte(" ")
			}
		}
		texts = append(texts, string(b))
	}
	direct := 0
	for _, text := range texts {
		s := newScanner([]byte(text))
		got, ok := s.item()
		if !ok {
			if s.at != 0 {
				t.Errorf("%q: %d bytes are gone of what was not read", text, s.at)
			}
			continue
		}
		direct++
		tree, rd := newScanner([]byte(text)), &reader{}
		n, err := tree.value(nil, "", 0, 0)
		if err != nil {
			t.Errorf("%q is read, and is no JSON: %v", text, err)
			continue
		}
		if want := rd.item(n); len(rd.invalid) > 0 || got != want || s.at != tree.at {
			t.Errorf("%q is read as %+v, want %+v (%v); ends at %d and %d", text, got, want, rd.invalid, s.at, tree.at)
		}
	}
	if direct < 300 {
		t.Errorf("only %d of %d texts were items", direct, len(texts))
	}
}

// TestItemsStayInOrder has unusual ones among the others.
func TestItemsStayInOrder(t *testing.T) {
	list := []string{itemTexts[0], `{"concept":{"CONCEPT_ID":1},"isExcluded":null}`, itemTexts[1], `{"concept":{"CONCEPT_ID":2,"CONCEPT_NAME":7}}`, itemTexts[2]}
	for _, c := range list {
		if !json.Valid([]byte(c)) {
			t.Fatal(c)
		}
	}
	items, err := ParseItems([]byte(`{"items":[` + strings.Join(list, ",") + `]}`))
	if want := "[{201820 false false false} {1 false false false} {0 true false true} {2 false false false} {7 false false true}]"; err != nil || fmt.Sprint(items) != want {
		t.Errorf("%v, %v", items, err)
	}
	if _, ok := newScanner([]byte(itemTexts[3])).item(); !ok {
		t.Error("a concept as ATLAS writes it goes by the tree")
	}
}
