package house

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Load makes the model of the repository at root, now. overlay names a file of
// `go list -overlay` that plants files which are not there, "" for none.
func Load(ctx context.Context, root, overlay string) (Model, error) {
	m := Model{Packages: map[string]Package{}, Foreign: map[string][]string{}, Standard: map[string]bool{}}
	if err := m.list(ctx, root, overlay); err != nil {
		return m, err
	}
	files, err := readFiles(root, m.Module)
	if err != nil {
		return m, err
	}
	m.Files = files
	entries, err := os.ReadDir(root)
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		if !leftover(e.Name()) {
			m.Root = append(m.Root, e.Name())
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "infra", "functions.tf"))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return m, err
	default:
		if m.Infra, err = parseInfra(string(text)); err != nil {
			return m, fmt.Errorf("infra/functions.tf: %w", err)
		}
		m.Environment = infraEnvironment(string(text))
	}
	text, err = os.ReadFile(filepath.Join(root, "infra", "firestore.indexes.json"))
	if err != nil {
		return m, err
	}
	if m.Indexes, err = parseIndexes(text); err != nil {
		return m, fmt.Errorf("infra/firestore.indexes.json: %w", err)
	}
	return m, nil
}

// leftover reports what builds and package managers leave in a root and git ignores.
func leftover(name string) bool {
	return name == "node_modules" || strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".out")
}

// listed is what `go list -json` says of one package.
type listed struct {
	ImportPath, Name          string
	Standard                  bool
	Imports                   []string
	TestImports, XTestImports []string
	Module                    *struct{ Main bool }
}

// list runs go list on every package of the module and all that they link.
func (m *Model) list(ctx context.Context, root, overlay string) error {
	mod, err := goCommand(ctx, root, "list", "-m")
	if err != nil {
		return err
	}
	m.Module = string(bytes.TrimSpace(mod))
	args := []string{"list", "-deps", "-json=ImportPath,Name,Standard,Imports,TestImports,XTestImports,Module"}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	out, err := goCommand(ctx, root, append(args, "./...")...)
	if err != nil {
		return err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		switch {
		case p.Standard:
			m.Standard[p.ImportPath] = true
		case p.Module != nil && p.Module.Main:
			at := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, m.Module), "/")
			m.Packages[at] = Package{Path: at, Name: p.Name, Imports: p.Imports, TestImports: append(p.TestImports, p.XTestImports...)}
		default:
			m.Foreign[p.ImportPath] = p.Imports
		}
	}
}

// goCommand runs the go command in dir and gives what it printed.
func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, errs.Bytes())
	}
	return out.Bytes(), nil
}
