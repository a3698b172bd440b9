package auth

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

const verify = "/v1/session/second-factor"

func TestEnrolConfirmVerify(t *testing.T) {
	r := newRoom(t)
	r.want(404, "POST", "/v1/factors/totp", "ann", nil) // no account yet
	r.signUp("ann", "Ann Example")
	r.want(409, "POST", verify, "ann", codeOf("123456")) // no factor yet
	dropped := r.want(201, "POST", "/v1/factors/totp", "ann", nil)
	e := r.want(201, "POST", "/v1/factors/totp", "ann", nil)
	secret := e["secret"].(string)
	path := "/v1/factors/totp/" + e["factorId"].(string) + "/confirmation"
	r.want(409, "POST", verify, "ann", codeOf(r.code(secret))) // not confirmed: no use
	r.want(404, "POST", "/v1/factors/totp/"+dropped["factorId"].(string)+"/confirmation", "ann", codeOf(r.code(dropped["secret"].(string))))
	r.want(404, "POST", "/v1/factors/totp/..%2Fx/confirmation", "ann", codeOf("123456"))
	for _, code := range []string{"12345", "1234567", "12345a", "１２３４５６", ""} {
		r.want(422, "POST", path, "ann", codeOf(code))
	}
	r.want(422, "POST", path, "ann", codeOf(wrongCode(t, r.service.factors, secret, r.clock.Now())))
	if r.account("ann").Modules["twoFactor"].CompletedAt != (time.Time{}) {
		t.Fatal("a wrong code completes the module")
	}
	code := r.code(secret)
	if got := r.want(200, "POST", path, "ann", codeOf(code)); got["customToken"] != "ann aal=2" {
		t.Errorf("token %v", got)
	}
	if f := r.account("ann").Modules["twoFactor"]; !f.CompletedAt.Equal(morning) || f.Evidence != e["factorId"] {
		t.Errorf("module %+v", f)
	}
	r.want(409, "POST", path, "ann", codeOf(code))   // confirmed already
	r.want(422, "POST", verify, "ann", codeOf(code)) // its step is used up
	r.clock.Advance(30 * time.Second)
	if got := r.want(200, "POST", verify, "ann", codeOf(r.code(secret))); got["customToken"] != "ann aal=2" {
		t.Errorf("token %v", got)
	}
	r.want(422, "POST", verify, "ann", codeOf(r.code(secret)))
	acts := r.acts()
	for _, act := range []string{"ann account.create", "ann factor.enrol", "ann factor.confirm", "ann session.secondFactor"} {
		if !slices.Contains(acts, act) {
			t.Errorf("%s is not in the audit log: %v", act, acts)
		}
	}
}

func TestASecondFactorIsAddedByLevel2Only(t *testing.T) {
	r := newRoom(t)
	r.enrolled("ann")
	r.want(403, "POST", "/v1/factors/totp", "ann", nil)
	second := r.want(201, "POST", "/v1/factors/totp", "ann2", nil)
	path := "/v1/factors/totp/" + second["factorId"].(string) + "/confirmation"
	r.want(403, "POST", path, "ann", codeOf(r.code(second["secret"].(string))))
	r.want(200, "POST", path, "ann2", codeOf(r.code(second["secret"].(string))))
	r.clock.Advance(30 * time.Second)
	r.want(200, "POST", verify, "ann", codeOf(r.code(second["secret"].(string))))
}

func TestAStepIsAcceptedOnceByTwoInstances(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	instances := []*service{r.service, r.instance(r.sessions)}
	for round := range 3 {
		code := r.code(secret)
		results := make([]error, len(instances))
		var wg sync.WaitGroup
		for i, s := range instances {
			wg.Go(func() { _, results[i] = s.verifySession(t.Context(), principal("ann", session.SignedIn), code) })
		}
		wg.Wait()
		let := 0
		for _, err := range results {
			switch {
			case err == nil:
				let++
			case !fault.Is(err, fault.Invalid):
				t.Errorf("round %d: %v", round, err)
			}
		}
		if let != 1 {
			t.Errorf("round %d: one code let %d in", round, let)
		}
		r.clock.Advance(30 * time.Second)
	}
}

func TestWrongCodesAreCountedAcrossInstances(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	bad := wrongCode(t, r.service.factors, secret, r.clock.Now())
	p := principal("ann", session.SignedIn)
	for i := range 4 {
		if _, err := r.instance(r.sessions).verifySession(t.Context(), p, bad); !fault.Is(err, fault.Invalid) {
			t.Fatalf("wrong code %d: %v", i+1, err)
		}
	}
	status, answer := r.do("POST", verify, "ann", codeOf(bad))
	if status != 429 || !strings.Contains(answer["detail"].(string), "2026-03-02T09:15:30Z") {
		t.Errorf("the fifth: %d %v", status, answer)
	}
	r.want(429, "POST", verify, "ann", codeOf(r.code(secret))) // not even the right one
	locks := 0
	for _, act := range r.acts() {
		if act == "ann factor.lock" {
			locks++
		}
	}
	if locks != 1 {
		t.Errorf("%d locks in the audit log", locks)
	}
	r.clock.Advance(r.service.factors.LockFor)
	r.want(200, "POST", verify, "ann", codeOf(r.code(secret)))
}

func TestWrongCodesAtConfirmationLockToo(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	e := r.want(201, "POST", "/v1/factors/totp", "ann", nil)
	secret := e["secret"].(string)
	path := "/v1/factors/totp/" + e["factorId"].(string) + "/confirmation"
	bad := wrongCode(t, r.service.factors, secret, r.clock.Now())
	for range 4 {
		r.want(422, "POST", path, "ann", codeOf(bad))
	}
	r.want(429, "POST", path, "ann", codeOf(bad))
	r.want(429, "POST", path, "ann", codeOf(r.code(secret)))
	r.clock.Advance(r.service.factors.LockFor)
	r.want(200, "POST", path, "ann", codeOf(r.code(secret)))
}

func TestWrongCodesAtOnceAreAllCounted(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	bad := wrongCode(t, r.service.factors, secret, r.clock.Now())
	var wg sync.WaitGroup
	for range 2 {
		s := r.instance(r.sessions)
		wg.Go(func() {
			if _, err := s.verifySession(t.Context(), principal("ann", session.SignedIn), bad); !fault.Is(err, fault.Invalid) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var set factorSet
	snap, err := r.client.Collection(factorsCollection).Doc("ann").Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := snap.DataTo(&set); err != nil || set.Wrong != 2 {
		t.Errorf("counted %d, %v; want 2", set.Wrong, err)
	}
}

func TestSecretsAreNowhereInTheStore(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	for _, collection := range []string{factorsCollection, audit.Collection, access.Accounts} {
		snaps, err := r.client.Collection(collection).Documents(t.Context()).GetAll()
		if err != nil || len(snaps) == 0 {
			t.Fatalf("%s: %d records, %v", collection, len(snaps), err)
		}
		for _, s := range snaps {
			text, err := json.Marshal(s.Data())
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds the secret", s.Ref.Path)
			}
			for _, v := range s.Data() {
				if list, ok := v.([]any); ok && len(list) > 0 {
					if f, ok := list[0].(map[string]any); ok {
						if sealed, ok := f["sealed"].([]byte); ok && bytes.Contains(sealed, []byte(secret)) {
							t.Errorf("%s is not sealed", s.Ref.Path)
						}
					}
				}
			}
		}
	}
}
