package auth

import (
	"context"
	"encoding/json"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/go-webauthn/webauthn/webauthn"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// challengesCollection holds the challenges that wait for an answer. One is
// deleted in the transaction that judges its answer, good or bad, so that no
// answer counts twice, not even at two instances at once. Those that nobody
// answers go by the time-to-live policy on expiresAt.
const challengesCollection = "challenges"

// purpose is what a challenge is for: an answer to one counts for no other.
type purpose string

const (
	toEnrol  purpose = "enrolPasskey"
	toRaise  purpose = "secondFactor"
	toSignIn purpose = "passkeyLogin"
)

// challenge is one WebAuthn ceremony that was begun.
type challenge struct {
	ID      string  `firestore:"id"`
	Purpose purpose `firestore:"purpose"`
	// UID and Session are whose it is; none for a sign-in.
	UID     string `firestore:"uid"`
	Session string `firestore:"session"`
	// FactorName is what the passkey shall be called.
	FactorName string `firestore:"factorName"`
	// Ceremony is the library's record of it, as JSON.
	Ceremony      []byte    `firestore:"ceremony"`
	CreatedAt     time.Time `firestore:"createdAt"`
	ExpiresAt     time.Time `firestore:"expiresAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// begun is what the caller gets of a ceremony.
type begun struct {
	ChallengeID string          `json:"challengeId" doc:"The ceremony, to answer it. Once, within five minutes."`
	PublicKey   json.RawMessage `json:"publicKey" doc:"The options in the JSON form of WebAuthn level 3, for PublicKeyCredential.parseCreationOptionsFromJSON or parseRequestOptionsFromJSON."`
}

// newChallenge makes the record of a ceremony and what the caller gets of it.
func newChallenge(r factorRules, why purpose, p session.Principal, options any, ceremony *webauthn.SessionData, now time.Time) (challenge, begun, error) {
	record, err := json.Marshal(ceremony)
	if err != nil {
		return challenge{}, begun{}, fault.Wrap("challenge", err)
	}
	publicKey, err := json.Marshal(options)
	if err != nil {
		return challenge{}, begun{}, fault.Wrap("challenge", err)
	}
	c := challenge{
		ID: id.New(id.Challenge, now), Purpose: why, UID: p.UID, Session: p.Session, Ceremony: record,
		CreatedAt: now, ExpiresAt: now.Add(r.ChallengeFor), SchemaVersion: 1,
	}
	return c, begun{c.ID, publicKey}, nil
}

// ceremony gives the library's record, where the challenge is for that purpose
// and that session and has not expired.
func (c challenge) ceremony(why purpose, p session.Principal, now time.Time) (webauthn.SessionData, error) {
	var data webauthn.SessionData
	if c.Purpose != why || c.UID != p.UID || c.Session != p.Session || !now.Before(c.ExpiresAt) {
		return data, errNoChallenge()
	}
	err := json.Unmarshal(c.Ceremony, &data)
	return data, fault.Wrap("challenge", err)
}

// errNoChallenge is one answer for a challenge that was used, has expired, is
// somebody else's or never was.
func errNoChallenge() error {
	return fault.New(fault.Invalid, "This challenge was used, has expired or is not for this. Ask for a new one.")
}

func (s *service) challengeDoc(challengeID string) *firestore.DocumentRef {
	return s.gate.Client.Collection(challengesCollection).Doc(challengeID)
}

// decodeChallenge reads a record that may be gone.
func decodeChallenge(snap *firestore.DocumentSnapshot, err error) (challenge, error) {
	c, found, err := firestorex.Decode[challenge]("challenge", snap, err)
	if err == nil && !found {
		err = errNoChallenge()
	}
	return c, err
}

// use reads a challenge inside the transaction that judges its answer, to delete
// it there.
func (s *service) use(c *change, challengeID string, why purpose, p session.Principal) (challenge, webauthn.SessionData, error) {
	snap, err := c.tx.Get(s.challengeDoc(challengeID))
	kept, err := decodeChallenge(snap, err)
	if err != nil {
		return kept, webauthn.SessionData{}, err
	}
	ceremony, err := kept.ceremony(why, p, c.now)
	return kept, ceremony, err
}

// drop deletes a challenge whose answer was refused outside a transaction.
func (s *service) drop(ctx context.Context, challengeID string) error {
	_, err := s.challengeDoc(challengeID).Delete(ctx)
	return firestorex.Fault("challenge", err)
}
