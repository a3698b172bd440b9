package cohort

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
)

// conceptSets is the sub-collection of a workspace, conceptSetVersions that of a
// concept set.
const (
	conceptSets        = "conceptSets"
	conceptSetVersions = "versions"
)

const (
	// maxExpression is the longest expression, in bytes: one Firestore document with
	// what is kept beside it.
	maxExpression = 900_000
	// maxVersions bounds a concept set's versions, which are deleted together.
	maxVersions = 200
	// maxSetName and maxSetText bound its words, in characters.
	maxSetName = 80
	maxSetText = 1000
)

// conceptSet is a concept set's head: workspaces/{workspace}/conceptSets/{id}. The
// concepts are in its versions.
type conceptSet struct {
	ID          string `firestore:"id"`
	WorkspaceID string `firestore:"workspaceId"`
	Name        string `firestore:"name"`
	Description string `firestore:"description"`
	// Version is the number of the latest version; Items and Hash are its.
	Version   int       `firestore:"version"`
	Items     int       `firestore:"items"`
	Hash      string    `firestore:"definitionHash"`
	CreatedBy string    `firestore:"createdBy"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedBy string    `firestore:"updatedBy"`
	UpdatedAt time.Time `firestore:"updatedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// conceptSetVersion is one version. The latest may still be changed as long as
// nothing rests on it; from its first use on it stays as it is.
type conceptSetVersion struct {
	ID           string `firestore:"id"` // the number with four digits, so that names sort
	ConceptSetID string `firestore:"conceptSetId"`
	WorkspaceID  string `firestore:"workspaceId"`
	Number       int    `firestore:"number"`
	// Expression is ATLAS's JSON, byte by byte as it came.
	Expression string `firestore:"expression"`
	Items      int    `firestore:"items"`
	// Hash is circe.ItemsHash of it.
	Hash string `firestore:"definitionHash"`
	// UsedAt is when something first rested on it; zero before.
	UsedAt    time.Time `firestore:"usedAt"`
	CreatedBy string    `firestore:"createdBy"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedBy string    `firestore:"updatedBy"`
	UpdatedAt time.Time `firestore:"updatedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

func versionID(number int) string { return fmt.Sprintf("%04d", number) }

// conceptSetBody is a concept set as it is sent.
type conceptSetBody struct {
	Name        string          `json:"name" doc:"1 to 80 characters."`
	Description string          `json:"description,omitempty" doc:"At most 1,000 characters."`
	Expression  json.RawMessage `json:"expression" doc:"A concept set's expression as ATLAS exports it, {items: […]}; kept byte by byte."`
}

// checked gives the words as they are kept and the items of the expression; what
// is wrong with the latter is named with its JSON path.
func (b conceptSetBody) checked() (name, text string, items []circe.Item, err error) {
	var f fault.Form
	name, text = strings.TrimSpace(b.Name), strings.TrimSpace(b.Description)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxSetName {
		f.Say("body.name", "Use 1 to %d characters; there are %d.", maxSetName, n)
	}
	if n := utf8.RuneCountInString(text); n > maxSetText {
		f.Say("body.description", "Use at most %d characters; there are %d.", maxSetText, n)
	}
	if err := f.Err(); err != nil {
		return "", "", nil, err
	}
	items, err = parseExpression(b.Expression)
	return name, text, items, err
}

func parseExpression(raw json.RawMessage) ([]circe.Item, error) {
	if len(raw) > maxExpression {
		return nil, fault.New(fault.TooLarge, "The expression has %d bytes; at most %d are accepted.", len(raw), maxExpression)
	}
	return circe.ParseItems(raw)
}

// items reads a stored expression. One that was accepted and is not any more is
// the hub's fault.
func (v conceptSetVersion) items() ([]circe.Item, error) {
	items, err := circe.ParseItems([]byte(v.Expression))
	if err != nil {
		return nil, fault.Because(fault.Internal, err, "")
	}
	return items, nil
}

// maxWarnings bounds what is said of one expression.
const maxWarnings = 50

// itemWarnings name concepts that stand twice in a set.
func itemWarnings(items []circe.Item) []warning {
	var list []warning
	first := map[int64]int{}
	for i, it := range items {
		at, twice := first[it.ConceptID]
		if !twice {
			first[it.ConceptID] = i
			continue
		}
		if len(list) == maxWarnings {
			break
		}
		w := warning{Path: itemPath(i), Message: fmt.Sprintf("The concept is named at %s too.", itemPath(at))}
		if items[at].Excluded != it.Excluded {
			w.Message = fmt.Sprintf("The concept is named at %s too, once to add and once to exclude: it is excluded.", itemPath(at))
		}
		list = append(list, w)
	}
	return list
}

func itemPath(i int) string { return fmt.Sprintf("$.items[%d].concept", i) }
