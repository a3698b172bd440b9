package house

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Check gives one plain sentence for each place where the model breaks the
// picture, in order; none when all is well. rooms is what Rooms gives.
func Check(m Model, rooms []Room) []string {
	c := checker{Model: m, rooms: rooms}
	c.doors()
	c.complete()
	c.deployments()
	c.grants()
	c.configured()
	c.clients()
	c.hall()
	c.pure()
	c.emulator()
	c.root()
	c.files()
	c.forbiddenUses()
	slices.Sort(c.faults)
	return slices.Compact(c.faults)
}

type checker struct {
	Model
	rooms  []Room
	faults []string
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// ours gives the path below the module's root of an import path, and whether it
// is one of ours.
func (c *checker) ours(importPath string) (string, bool) {
	return strings.CutPrefix(importPath, c.Module+"/")
}

// short is an import path as messages show it: ours without the module.
func (c *checker) short(importPath string) string {
	return strings.TrimPrefix(importPath, c.Module+"/")
}

// within reports whether a package is the folder or lies below it.
func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

// roomOf is the room that one of our packages belongs to, "" for none.
func roomOf(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "functions/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// sorted gives our packages by path.
func (c *checker) sorted() []Package {
	var list []Package
	for _, p := range c.Packages {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// doors: no function imports another function, not even in a test, and shared
// code imports none.
func (c *checker) doors() {
	for _, p := range c.sorted() {
		for _, imp := range slices.Concat(p.Imports, p.TestImports) {
			to, ok := c.ours(imp)
			if !ok || roomOf(to) == "" || roomOf(to) == roomOf(p.Path) {
				continue
			}
			switch {
			case roomOf(p.Path) != "":
				c.fault("%s imports %s: rooms have no doors between them; what two rooms need moves to shared/<noun>", p.Path, to)
			case within(p.Path, "shared"):
				c.fault("%s imports %s: shared code knows no function", p.Path, to)
			}
		}
	}
}

// complete: every room has its folder, its import in the local server and its
// entry in infra, and there is no other.
func (c *checker) complete() {
	files := map[string]File{}
	for _, f := range c.Files {
		files[f.Path] = f
	}
	server := map[string]bool{}
	for _, imp := range files["emulator/functions.go"].Imports {
		if to, ok := c.ours(imp); ok && roomOf(to) != "" {
			server[roomOf(to)] = true
		}
	}
	known := map[string]bool{}
	for _, r := range c.rooms {
		known[r.Name] = true
		if _, ok := files["functions/"+r.Name+"/function.go"]; !ok {
			c.fault("functions/%s/function.go is missing: every function of the list has one", r.Name)
		}
		if !server[r.Name] {
			c.fault("emulator/functions.go does not import functions/%s: the local server would not serve it", r.Name)
		}
		if _, ok := c.Infra[r.Name]; !ok {
			c.fault("infra/functions.tf has no entry for %s: it would not be deployed", r.Name)
		}
	}
	for _, p := range c.sorted() {
		if name := roomOf(p.Path); name != "" && !known[name] {
			c.fault("functions/%s is not in the list of rooms: add it to shared/house/rooms.go with what it may link", name)
		}
	}
	for name := range c.Infra {
		if !known[name] {
			c.fault("infra/functions.tf deploys %s, which is not in the list of rooms", name)
		}
	}
	for name := range server {
		if !known[name] {
			c.fault("emulator/functions.go imports functions/%s, which is not in the list of rooms", name)
		}
	}
}

// deployments: the code, infra and the list of rooms agree on how a function is
// called.
func (c *checker) deployments() {
	code := map[string]Deployment{}
	for _, f := range c.Files {
		name := roomOf(path.Dir(f.Path))
		if f.Registers == nil || f.Test || name == "" {
			continue
		}
		code[name] = *f.Registers
		if f.Registers.Name != name {
			c.fault("%s registers the name %q: a function is named as its folder", f.Path, f.Registers.Name)
		}
	}
	for _, r := range c.rooms {
		d, registered := code[r.Name]
		if _, there := c.Packages["functions/"+r.Name]; there && !registered {
			c.fault("functions/%s does not call fn.Register(fn.Function{...}): nobody would serve it", r.Name)
		}
		if registered && d.Trigger != r.Trigger {
			c.fault("functions/%s is called by %s in its code and by %s in the list of rooms", r.Name, d.Trigger, r.Trigger)
		}
		in, deployed := c.Infra[r.Name]
		if deployed && in.Trigger != r.Trigger {
			c.fault("%s is called by %s in infra/functions.tf and by %s in the list of rooms", r.Name, in.Trigger, r.Trigger)
		}
		if registered && deployed && d.Topic != in.Topic {
			c.fault("%s listens to topic %q in its code and %q in infra/functions.tf", r.Name, d.Topic, in.Topic)
		}
		if registered && deployed && d.Schedule != in.Schedule {
			c.fault("%s is scheduled %q in its code and %q in infra/functions.tf", r.Name, d.Schedule, in.Schedule)
		}
	}
}

// root: only the folders of the picture, and names that say something.
func (c *checker) root() {
	for _, name := range c.Root {
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) {
			c.fault("%s stands in the repository's root: the picture has no place for it there", name)
		}
	}
	for _, p := range c.sorted() {
		for _, name := range []string{p.Name, path.Base(p.Path)} {
			if slices.Contains(nounless, name) {
				c.fault("%s: a package named %s says nothing; name it after what it holds", p.Path, name)
			}
		}
	}
}

// files: short enough to be read at one sitting.
func (c *checker) files() {
	for _, f := range c.Files {
		most := maxLines
		if f.Test {
			most = maxTestLines
		}
		if f.Lines > most && !f.Generated {
			c.fault("%s has %d lines, more than %d: split it by idea", f.Path, f.Lines, most)
		}
	}
}
