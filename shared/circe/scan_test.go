package circe

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"researchhub.example/hub/shared/fault"
)

// plain is what encoding/json would make of a node, without nulls.
func (n *node) plain() any {
	switch {
	case n == nil:
		return nil
	case n.form == objectForm:
		m := map[string]any{}
		for i, k := range n.keys {
			m[k] = n.kids[i].plain()
		}
		return m
	case n.form == listForm:
		l := []any{}
		for _, k := range n.kids {
			l = append(l, k.plain())
		}
		return l
	}
	return n.value
}

// TestReadsJSONAsTheStandardLibraryDoes breaks a definition at random places and
// compares what is read, and whether it is.
func TestReadsJSONAsTheStandardLibraryDoes(t *testing.T) {
	texts := []string{`1`, `-0`, `01`, `1.`, `.5`, `1e5`, `1E+5`, `1e`, `-`, `"a`, `"\u00e9\ud83d\ude00\n"`, `"\x"`, `"\ud800"`, "\"\xff\"", "\"a\tb\"", `tru`, `true`, `nul`, `[1,]`, `[,1]`, `[]`, `[ ]`, `{}`,
		`{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":[{}]}`, `[1 2]`, `]`, ``, ` `, "\ufeff{}", `{"a":1}x`, "[\"\u2028\"]", `{"\u0061":1,"b":2}`, `"\"`, `"\\"`, `[[[]]]`, `{"a":true,"b":false}`}
	// Its concepts have no words, which are left out; under another name than items
	// they are not read as such.
	base := strings.ReplaceAll(definition(t, "everything.json"), `"items"`, `"elements"`)
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		b := []byte(base)
		for range 1 + r.IntN(2) {
			i := r.IntN(len(b))
			switch r.IntN(3) {
			case 0:
				b[i] = `{}[]",:0-.eE \nutf`[r.IntN(18)]
			case 1:
				b = append(b[:i], b[i+1:]...)
			default:
				b = append(b[:i], append([]byte{base[r.IntN(len(base))]}, b[i:]...)...)
			}
		}
		texts = append(texts, string(b))
	}
	valid := 0
	for _, text := range texts {
		var want any
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber() // a number that no float64 holds is read as well
		std := dec.Decode(&want)
		if !json.Valid([]byte(text)) {
			std = errJSON
		}
		root, err := readTree([]byte(text))
		switch {
		case err == nil && std != nil:
			t.Errorf("%q is read, and is no JSON: %v", text, std)
		case err != nil && std == nil && len(fault.FieldsOf(err)) == 0:
			t.Errorf("%q is not read: %v", text, err)
		case err == nil:
			valid++
			if got := root.plain(); !reflect.DeepEqual(got, want) {
				t.Errorf("%q is read as %v, want %v", text, got, want)
			}
		}
	}
	if valid < 100 {
		t.Errorf("only %d of %d texts were JSON", valid, len(texts))
	}
}

// TestTextsAreReadWhereverTheOddByteStands puts each byte at each place of texts
// longer than the eight bytes that are looked at together.
func TestTextsAreReadWhereverTheOddByteStands(t *testing.T) {
	for c := range 256 {
		for place := range 18 {
			for _, after := range []string{"", `"`, "n", `n"`} {
				text := `"` + strings.Repeat("a", place) + string([]byte{byte(c)}) + after + strings.Repeat("b", 20-place) + `"`
				var want string
				dec := json.NewDecoder(strings.NewReader(text))
				std := dec.Decode(&want)
				s := newScanner([]byte(text))
				got, err := s.string()
				if (err == nil) != (std == nil) || err == nil && (got != want || s.at != int(dec.InputOffset())) {
					t.Fatalf("%q is read as %q, %v up to %d; want %q, %v up to %d", text, got, err, s.at, want, std, dec.InputOffset())
				}
			}
		}
	}
}

func TestAnObjectHasABoundedNumberOfFields(t *testing.T) {
	m := map[string]int{}
	for i := range maxKeys + 1 {
		m[string(rune('a'+i%26))+string(rune('a'+i/26))] = i
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readTree(raw); !fault.Is(err, fault.TooLarge) {
		t.Errorf("%v", err)
	}
}
