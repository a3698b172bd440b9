package cohort

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

const (
	// participantReviews is the sub-collection of a workspace, samples and participants
	// are those of a review. A participant's document is named by the place in the
	// sample; only those of whom something was said have one.
	participantReviews = "participantReviews"
	participants       = "participants"
	samples            = "samples"
	// theSample is the one document of samples.
	theSample = "sample"
	// window is how many places are looked at together for those not reviewed yet.
	window = 500
	// maxSample is the most participants of a review.
	maxSample = 10_000
	// maxAnnotation is the longest text of an annotation, in characters.
	maxAnnotation = 1000
)

// The statuses of a participant.
const (
	included    = "INCLUDED"
	excluded    = "EXCLUDED"
	furtherView = "NEEDS_FURTHER_REVIEW"
	notReviewed = "NOT_REVIEWED"
)

// The states of a review.
const (
	sampling = "sampling"
	ready    = "ready"
)

// review is a sample of a cohort's participants that people look at one by one.
type review struct {
	ID          string `firestore:"id"`
	WorkspaceID string `firestore:"workspaceId"`
	Name        string `firestore:"name"`
	CohortID    string `firestore:"cohortId"`
	Version     int    `firestore:"version"`
	// Hash, ReleaseID, VocabularyVersion and Dataset pin what was sampled.
	Hash              string `firestore:"definitionHash"`
	ReleaseID         string `firestore:"releaseId"`
	VocabularyVersion string `firestore:"vocabularyVersion"`
	Dataset           string `firestore:"dataset"`
	// Size is how many were asked for, Sampled how many there are.
	Size    int `firestore:"size"`
	Sampled int `firestore:"sampled"`
	// Seed is the key of the sample's order.
	Seed      string      `firestore:"seed"`
	Fields    []annotated `firestore:"fields"`
	State     string      `firestore:"state"`
	CreatedBy string      `firestore:"createdBy"`
	CreatedAt time.Time   `firestore:"createdAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// annotated is a field that reviewers fill in.
type annotated struct {
	Name string `firestore:"name" json:"name" minLength:"1" maxLength:"60" pattern:"^[A-Za-z][A-Za-z0-9_ -]*$" doc:"Letters, digits, spaces, _ and -, a letter first."`
	Type string `firestore:"type" json:"type" enum:"STRING,ENUM,DATE,BOOLEAN,INTEGER"`
	// Values are what an ENUM can be.
	Values []string `firestore:"values,omitempty" json:"values,omitempty" maxItems:"50" doc:"Of an ENUM."`
}

// participant is one of a sample.
type participant struct {
	// ID repeats the document's name, the place with leading noughts.
	ID          string            `firestore:"id"`
	Place       int               `firestore:"place"`
	PersonID    int64             `firestore:"personId"`
	Status      string            `firestore:"status"`
	Annotations map[string]string `firestore:"annotations"` // JSON values by field
	UpdatedBy   string            `firestore:"updatedBy"`
	UpdatedAt   time.Time         `firestore:"updatedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

func placeName(place int) string { return fmt.Sprintf("p%05d", place) }

// placeAfter reads a list's cursor: the place that it goes on after.
func placeAfter(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	place, err := strconv.Atoi(strings.TrimPrefix(cursor, "p"))
	if err != nil || place < 1 || place > maxSample || placeName(place) != cursor {
		return 0, fault.New(fault.Invalid, "The cursor is not one that this list gave.")
	}
	return place, nil
}

// unsaid is a participant of whom nothing was said yet.
func unsaid(place int, person int64) participant {
	return participant{ID: placeName(place), Place: place, PersonID: person, Status: notReviewed, Annotations: map[string]string{}, SchemaVersion: 1}
}

// sampleRecord is a review's sample. Ten thousand records of nothing would be
// written, and deleted, one by one.
type sampleRecord struct {
	// Persons are the person_ids in the sample's order, in varints.
	Persons       []byte `firestore:"persons"`
	SchemaVersion int    `firestore:"schemaVersion"`
}

func packedPersons(persons []int64) []byte {
	b := []byte{}
	for _, person := range persons {
		b = binary.AppendVarint(b, person)
	}
	return b
}

func unpackedPersons(b []byte) (persons []int64, ok bool) {
	persons = []int64{}
	for len(b) > 0 {
		person, n := binary.Varint(b)
		if n <= 0 {
			return nil, false
		}
		persons, b = append(persons, person), b[n:]
	}
	return persons, true
}

// sampleStatement takes size persons of a cohort in the order of a keyed hash:
// as good as random, and the same for the same seed, cohort and data, whenever
// and wherever it runs.
func sampleStatement(w *circe.Whole, size int, seed string) func(circe.Options) (statement.Statement, error) {
	return func(o circe.Options) (statement.Statement, error) {
		f, err := w.Fragment(o)
		// LIMIT takes numbers only; size is checked.
		return statement.Statement{SQL: "WITH " + f.With + "\nSELECT subject_id\nFROM (\n" + f.Select + "\n)\nGROUP BY subject_id\n" +
			"ORDER BY TO_HEX(SHA256(CONCAT(@seed, ':', CAST(subject_id AS STRING)))), subject_id\nLIMIT " + strconv.Itoa(size),
			Params: append(append([]statement.Param{}, f.Params...), statement.TextParam("seed", seed))}, err
	}
}

// checkFields refuses annotation fields that nobody could fill in.
func checkFields(list []annotated) error {
	var form fault.Form
	for i, f := range list {
		path := fmt.Sprintf("body.fields[%d]", i)
		if slices.ContainsFunc(list[:i], func(o annotated) bool { return o.Name == f.Name }) {
			form.Say(path+".name", "two fields have this name")
		}
		if (f.Type == "ENUM") != (len(f.Values) > 0) {
			form.Say(path+".values", "an ENUM has values, and nothing else has")
		}
		for j, v := range f.Values {
			if n := len([]rune(v)); n == 0 || n > 100 || slices.Contains(f.Values[:j], v) {
				form.Say(fmt.Sprintf("%s.values[%d]", path, j), "different values of 1 to 100 characters are expected")
			}
		}
	}
	return form.Err()
}

// annotations checks what a reviewer filled in, and gives each value as JSON in
// one form. A null takes a value away.
func (rv review) annotations(in map[string]json.RawMessage) (map[string]string, error) {
	out := map[string]string{}
	var form fault.Form
	for name, raw := range in {
		i := slices.IndexFunc(rv.Fields, func(f annotated) bool { return f.Name == name })
		if i < 0 {
			form.Say("body.annotations", "one of the fields is not of this review")
			continue
		}
		if string(raw) == "null" {
			continue
		}
		value, says := rv.Fields[i].value(raw)
		if says != "" {
			form.Say("body.annotations."+name, "%s", says)
			continue
		}
		out[name] = value
	}
	return out, form.Err()
}

// value checks one annotation; says is what is expected instead.
func (f annotated) value(raw json.RawMessage) (value, says string) {
	var text string
	isText := json.Unmarshal(raw, &text) == nil
	switch f.Type {
	case "STRING":
		if !isText || len([]rune(text)) > maxAnnotation {
			return "", fmt.Sprintf("a text of at most %d characters is expected", maxAnnotation)
		}
	case "ENUM":
		if !isText || !slices.Contains(f.Values, text) {
			return "", "one of the field's values is expected"
		}
	case "DATE":
		if _, err := time.Parse(time.DateOnly, text); !isText || err != nil {
			return "", "a date of the form 2026-01-31 is expected"
		}
	case "BOOLEAN":
		var b bool
		if json.Unmarshal(raw, &b) != nil {
			return "", "true or false is expected"
		}
		return strconv.FormatBool(b), ""
	case "INTEGER":
		var n int64
		if json.Unmarshal(raw, &n) != nil || n > 1<<53 || n < -1<<53 {
			return "", "a whole number is expected"
		}
		return strconv.FormatInt(n, 10), ""
	}
	out, _ := json.Marshal(text) // a string never fails
	return string(out), ""
}

// sample asks for a review's participants: their person_ids in the sample's order.
func (r room) sample(ctx context.Context, c counting, rv review) ([]int64, spent, error) {
	var persons []int64
	n, err := r.asked(ctx, c, question{name: "review", most: maxSample, statement: sampleStatement(c.whole, rv.Size, rv.Seed)}, func(row []bigquery.Value) error {
		person, ok := row[0].(int64)
		if !ok {
			return fault.New(fault.Internal, "a participant that is no number")
		}
		persons = append(persons, person)
		return nil
	})
	return persons, n, err
}

// sameData reports whether a review's sample would be drawn from the same data.
func (rv review) sameData(d omop.Dataset, hash string) bool {
	return rv.Dataset == d.ID && rv.Hash == hash
}
