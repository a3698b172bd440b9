package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"

	"researchhub.example/hub/shared/fault"
)

// The form of recovery codes: NIST 800-63B calls them look-up secrets (section
// 3.1.2 of revision 4), which need at least 20 bits each; these have 80.
const (
	recoveryCount = 10
	recoveryBytes = 10
	recoveryChars = 16 // 80 bits in base 32
	recoveryGroup = 4
	recoverySalt  = 16
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// recoveryCodes are what is kept of an account's recovery codes. A salted
// SHA-256 is enough, and no slow hash is used: those make up for secrets that
// people choose, and 80 random bits cannot be searched at any speed.
type recoveryCodes struct {
	// MadeAt is zero where there are none.
	MadeAt time.Time      `firestore:"madeAt"`
	Salt   []byte         `firestore:"salt"`
	Codes  []recoveryCode `firestore:"codes"`
}

// recoveryCode is one of them.
type recoveryCode struct {
	Hash []byte `firestore:"hash"`
	// UsedAt is zero until it was used; afterwards it is of no more use.
	UsedAt time.Time `firestore:"usedAt"`
}

// left counts the codes that were not used yet.
func (c recoveryCodes) left() int {
	n := 0
	for _, one := range c.Codes {
		if one.UsedAt.IsZero() {
			n++
		}
	}
	return n
}

// newRecoveryCodes makes ten codes to show once, "ABCD-EFGH-IJKL-MNOP", and what
// is kept of them in the place of all earlier ones.
func newRecoveryCodes(now time.Time) ([]string, recoveryCodes) {
	// crypto/rand.Read never fails and never gives less (Go 1.24 on).
	salt := make([]byte, recoverySalt)
	_, _ = rand.Read(salt)
	kept := recoveryCodes{MadeAt: now, Salt: salt}
	codes := make([]string, recoveryCount)
	for i := range codes {
		raw := make([]byte, recoveryBytes)
		_, _ = rand.Read(raw)
		kept.Codes = append(kept.Codes, recoveryCode{Hash: recoveryHash(salt, raw)})
		codes[i] = grouped(base32Plain.EncodeToString(raw))
	}
	return codes, kept
}

func grouped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if i > 0 && i%recoveryGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func recoveryHash(salt, raw []byte) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(raw)
	return h.Sum(nil)
}

// parseRecoveryCode reads a code as people type it: letter case, spaces and
// dashes do not matter. What has another form is no guess and is not counted.
func parseRecoveryCode(text string) ([]byte, error) {
	text = strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '-', '\u00a0', '\u2010', '\u2011', '\u2013':
			return -1
		}
		return r
	}, text))
	raw, err := base32Plain.DecodeString(text)
	if len(text) != recoveryChars || err != nil || len(raw) != recoveryBytes {
		return nil, fault.InvalidFields(fault.Field{Path: "body.recoveryCode", Message: "A recovery code has 16 letters and digits: ABCD-EFGH-IJKL-MNOP."})
	}
	return raw, nil
}

// useRecovery tries a recovery code and changes the set: the code, the count,
// the lock. The set must be stored whatever the verdict. Every code is compared
// in constant time, whatever matches.
func (s *factorSet) useRecovery(r factorRules, raw []byte, now time.Time) verdict {
	if s.closed(now) {
		return locked
	}
	want := recoveryHash(s.Recovery.Salt, raw)
	found := -1
	for i, one := range s.Recovery.Codes {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(one.Hash, want), i, found)
	}
	result := wrong
	if found >= 0 {
		result = used
		if one := &s.Recovery.Codes[found]; one.UsedAt.IsZero() {
			one.UsedAt, result = now, accepted
		}
	}
	return s.counted(r, result, now)
}
