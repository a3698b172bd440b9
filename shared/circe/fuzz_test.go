package circe

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/statement"
)

// seeds are definitions by hand, and each criteria type with all that it knows;
// others are what else this package reads.
func seeds(tb testing.TB) (definitions, others []string) {
	list := []string{definition(tb, "everything.json"), definition(tb, "drug_after_condition.json"), definition(tb, "dates.json")}
	group := func(body string) string {
		return `{"PrimaryCriteria":{"CriteriaList":[{"ConditionOccurrence":{}}]},"AdditionalCriteria":` + body + `}`
	}
	var every []string
	for _, name := range domainNames() {
		d := domains[name]
		every = append(every, d.fullest(0))
		list = append(list, whole(d.fullest(0)), whole(d.fullest(1)), group(`{"Type":"AT_MOST","Count":2,"CriteriaList":[{"Criteria":`+d.fullest(1)+
			`,"StartWindow":{"Start":{"Coeff":-1},"End":{"Days":0,"Coeff":1}},"EndWindow":{"Start":{"Days":9,"Coeff":-1},"End":{"Coeff":1},"UseEventEnd":false},"Occurrence":{"Type":1,"Count":2}}]}`))
		for _, column := range countColumns {
			if d.countExpr(column) != "" {
				list = append(list, group(fmt.Sprintf(`{"Type":"ANY","CriteriaList":[{"Criteria":{%q:{}},"Occurrence":{"Type":2,"Count":2,"IsDistinct":true,"CountColumn":%q}}]}`, name, column)))
			}
		}
	}
	person := `{` + strings.Join(attributesOf(personAttributes, 1), ",") + `}`
	return append(list, whole(every...), group(`{"Type":"at_least","Count":0,"DemographicCriteriaList":[{},`+person+`,{}]}`),
			group(`{"Type":"ALL","Groups":[{"Type":"ANY"},{"Type":"ANY","Groups":[{"Type":"AT_MOST","Count":0}]}]}`),
			`{"PrimaryCriteria":{"CriteriaList":[{"Death":{"CorrelatedCriteria":{"Type":"ALL","CriteriaList":[{"Criteria":{"Death":{"CorrelatedCriteria":{"Type":"ANY"}}},"Occurrence":{"Type":0,"Count":0}}]}}}]},"EndStrategy":{"DateOffset":{"DateField":"EndDate","Offset":-3}}}`,
			`{"PrimaryCriteria":{"CriteriaList":[{"DrugEra":{}}],"ObservationWindow":{"PriorDays":0,"PostDays":100000}},"EndStrategy":{"CustomEra":{"DrugCodesetId":7,"GapDays":0,"DaysSupplyOverride":0}},"CensorWindow":{"EndDate":"0001-01-01"},"CollapseSettings":{"EraPad":1}}`,
			`{"Title":null,"ConceptSets":[{"id":2147483647,"expression":{"items":[]}}],"PrimaryCriteria":{"CriteriaList":[{"Measurement":{"CodesetId":2147483647,"ValueAsNumber":{"Value":-1e-9,"Op":"eq"}}}]},"Unknown":{"a":[1,{}]}}`), []string{
			`{"op":"union","of":[{"cohort":"a","version":1},{"op":"difference","of":[{"cohort":"b","version":2},{"cohort":"a","version":1}]}]}`,
			`{"items":[{"concept":{"CONCEPT_ID":1,"CONCEPT_NAME":"\u00e9\ud800"}},{"concept":{"CONCEPT_ID":1.0}}]}`}
}

// words counts the words of a text; a parameter's name begins with @.
func words(sql string) map[string]int {
	count := map[string]int{}
	from := 0
	for i := 0; i <= len(sql); i++ {
		if i < len(sql) && (sql[i] == '_' || sql[i] >= '0' && sql[i] <= '9' || sql[i]|0x20 >= 'a' && sql[i]|0x20 <= 'z' || sql[i] == '@' && i == from) {
			continue
		}
		count[sql[from:i]]++
		from = i + 1
	}
	return count
}

// checkStatement: a statement names exactly the parameters that it binds, uses
// every query that it names, and holds nothing that a caller may have written.
func checkStatement(t *testing.T, st statement.Statement, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	count := words(st.SQL)
	named := 0
	for word := range count {
		if strings.HasPrefix(word, "@") {
			named++
		}
	}
	bound := map[string]bool{}
	for _, p := range st.Params {
		if bound[p.Name] || count["@"+p.Name] == 0 {
			t.Fatalf("the parameter %q is bound twice or not used:\n%s", p.Name, st.SQL)
		}
		bound[p.Name] = true
	}
	if len(bound) != named {
		t.Fatalf("%d parameters are named and %d bound:\n%s", named, len(bound), st.SQL)
	}
	for line := range strings.Lines(st.SQL) {
		if name, ok := strings.CutSuffix(strings.TrimPrefix(line, "WITH "), " AS (\n"); ok && !strings.Contains(name, " ") && count[name] < 2 {
			t.Fatalf("the query %s is not used:\n%s", name, st.SQL)
		}
	}
	foreign := func(r rune) bool { return r != '\n' && r != '–' && (r < ' ' || r > '~') } // the age bands have a dash
	if i := strings.IndexFunc(st.SQL, foreign); i >= 0 {
		t.Fatalf("the SQL holds a character of somebody's at %d:\n%s", i, st.SQL)
	}
}

