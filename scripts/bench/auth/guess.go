package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/functions/auth"
	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/outbox"
)

// guessed is what became of wrong codes.
type guessed struct {
	lookedAt int
	took     time.Duration
}

// guessing sends wrong codes of one account's authenticator app to two instances
// of the auth function, all at once.
func guessing(ctx context.Context, c *cloud, guesses int) (guessed, error) {
	uid, token, err := c.signUp(ctx, "target@university.example")
	if err != nil {
		return guessed{}, err
	}
	events := pstest.NewServer() // takes what the function publishes
	defer func() { _ = events.Close() }()
	if _, err := events.GServer.CreateTopic(ctx, &pubsubpb.Topic{Name: "projects/" + project + "/topics/" + outbox.Topic}); err != nil {
		return guessed{}, fmt.Errorf("make the topic: %w", err)
	}
	if err := setenv(map[string]string{
		"FIREBASE_AUTH_EMULATOR_HOST": c.authHost,
		"PUBSUB_EMULATOR_HOST":        events.Addr,
		"HUB_STATE_DIR":               c.dir,
		"HUB_BASE_URL":                "http://127.0.0.1:8080",
		"HUB_LOG_LEVEL":               "error",
	}); err != nil {
		return guessed{}, err
	}
	var instances [2]http.Handler
	for i := range instances {
		if instances[i], err = auth.New(ctx); err != nil {
			return guessed{}, err
		}
	}
	account := access.Account{UID: uid, Email: "target@university.example", Name: "Target", Modules: map[string]access.ModuleFact{}, CreatedAt: time.Now().UTC(), SchemaVersion: 1}
	if _, err := c.store.Collection(access.Accounts).Doc(uid).Set(ctx, account); err != nil {
		return guessed{}, fmt.Errorf("make the account: %w", err)
	}
	secret, err := enrol(ctx, instances[0], token)
	if err != nil {
		return guessed{}, err
	}
	codes, err := wrongCodes(secret, guesses)
	if err != nil {
		return guessed{}, err
	}

	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		answers = map[string]int{}
		start   = make(chan struct{})
	)
	for n, code := range codes {
		wg.Go(func() {
			<-start
			status, body := post(ctx, instances[n%2], "/auth/v1/session/second-factor", token, map[string]string{"code": code})
			mu.Lock()
			defer mu.Unlock()
			detail, _ := body["detail"].(string)
			answers[fmt.Sprintf("%d %s", status, strings.SplitAfter(detail, ".")[0])]++
		})
	}
	began := time.Now()
	close(start)
	wg.Wait()
	took := time.Since(began)
	for _, what := range slices.Sorted(maps.Keys(answers)) {
		fmt.Printf("%6d x %s\n", answers[what], what)
	}

	// A code that was looked at is said to be wrong, or it was the one that
	// locked: that is in the audit log.
	lookedAt := 0
	for what, n := range answers {
		switch {
		case strings.HasPrefix(what, "422 "):
			lookedAt += n
		case !strings.HasPrefix(what, "429 ") && !strings.HasPrefix(what, "503 "):
			return guessed{}, fmt.Errorf("%d guesses were answered with %s", n, what)
		}
	}
	locks, err := locked(ctx, c, uid)
	if err != nil {
		return guessed{}, err
	}
	if locks == 0 {
		return guessed{}, fmt.Errorf("%d wrong codes did not lock the factors", guesses)
	}
	lookedAt += locks

	// The lock holds against the right one as well, on both.
	right, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		return guessed{}, fmt.Errorf("make a code: %w", err)
	}
	for _, h := range instances {
		if status, _ := post(ctx, h, "/auth/v1/session/second-factor", token, map[string]string{"code": right}); status != http.StatusTooManyRequests {
			return guessed{}, fmt.Errorf("the right code was answered with %d while the factors were locked", status)
		}
	}
	return guessed{lookedAt, took}, nil
}

// enrol sets an authenticator app up and gives its secret.
func enrol(ctx context.Context, h http.Handler, token string) (string, error) {
	status, body := post(ctx, h, "/auth/v1/factors/totp", token, map[string]string{})
	secret, _ := body["secret"].(string)
	factor, _ := body["factorId"].(string)
	if status != http.StatusCreated || secret == "" {
		return "", fmt.Errorf("enrol: status %d: %v", status, body["detail"])
	}
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	if status, body = post(ctx, h, "/auth/v1/factors/totp/"+factor+"/confirmation", token, map[string]string{"code": code}); status != http.StatusOK {
		return "", fmt.Errorf("confirm: status %d: %v", status, body["detail"])
	}
	return secret, nil
}

// wrongCodes are codes that the app shows neither now nor in the next minutes,
// nor has shown in the last.
func wrongCodes(secret string, n int) ([]string, error) {
	right := map[string]bool{}
	for step := -10; step <= 20; step++ {
		code, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(step)*30*time.Second))
		if err != nil {
			return nil, fmt.Errorf("make a code: %w", err)
		}
		right[code] = true
	}
	codes := make([]string, 0, n)
	for i := 0; len(codes) < n; i++ {
		if code := fmt.Sprintf("%06d", (i*7919)%1_000_000); !right[code] {
			codes = append(codes, code)
		}
	}
	return codes, nil
}

// locked counts how often the account's factors were locked.
func locked(ctx context.Context, c *cloud, uid string) (int, error) {
	snaps, err := c.store.Collection(audit.Collection).Documents(ctx).GetAll()
	if err != nil {
		return 0, fmt.Errorf("read the audit log: %w", err)
	}
	n := 0
	for _, s := range snaps {
		var e audit.Entry
		if err := s.DataTo(&e); err != nil {
			return 0, fmt.Errorf("read the audit log: %w", err)
		}
		if e.Actor == uid && e.Act == "factor.lock" {
			n++
		}
	}
	return n, nil
}

func post(ctx context.Context, h http.Handler, path, token string, in any) (int, map[string]any) {
	payload, err := json.Marshal(in)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(string(payload)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body := map[string]any{}
	_ = json.Unmarshal(w.Body.Bytes(), &body)
	return w.Code, body
}
