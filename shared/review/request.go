package review

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"
)

// Requests holds what people without an account asked for.
const Requests = "reviewRequests"

// Request is somebody's request that the board look at a project, made without
// signing in. It counts once its mail address is confirmed; until then it is
// nobody's but the mailbox's. The board reads it; the owner and the public never
// do.
type Request struct {
	ID        string `firestore:"id"`
	ProjectID string `firestore:"projectId"` // the workspace's identifier
	Project   string `firestore:"project"`   // its name then
	Email     string `firestore:"email"`
	Name      string `firestore:"name"` // "" where they gave none
	Reason    string `firestore:"reason"`
	// TokenHashes are SHA-256 of the tokens that were mailed, in hexadecimal: one,
	// or some more where a mail had to be sent again.
	TokenHashes []string  `firestore:"tokenHashes"`
	AskedAt     time.Time `firestore:"askedAt"`
	// MailedAt is zero until the mail with the link has gone.
	MailedAt time.Time `firestore:"mailedAt"`
	// ConfirmedAt is zero until the link was used.
	ConfirmedAt time.Time `firestore:"confirmedAt"`
	// ReviewID is the review that it is part of, once confirmed.
	ReviewID string `firestore:"reviewId"`
	// ExpireAt is when Firestore's time-to-live policy may remove one that was not
	// confirmed; confirmed ones have none.
	ExpireAt time.Time `firestore:"expireAt,omitempty"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// ConfirmWithin is how long the link of a request can be used.
const ConfirmWithin = 7 * 24 * time.Hour

// maxTokens bounds the tokens of one request: links of earlier attempts to send
// its mail.
const maxTokens = 5

// tokenBytes make a token that nobody guesses: 256 bits (NIST SP 800-63B asks for
// 112 of a look-up secret).
const tokenBytes = 32

// Token is what the link of a request carries. Its type keeps it out of every log
// and every record.
type Token string

// String hides the token from fmt and slog.
func (Token) String() string { return hidden }

// GoString hides it from %#v.
func (Token) GoString() string { return hidden }

// MarshalText hides it from JSON.
func (Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

const hidden = "[hidden]"

// NewToken makes a token for a link.
func NewToken() Token {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process instead
	return Token(base64.RawURLEncoding.EncodeToString(b))
}

// TokenLength is the length of every token, in characters.
var TokenLength = base64.RawURLEncoding.EncodedLen(tokenBytes)

func hash(token Token) string {
	sum := sha256.Sum256([]byte(string(token)))
	return hex.EncodeToString(sum[:])
}

// WithToken gives the request with one more token that confirms it; the oldest
// goes where there are too many.
func (r Request) WithToken(token Token) Request {
	r.TokenHashes = append(slices.Clone(r.TokenHashes), hash(token))
	if n := len(r.TokenHashes); n > maxTokens {
		r.TokenHashes = r.TokenHashes[n-maxTokens:]
	}
	return r
}

// Knows reports whether a token is one of the request's.
func (r Request) Knows(token Token) bool {
	known, got := 0, []byte(hash(token))
	for _, h := range r.TokenHashes {
		known |= subtle.ConstantTimeCompare([]byte(h), got)
	}
	return known == 1
}

// Expired reports whether the link of a request can no longer be used.
func (r Request) Expired(now time.Time) bool { return !now.Before(r.AskedAt.Add(ConfirmWithin)) }

// Confirmed gives the request as part of a review. It stays for the board; its
// links open nothing more.
func (r Request) Confirmed(reviewID string, now time.Time) Request {
	r.ConfirmedAt, r.ReviewID, r.ExpireAt = now, reviewID, time.Time{}
	return r
}
