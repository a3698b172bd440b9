package copying

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"researchhub.example/hub/shared/id"
)

// names makes the copy's identifiers and puts them where the source's stand.
type names struct {
	// job is the copy's identifier, source and target are whole paths such as
	// "workspaces/ws_…".
	job, source, target string
	// actor is whom the copied records belong to, "" for nobody.
	actor string
}

// identifiers are all that a record can hold of its workspace and its
// neighbours, also where Markdown has a backslash before the underscore.
var identifiers = regexp.MustCompile(`\b(co|cs|ds|nb|ws|run)(\\?_)([0-7][0-9A-HJKMNP-TV-Z]{25})\b`)

// What stands in a file in the place of a workspace and a run that the reader
// has to name: a copy has no run, a snapshot no workspace.
const (
	yourRun       = "RUN_OF_YOUR_OWN"
	yourWorkspace = "WORKSPACE_OF_YOUR_OWN"
)

// of gives the identifier that a record of the source has in the copy. It sorts
// as the source's does, so lists keep their order.
func (n names) of(old string) string {
	prefix, rest, ok := strings.Cut(old, "_")
	u, err := ulid.ParseStrict(rest)
	if !ok || err != nil {
		return old
	}
	return id.Derived(id.Kind(prefix), u.Timestamp(), n.job+"/"+old)
}

// text puts the copy's identifiers into a text. What is named from elsewhere, such
// as a concept, is left as it is.
func (n names) text(s string) string {
	if n.workspace() != "" {
		s = strings.ReplaceAll(s, yourWorkspace, n.workspace())
	}
	return identifiers.ReplaceAllStringFunc(s, func(found string) string {
		m := identifiers.FindStringSubmatch(found)
		plain := m[1] + "_" + m[3]
		switch id.Kind(m[1]) {
		case id.Run:
			return yourRun
		case id.Workspace:
			switch w := n.workspace(); {
			case !strings.HasSuffix(n.source, "/"+plain):
				return found
			case w == "":
				return yourWorkspace
			default:
				return strings.Replace(w, "_", m[2], 1)
			}
		default:
			return strings.Replace(n.of(plain), "_", m[2], 1)
		}
	})
}

// workspace is the target's identifier where it is a workspace, "" otherwise.
func (n names) workspace() string {
	w, _ := strings.CutPrefix(n.target, "workspaces/")
	if w == n.target {
		return ""
	}
	return w
}

// value is text for everything that a record can hold.
func (n names) value(v any) any {
	switch v := v.(type) {
	case string:
		return n.text(v)
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = n.value(one)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, one := range v {
			out[n.text(k)] = n.value(one)
		}
		return out
	default:
		return v
	}
}

// record is a record of the source as the copy has it: the layout's fields alone.
func (n names) record(fields []string, from map[string]any) map[string]any {
	out := map[string]any{}
	for _, field := range fields {
		v, ok := from[field]
		switch {
		case !ok:
		case field == "workspaceId":
			out[field] = n.workspace()
		case slices.Contains(peopleFields, field):
			out[field] = n.actor
		default:
			out[field] = n.value(v)
		}
	}
	return out
}

// object is the name of a notebook's file.
func object(root, notebook string) string { return root + "/" + Notebooks + "/" + notebook + ".ipynb" }

// Refers gives the identifiers of other cohorts, concept sets and data sets that
// the copied fields of a record name, each once, sorted.
func Refers(collection string, record map[string]any) []string {
	found := map[string]bool{}
	own, _ := record["id"].(string)
	var look func(any)
	look = func(v any) {
		switch v := v.(type) {
		case string:
			for _, m := range identifiers.FindAllStringSubmatch(v, -1) {
				if name := m[1] + "_" + m[3]; name != own && m[1] != string(id.Workspace) && m[1] != string(id.Run) {
					found[name] = true
				}
			}
		case []any:
			for _, one := range v {
				look(one)
			}
		case map[string]any:
			for _, one := range v {
				look(one)
			}
		}
	}
	for _, kind := range Layout() {
		if kind.Collection != collection {
			continue
		}
		for _, field := range kind.Fields {
			if field != "object" {
				look(record[field])
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
