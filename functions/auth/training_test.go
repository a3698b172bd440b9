package auth

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/fn"
)

const (
	testSecret  = "0123456789abcdef0123456789abcdef"
	otherSecret = "fedcba9876543210fedcba9876543210"
)

// signedAt is the header of a body that was signed at that time.
func signedAt(at time.Time, body string, secrets ...string) string {
	h := fmt.Sprintf("t=%d", at.Unix())
	for _, s := range secrets {
		h += ",v1=" + hex.EncodeToString(signBody(s, fmt.Sprint(at.Unix()), []byte(body)))
	}
	return h
}

// report sends a body with a signature header and gives status and answer.
func report(h http.Handler, header, body string) (int, string) {
	req := httptest.NewRequest("POST", "/auth/v1/training/completions", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if header != "" {
		req.Header.Set("Hub-Signature", header)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

func completed(id, learner, module string, at time.Time, more string) string {
	return fmt.Sprintf(`{"completionId":%q,"learner":%q,"module":%q,"completedAt":%q%s}`, id, learner, module, at.Format(time.RFC3339Nano), more)
}

func TestTrainingSignatures(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	now := r.clock.Now()
	n := 0
	next := func() string { n++; return completed(fmt.Sprint("c", n), "ann", "training", now, "") }
	for _, c := range []struct {
		name   string
		header func(body string) string
		status int
	}{
		{"none", func(string) string { return "" }, 401},
		{"no time", func(b string) string { return strings.SplitN(signedAt(now, b, testSecret), ",", 2)[1] }, 401},
		{"no signature", func(b string) string { return signedAt(now, b) }, 401},
		{"two times", func(b string) string { return signedAt(now, b, testSecret) + ",t=1" }, 401},
		{"a time with a sign", func(b string) string { return strings.Replace(signedAt(now, b, testSecret), "t=", "t=+", 1) }, 401},
		{"another secret", func(b string) string { return signedAt(now, b, otherSecret) }, 401},
		{"another body", func(b string) string { return signedAt(now, b+" ", testSecret) }, 401},
		{"another time than the one signed", func(b string) string {
			return strings.Replace(signedAt(now, b, testSecret), fmt.Sprint(now.Unix()), fmt.Sprint(now.Unix()+1), 1)
		}, 401},
		{"cut short", func(b string) string { h := signedAt(now, b, testSecret); return h[:len(h)-2] }, 401},
		{"another scheme alone", func(b string) string { return strings.Replace(signedAt(now, b, testSecret), "v1=", "v0=", 1) }, 401},
		{"too many signatures", func(b string) string {
			return signedAt(now, b, otherSecret, otherSecret, otherSecret, otherSecret, testSecret)
		}, 401},
		{"five minutes and a second old", func(b string) string { return signedAt(now.Add(-signatureWindow-time.Second), b, testSecret) }, 401},
		{"five minutes and a second ahead", func(b string) string { return signedAt(now.Add(signatureWindow+time.Second), b, testSecret) }, 401},
		{"five minutes old", func(b string) string { return signedAt(now.Add(-signatureWindow), b, testSecret) }, 200},
		{"five minutes ahead", func(b string) string { return signedAt(now.Add(signatureWindow), b, testSecret) }, 200},
		{"the second of two", func(b string) string { return signedAt(now, b, otherSecret, testSecret) }, 200},
		{"with another scheme beside", func(b string) string { return signedAt(now, b, testSecret) + ",v0=zz" }, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := next()
			before := len(r.acts())
			status, answer := report(r.handler, c.header(body), body)
			if status != c.status {
				t.Errorf("%d %s, want %d", status, answer, c.status)
			}
			if wrote := len(r.acts()) - before; (wrote == 1) != (status == 200) {
				t.Errorf("%d audit entries", wrote)
			}
			if strings.Contains(answer, testSecret) {
				t.Error("the answer holds the secret")
			}
		})
	}
}

// While the secret is being changed either one opens; without one none does.
func TestTrainingSecretsAreChangedWithoutAGap(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	for i, c := range []struct {
		secrets webhookSecrets
		signed  string
		status  int
	}{
		{webhookSecrets{testSecret, otherSecret}, testSecret, 200},
		{webhookSecrets{testSecret, otherSecret}, otherSecret, 200},
		{webhookSecrets{otherSecret}, testSecret, 401},
		{nil, testSecret, 503},
		{nil, "", 503},
	} {
		s := r.instance(r.sessions)
		s.training = c.secrets
		h := newAPI(s, apiOptions()).Handler()
		body := completed(fmt.Sprint("c", i), "ann", "training", r.clock.Now(), "")
		if status, answer := report(h, signedAt(r.clock.Now(), body, c.signed), body); status != c.status {
			t.Errorf("%d: %d %s, want %d", i, status, answer, c.status)
		}
	}
}

func TestTrainingBodies(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	now := r.clock.Now()
	good := completed("good", "ann", "training", now, `,"course":"RCR 101","score":92.5`)
	for _, c := range []struct {
		name, body string
		status     int
		holds      string
	}{
		{"nothing", "", 400, ""},
		{"no JSON", "completed", 422, ""},
		{"a list", "[]", 422, ""},
		{"two", good + good, 422, "nothing after"},
		{"an unknown field", completed("x", "ann", "training", now, `,"bypassedBy":"ann"`), 422, ""},
		{"another module", completed("x", "ann", "twoFactor", now, ""), 422, "body.module"},
		{"an identifier that is a path", completed("../accounts/ann", "ann", "training", now, ""), 422, "body.completionId"},
		{"a learner that is a path", completed("x", "ann/modules", "training", now, ""), 422, "body.learner"},
		{"nobody", completed("x", "carl", "training", now, ""), 404, "no such learner"},
		{"no time", `{"completionId":"x","learner":"ann","module":"training"}`, 422, "body.completedAt"},
		{"in the future", completed("x", "ann", "training", now.Add(signatureWindow+time.Second), ""), 422, "future"},
		{"before the account", completed("x", "ann", "training", now.Add(-signatureWindow-time.Second), ""), 422, "older than the account"},
		{"a course that cannot be seen", completed("x", "ann", "training", now, `,"course":"\u202e"`), 422, "body.course"},
		{"a negative score", completed("x", "ann", "training", now, `,"score":-1`), 422, "body.score"},
		{"too large", completed("x", "ann", "training", now, `,"course":"`+strings.Repeat("a", maxCompletionBytes)+`"`), 413, ""},
		{"good", good, 200, `"applied":true`},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := report(r.handler, signedAt(now, c.body, testSecret), c.body)
			if status != c.status || !strings.Contains(answer, c.holds) {
				t.Errorf("%d %s, want %d with %s", status, answer, c.status, c.holds)
			}
		})
	}
	want := access.ModuleFact{CompletedAt: now, Evidence: "training provider's completion good, course RCR 101, score 92.5"}
	if d := cmp.Diff(want, r.account("ann").Modules["training"]); d != "" {
		t.Error(d)
	}
}

