package handoff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Cell is one cell of a notebook.
type Cell struct {
	// ID is unique in the notebook and stays when its text changes.
	ID string
	// Markdown is true for text, false for code.
	Markdown bool
	Source   string
}

// Notebook writes the notebook of a source as ipynb JSON. A language that is
// known but not written yet is ErrNotBuilt.
func Notebook(lang Language, s Source) ([]byte, error) {
	cells, err := Cells(lang, s)
	if err != nil {
		return nil, err
	}
	nb := ipynb{Format: 4, FormatMinor: 5, Metadata: kernels[lang]}
	for _, c := range cells {
		nb.Cells = append(nb.Cells, cellJSON(c))
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(nb); err != nil {
		return nil, fmt.Errorf("handoff: %w", err)
	}
	return out.Bytes(), nil
}

// Cells gives the cells of a notebook, in order.
func Cells(lang Language, s Source) ([]Cell, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	parts, known := programs[lang]
	if !known {
		if lang == SAS {
			return nil, ErrNotBuilt
		}
		return nil, fmt.Errorf("handoff: no language %q", lang)
	}
	cells := []Cell{{ID: "about", Markdown: true, Source: about(s)}}
	for _, p := range parts {
		var b strings.Builder
		if err := p.text.Execute(&b, s); err != nil {
			return nil, fmt.Errorf("handoff: %s: %w", p.id, err)
		}
		cells = append(cells, Cell{ID: p.id, Source: strings.TrimSpace(b.String())})
	}
	return cells, nil
}

// ipynb is the notebook format, version 4.5.
type ipynb struct {
	Cells       []map[string]any `json:"cells"`
	Metadata    kernel           `json:"metadata"`
	Format      int              `json:"nbformat"`
	FormatMinor int              `json:"nbformat_minor"`
}

type kernel struct {
	Spec struct {
		DisplayName string `json:"display_name"`
		Language    string `json:"language"`
		Name        string `json:"name"`
	} `json:"kernelspec"`
	Info struct {
		Name string `json:"name"`
	} `json:"language_info"`
}

func newKernel(display, language, name string) (k kernel) {
	k.Spec.DisplayName, k.Spec.Language, k.Spec.Name, k.Info.Name = display, language, name, language
	return k
}

var kernels = map[Language]kernel{
	Python: newKernel("Python 3", "python", "python3"),
	R:      newKernel("R", "R", "ir"),
}

func cellJSON(c Cell) map[string]any {
	out := map[string]any{"id": c.ID, "metadata": map[string]any{}, "source": strings.SplitAfter(c.Source, "\n")}
	if c.Markdown {
		out["cell_type"] = "markdown"
		return out
	}
	out["cell_type"], out["execution_count"], out["outputs"] = "code", nil, []any{}
	return out
}

// about is the text that heads a notebook: what the rows are, what they need,
// and what may not leave with them.
func about(s Source) string {
	var b strings.Builder
	title := s.Title
	if strings.TrimSpace(title) == "" {
		title = "Notebook"
	}
	fmt.Fprintf(&b, "# %s\n\n", markdownText(title))
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", name, markdownText(value))
		}
	}
	row("Data set", s.DataSet.Name)
	row("Run", s.Run.ID)
	row("Data release", s.Run.ReleaseID)
	row("Vocabulary", s.DataSet.VocabularyVersion)
	row("Definition", s.Run.DefinitionHash)
	row("Rows", fmt.Sprint(s.Run.Rows))
	fmt.Fprintf(&b, "\nBefore you run it, set two environment variables of this notebook's server: `%s` (the hub's address) "+
		"and `%s` (your session's token). Neither belongs into the notebook.\n\n", URLVariable, TokenVariable)
	b.WriteString("The rows are about single persons and stay inside the workspace. " +
		"What leaves it follows the Data and Statistics Dissemination Policy: no count from 1 to 20, and none that can be derived.")
	return b.String()
}
