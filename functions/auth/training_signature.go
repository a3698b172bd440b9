package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/shared/fault"
)

// The bounds of the training webhook.
const (
	// signatureWindow is how far the time of a signature may be from now, both
	// ways: what was recorded on the way is worth nothing after it.
	signatureWindow = 5 * time.Minute
	// maxSignatureHeader bounds the header, in bytes, before anything parses it.
	maxSignatureHeader = 1024
	// maxSignatures bounds the signatures of one header: a provider that changes
	// its secret signs with both for a while.
	maxSignatures = 4
	// minSecretBytes is the least length of a secret: the size of the hash.
	minSecretBytes = 32
)

// webhookSecrets are the secrets that a webhook may be signed with: the present
// one, and while it is being changed the next. No log shows them.
type webhookSecrets []string

// EnvDecode reads them from the environment, separated by commas.
func (w *webhookSecrets) EnvDecode(text string) error {
	*w = nil
	for one := range strings.SplitSeq(text, ",") {
		one = strings.TrimSpace(one)
		switch {
		case one == "":
		case len(one) < minSecretBytes:
			return errors.New("a secret of HUB_TRAINING_WEBHOOK_SECRETS has fewer than 32 characters: make one with `openssl rand -hex 32`")
		default:
			*w = append(*w, one)
		}
	}
	return nil
}

// String hides the secrets from fmt.
func (webhookSecrets) String() string { return "[hidden]" }

// GoString hides them from %#v.
func (webhookSecrets) GoString() string { return "[hidden]" }

// MarshalText hides them from JSON.
func (webhookSecrets) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// LogValue hides them from slog.
func (webhookSecrets) LogValue() slog.Value { return slog.StringValue("[hidden]") }

// signatureHeader is what the header Hub-Signature says:
// "t=<Unix seconds>,v1=<hexadecimal HMAC-SHA-256>", v1 once or more.
type signatureHeader struct {
	// at is the time as it was sent: its text is what was signed.
	at   string
	time time.Time
	v1   [][]byte
}

// parseSignature reads the header; false where it is not of that form. Names
// other than t and v1 are another scheme's and left alone.
func parseSignature(text string) (signatureHeader, bool) {
	var h signatureHeader
	if len(text) > maxSignatureHeader {
		return h, false
	}
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return h, false
		}
		switch name {
		case "t":
			// Digits alone: no sign, and no second way to write a number.
			seconds, err := strconv.ParseUint(value, 10, 40)
			if err != nil || h.at != "" || strconv.FormatUint(seconds, 10) != value {
				return h, false
			}
			h.at, h.time = value, time.Unix(int64(seconds), 0)
		case "v1":
			mac, err := hex.DecodeString(value)
			if err != nil || len(mac) != sha256.Size || len(h.v1) == maxSignatures {
				return h, false
			}
			h.v1 = append(h.v1, mac)
		}
	}
	return h, h.at != "" && len(h.v1) > 0
}

// signBody is the HMAC-SHA-256 (RFC 2104) of "<time>.<body>".
func signBody(secret, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// verify says whether the body comes from one who holds a secret, and lately.
// Every signature is compared with every secret in constant time. Without a
// secret nothing is accepted.
func (w webhookSecrets) verify(header string, body []byte, now time.Time) error {
	if len(w) == 0 {
		return fault.New(fault.Unavailable, "The training webhook is not set up: HUB_TRAINING_WEBHOOK_SECRETS holds no secret. Completions can be entered by an access admin.")
	}
	h, ok := parseSignature(header)
	if !ok {
		return errSignature()
	}
	right := false
	for _, secret := range w {
		want := signBody(secret, h.at, body)
		for _, mac := range h.v1 {
			right = hmac.Equal(want, mac) || right
		}
	}
	switch {
	case !right:
		return errSignature()
	case now.Sub(h.time).Abs() > signatureWindow:
		return fault.New(fault.Unauthenticated, "The signature is of another time: sign again, with the present time, within %.0f minutes of sending.", signatureWindow.Minutes())
	default:
		return nil
	}
}

// errSignature is one answer for everything that is wrong with a signature.
func errSignature() error {
	return fault.New(fault.Unauthenticated, "The signature is not right. Send 'Hub-Signature: t=<Unix seconds>,v1=<hexadecimal HMAC-SHA-256 of t.body>'.")
}