func TestTrainingReplays(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	send := func(id string, at time.Time, more string) (int, string) {
		body := completed(id, "ann", "training", at, more)
		return report(r.handler, signedAt(r.clock.Now(), body, testSecret), body)
	}
	fact := func() time.Time { return r.account("ann").Modules["training"].CompletedAt }
	first := r.clock.Now()
	r.clock.Advance(48 * time.Hour)
	second := r.clock.Now()
	r.clock.Advance(time.Hour)
	ref := r.client.Collection(access.Accounts).Doc("ann")
	steps := []struct {
		name, id string
		at       time.Time
		more     string
		status   int
		holds    string
		want     time.Time
		acts     int
	}{
		{"new", "b", second, "", 200, `"applied":true`, second, 1},
		{"the same again", "b", second, "", 200, `"applied":true`, second, 0},
		{"with another content", "b", second, `,"score":100`, 409, "", second, 0},
		{"of another time", "b", first, "", 409, "", second, 0},
		{"an older one", "a", first, "", 200, `"applied":false`, second, 1},
		{"the older one again", "a", first, "", 200, `"applied":false`, second, 0},
		{"one of the same time", "c", second, "", 200, `"applied":false`, second, 1},
	}
	for _, c := range steps {
		before, acts := r.account("ann"), len(r.acts())
		snap, err := ref.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		status, answer := send(c.id, c.at, c.more)
		if status != c.status || !strings.Contains(answer, c.holds) {
			t.Errorf("%s: %d %s, want %d with %s", c.name, status, answer, c.status, c.holds)
		}
		if !fact().Equal(c.want) {
			t.Errorf("%s: completed %s, want %s", c.name, fact(), c.want)
		}
		if wrote := len(r.acts()) - acts; wrote != c.acts {
			t.Errorf("%s: %d audit entries, want %d", c.name, wrote, c.acts)
		}
		if c.acts == 0 {
			again, err := ref.Get(t.Context())
			if err != nil || !again.UpdateTime.Equal(snap.UpdateTime) {
				t.Errorf("%s: the account was written (%v)", c.name, err)
			}
			if d := cmp.Diff(before, r.account("ann")); d != "" {
				t.Errorf("%s: %s", c.name, d)
			}
		}
	}
	// What is reported after a reset, and was completed before it, does not count.
	r.put(access.Accounts, "admin", access.Account{UID: "admin", AdminRoles: []access.Role{access.AccessAdmin}})
	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/training", "admin2", map[string]any{"act": "reset", "reason": "not their own work"})
	if status, answer := send("late", r.clock.Now().Add(-time.Minute), ""); status != 200 || !strings.Contains(answer, `"applied":false`) || !fact().IsZero() {
		t.Errorf("after a reset: %d %s, completed %s", status, answer, fact())
	}
	// A waiver stands beside a completion, and is there when that has expired.
	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/training", "admin2", map[string]any{"act": "bypass", "reason": "trained on site"})
	r.clock.Advance(time.Minute)
	if status, answer := send("new", r.clock.Now(), ""); status != 200 || !strings.Contains(answer, `"applied":true`) {
		t.Errorf("%d %s", status, answer)
	}
	if f := r.account("ann").Modules["training"]; f.BypassedBy != "admin" || !f.CompletedAt.Equal(r.clock.Now()) {
		t.Errorf("fact %+v", f)
	}
}

