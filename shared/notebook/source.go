package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"researchhub.example/hub/shared/fault"
)

// Removed is what Source took out of a notebook.
type Removed struct {
	// Outputs are results of code cells, Attachments pictures pasted into texts.
	Outputs, Attachments int
}

// factLine is a line of the heading that package handoff writes which tells of
// a run: its name and its number of rows, which may be a small count.
var factLine = regexp.MustCompile(`^- (Run|Rows): `)

// Source gives the source of a notebook (ipynb JSON, format 4): cells of text
// and code, the language and nothing else. Outputs hold rows about single
// persons, attachments hold pictures of them, metadata of cells and of tools can
// hold anything: none of it is source. The same notebook gives the same bytes
// each time. A file that is no notebook is fault.Invalid.
func Source(body []byte) ([]byte, Removed, error) {
	var in struct {
		Cells []struct {
			ID          string                     `json:"id"`
			Kind        string                     `json:"cell_type"`
			Source      text                       `json:"source"`
			Outputs     []json.RawMessage          `json:"outputs"`
			Attachments map[string]json.RawMessage `json:"attachments"`
		} `json:"cells"`
		Metadata struct {
			Kernel   map[string]any `json:"kernelspec"`
			Language map[string]any `json:"language_info"`
		} `json:"metadata"`
		Format      int `json:"nbformat"`
		FormatMinor int `json:"nbformat_minor"`
	}
	var removed Removed
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, removed, fault.Because(fault.Invalid, err, "The file is not a notebook.")
	}
	if in.Format != 4 {
		return nil, removed, fault.New(fault.Invalid, "The notebook is not of format 4, which Jupyter writes today: open it there and save it again.")
	}
	cells := make([]map[string]any, 0, len(in.Cells))
	for i, c := range in.Cells {
		removed.Outputs += len(c.Outputs)
		removed.Attachments += len(c.Attachments)
		cell := map[string]any{"cell_type": c.Kind, "metadata": map[string]any{}, "source": strings.SplitAfter(withoutFacts(c.Kind, string(c.Source)), "\n")}
		if c.ID != "" {
			cell["id"] = c.ID
		}
		switch c.Kind {
		case "code":
			cell["execution_count"], cell["outputs"] = nil, []any{}
		case "markdown", "raw":
		default:
			return nil, removed, fault.New(fault.Invalid, "Cell %d of the notebook is neither text nor code.", i+1)
		}
		cells = append(cells, cell)
	}
	metadata := map[string]any{}
	if m := named(in.Metadata.Kernel, "display_name", "language", "name"); len(m) > 0 {
		metadata["kernelspec"] = m
	}
	if m := named(in.Metadata.Language, "name"); len(m) > 0 {
		metadata["language_info"] = m
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": in.FormatMinor}); err != nil {
		return nil, removed, fault.Wrap("notebook.source", err)
	}
	return out.Bytes(), removed, nil
}

// withoutFacts leaves out the lines of a text that tell of a run.
func withoutFacts(kind, source string) string {
	if kind != "markdown" {
		return source
	}
	var kept []string
	for _, line := range strings.Split(source, "\n") {
		if !factLine.MatchString(line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// named gives the texts that a map has under these names.
func named(m map[string]any, names ...string) map[string]string {
	kept := map[string]string{}
	for _, name := range names {
		if s, ok := m[name].(string); ok {
			kept[name] = s
		}
	}
	return kept
}

// text is a cell's source: one string, or a list of lines.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = text(one)
		return nil
	}
	var lines []string
	if err := json.Unmarshal(b, &lines); err != nil {
		return fmt.Errorf("a cell's source is neither text nor lines: %w", err)
	}
	*t = text(strings.Join(lines, ""))
	return nil
}
