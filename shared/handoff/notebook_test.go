package handoff

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/testkit"
)

func TestNotebookGoldens(t *testing.T) {
	for name, c := range map[string]struct {
		lang  Language
		title string
	}{
		"python": {Python, "Type 2 diabetes and metformin"},
		"r":      {R, "Type 2 diabetes and metformin"},
		"nasty":  {Python, nasty},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Notebook(c.lang, sample(c.title))
			if err != nil {
				t.Fatal(err)
			}
			testkit.Golden(t, "testdata/"+name+".ipynb", got)
		})
	}
}

var cellID = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

// TestNotebookForm holds nbformat 4.5's rules: cell ids of its form and unique,
// and only code cells have outputs.
func TestNotebookForm(t *testing.T) {
	for _, lang := range []Language{Python, R} {
		body, err := Notebook(lang, sample(nasty))
		if err != nil {
			t.Fatal(err)
		}
		var nb struct {
			Format int `json:"nbformat"`
			Minor  int `json:"nbformat_minor"`
			Cells  []struct {
				ID      string   `json:"id"`
				Type    string   `json:"cell_type"`
				Source  []string `json:"source"`
				Outputs *[]any   `json:"outputs"`
			} `json:"cells"`
		}
		if err := json.Unmarshal(body, &nb); err != nil {
			t.Fatal(err)
		}
		if nb.Format != 4 || nb.Minor != 5 {
			t.Errorf("%s: nbformat %d.%d", lang, nb.Format, nb.Minor)
		}
		seen := map[string]bool{}
		for _, c := range nb.Cells {
			if !cellID.MatchString(c.ID) || seen[c.ID] {
				t.Errorf("%s: cell id %q", lang, c.ID)
			}
			seen[c.ID] = true
			if (c.Type == "code") != (c.Outputs != nil) {
				t.Errorf("%s: cell %s of type %q: outputs %v", lang, c.ID, c.Type, c.Outputs)
			}
			if len(c.Source) == 0 {
				t.Errorf("%s: cell %s is empty", lang, c.ID)
			}
		}
	}
}

func TestNotebookIsTheSameEveryTime(t *testing.T) {
	one, err := Notebook(Python, sample("x"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := Notebook(Python, sample("x"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(one), string(two)); diff != "" {
		t.Error(diff)
	}
}

func TestNotebookRefuses(t *testing.T) {
	wrongRun, wrongWorkspace := sample("x"), sample("x")
	wrongRun.Run.ID = `run_"; import os`
	wrongWorkspace.Run.WorkspaceID = "../ws"
	for name, c := range map[string]struct {
		lang   Language
		source Source
	}{
		"a run that is no identifier":       {Python, wrongRun},
		"a workspace that is no identifier": {R, wrongWorkspace},
		"an unknown language":               {"cobol", sample("x")},
	} {
		if _, err := Notebook(c.lang, c.source); err == nil || errors.Is(err, ErrNotBuilt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Notebook(SAS, sample("x")); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("SAS: %v", err)
	}
}

func TestMarkdownTextIsNoMarkup(t *testing.T) {
	for in, want := range map[string]string{
		"plain words":            "plain words",
		"a\nb\r\n  c\x00d":       "a b c d",
		"<img src=x> [l](u) *b*": `\<img src\=x\> \[l\]\(u\) \*b\*`,
		"é 漢字":                   "é 漢字",
		"\xff":                   "\ufffd",
	} {
		if got := markdownText(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := markdownText(nasty); strings.Contains(strings.ReplaceAll(got, `\<`, ""), "<") {
		t.Errorf("HTML is left in %q", got)
	}
}
