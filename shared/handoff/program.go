package handoff

import (
	"embed"
	"text/template"
)

//go:embed cells
var cellFiles embed.FS

// part is one code cell: its id and its template over a Source.
type part struct {
	id   string
	text *template.Template
}

// programs are the code cells of each language, in order.
var programs = map[Language][]part{
	Python: parts("py", "setup", "fetch", "rows", "columns", "numbers"),
	R:      parts("R", "setup", "fetch", "rows", "columns"),
}

// parts reads the cells from files, so that they are written as the code they are.
func parts(ext string, ids ...string) []part {
	quoting := template.FuncMap{"python": pythonString, "r": rString}
	out := make([]part, 0, len(ids))
	for _, id := range ids {
		name := id + "." + ext
		body, err := cellFiles.ReadFile("cells/" + name)
		if err != nil {
			panic(err) // the files are part of the program
		}
		out = append(out, part{id, template.Must(template.New(name).Funcs(quoting).Option("missingkey=error").Parse(string(body)))})
	}
	return out
}
