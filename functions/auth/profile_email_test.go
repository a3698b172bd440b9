package auth

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// movedTo serves ann's session with another address of the sign-in: tokens
// "ann" (level 1), "ann2" (level 2) and "unverified".
func (r *room) movedTo(email string) {
	r.t.Helper()
	verifier := fakeVerifier{}
	for token, level := range map[string]session.Level{"ann": session.SignedIn, "ann2": session.SecondFactor, "unverified": session.SignedIn} {
		p := principal("ann", level)
		p.Email, p.EmailVerified = email, token != "unverified"
		p.SecondFactorAt = r.clock.Now()
		verifier[token] = p
	}
	r.handler = newAPI(r.service, api.Options{Verifier: verifier, Log: slog.New(slog.DiscardHandler)}).Handler()
}

func TestANewAddressIsTakenOver(t *testing.T) {
	r := newRoom(t)
	r.put(access.Institutions, "clinic", access.Institution{ID: "clinic", Name: "Clinic", Kind: "healthCenter",
		Rules: map[string]access.TierRule{"registered": {Kind: "domains", List: []string{"clinic.example"}}}})
	r.signUp("ann", "Ann Example")
	a := r.account("ann")
	for _, q := range access.Requirements() {
		a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: r.clock.Now(), Evidence: "e"}
	}
	r.put(access.Accounts, "ann", a)
	if got := r.want(200, "GET", "/v1/account", "ann", nil); got["tier"] != "controlled" {
		t.Fatalf("before: %v", got)
	}

	// The sign-in's address alone changes nothing: only taking it over does, and
	// only a confirmed one.
	r.movedTo("ann@clinic.example")
	if got := r.want(200, "GET", "/v1/account", "ann", nil); got["tier"] != "controlled" || got["email"] != "ann@university.example" {
		t.Errorf("not taken over: %v", got)
	}
	r.want(403, "POST", "/v1/account/email", "unverified", nil)
	for range 2 { // twice: the second changes nothing
		if got := r.want(200, "POST", "/v1/account/email", "ann", nil); got["tier"] != "registered" || got["email"] != "ann@clinic.example" || got["institutionId"] != "clinic" {
			t.Errorf("taken over: %v", got)
		}
	}
	entries := r.entriesOf("account.email")
	if len(entries) != 1 || entries[0].Before != "ann@university.example, institution university" || entries[0].After != "ann@clinic.example, institution clinic" {
		t.Errorf("audit %+v", entries)
	}
	told := 0
	for _, e := range r.published.events {
		if e.Type == "account.securityChanged" && e.Data["what"] == "emailChanged" && e.UID == "ann" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}

	// The tier falls at once where no institution lists the new address.
	r.movedTo("ann@clinic.example.evil.com")
	if got := r.want(200, "POST", "/v1/account/email", "ann", nil); got["tier"] != "public" || got["institutionId"] != nil || !slices.Contains(got["blocked"].([]any), any("institution")) {
		t.Errorf("an unknown institution's: %v", got)
	}
}

// Whoever has the password alone does not turn the account's address.
func TestANewAddressTakesTheSecondFactor(t *testing.T) {
	r := newRoom(t)
	r.enrolled("ann")
	r.movedTo("eve@university.example")
	if got := r.want(403, "POST", "/v1/account/email", "ann", nil); got["code"] != "assurance" {
		t.Errorf("%v", got)
	}
	if a := r.account("ann"); a.Email != "ann@university.example" {
		t.Errorf("the address is %s", a.Email)
	}
	r.want(200, "POST", "/v1/account/email", "ann2", nil)
	if a := r.account("ann"); a.Email != "eve@university.example" || !strings.HasPrefix(a.InstitutionID, "university") {
		t.Errorf("account %+v", a)
	}
}
