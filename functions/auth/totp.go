package auth

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"image/png"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/fault"
)

// factorRules are the numbers of the second factors.
type factorRules struct {
	// Issuer is the name that authenticator apps show.
	Issuer string `env:"HUB_TOTP_ISSUER, default=Research Hub"`
	// Period is the length of a step (RFC 6238's X).
	Period time.Duration `env:"HUB_TOTP_PERIOD, default=30s"`
	// Skew is how many steps before and after the present one are accepted.
	Skew int64 `env:"HUB_TOTP_SKEW, default=1"`
	// MaxWrong is how many wrong codes in a row lock the factors.
	MaxWrong int `env:"HUB_FACTOR_MAX_WRONG, default=5"`
	// LockFor is how long they stay locked.
	LockFor time.Duration `env:"HUB_FACTOR_LOCK, default=15m"`
	// MaxConfirmed bounds the factors of one account.
	MaxConfirmed int `env:"HUB_FACTOR_MAX, default=10"`
	// SensitiveWindow is how long ago a session's second factor may have been
	// verified for removing a factor and making recovery codes.
	SensitiveWindow time.Duration `env:"HUB_SENSITIVE_WINDOW, default=5m"`
	// ChallengeFor is how long a WebAuthn challenge may be answered.
	ChallengeFor time.Duration `env:"HUB_CHALLENGE_LIFETIME, default=5m"`
}

// defaultFactorRules are the programme's numbers.
func defaultFactorRules() factorRules {
	return factorRules{Issuer: "Research Hub", Period: 30 * time.Second, Skew: 1, MaxWrong: 5, LockFor: 15 * time.Minute,
		MaxConfirmed: 10, SensitiveWindow: 5 * time.Minute, ChallengeFor: 5 * time.Minute}
}

// newSecret makes a TOTP secret of 160 bits (RFC 4226, section 4) and the
// otpauth address that a QR code carries.
func newSecret(r factorRules, account string) (secret, uri string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: r.Issuer, AccountName: account, Period: uint(r.Period / time.Second),
		SecretSize: 20, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		return "", "", fault.Wrap("totp.generate", err)
	}
	return key.Secret(), key.URL(), nil
}

// qrSide is the QR code's width and height in pixels.
const qrSide = 256

// qrPNG draws an otpauth address as a QR code: a PNG in a data URI, so that the
// secret reaches the screen in the answer itself and no other request names it.
func qrPNG(uri string) (string, error) {
	key, err := otp.NewKeyFromURL(uri)
	if err != nil {
		return "", fault.Wrap("totp.qr", err)
	}
	img, err := key.Image(qrSide, qrSide)
	if err != nil {
		return "", fault.Wrap("totp.qr", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "", fault.Wrap("totp.qr", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// matchStep gives the earliest step after last whose code this is. Every step
// of the window is computed and compared in constant time, whatever matches.
// used is true where the code is right for a step that is not after last.
func matchStep(r factorRules, secret, code string, now time.Time, last int64) (step int64, ok, used bool, err error) {
	present := now.Unix() / int64(r.Period/time.Second)
	for s := present - r.Skew; s <= present+r.Skew; s++ {
		if s < 0 {
			continue
		}
		want, err := hotp.GenerateCodeCustom(secret, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, false, false, fault.Wrap("totp.code", err)
		}
		same := subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1
		switch {
		case !same:
		case s <= last:
			used = true
		case !ok:
			step, ok = s, true
		}
	}
	return step, ok, used, nil
}