// checkFields: what is said of a definition has a path and a text, and is bounded.
func checkFields(t *testing.T, fields []fault.Field, most int) {
	t.Helper()
	if len(fields) > most {
		t.Fatalf("%d notes, at most %d are expected", len(fields), most)
	}
	for _, f := range fields {
		if !strings.HasPrefix(f.Path, "$") || f.Message == "" || !utf8.ValidString(f.Path) || len(f.Path) > 900 || strings.Contains(f.Message, "%!") {
			t.Fatalf("a note at %q: %q", f.Path, f.Message)
		}
	}
}

// checkDefinition runs everything that a definition can be asked for.
func checkDefinition(t *testing.T, d *Definition) {
	t.Helper()
	checkFields(t, d.Warnings(), maxWarnings+1+2*maxProblems)
	again, err := Parse(d.Canonical())
	if err != nil || again.Hash() != d.Hash() || !bytes.Equal(again.Canonical(), d.Canonical()) {
		t.Fatalf("the canonical form is read as something else: %v\n%s", err, d.Canonical())
	}
	for _, compatible := range []bool{false, true} {
		o := testOptions
		o.Legacy, o.Compatible = true, compatible
		if compatible {
			o.Occurs = map[int64]int64{201820: -1}
		}
		for _, run := range []func(Options) (statement.Statement, error){d.Compile, d.Count, d.Attrition,
			func(o Options) (statement.Statement, error) { return d.Explain(o, 1) },
			func(o Options) (statement.Statement, error) {
				o.Prefix = "x7"
				f, err := d.Fragment(o)
				return f.Demographics(o.Data, 10), err
			}} {
			st, err := run(o)
			checkStatement(t, st, err)
		}
	}
	r, err := Resolve(d.ConceptSets, testOptions.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range r.Statements() {
		checkStatement(t, st, nil)
	}
}

// checkRaw reads anything. What the strict reader accepts the lenient one accepts
// as the same; what only the lenient one accepts differs from that by unknown
// fields alone. It reports whether that much was a definition.
func checkRaw(t *testing.T, raw []byte) bool {
	t.Helper()
	done := false
	defer func() {
		if !done {
			t.Logf("%s", raw)
		}
	}()
	d, err := Parse(raw)
	lenient, lenientErr := ParseCompatible(raw)
	if err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
			t.Fatalf("kind %s: %v", k, err)
		}
		checkFields(t, fault.FieldsOf(err), maxProblems)
	}
	switch {
	case err == nil && lenientErr != nil:
		t.Fatalf("accepted strictly and not leniently: %v", lenientErr)
	case err == nil && lenient.Hash() != d.Hash():
		t.Fatalf("read strictly as\n%s\nand leniently as\n%s", d.Canonical(), lenient.Canonical())
	case err != nil && lenientErr == nil:
		for _, field := range fault.FieldsOf(err) {
			if !strings.HasSuffix(field.Message, "there is no such field here") {
				t.Fatalf("read leniently in spite of %v", field)
			}
		}
	}
	if lenientErr == nil {
		checkDefinition(t, lenient)
	}
	if items, err := ParseItems(raw); err == nil && (len(items) == 0 || len(items) > MaxItems) {
		t.Fatalf("%d items", len(items))
	}
	if c, err := ParseCombination(raw); err == nil && (d != nil || len(c.Operands()) < 2) {
		t.Fatalf("%d operands, and a definition: %t", len(c.Operands()), d != nil)
	}
	done = true
	return lenientErr == nil
}

// FuzzParse changes bytes, see checkRaw.
func FuzzParse(f *testing.F) {
	definitions, others := seeds(f)
	for _, s := range append(definitions, others...) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { checkRaw(t, raw) })
}

var changes = flag.Int("circe.changes", 800, "how many definitions TestChangedDefinitions makes")

// TestChangedDefinitions changes values where FuzzParse changes bytes: those of one
// definition stand in the places of another's, of any kind.
func TestChangedDefinitions(t *testing.T) {
	var values []json.RawMessage
	texts, _ := seeds(t)
	for _, text := range texts {
		var root any
		if err := json.Unmarshal([]byte(text), &root); err != nil || !checkRaw(t, []byte(text)) {
			t.Fatalf("%v: %s", err, text)
		}
		for _, p := range places(root, "", "", nil) {
			if b, err := json.Marshal(p.old); err == nil && len(b) < 2000 {
				values = append(values, b)
			}
		}
	}
	for _, odd := range []string{`null`, `true`, `""`, `-1`, `0`, `1.5`, `1e300`, `[]`, `{}`, `"First"`, `"AT_LEAST"`} {
		values = append(values, json.RawMessage(odd))
	}
	r := rand.New(rand.NewPCG(uint64(*changes), 1))
	read := 0
	for range *changes {
		var root any
		if err := json.Unmarshal([]byte(texts[r.IntN(len(texts))]), &root); err != nil {
			t.Fatal(err)
		}
		all := places(root, "", "", func(v any) { root = v })
		for range 1 + r.IntN(3) {
			p := all[r.IntN(len(all))]
			switch fields, object := p.old.(map[string]any); {
			case object && r.IntN(2) == 0 && len(fields) > 0: // a field of its own moves
				keys := slices.Sorted(maps.Keys(fields))
				fields[keys[r.IntN(len(keys))]] = values[r.IntN(len(values))]
			case object && r.IntN(2) == 0:
				fields[all[r.IntN(len(all))].key] = values[r.IntN(len(values))]
			default:
				p.set(values[r.IntN(len(values))])
			}
		}
		raw, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		if checkRaw(t, raw) {
			read++
		}
	}
	if read*20 < *changes {
		t.Errorf("only %d of %d were definitions", read, *changes)
	}
}
