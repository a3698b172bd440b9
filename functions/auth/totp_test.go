package auth

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/fault"
)

// rfcSecret is the secret of RFC 6238's test vectors (appendix B).
var rfcSecret = base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))

func TestRFC6238Vectors(t *testing.T) {
	r := defaultFactorRules()
	// The RFC gives eight digits; six are their last six.
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		step, ok, _, err := matchStep(r, rfcSecret, want, time.Unix(at, 0), 0)
		if err != nil || !ok || step != at/30 {
			t.Errorf("at %d: step %d, ok %v, %v", at, step, ok, err)
		}
	}
}

func TestTheWindowIsOneStepEachWay(t *testing.T) {
	r := defaultFactorRules()
	for off := int64(-3); off <= 3; off++ {
		code, err := totp.GenerateCode(rfcSecret, morning.Add(time.Duration(off)*r.Period))
		if err != nil {
			t.Fatal(err)
		}
		step, ok, used, err := matchStep(r, rfcSecret, code, morning, 0)
		if want := off >= -1 && off <= 1; err != nil || ok != want || used {
			t.Errorf("%+d steps: step %d, ok %v, used %v, %v; want ok %v", off, step, ok, used, err, want)
		}
	}
}

func TestAStepUsedUpTakesEarlierOnesWithIt(t *testing.T) {
	r := defaultFactorRules()
	present := morning.Unix() / 30
	for _, c := range []struct {
		off, last int64
		ok, used  bool
	}{
		{0, present - 1, true, false},
		{0, present, false, true},
		{-1, present, false, true},
		{1, present, true, false},
		{1, present + 1, false, true},
	} {
		code, err := totp.GenerateCode(rfcSecret, morning.Add(time.Duration(c.off)*r.Period))
		if err != nil {
			t.Fatal(err)
		}
		_, ok, used, err := matchStep(r, rfcSecret, code, morning, c.last)
		if err != nil || ok != c.ok || used != c.used {
			t.Errorf("step %+d after step %+d: ok %v, used %v, %v", c.off, c.last-present, ok, used, err)
		}
	}
}

func TestNewSecrets(t *testing.T) {
	secret, uri, err := newSecret(defaultFactorRules(), "ann@university.example")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(raw) != 20 {
		t.Errorf("secret of %d bytes, %v", len(raw), err)
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != secret ||
		u.Query().Get("issuer") != "Research Hub" || u.Query().Get("period") != "30" || u.Query().Get("digits") != "6" ||
		!strings.HasSuffix(u.Path, "ann@university.example") {
		t.Errorf("address of another form: %v", err)
	}
	if again, _, err := newSecret(defaultFactorRules(), "ann@university.example"); err != nil || again == secret {
		t.Errorf("the same secret twice, or %v", err)
	}
}

// wrongCode is a code that no step near now has.
func wrongCode(t *testing.T, r factorRules, secret string, now time.Time) string {
	t.Helper()
	for n := range 1_000_000 {
		code := fmt.Sprintf("%06d", n)
		_, ok, used, err := matchStep(r, secret, code, now, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !ok && !used {
			return code
		}
	}
	t.Fatal("every code is right")
	return ""
}

func TestLockout(t *testing.T) {
	r := defaultFactorRules()
	bad := wrongCode(t, r, rfcSecret, morning)
	good, err := totp.GenerateCode(rfcSecret, morning)
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"fa": rfcSecret}
	set := factorSet{TOTP: []totpFactor{{ID: "fa", ConfirmedAt: morning}}}
	try := func(code string, now time.Time, want verdict) {
		t.Helper()
		got, _, err := set.check(r, code, secrets, now)
		if err != nil || got != want {
			t.Fatalf("%s, %v; want %s", got, err, want)
		}
	}
	for range 4 {
		try(bad, morning, wrong)
	}
	try(good, morning, accepted) // and the count begins again
	for range 4 {
		try(bad, morning, wrong)
	}
	try(good, morning, used) // a right code is no guess
	try(bad, morning, lockedIn)
	if !fault.Is(set.refusal(lockedIn), fault.Limited) {
		t.Errorf("a lock is told as %v", set.refusal(lockedIn))
	}
	next := morning.Add(r.LockFor)
	nextGood, err := totp.GenerateCode(rfcSecret, next)
	if err != nil {
		t.Fatal(err)
	}
	try(nextGood, next.Add(-time.Nanosecond), locked)
	bad = wrongCode(t, r, rfcSecret, next)
	try(bad, next, wrong) // one of five again
	try(nextGood, next, accepted)
}

func TestEnrollingAgainDropsTheUnconfirmedOneOnly(t *testing.T) {
	set := factorSet{}
	set.enrol(totpFactor{ID: "one", ConfirmedAt: morning})
	set.enrol(totpFactor{ID: "two"})
	set.enrol(totpFactor{ID: "three"})
	if set.find("one") == nil || set.find("two") != nil || set.find("three") == nil || set.confirmed() != 1 {
		t.Errorf("factors %+v", set.TOTP)
	}
}
