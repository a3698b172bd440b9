package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// readFiles reads every Go file below root, and the module's two files, so that
// go test knows what the verdict rests on. Folders that the go command ignores
// are left out.
func readFiles(root, module string) ([]File, error) {
	for _, name := range []string{"go.mod", "go.sum"} {
		if _, err := os.ReadFile(filepath.Join(root, name)); err != nil {
			return nil, err
		}
	}
	var parsed []source
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && at != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		rel, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		s, err := parse(filepath.ToSlash(rel), text)
		parsed = append(parsed, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	consts := constants(parsed, module)
	files := make([]File, len(parsed))
	for i, s := range parsed {
		s.file.Registers = s.registration(module, consts)
		s.file.Sites = s.sites(module, consts)
		files[i] = s.file
	}
	return files, nil
}

// source is one parsed file.
type source struct {
	file File
	ast  *ast.File
	set  *token.FileSet
	// names gives the import path by the name that the file calls it.
	names map[string]string
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// requiredVariable is the struct tag of github.com/sethvargo/go-envconfig.
var requiredVariable = regexp.MustCompile(`env:"([A-Z0-9_]+)(?:,[^",]*)*,\s*required[",]`)

func parse(at string, text []byte) (source, error) {
	s := source{set: token.NewFileSet(), names: map[string]string{}}
	var err error
	if s.ast, err = parser.ParseFile(s.set, at, text, parser.SkipObjectResolution); err != nil {
		return s, err
	}
	s.file = File{Path: at, Lines: bytes.Count(text, []byte("\n")), Test: strings.HasSuffix(at, "_test.go"), Generated: generated.Match(text)}
	for _, imp := range s.ast.Imports {
		to, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return s, err
		}
		s.file.Imports = append(s.file.Imports, to)
		s.names[importName(imp, to)] = to
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			if m := requiredVariable.FindStringSubmatch(field.Tag.Value); m != nil {
				s.file.Requires = append(s.file.Requires, m[1])
			}
		}
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && s.imported(sel) == "" {
				s.file.Methods = append(s.file.Methods, sel.Sel.Name)
			}
		}
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if name := s.imported(sel); name != "" {
				s.file.Uses = append(s.file.Uses, Use{name, s.set.Position(sel.Pos()).Line})
			}
		}
		return true
	})
	return s, nil
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// importName is what a file calls a package: the name given, else the last
// element of its path that is no major version.
func importName(imp *ast.ImportSpec, to string) string {
	if imp.Name != nil {
		return imp.Name.Name
	}
	base := path.Base(to)
	if majorVersion.MatchString(base) {
		base = path.Base(path.Dir(to))
	}
	return base
}

// imported is the whole name of a selector on an imported package, "" for any
// other selector.
func (s source) imported(sel *ast.SelectorExpr) string {
	if x, ok := sel.X.(*ast.Ident); ok {
		if to, ok := s.names[x.Name]; ok {
			return to + "." + sel.Sel.Name
		}
	}
	return ""
}

// constants gives the string constants of our packages, by whole name.
func constants(all []source, module string) map[string]string {
	consts := map[string]string{}
	for _, s := range all {
		pkg := module + "/" + path.Dir(s.file.Path)
		for _, d := range s.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v, ok := spec.(*ast.ValueSpec)
				for i := 0; ok && i < len(v.Names); i++ {
					if i < len(v.Values) {
						if text, ok := literal(v.Values[i]); ok {
							consts[pkg+"."+v.Names[i].Name] = text
						}
					}
				}
			}
		}
	}
	return consts
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

const noConstant = "(no constant: "

// value is the text of a string expression: a literal, or a constant of ours.
// Anything else gives its place, which no other side will agree with.
func (s source) value(e ast.Expr, module string, consts map[string]string) string {
	if text, ok := literal(e); ok {
		return text
	}
	name := ""
	switch x := e.(type) {
	case *ast.Ident:
		name = module + "/" + path.Dir(s.file.Path) + "." + x.Name
	case *ast.SelectorExpr:
		name = s.imported(x)
	}
	if text, ok := consts[name]; ok {
		return text
	}
	return noConstant + s.set.Position(e.Pos()).String() + ")"
}

// registration finds fn.Register(fn.Function{...}) and reads what it says.
func (s source) registration(module string, consts map[string]string) *Deployment {
	var d *Deployment
	ast.Inspect(s.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || s.imported(sel) != module+"/shared/fn.Register" {
			return true
		}
		lit, ok := call.Args[0].(*ast.CompositeLit)
		if !ok {
			return true
		}
		d = &Deployment{Trigger: HTTP}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			key, ok := kv.Key.(*ast.Ident)
			if !ok {
				continue
			}
			switch key.Name {
			case "Name":
				d.Name = s.value(kv.Value, module, consts)
			case "Topic":
				d.Topic, d.Trigger = s.value(kv.Value, module, consts), PubSub
			case "Schedule":
				d.Schedule = s.value(kv.Value, module, consts)
			}
		}
		return true
	})
	return d
}
