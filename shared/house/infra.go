package house

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	infraStart = regexp.MustCompile(`^  functions = \{$`)
	infraEntry = regexp.MustCompile(`^    ([a-z]+) = \{$`)
	infraValue = regexp.MustCompile(`^      ([a-z_]+)\s*= (?:"([^"]*)"|(\[.*\]|true|false))$`)
)

// parseInfra reads the map of functions in infra/functions.tf. It is no parser
// of HCL: it knows the one form that `terraform fmt` gives this map, one
// attribute a line, and refuses to guess at another.
func parseInfra(text string) (map[string]Deployment, error) {
	list := map[string]Deployment{}
	inside, name := false, ""
	for i, line := range strings.Split(text, "\n") {
		switch {
		case !inside:
			inside = infraStart.MatchString(line)
		case name == "" && line == "  }":
			return list, nil
		case name == "":
			m := infraEntry.FindStringSubmatch(line)
			if m == nil && strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimSpace(line), "#") {
				return nil, fmt.Errorf("line %d: an entry of the map begins `    name = {`", i+1)
			}
			if m != nil {
				name = m[1]
				list[name] = Deployment{Name: name, Grants: map[string]string{}}
			}
		case line == "    }":
			name = ""
		default:
			m := infraValue.FindStringSubmatch(line)
			if m == nil {
				return nil, fmt.Errorf("line %d: an attribute of an entry is one line: name = value", i+1)
			}
			d := list[name]
			switch m[1] {
			case "trigger":
				d.Trigger = Trigger(m[2])
			case "topic":
				d.Topic = m[2]
			case "schedule":
				d.Schedule = m[2]
			case "roles", "topics", "data", "workspaces":
				d.Grants[m[1]] = m[2] + m[3]
			}
			list[name] = d
		}
	}
	return nil, fmt.Errorf("the map `  functions = {` is missing or does not end")
}

var infraVariable = regexp.MustCompile(`\b((?:HUB|GOOGLE)_[A-Z0-9_]+)\s+= |key\s+= "(HUB_[A-Z0-9_]+)"`)

// infraEnvironment gives the environment variables that infra/functions.tf sets.
func infraEnvironment(text string) map[string]bool {
	names := map[string]bool{}
	for _, m := range infraVariable.FindAllStringSubmatch(text, -1) {
		names[m[1]+m[2]] = true
	}
	return names
}
