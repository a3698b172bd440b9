package house

import (
	"path"
	"slices"
	"strings"
)

// grants lists what a function's service account gets in infra/functions.tf for
// a client that the function opens: without the grant every call is refused in
// the cloud, and no emulator shows it; without the client the grant is more
// than the function needs.
var grants = []struct {
	// opens are the calls that need it, below the module's path; of a method
	// ("package.Type.Method"), any call by that name in a file that imports the
	// package.
	opens []string
	// attribute of the entry has to contain text.
	attribute, text string
}{
	{[]string{"shared/firestorex.Open"}, "roles", `"roles/datastore.user"`},
	{[]string{"shared/access.Gate.Verifier", "shared/session.NewFirebase", "shared/session.NewAdmin"}, "roles", `"roles/firebaseauth.`},
	{[]string{"shared/bigqueryx.Open"}, "roles", `"roles/bigquery.jobUser"`},
	{[]string{"shared/bigqueryx.Open"}, "data", "true"},
	{[]string{"shared/bigqueryx.OpenDatasets"}, "workspaces", "remove"},
	{[]string{"shared/pubsubx.Open"}, "topics", `"hub-events"`},
}

// configured: what a function cannot start without is set in the cloud.
func (c *checker) configured() {
	for _, f := range c.Files {
		if f.Test || !within(f.Path, "functions") && !within(f.Path, "shared") {
			continue
		}
		for _, name := range f.Requires {
			if !c.Environment[name] {
				c.fault("%s requires the environment variable %s and infra/functions.tf does not set it: the function would not start", f.Path, name)
			}
		}
	}
}

// grants: what a function opens it may use, and nothing more.
func (c *checker) grants() {
	opened := map[string][]string{}
	for _, f := range c.Files {
		room := roomOf(path.Dir(f.Path))
		if room == "" || f.Test {
			continue
		}
		for _, u := range f.Uses {
			if name, ok := c.ours(u.Name); ok {
				opened[room] = append(opened[room], name)
			}
		}
		opened[room] = append(opened[room], c.methodsOpening(f)...)
	}
	for _, r := range c.rooms {
		in, deployed := c.Infra[r.Name]
		if _, there := c.Packages["functions/"+r.Name]; !there || !deployed {
			continue
		}
		for _, g := range grants {
			needs := slices.ContainsFunc(g.opens, func(call string) bool { return slices.Contains(opened[r.Name], call) })
			has := strings.Contains(in.Grants[g.attribute], g.text)
			switch {
			case needs && !has:
				c.fault("functions/%s calls %s and infra/functions.tf does not grant it: %s with %s", r.Name, g.opens[0], g.attribute, g.text)
			case has && !needs:
				c.fault("infra/functions.tf grants %s more than it needs: %s with %s, and it never calls %s", r.Name, g.attribute, g.text, g.opens[0])
			}
		}
	}
}

// methodsOpening gives the methods among the grants' calls that the file calls.
func (c *checker) methodsOpening(f File) []string {
	var found []string
	for _, g := range grants {
		for _, call := range g.opens {
			parts := strings.Split(path.Base(call), ".")
			if len(parts) != 3 || !slices.Contains(f.Methods, parts[2]) {
				continue
			}
			if slices.Contains(f.Imports, c.Module+"/"+path.Dir(call)+"/"+parts[0]) {
				found = append(found, call)
			}
		}
	}
	return found
}
