// Package auth runs the Firebase Auth emulator out of a pinned firebase-tools,
// through a launcher that starts it in two seconds, and carries its accounts
// from one run to the next.
//
// Standard library only, beside the hub's own process and toolcache packages;
// firebase-tools is pinned by package-lock.json.
package auth

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"researchhub.example/hub/emulator/process"
)

// startLimit bounds a cold start on a slow machine.
const startLimit = 60 * time.Second

// Options says how to run the emulator.
type Options struct {
	// Node is the program, as Node found it.
	Node string
	// Dir is the folder that Install made.
	Dir string
	// Port is the port to listen on at 127.0.0.1, 0 for a free one.
	Port int
	// Project is the one that requests without a project's name mean: those of
	// web clients, which carry an API key only.
	Project string
	// Log receives what the emulator prints, nil to drop it.
	Log io.Writer
	// Registry is passed on to process.Options.
	Registry string
}

// Emulator is a running Auth emulator.
type Emulator struct {
	*process.Process
	host string
}

// Start runs the emulator and waits until it answers. With Port 0 it takes
// another free port when somebody else was faster.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return process.OnPort(o.Port, func(port int) (*Emulator, error) { return startOn(ctx, o, port) })
}

func startOn(ctx context.Context, o Options, port int) (*Emulator, error) {
	p, err := process.Start(process.Options{
		Name: "auth", Path: o.Node, Log: o.Log, Registry: o.Registry,
		Args: []string{filepath.Join(o.Dir, "launcher.cjs"), o.Dir, strconv.Itoa(port), o.Project},
	})
	if err != nil {
		return nil, err
	}
	e := &Emulator{Process: p, host: "127.0.0.1:" + strconv.Itoa(port)}
	if err := p.Ready(ctx, "http://"+e.host+"/"); err != nil {
		p.Kill()
		return nil, err
	}
	return e, nil
}

// Host is the address as FIREBASE_AUTH_EMULATOR_HOST wants it: "127.0.0.1:9099".
func (e *Emulator) Host() string { return e.host }
