// Package is the command that stages functions for deployment: for each one the
// source tree that the Go buildpack of Cloud Functions builds, with what the
// function links and nothing else.
//
//	go run ./scripts/package -function auth -out DIR
//	go run ./scripts/package -all -zip -out DIR
//
// It writes DIR/NAME, and with -zip DIR/NAME.zip, whose bytes depend on the
// source only: a function that did not change is not deployed again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := realMain(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
}

func realMain(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("package", flag.ContinueOnError)
	name := flags.String("function", "", "the function to stage, a folder of functions/")
	all := flags.Bool("all", false, "stage every function")
	dir := flags.String("out", "", "the folder to write NAME into")
	zipped := flags.Bool("zip", false, "write NAME.zip as well")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	known, err := functionNames(root)
	switch {
	case err != nil:
		return err
	case *dir == "":
		return errors.New("-out DIR is missing: the folder to write into")
	case flags.NArg() > 0:
		return fmt.Errorf("unknown argument %q: name the function with -function", flags.Arg(0))
	case *all == (*name != ""):
		return errors.New("say either -function NAME or -all")
	case !*all && !slices.Contains(known, *name):
		return fmt.Errorf("there is no function %q; there are %v", *name, known)
	}
	if !*all {
		known = []string{*name}
	}
	for _, one := range known {
		staged, err := stage(ctx, root, one, filepath.Join(*dir, one))
		if err != nil {
			return fmt.Errorf("%s: %w", one, err)
		}
		if *zipped {
			if err := writeZip(filepath.Join(*dir, one), filepath.Join(*dir, one+".zip")); err != nil {
				return fmt.Errorf("%s: %w", one, err)
			}
		}
		fmt.Fprintf(out, "%-14s %3d packages, %3d files in %s\n", one, staged.packages, staged.files, filepath.Join(*dir, one))
	}
	return nil
}