// Two instances take the same report at the same moment: one effect, one answer.
func TestTrainingReportTwiceAtOnce(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	r.clock.Advance(time.Second)
	body := completed("once", "ann", "training", r.clock.Now(), "")
	header := signedAt(r.clock.Now(), body, testSecret)
	var wg sync.WaitGroup
	for range 2 {
		h := newAPI(r.instance(r.sessions), apiOptions()).Handler()
		wg.Go(func() {
			if status, answer := report(h, header, body); status != 200 || !strings.Contains(answer, `"applied":true`) {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	wg.Wait()
	if d := cmp.Diff([]string{"ann account.create", "system:trainingProvider module.complete"}, r.acts()); d != "" {
		t.Error(d)
	}
}

func TestWebhookSecretsAreHidden(t *testing.T) {
	t.Setenv("HUB_TRAINING_WEBHOOK_SECRETS", testSecret+", "+otherSecret+",")
	type config struct {
		Secrets webhookSecrets `env:"HUB_TRAINING_WEBHOOK_SECRETS"`
	}
	cfg, err := fn.ReadConfig[config](context.Background())
	if err != nil || len(cfg.Secrets) != 2 || cfg.Secrets[1] != otherSecret {
		t.Fatalf("%d secrets, %v", len(cfg.Secrets), err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", cfg, "secrets", cfg.Secrets)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", cfg, "secrets", cfg.Secrets)
	for name, text := range map[string]string{"%v": fmt.Sprintf("%v", cfg), "%+v": fmt.Sprintf("%+v", cfg), "%#v": fmt.Sprintf("%#v", cfg),
		"String": cfg.Secrets.String(), "log": log.String()} {
		if strings.Contains(text, testSecret) || strings.Contains(text, otherSecret) {
			t.Errorf("%s shows a secret", name)
		}
	}
	const short = "a-secret-that-is-too-short"
	t.Setenv("HUB_TRAINING_WEBHOOK_SECRETS", testSecret+","+short)
	if _, err := fn.ReadConfig[config](context.Background()); err == nil || !strings.Contains(err.Error(), "HUB_TRAINING_WEBHOOK_SECRETS") {
		t.Errorf("a short secret: %v", err)
	} else if strings.Contains(err.Error(), short) || strings.Contains(err.Error(), testSecret) {
		t.Error("the error shows a secret")
	}
	t.Setenv("HUB_TRAINING_WEBHOOK_SECRETS", "")
	if cfg, err := fn.ReadConfig[config](context.Background()); err != nil || len(cfg.Secrets) != 0 {
		t.Errorf("none: %d, %v", len(cfg.Secrets), err)
	}
}

// Whatever stands in the header, only the right signature opens.
func FuzzSignatureHeader(f *testing.F) {
	body := []byte(`{"completionId":"x"}`)
	right := signedAt(morning, string(body), testSecret)
	for _, seed := range []string{right, "", "t=1", "v1=", "t=,v1=", "t=1,t=1,v1=00", right + ",", strings.ToUpper(right), strings.Replace(right, ",", " , ", 1), "t=1099511627776,v1=" + strings.Repeat("0", 64)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		h, ok := parseSignature(header)
		if ok && (h.at == "" || len(h.v1) == 0 || len(h.v1) > maxSignatures || len(header) > maxSignatureHeader) {
			t.Errorf("%q is accepted as %+v", header, h)
		}
		err := webhookSecrets{testSecret}.verify(header, body, morning)
		if err == nil && (!strings.Contains(header, fmt.Sprintf("t=%d", morning.Unix())) ||
			!strings.Contains(strings.ToLower(header), strings.SplitN(right, ",", 2)[1])) {
			t.Errorf("%q opens", header)
		}
		if err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", header, err)
		}
	})
}

// A signed body is refused as invalid, or names its document and its learner safely.
func FuzzTrainingBody(f *testing.F) {
	for _, seed := range []string{completed("x", "ann", "training", morning, `,"course":"c","score":1e3`), "", "{}", "[]", "null", `{"score":1e999}`, `{"completionId":"..","learner":"a/b"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := parseReport(body)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		if strings.ContainsAny(in.CompletionID+in.Learner, "/\x00") || in.CompletionID == "" || in.CompletedAt.IsZero() {
			t.Errorf("%q gives %+v", body, in)
		}
		if again := in.record(morning); !again.same(again) {
			t.Errorf("%q: a record is not itself", body)
		}
	})
}
