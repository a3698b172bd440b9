package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"researchhub.example/hub/emulator/process"
)

// Programs builds one program per function, as the platform's buildpack does: a
// main of its own that imports the functions framework and the function.
type Programs struct {
	// Repo is the module's folder.
	Repo string
	// Dir receives the generated sources and the programs.
	Dir string
	// Package gives a function's import path by its name.
	Package func(name string) string
	// Log receives what the compiler says.
	Log io.Writer
}

const mainSource = `package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	_ %q
)

func main() {
	if err := funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")); err != nil {
		log.Fatal(err)
	}
}
`

// virtualDir is where the generated mains seem to lie; the compiler's overlay
// shows them there, and nothing is written into the tree.
const virtualDir = "emulator/serve/generated"

// Build compiles the functions and gives each one's program. The first build of
// a function that links a large library takes minutes.
func (p Programs) Build(ctx context.Context, names []string) (map[string]string, error) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("one process per function needs the go command in PATH: install Go, or start without -processes")
	}
	sources, programs := filepath.Join(p.Dir, "src"), filepath.Join(p.Dir, "bin")
	for _, dir := range []string{sources, programs} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	args := []string{"build", "-o", programs + string(filepath.Separator)}
	built := map[string]string{}
	var packages []string
	for _, name := range names {
		source := filepath.Join(sources, name+".go")
		if err := os.WriteFile(source, fmt.Appendf(nil, mainSource, p.Package(name)), 0o644); err != nil {
			return nil, err
		}
		overlay.Replace[filepath.Join(p.Repo, filepath.FromSlash(virtualDir), name, "main.go")] = source
		packages = append(packages, "./"+virtualDir+"/"+name)
		built[name] = filepath.Join(programs, name)
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(p.Dir, "overlay.json")
	if err := os.WriteFile(file, b, 0o644); err != nil {
		return nil, err
	}
	build, err := process.Start(process.Options{
		Name: "go build", Path: goTool, Dir: p.Repo, Log: p.Log,
		Args: append(append(args, "-overlay", file), packages...),
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-build.Done():
	case <-ctx.Done():
		build.Kill()
		return nil, context.Cause(ctx)
	}
	if build.Err() != nil {
		return nil, fmt.Errorf("the functions do not compile (%s):\n%s", build.Died(), build.Tail())
	}
	return built, nil
}

// Launch runs one function's program on a free port, with the parent's
// environment, and gives the process and its address.
func Launch(name, program, registry string, log io.Writer) (*process.Process, string, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, "", err
	}
	p, err := process.Start(process.Options{
		Name: name, Path: program, Log: log, Registry: registry,
		Env: []string{"FUNCTION_TARGET=" + name, "PORT=" + strconv.Itoa(port)},
	})
	if err != nil {
		return nil, "", err
	}
	return p, "127.0.0.1:" + strconv.Itoa(port), nil
}
