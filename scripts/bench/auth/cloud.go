package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"cloud.google.com/go/firestore"

	authemulator "researchhub.example/hub/emulator/auth"
	firestoreemulator "researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/toolcache"
	"researchhub.example/hub/shared/firestorex"
)

const project = "demo-bench"

// cloud is the two emulators that sign-in needs.
type cloud struct {
	authHost string
	store    *firestore.Client
	dir      string
	stops    []func()
}

func (c *cloud) stop() {
	for _, f := range c.stops {
		f()
	}
}

// startCloud starts the emulators and points this process's clients at
// Firestore's. Which tokens are taken, each measurement decides.
func startCloud(ctx context.Context, dir string) (c *cloud, err error) {
	c = &cloud{dir: dir}
	defer func() {
		if err != nil {
			c.stop()
		}
	}()
	tell := func(what string) { fmt.Fprintln(os.Stderr, what) }
	fs, err := firestoreemulator.Start(ctx, firestoreemulator.Options{Progress: tell})
	if err != nil {
		return nil, err
	}
	c.stops = append(c.stops, fs.Kill)
	node, err := authemulator.Node(ctx)
	if err != nil {
		return nil, err
	}
	tools, err := authemulator.Install(ctx, toolcache.Dir(), io.Discard, tell)
	if err != nil {
		return nil, err
	}
	au, err := authemulator.Start(ctx, authemulator.Options{Node: node, Dir: tools, Project: project})
	if err != nil {
		return nil, err
	}
	c.stops = append(c.stops, au.Kill)
	c.authHost = au.Host()
	if err := setenv(map[string]string{"FIRESTORE_EMULATOR_HOST": fs.Host(), "GOOGLE_CLOUD_PROJECT": project}); err != nil {
		return nil, err
	}
	if c.store, err = firestorex.Open(ctx, project); err != nil {
		return nil, err
	}
	c.stops = append(c.stops, func() { _ = c.store.Close() })
	return c, nil
}

func setenv(values map[string]string) error {
	for name, value := range values {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	return nil
}

// signUp makes an account in the Auth emulator, signed in.
func (c *cloud) signUp(ctx context.Context, email string) (uid, idToken string, err error) {
	var out struct{ LocalID, IDToken string }
	err = c.identity(ctx, "accounts:signUp?key=any", map[string]any{"email": email, "password": "correct horse", "returnSecureToken": true}, &out)
	return out.LocalID, out.IDToken, err
}

func (c *cloud) identity(ctx context.Context, method string, in, out any) error {
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.authHost+"/identitytoolkit.googleapis.com/v1/"+method, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the Auth emulator: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the Auth emulator: %s: status %d: %s", method, resp.StatusCode, b)
	}
	return json.Unmarshal(b, out)
}
