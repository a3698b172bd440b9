package house

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// Site is a Go function that builds or runs a Firestore query: one that narrows
// or orders a collection. A read by name is none.
type Site struct {
	// Name is the package and the function: "shared/outbox.Sender.Sweep".
	Name string
	// Shape is what the code says, call by call in the order of the source:
	// "Collection(outbox) Where(sent ==) OrderBy(at Asc)".
	Shape string
}

// sites finds the queries of one file. The tests' own need no index, because
// the emulator asks for none.
func (s source) sites(module string, consts map[string]string) []Site {
	if s.file.Test {
		return nil
	}
	var list []Site
	for _, d := range s.ast.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		// A chain's outermost call comes first in the tree and last in the
		// source, so calls are ordered by where their name stands.
		var calls []call
		queries := false
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if text := s.queryCall(c, module, consts); text != "" {
					calls = append(calls, call{int(nameOf(c).Pos()), text})
					queries = queries || !strings.HasPrefix(text, "Collection(")
				}
			}
			return true
		})
		if queries {
			list = append(list, Site{path.Dir(s.file.Path) + "." + functionName(fn), join(calls)})
		}
	}
	return list
}

// queryCall describes a call that narrows or orders a query, "" for any other.
func (s source) queryCall(c *ast.CallExpr, module string, consts map[string]string) string {
	name := nameOf(c)
	if name == nil {
		return ""
	}
	text := func(e ast.Expr) string {
		if v := s.value(e, module, consts); !strings.HasPrefix(v, noConstant) {
			return v
		}
		if sel, ok := e.(*ast.SelectorExpr); ok {
			return sel.Sel.Name
		}
		return "?"
	}
	switch {
	case name.Name == "Where" && len(c.Args) == 3:
		return "Where(" + text(c.Args[0]) + " " + text(c.Args[1]) + ")"
	case name.Name == "OrderBy" && len(c.Args) == 2:
		return "OrderBy(" + text(c.Args[0]) + " " + text(c.Args[1]) + ")"
	case name.Name == "WherePath" && len(c.Args) == 3, name.Name == "OrderByPath" && len(c.Args) == 2, name.Name == "WhereEntity" && len(c.Args) == 1:
		return name.Name + "(?)"
	case (name.Name == "Collection" || name.Name == "CollectionGroup") && len(c.Args) == 1:
		return name.Name + "(" + text(c.Args[0]) + ")"
	case (name.Name == "Newest" || name.Name == "NewestOfAll") && len(c.Args) == 4:
		return name.Name
	}
	return ""
}

// nameOf is the name that a call calls, type arguments aside.
func nameOf(c *ast.CallExpr) *ast.Ident {
	fun := c.Fun
	if i, ok := fun.(*ast.IndexExpr); ok {
		fun = i.X
	}
	switch f := fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.Ident:
		return f
	}
	return nil
}

func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	recv := fn.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	switch generic := recv.(type) {
	case *ast.IndexExpr:
		recv = generic.X
	case *ast.IndexListExpr:
		recv = generic.X
	}
	if id, ok := recv.(*ast.Ident); ok {
		return id.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}

type call struct {
	pos  int
	text string
}

func join(calls []call) string {
	slices.SortFunc(calls, func(a, b call) int { return a.pos - b.pos })
	texts := make([]string, len(calls))
	for i, c := range calls {
		texts[i] = c.text
	}
	return strings.Join(texts, " ")
}
