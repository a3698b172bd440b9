package house

import (
	"slices"
	"strings"
)

// clientOf names the client that a package belongs to.
func clientOf(importPath string) (Client, bool) {
	for _, c := range clientPaths {
		if within(importPath, c.prefix) {
			return c.client, true
		}
	}
	return "", false
}

// chains walks everything that a package of ours links and gives, for each
// client met, the shortest chain of imports to it. It does not go on below a
// client: Firebase's own imports of Firestore and Cloud Storage are Firebase's
// business.
func (c *checker) chains(start string) map[Client][]string {
	found := map[Client][]string{}
	from := map[string]string{c.Module + "/" + start: ""}
	queue := []string{c.Module + "/" + start}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if client, ok := clientOf(at); ok {
			if _, seen := found[client]; !seen {
				found[client] = c.chain(at, from)
			}
			continue
		}
		next := c.Foreign[at]
		if p, ok := c.ours(at); ok {
			next = c.Packages[p].Imports
		}
		for _, imp := range next {
			if _, seen := from[imp]; !seen && !c.Standard[imp] {
				from[imp] = at
				queue = append(queue, imp)
			}
		}
	}
	return found
}

func (c *checker) chain(at string, from map[string]string) []string {
	var list []string
	for ; at != ""; at = from[at] {
		list = append(list, c.short(at))
	}
	slices.Reverse(list)
	return list
}

// clients: a function links the clients of its row and no other.
func (c *checker) clients() {
	for _, r := range c.rooms {
		for client, chain := range c.chains("functions/" + r.Name) {
			if !slices.Contains(r.Clients, client) {
				c.fault("functions/%s links %s and has no business with it: %s", r.Name, client, strings.Join(chain, " → "))
			}
		}
	}
	for _, p := range c.sorted() {
		for _, imp := range slices.Concat(p.Imports, p.TestImports) {
			switch client, _ := clientOf(imp); {
			case client == PubSubV1:
				c.fault("%s imports %s, which is at its end of life: use cloud.google.com/go/pubsub/v2", p.Path, imp)
			case client == GoogleSQL && p.Path != "shared/googlesql" && !within(p.Path, "emulator"):
				c.fault("%s imports %s: the analyzer is reached through shared/googlesql alone", p.Path, imp)
			}
		}
	}
}

// hall: the standard library, and at most the one module of the list.
func (c *checker) hall() {
	for at, extra := range hall {
		p, ok := c.Packages[at]
		if !ok {
			c.fault("%s is missing: it is part of the hall", at)
		}
		for _, imp := range p.Imports {
			to, mine := c.ours(imp)
			if _, inHall := hall[to]; mine && inHall || c.Standard[imp] || slices.Contains(extra, imp) {
				continue
			}
			c.fault("%s imports %s: the hall stands on the standard library", at, c.short(imp))
		}
	}
}

// impure lists what a package that only computes does not touch.
var impure = []string{"net", "net/http", "os", "os/exec", "database/sql"}

func (c *checker) pure() {
	for _, at := range pure {
		if _, ok := c.Packages[at]; !ok {
			c.fault("%s is in the list of pure packages and is missing", at)
			continue
		}
		for client, chain := range c.chains(at) {
			c.fault("%s links %s and is to be pure: %s", at, client, strings.Join(chain, " → "))
		}
		for _, imp := range c.Packages[at].Imports {
			if slices.Contains(impure, imp) {
				c.fault("%s imports %s and is to be pure", at, imp)
			}
		}
	}
}

// emulator: the local cloud stays out of what is deployed.
func (c *checker) emulator() {
	for _, p := range c.sorted() {
		if within(p.Path, "emulator") || within(p.Path, "scripts") || within(p.Path, "shared/testkit") {
			continue
		}
		for _, imp := range p.Imports {
			to, _ := c.ours(imp)
			switch {
			case within(to, "emulator"):
				c.fault("%s imports %s outside a test: the local cloud stays out of what is deployed", p.Path, to)
			case within(to, "shared/testkit") || imp == "testing":
				c.fault("%s imports %s outside a test", p.Path, c.short(imp))
			}
		}
	}
}

// forbidden names what experience forbids, with the reason.
var forbidden = map[string]string{
	"github.com/GoogleCloudPlatform/functions-framework-go/functions.Typed":      "it reuses one argument value between requests",
	"github.com/GoogleCloudPlatform/functions-framework-go/functions.CloudEvent": "it can hang under concurrency: decode with shared/pubsubx",
}

func (c *checker) forbiddenUses() {
	for _, f := range c.Files {
		for _, u := range f.Uses {
			if why, ok := forbidden[u.Name]; ok {
				c.fault("%s:%d uses %s: %s", f.Path, u.Line, u.Name[strings.LastIndex(u.Name, "/")+1:], why)
			}
			if u.Name == "time.Now" && !f.Test && slices.ContainsFunc(pure, func(p string) bool { return strings.HasPrefix(f.Path, p+"/") }) {
				c.fault("%s:%d uses time.Now in a pure package: the moment is an argument", f.Path, u.Line)
			}
		}
	}
}
