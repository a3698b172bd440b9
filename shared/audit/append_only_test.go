package audit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The log is append-only because nothing in the hub names its collection but the
// one function that creates entries and those that read them. A new place fails
// here: look at what it does before it is added.
func TestNothingChangesAnEntry(t *testing.T) {
	var got []string
	for _, top := range []string{"functions", "shared", "scripts"} {
		err := filepath.WalkDir(filepath.Join("..", "..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			sites, err := sites(path)
			got = append(got, sites...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"functions/auth/audit.go auditQuery Collection.OrderBy",
		"functions/auth/audit.go ownAudit Collection.Where.OrderBy",
		"functions/auth/audit.go readAudit audit.Entry", // names it as what was read
		"scripts/bench/auth/guess.go locked Collection.Documents.GetAll",
		"shared/audit/audit.go Add Doc.Create.Wrap",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Error(diff)
	}
}

// sites gives where a file names the collection, and what is called on it.
func sites(path string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		var up []ast.Node
		ast.Inspect(fn, func(n ast.Node) bool {
			if n == nil {
				up = up[:len(up)-1]
				return true
			}
			if named(n, file.Name.Name) {
				rel := strings.TrimPrefix(filepath.ToSlash(path), "../../")
				list = append(list, rel+" "+fn.Name.Name+" "+within(up))
			}
			up = append(up, n)
			return true
		})
	}
	return list, nil
}

// named reports whether a node names the collection: by its constant, or as a
// text given to Collection.
func named(n ast.Node, pkg string) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		x, ok := n.X.(*ast.Ident)
		return ok && x.Name == "audit" && n.Sel.Name == "Collection"
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Collection" && sel.Sel.Name != "CollectionGroup" && sel.Sel.Name != "Doc" || len(n.Args) != 1 {
			return false
		}
		switch arg := n.Args[0].(type) {
		case *ast.BasicLit:
			return strings.HasPrefix(strings.Trim(arg.Value, "`\""), "audit")
		case *ast.Ident:
			return pkg == "audit" && arg.Name == "Collection"
		}
	}
	return false
}

// within says in which calls, or in which literal, a node stands: those of its
// own chain, from the inside.
func within(up []ast.Node) string {
	var calls []string
	for _, n := range slices.Backward(up) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
				calls = append(calls, sel.Sel.Name)
			}
		case *ast.CompositeLit:
			if sel, ok := n.Type.(*ast.SelectorExpr); ok {
				return sel.X.(*ast.Ident).Name + "." + sel.Sel.Name
			}
		}
	}
	return strings.Join(calls, ".")
}
