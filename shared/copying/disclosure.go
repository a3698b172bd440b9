package copying

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/notebook"
)

// Thing is what a check of disclosure looks at: a snapshot's title and
// description, or one thing in it as its readers would see it.
type Thing struct {
	// Kind is the layout's collection, "" for title and description.
	Kind, ID, Name string
	// Record holds the fields that are shown, those of a version where it is one.
	Record map[string]any
	// Notebook is the source of a notebook (ipynb), nil for others; Removed is what
	// was taken out of it.
	Notebook []byte
	Removed  notebook.Removed
}

// DisclosureCheck looks at everything in a snapshot before the snapshot is shown.
// A finding that refuses keeps it from being shown; others are kept with it. An
// error is worth another attempt. It must say the same of the same thing.
type DisclosureCheck interface {
	Look(ctx context.Context, t Thing) ([]community.Finding, error)
}

// maxFindings bounds what is kept of a check's words.
const maxFindings = 100

// find notes a finding, unless there are many already. One that refuses is always noted.
func (j *Job) find(f community.Finding) {
	if len(j.Found) < maxFindings || f.Refuses && len(j.Found) < 2*maxFindings {
		j.Found = append(j.Found, f)
	}
}

// check lets the disclosure check look at one thing of a snapshot.
func (e *Engine) check(ctx context.Context, j *Job, t Thing) error {
	if j.Makes != Snapshot {
		return nil
	}
	found, err := e.Check.Look(ctx, t)
	for _, f := range found {
		f.Item, f.Name = t.ID, t.Name
		j.find(f)
	}
	return err
}

func thing(kind Kind, id string, data map[string]any, file []byte, removed notebook.Removed) Thing {
	name, _ := data["name"].(string)
	return Thing{kind.Collection, id, name, data, file, removed}
}

// SourceCheck is the present check: it looks for what can be known without
// understanding the research. Results of notebooks are taken out before it looks;
// it refuses pictures inside of texts, which may be plots of few persons, and
// e-mail addresses, and it notes code that holds many numbers. Small counts
// that somebody wrote into a text cannot be told from other numbers: it says so.
type SourceCheck struct{}

var (
	address = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
	picture = regexp.MustCompile(`data:(image|application)/[a-z+.-]+;base64`)
	number  = regexp.MustCompile(`\b\d+(\.\d+)?\b`)
)

// manyNumbers in one cell look like pasted results.
const manyNumbers = 200

// Look is DisclosureCheck's.
func (SourceCheck) Look(_ context.Context, t Thing) ([]community.Finding, error) {
	var found []community.Finding
	say := func(refuses bool, format string, args ...any) {
		found = append(found, community.Finding{Refuses: refuses, Says: fmt.Sprintf(format, args...)})
	}
	if t.Kind == "" {
		say(false, "Whether title and description tell counts from 1 to 20 cannot be judged by the hub: the Data and Statistics Dissemination Policy binds whoever publishes.")
	}
	if holds(t.Record, address) {
		say(true, "This holds an e-mail address. Remove it, then publish again.")
	}
	if t.Notebook == nil {
		return found, nil
	}
	if n := t.Removed.Outputs + t.Removed.Attachments; n > 0 {
		say(false, "%d results and pictures of this notebook were left out.", n)
	}
	var nb struct {
		Cells []struct {
			Kind   string   `json:"cell_type"`
			Source []string `json:"source"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(t.Notebook, &nb); err != nil {
		say(true, "This notebook cannot be read.")
		return found, nil //nolint:nilerr // what cannot be looked at is not shown
	}
	for i, c := range nb.Cells {
		var text string
		for _, line := range c.Source {
			text += line
		}
		switch {
		case address.MatchString(text):
			say(true, "Cell %d holds an e-mail address. Remove it, then publish again.", i+1)
		case picture.MatchString(text):
			say(true, "Cell %d holds a picture or a file inside its text. Remove it, then publish again.", i+1)
		case len(number.FindAllStringIndex(text, manyNumbers)) == manyNumbers:
			say(false, "Cell %d holds more than %d numbers. Look whether they are results: counts from 1 to 20 must not be published.", i+1, manyNumbers-1)
		}
	}
	return found, nil
}

// holds reports whether any text in a value matches.
func holds(v any, pattern *regexp.Regexp) bool {
	switch v := v.(type) {
	case string:
		return pattern.MatchString(v)
	case []any:
		for _, one := range v {
			if holds(one, pattern) {
				return true
			}
		}
	case map[string]any:
		for k, one := range v {
			if pattern.MatchString(k) || holds(one, pattern) {
				return true
			}
		}
	}
	return false
}
