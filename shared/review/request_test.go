package review

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// Every token that was mailed confirms, up to the bound; others never do.
func TestTokens(t *testing.T) {
	var r Request
	var all []Token
	for range maxTokens + 1 {
		token := NewToken()
		all = append(all, token)
		r = r.WithToken(token)
	}
	for i, token := range all {
		if got := r.Knows(token); got != (i > 0) {
			t.Errorf("token %d: %v", i, got)
		}
		if len(token) != TokenLength {
			t.Errorf("%d characters", len(token))
		}
	}
	for _, bad := range []Token{"", "x", NewToken(), Token(r.TokenHashes[0])} {
		if r.Knows(bad) || (Request{}).Knows(bad) {
			t.Error("a token that was never made is known")
		}
	}
	if len(r.TokenHashes) != maxTokens {
		t.Errorf("%d hashes", len(r.TokenHashes))
	}
}

func TestATokenIsNotShown(t *testing.T) {
	token := NewToken()
	r := Request{}.WithToken(token)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "request", r)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", token, "request", r)
	b, err := json.Marshal(map[string]any{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + string(b) + fmt.Sprintf("%v %+v %#v %s", token, r, token, token)
	if strings.Contains(text, string(token)) {
		t.Error(text)
	}
}

func TestARequestExpires(t *testing.T) {
	r := Request{AskedAt: noon}
	for after, want := range map[time.Duration]bool{0: false, ConfirmWithin - 1: false, ConfirmWithin: true, 2 * ConfirmWithin: true} {
		if got := r.Expired(noon.Add(after)); got != want {
			t.Errorf("after %s: %v", after, got)
		}
	}
	done := Request{AskedAt: noon, ExpireAt: later}.Confirmed("rv_1", noon)
	if done.ReviewID != "rv_1" || !done.ConfirmedAt.Equal(noon) || !done.ExpireAt.IsZero() {
		t.Errorf("%+v", done)
	}
}
