package auth

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/shared/fault"
)

func TestRecoveryCodesAreTenOf80Bits(t *testing.T) {
	codes, kept := newRecoveryCodes(morning)
	form := regexp.MustCompile(`^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$`)
	seen := map[string]bool{}
	for i, code := range codes {
		raw, err := parseRecoveryCode(code)
		if err != nil || len(raw) != 10 || !form.MatchString(code) || seen[code] {
			t.Errorf("code %d is not of the form, or there twice: %v", i, err)
		}
		seen[code] = true
		for _, one := range kept.Codes {
			if slices.Equal(one.Hash, raw) || strings.Contains(string(one.Hash), string(raw)) {
				t.Error("a code is kept as it is")
			}
		}
	}
	if len(codes) != 10 || len(kept.Codes) != 10 || kept.left() != 10 || len(kept.Salt) != 16 {
		t.Errorf("%d codes, %d kept, %d left, salt of %d bytes", len(codes), len(kept.Codes), kept.left(), len(kept.Salt))
	}
	_, again := newRecoveryCodes(morning)
	if slices.Equal(again.Salt, kept.Salt) {
		t.Error("the same salt twice")
	}
}

func TestRecoveryCodesAsPeopleTypeThem(t *testing.T) {
	want, err := parseRecoveryCode("ABCD-EFGH-IJKL-2345")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"abcd-efgh-ijkl-2345", "ABCDEFGHIJKL2345", " abcd efgh ijkl 2345 ", "AbCd\u2011eFgH\u2013iJkL\u00a02345"} {
		if got, err := parseRecoveryCode(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "-", "ABCD", "ABCD-EFGH-IJKL-234", "ABCD-EFGH-IJKL-23456", "ABCD-EFGH-IJKL-0189", "ABCD-EFGH-IJKL-23==", "ABCD\nEFGH\nIJKL\n2345", "ABCDEFGHIJKL23\r\n", "ＡBCDEFGHIJKL2345"} {
		if _, err := parseRecoveryCode(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestUsingRecoveryCodes(t *testing.T) {
	r := defaultFactorRules()
	codes, kept := newRecoveryCodes(morning)
	set := factorSet{Recovery: kept}
	use := func(code string, now time.Time, want verdict) {
		t.Helper()
		raw, err := parseRecoveryCode(code)
		if err != nil {
			t.Fatal(err)
		}
		if got := set.useRecovery(r, raw, now); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	const guess = "AAAA-AAAA-AAAA-AAAA"
	for i, code := range codes {
		use(guess, morning, wrong)
		use(code, morning, accepted)
		use(code, morning, used)
		if set.Recovery.left() != 9-i || set.Wrong != 0 {
			t.Fatalf("%d left, %d wrong", set.Recovery.left(), set.Wrong)
		}
	}
	// Wrong ones count with wrong codes of an app.
	set.TOTP = []totpFactor{{ID: "fa", ConfirmedAt: morning}}
	secrets := map[string]string{"fa": rfcSecret}
	bad := wrongCode(t, r, rfcSecret, morning)
	for i, want := range []verdict{wrong, wrong, wrong, wrong, lockedIn} {
		var got verdict
		if i%2 == 0 {
			raw, _ := parseRecoveryCode(guess)
			got = set.useRecovery(r, raw, morning)
		} else {
			got, _, _ = set.check(r, bad, secrets, morning)
		}
		if got != want {
			t.Fatalf("wrong code %d: %s, want %s", i+1, got, want)
		}
	}
	codes, set.Recovery = newRecoveryCodes(morning)
	use(codes[0], morning.Add(r.LockFor-time.Nanosecond), locked)
	use(codes[0], morning.Add(r.LockFor), accepted)
	if got := (&factorSet{}).useRecovery(r, make([]byte, 10), morning); got != wrong {
		t.Errorf("without codes: %s", got)
	}
}

func FuzzParseRecoveryCode(f *testing.F) {
	codes, _ := newRecoveryCodes(morning)
	for _, s := range append(codes, "", "abcd efgh", "\xff\xfe", "ABCD\nEFGH") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := parseRecoveryCode(text)
		switch {
		case err != nil && !fault.Is(err, fault.Invalid):
			t.Fatal(err)
		case err == nil && len(raw) != recoveryBytes:
			t.Fatalf("%d bytes", len(raw))
		}
	})
}
