// Package firestore runs Google's Firestore emulator from its jar, without the
// Cloud SDK's or firebase-tools' wrappers: they bring their own checks of
// versions and cost seconds at start.
//
// Standard library only, beside the hub's own small packages.
package firestore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"researchhub.example/hub/emulator/java"
	"researchhub.example/hub/emulator/process"
)

// mainClass starts the emulator; `java -jar` fails on the Cloud SDK's jar.
const mainClass = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"

// startLimit bounds a cold start of the JVM on a slow machine.
const startLimit = 90 * time.Second

// Options says how to run the emulator.
type Options struct {
	// Java is the program, "" for the one that java.Find finds.
	Java string
	// Jar is the emulator, as Finder found it; "" for the one that Obtain gives.
	Jar string
	// Progress is told of a download, nil to tell nobody.
	Progress func(string)
	// Port is the port to listen on at 127.0.0.1, 0 for a free one.
	Port int
	// Rules is the file of security rules, "" for none (everything open).
	Rules string
	// Seed is a folder that Export wrote, "" to start empty.
	Seed string
	// Log receives what the emulator prints, nil to drop it.
	Log io.Writer
	// Registry is passed on to process.Options.
	Registry string
}

// Emulator is a running Firestore emulator.
type Emulator struct {
	*process.Process
	host string
}

// Start runs the emulator and waits until it answers. With Port 0 it takes
// another free port when somebody else was faster.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	if err := o.Complete(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return process.OnPort(o.Port, func(port int) (*Emulator, error) { return startOn(ctx, o, port) })
}

// Complete finds the program and the jar where the options do not name them, as
// Start does by itself: for who wants to tell "cannot be had" from "does not
// start". A download has a limit of its own.
func (o *Options) Complete(ctx context.Context) error {
	if o.Java != "" && o.Jar != "" {
		return nil
	}
	path, major, err := java.Find(ctx)
	if err != nil {
		return err
	}
	if o.Java == "" {
		o.Java = path
	}
	if o.Jar == "" {
		progress := o.Progress
		if progress == nil {
			progress = func(string) {}
		}
		o.Jar, err = Obtain(ctx, NewFinder(), major, progress)
	}
	return err
}

// quiet is a configuration of Java's logging: without it the emulator tells
// every kind of connection, every export, and with a stack trace each refusal
// (of a record that exists, say) that the client is told as well.
const quiet = `handlers=java.util.logging.ConsoleHandler
.level=WARNING
io.gapi.emulators.netty.level=SEVERE
com.google.cloud.datastore.emulator.impl.util.WrappedStreamObserver.level=OFF
`

func startOn(ctx context.Context, o Options, port int) (*Emulator, error) {
	logging, err := os.CreateTemp("", "firestore-logging-*.properties")
	if err != nil {
		return nil, fmt.Errorf("firestore: %w", err)
	}
	defer func() { _ = os.Remove(logging.Name()) }() // read once the emulator answers
	_, err = logging.WriteString(quiet)
	if err = errors.Join(err, logging.Close()); err != nil {
		return nil, fmt.Errorf("firestore: %w", err)
	}
	args := []string{
		"-Djava.util.logging.config.file=" + logging.Name(),
		// A short-lived program: the fast compiler and the small collector.
		"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Duser.language=en",
		"-cp", o.Jar, mainClass, "start",
		"--host=127.0.0.1", "--port=" + strconv.Itoa(port),
	}
	if o.Rules != "" {
		args = append(args, "--rules="+o.Rules)
	}
	if o.Seed != "" {
		metadata, err := exportMetadata(o.Seed)
		if err != nil {
			return nil, err
		}
		args = append(args, "--seed_from_export="+metadata)
	}
	p, err := process.Start(process.Options{
		Name: "firestore", Path: o.Java, Args: args, Log: o.Log, Registry: o.Registry,
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

// Host is the address as FIRESTORE_EMULATOR_HOST wants it: "127.0.0.1:8085".
func (e *Emulator) Host() string { return e.host }

// exportName is the folder and file stem of an export inside the folder given
// to Export.
const exportName = "firestore_export"

// exportMetadata finds the file that describes an export.
func exportMetadata(dir string) (string, error) {
	path := filepath.Join(dir, exportName, exportName+".overall_export_metadata")
	if !isFile(path) {
		return "", fmt.Errorf("firestore: %s holds no export (%s is missing)", dir, filepath.Base(path))
	}
	return filepath.Abs(path)
}

// Export writes all records of a project's default database into a folder,
// which it makes.
func Export(ctx context.Context, host, project, dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("firestore: export: %w", err)
	}
	body, err := json.Marshal(map[string]string{
		"database":         "projects/" + project + "/databases/(default)",
		"export_directory": dir,
		"export_name":      exportName,
	})
	if err != nil {
		return err
	}
	url := "http://" + host + "/emulator/v1/projects/" + project + ":export"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("firestore: export: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
		return fmt.Errorf("firestore: export: status %d: %s", resp.StatusCode, bytes.TrimSpace(text))
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)); err != nil {
		return fmt.Errorf("firestore: export: %w", err)
	}
	_, err = os.Stat(filepath.Join(dir, exportName, exportName+".overall_export_metadata"))
	if err != nil {
		return fmt.Errorf("firestore: the emulator said that it exported, but wrote no metadata: %w", err)
	}
	return nil
}
