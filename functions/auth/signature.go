package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/session"
)

// signaturesCollection keeps every signature under a policy whole: none is ever
// changed or deleted, and a later one stands beside it.
const signaturesCollection = "signatures"

// signed is one signature, as it can be shown for ever: who, what, how, when.
type signed struct {
	ID  string `firestore:"id" json:"id"`
	UID string `firestore:"uid" json:"-"`
	// Policy and Version name what was signed; Text is the SHA-256 of the words
	// that were shown.
	Policy      string    `firestore:"policy" json:"policy"`
	Version     string    `firestore:"version" json:"version"`
	Title       string    `firestore:"title" json:"title"`
	Text        string    `firestore:"text" json:"text" doc:"SHA-256 of the words that were signed, in hexadecimal."`
	EffectiveAt time.Time `firestore:"effectiveAt" json:"effectiveAt" doc:"From when on the version is in force."`
	// Name is the full name as it was typed, and the account's.
	Name     string    `firestore:"name" json:"name"`
	Initials string    `firestore:"initials" json:"initials"`
	Email    string    `firestore:"email" json:"email"`
	At       time.Time `firestore:"at" json:"at"`
	// How the person was signed in.
	AuthTime      time.Time     `firestore:"authTime" json:"-"`
	Level         session.Level `firestore:"level" json:"level" doc:"The assurance level of the session that signed."`
	Methods       []string      `firestore:"methods" json:"-"`
	Request       string        `firestore:"request" json:"-"`
	SchemaVersion int           `firestore:"schemaVersion" json:"-"`
}

// keepSignature writes the signature down in the transaction of the module. The
// completion has been checked.
func (c *change) keepSignature(p session.Principal, in completion) error {
	for _, v := range policy.Versions() {
		if v.ID != policy.CodeOfConduct || v.Version != in.Version {
			continue
		}
		text := sha256.Sum256([]byte(v.Title + "\n" + v.Summary))
		s := signed{ID: id.New(id.Signature, c.now), UID: p.UID, Policy: v.ID, Version: v.Version, Title: v.Title,
			Text: hex.EncodeToString(text[:]), EffectiveAt: v.EffectiveAt, Name: c.account.Name, Initials: strings.TrimSpace(in.Initials),
			Email: c.account.Email, At: c.now, AuthTime: p.AuthTime, Level: c.account.Level(p), Methods: p.Methods, Request: c.request, SchemaVersion: 1}
		return fault.Wrap("signature", c.tx.Create(c.client.Collection(signaturesCollection).Doc(s.ID), s))
	}
	return fault.New(fault.Internal, "a signature names no version of the code of conduct")
}

// signatures gives one page of what the caller has signed, newest first.
func (s *service) signatures(ctx context.Context, p session.Principal, limit int, cursor string) (api.Page[signed], error) {
	list, next, err := firestorex.Newest[signed](ctx, s.gate.Client.Collection(signaturesCollection).Where("uid", "==", p.UID), limit, cursor)
	return api.Page[signed]{Items: list, Next: next}, err
}
