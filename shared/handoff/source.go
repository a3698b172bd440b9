package handoff

import (
	"errors"
	"fmt"

	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/id"
)

// Language is what the generated code is written in.
type Language string

// The languages. SAS is known and refused: see Notebook.
const (
	Python Language = "python"
	R      Language = "r"
	SAS    Language = "sas"
)

// ErrNotBuilt is the answer to a language that this version does not write.
var ErrNotBuilt = errors.New("handoff: code in this language is not written yet")

// Environment variables that a notebook reads when it is executed.
const (
	URLVariable   = "RESEARCH_HUB_URL"
	TokenVariable = "RESEARCH_HUB_TOKEN"
)

// Source is what a notebook is made from.
type Source struct {
	// Title heads the notebook, as its maker wrote it.
	Title string
	// Run is the finished run whose rows the notebook fetches.
	Run dataset.Run
	// DataSet is what the run executed; the zero value for SQL of one's own.
	DataSet dataset.DataSet
}

// check guards the identifiers: they become part of a URL.
func (s Source) check() error {
	if err := id.Check(id.Workspace, s.Run.WorkspaceID); err != nil {
		return fmt.Errorf("handoff: the run's workspace: %w", err)
	}
	if err := id.Check(id.Run, s.Run.ID); err != nil {
		return fmt.Errorf("handoff: the run: %w", err)
	}
	return nil
}

// Path is where the rows of the run are, below the hub's address.
func (s Source) Path() string {
	return "/query/v1/workspaces/" + s.Run.WorkspaceID + "/runs/" + s.Run.ID + "/results.csv"
}
