package auth

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

// withPasskey enrols a passkey for a session and gives the device and the factor.
func (r *room) withPasskey(p session.Principal, name string) (*device, string) {
	r.t.Helper()
	d := newDevice(r.t)
	return d, r.enrolPasskey(p, d, name)
}

func (r *room) enrolPasskey(p session.Principal, d *device, name string) string {
	r.t.Helper()
	b := r.as(p, 201, "POST", "/v1/factors/passkeys", map[string]any{"name": name})
	out := r.as(p, 200, "POST", "/v1/factors/passkeys/"+b["challengeId"].(string)+"/confirmation", map[string]any{"credential": d.create(b["publicKey"])})
	if out["customToken"] != p.UID+" aal=2" {
		r.t.Errorf("%v", out)
	}
	return out["factorId"].(string)
}

// challenge begins to raise a session by passkey.
func (r *room) challenge(p session.Principal) (challengeID string, publicKey any) {
	r.t.Helper()
	c := r.as(p, 200, "POST", "/v1/session/challenge", nil)
	passkey := c["passkey"].(map[string]any)
	return passkey["challengeId"].(string), passkey["publicKey"]
}

func proofOf(challengeID string, credential map[string]any) map[string]any {
	return map[string]any{"challengeId": challengeID, "credential": credential}
}

func TestTheFirstFactorMayBeAPasskey(t *testing.T) {
	r := newRoom(t)
	p := principal("ann", session.SignedIn)
	r.as(p, 404, "POST", "/v1/factors/passkeys", nil) // no account yet
	r.signUp("ann", "Ann Example")
	b := r.as(p, 201, "POST", "/v1/factors/passkeys", nil)
	options := b["publicKey"].(map[string]any)
	if d := cmp.Diff(map[string]any{"id": "localhost", "name": "Research Hub"}, options["rp"]); d != "" {
		t.Error(d)
	}
	selection := options["authenticatorSelection"].(map[string]any)
	if selection["residentKey"] != "required" || selection["userVerification"] != "preferred" || options["timeout"] != 300000.0 {
		t.Errorf("%v", options)
	}
	if user := options["user"].(map[string]any); user["name"] != "ann@university.example" || user["displayName"] != "Ann Example" || user["id"] != b64(userHandle("ann")) {
		t.Errorf("%v", user)
	}

	d, factorID := r.withPasskey(p, " My  laptop ")
	if f := r.account("ann").Modules["twoFactor"]; !f.CompletedAt.Equal(morning) || f.Evidence != factorID {
		t.Errorf("module %+v", f)
	}
	list := r.as(p, 200, "GET", "/v1/factors", nil)["items"].([]any)
	if f := list[0].(map[string]any); len(list) != 1 || f["kind"] != "passkey" || f["name"] != "My laptop" || f["confirmed"] != true || f["lastUsedAt"] != nil {
		t.Errorf("%v", list)
	}
	// It is excluded when the next one is made, and that takes level 2.
	r.as(p, 403, "POST", "/v1/factors/passkeys", nil)
	next := r.as(r.raised("ann", 0), 201, "POST", "/v1/factors/passkeys", nil)["publicKey"].(map[string]any)
	excluded := next["excludeCredentials"].([]any)
	if len(excluded) != 1 || excluded[0].(map[string]any)["id"] != b64(d.credentialID) {
		t.Errorf("excluded %v", excluded)
	}
	// And it raises a session.
	r.clock.Advance(time.Minute)
	challengeID, publicKey := r.challenge(p)
	if got := r.as(p, 200, "POST", verify, proofOf(challengeID, d.get(publicKey))); got["customToken"] != "ann aal=2" {
		t.Errorf("%v", got)
	}
	if f := r.factorsOf("ann").Passkeys[0]; !f.LastUsedAt.Equal(r.clock.Now()) || f.Transports[0] != "internal" || len(f.AAGUID) != 16 {
		t.Errorf("%+v", f)
	}
	if d := cmp.Diff([]string{"ann passkeyAdded My laptop"}, r.told()); d != "" {
		t.Error(d)
	}
	for _, act := range []string{"ann factor.confirm", "ann session.secondFactor"} {
		if !slices.Contains(r.acts(), act) {
			t.Errorf("%s is not in the audit log", act)
		}
	}
}

func TestTheChallengeNamesWhatThereIs(t *testing.T) {
	r := newRoom(t)
	p := principal("ann", session.SignedIn)
	r.signUp("ann", "Ann Example")
	if d := cmp.Diff(map[string]any{"factors": []any{}, "recovery": false}, r.as(p, 200, "POST", "/v1/session/challenge", nil)); d != "" {
		t.Error(d)
	}
	secret := r.enrolledAgain("ann")
	r.as(r.raised("ann", 0), 201, "POST", "/v1/factors/totp", nil) // begun, not confirmed
	r.clock.Advance(time.Second)
	_, key := r.withPasskey(r.raised("ann", 0), "")
	r.as(r.raised("ann", 0), 200, "POST", "/v1/factors/recovery-codes", nil)
	bad := wrongCode(t, r.service.factors, secret, r.clock.Now())
	for range 4 {
		r.want(422, "POST", verify, "ann", codeOf(bad))
	}
	r.want(429, "POST", verify, "ann", codeOf(bad))
	c := r.as(p, 200, "POST", "/v1/session/challenge", nil)
	app := r.factorsOf("ann").TOTP[0].ID
	want := []any{map[string]any{"id": app, "kind": "totp", "name": "Authenticator app"}, map[string]any{"id": key, "kind": "passkey", "name": "Passkey"}}
	if d := cmp.Diff(want, c["factors"]); d != "" {
		t.Error(d)
	}
	if c["recovery"] != true || c["lockedUntil"] != r.clock.Now().Add(15*time.Minute).Format(time.RFC3339) {
		t.Errorf("%v", c)
	}
	options := c["passkey"].(map[string]any)["publicKey"].(map[string]any)
	if options["rpId"] != "localhost" || options["userVerification"] != "preferred" || len(options["allowCredentials"].([]any)) != 1 {
		t.Errorf("%v", options)
	}
}

func TestPasskeysWorkWhileCodesAreLocked(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	p := principal("ann", session.SignedIn)
	d, _ := r.withPasskey(r.raised("ann", 0), "Laptop")
	bad := wrongCode(t, r.service.factors, secret, r.clock.Now())
	for range 5 {
		r.do("POST", verify, "ann", codeOf(bad))
	}
	r.want(429, "POST", verify, "ann", codeOf(r.code(secret)))
	challengeID, publicKey := r.challenge(p)
	r.as(p, 200, "POST", verify, proofOf(challengeID, d.get(publicKey)))
	r.want(429, "POST", verify, "ann", codeOf(r.code(secret))) // which does not open the lock
}

// refused says how a bad answer is told.
type refused struct {
	name   string
	device func(*device) *device
	status int
}

// forgeries are what an attacker or a broken authenticator would send.
var forgeries = []refused{
	{"another origin", func(d *device) *device {
		return d.with(func(d *device) { d.origin = "https://localhost.evil.example" })
	}, 422},
	{"another port", func(d *device) *device { return d.with(func(d *device) { d.origin = "http://localhost:9999" }) }, 422},
	{"https for http", func(d *device) *device { return d.with(func(d *device) { d.origin = "https://localhost:8080" }) }, 422},
	{"an address for the name", func(d *device) *device { return d.with(func(d *device) { d.origin = "http://127.0.0.1:8080" }) }, 422},
	{"another relying party", func(d *device) *device { return d.with(func(d *device) { d.rpID = "evil.example" }) }, 422},
	{"another challenge", func(d *device) *device {
		return d.with(func(d *device) {
			d.client = func(c map[string]any) { c["challenge"] = b64(make([]byte, 32)) }
		})
	}, 422},
	{"another ceremony", func(d *device) *device {
		return d.with(func(d *device) {
			d.client = func(c map[string]any) {
				c["type"] = "webauthn." + strings.Replace(c["type"].(string), "webauthn.", "x", 1)
			}
		})
	}, 422},
	{"a frame of another site", func(d *device) *device {
		return d.with(func(d *device) {
			d.client = func(c map[string]any) { c["crossOrigin"], c["topOrigin"] = true, "https://evil.example" }
		})
	}, 422},
	{"nobody present", func(d *device) *device { return d.with(func(d *device) { d.flags &^= userPresent }) }, 422},
	{"backed up and not able to be", func(d *device) *device { return d.with(func(d *device) { d.flags |= backedUp }) }, 422},
}

func TestBadRegistrationsAreRefused(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	p := principal("ann", session.SignedIn)
	for _, c := range forgeries {
		b := r.as(p, 201, "POST", "/v1/factors/passkeys", nil)
		path := "/v1/factors/passkeys/" + b["challengeId"].(string) + "/confirmation"
		d := newDevice(t)
		answer := r.as(p, c.status, "POST", path, map[string]any{"credential": c.device(d).create(b["publicKey"])})
		if detail := answer["detail"].(string); !strings.Contains(detail, "not accepted") {
			t.Errorf("%s: %s", c.name, detail)
		}
		// The challenge is used up: not even a good answer counts now.
		r.as(p, 422, "POST", path, map[string]any{"credential": d.create(b["publicKey"])})
	}
	if set := r.factorsOf("ann"); len(set.Passkeys) != 0 || !r.account("ann").Modules["twoFactor"].CompletedAt.IsZero() {
		t.Errorf("%d passkeys", len(set.Passkeys))
	}
	if told := r.told(); len(told) != 0 {
		t.Errorf("told %v", told)
	}
}

func TestBadAssertionsAreRefused(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	p := principal("ann", session.SignedIn)
	d, _ := r.withPasskey(p, "Laptop")
	before := r.factorsOf("ann")
	stranger := newDevice(t)
	for _, c := range append(forgeries,
		refused{"a signature by another key", func(d *device) *device { return d.with(func(d *device) { d.key = stranger.key }) }, 422},
		refused{"a signature with a bit flipped", func(d *device) *device {
			return d.with(func(d *device) {
				d.sign = func(s []byte) []byte { s[len(s)-1] ^= 1; return s }
			})
		}, 422},
		refused{"no signature", func(d *device) *device {
			return d.with(func(d *device) { d.sign = func([]byte) []byte { return nil } })
		}, 422},
		refused{"a credential nobody has", func(*device) *device { return stranger }, 422},
		refused{"another user handle", func(d *device) *device { return d.with(func(d *device) { d.handle = userHandle("ben") }) }, 422},
		refused{"another backup eligibility", func(d *device) *device { return d.with(func(d *device) { d.flags |= backupEligible }) }, 422},
	) {
		challengeID, publicKey := r.challenge(p)
		answer := r.as(p, c.status, "POST", verify, proofOf(challengeID, c.device(d).get(publicKey)))
		if detail := answer["detail"].(string); !strings.Contains(detail, "not accepted") {
			t.Errorf("%s: %s", c.name, detail)
		}
		r.as(p, 422, "POST", verify, proofOf(challengeID, d.get(publicKey))) // used up
	}
	if d := cmp.Diff(before, r.factorsOf("ann")); d != "" {
		t.Error(d)
	}
	challengeID, publicKey := r.challenge(p)
	noUV := d.with(func(d *device) { d.flags &^= userVerified })
	r.as(p, 200, "POST", verify, proofOf(challengeID, noUV.get(publicKey))) // preferred as a second step, not required
}

func TestAChallengeIsForOneSessionOnePurposeAndFiveMinutes(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	r.signUp("ben", "Ben Example")
	ann, ben := principal("ann", session.SignedIn), principal("ben", session.SignedIn)
	ann.Session, ben.Session = "one", "two"
	ann.StartedAt, ben.StartedAt = r.clock.Now(), r.clock.Now()
	other := ann
	other.Session = "three"
	annD, _ := r.withPasskey(ann, "")
	benD, _ := r.withPasskey(ben, "")

	challengeID, publicKey := r.challenge(ann)
	good := annD.get(publicKey)
	r.as(other, 422, "POST", verify, proofOf(challengeID, good))                                                                      // another session of hers
	r.as(ben, 422, "POST", verify, proofOf(challengeID, good))                                                                        // another account
	r.as(ann, 401, "POST", "/v1/passkey-login", proofOf(challengeID, good))                                                           // another purpose
	r.as(ann, 422, "POST", verify, proofOf("ch_01J9ZK3V5N8Q2T4R6W8Y0A1B2C", good))                                                    // none
	r.as(ann, 422, "POST", verify, proofOf("../accounts/ann", good))                                                                  // no identifier
	r.as(ann, 422, "POST", "/v1/factors/passkeys/"+challengeID+"/confirmation", map[string]any{"credential": annD.create(publicKey)}) // no enrolment
	r.as(ann, 200, "POST", verify, proofOf(challengeID, good))                                                                        // and none of these used it up
	r.as(ann, 422, "POST", verify, proofOf(challengeID, good))                                                                        // a replay

	// Another account's passkey on a challenge of one's own.
	challengeID, publicKey = r.challenge(ann)
	r.as(ann, 422, "POST", verify, proofOf(challengeID, benD.get(publicKey)))

	challengeID, publicKey = r.challenge(ann)
	r.clock.Advance(5*time.Minute - time.Microsecond)
	late, latePublicKey := r.challenge(ann)
	r.as(ann, 200, "POST", verify, proofOf(challengeID, annD.get(publicKey)))
	r.clock.Advance(5 * time.Minute)
	r.as(ann, 422, "POST", verify, proofOf(late, annD.get(latePublicKey)))

	// An enrolment expires too.
	p := r.raised("ann", 0)
	b := r.as(p, 201, "POST", "/v1/factors/passkeys", nil)
	r.clock.Advance(5 * time.Minute)
	r.as(p, 422, "POST", "/v1/factors/passkeys/"+b["challengeId"].(string)+"/confirmation", map[string]any{"credential": newDevice(t).create(b["publicKey"])})
}

func TestACounterThatGoesBackIsRefusedAndTold(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	p := principal("ann", session.SignedIn)
	d := newDevice(t)
	d.count = 7
	factorID := r.enrolPasskey(p, d, "Key")
	use := func(d *device, status int) map[string]any {
		t.Helper()
		challengeID, publicKey := r.challenge(p)
		return r.as(p, status, "POST", verify, proofOf(challengeID, d.get(publicKey)))
	}
	clone := *d
	use(d, 200)                                                                                                                                              // 8
	use(d, 200)                                                                                                                                              // 9
	use(&clone, 403)                                                                                                                                         // 8
	use(d.with(func(d *device) { d.count = 8 }), 403)                                                                                                        // 9: not greater
	use(d.with(func(d *device) { d.count = 0 }), 403)                                                                                                        // 0 where it has counted
	use(&device{t: t, rpID: d.rpID, origin: d.origin, flags: d.flags, count: 3, key: newDevice(t).key, credentialID: d.credentialID, handle: d.handle}, 422) // a stranger marks nothing
	f := r.factorsOf("ann").Passkeys[0]
	if f.SignCount != 9 || !f.CloneWarningAt.Equal(r.clock.Now()) {
		t.Errorf("%+v", f)
	}
	if item := r.as(p, 200, "GET", "/v1/factors", nil)["items"].([]any)[0].(map[string]any); item["cloneWarning"] != true || item["id"] != factorID {
		t.Errorf("%v", item)
	}
	use(d, 200) // 10: only the assertion is refused
	if told := r.told(); !slices.Contains(told, "ann passkeySuspected Key") {
		t.Errorf("%v", told)
	}
	if !slices.Contains(r.acts(), "ann factor.cloneWarning") {
		t.Errorf("%v", r.acts())
	}
	// One whose counter stays at 0 says nothing.
	zero := newDevice(t)
	r.enrolPasskey(r.raised("ann", 0), zero, "Synced")
	use(zero, 200)
	use(zero, 200)
}

func TestSignInByPasskey(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	p := principal("ann", session.SignedIn)
	d, factorID := r.withPasskey(p, "Laptop")
	nobody := session.Principal{}
	begin := func() (string, any) {
		t.Helper()
		b := r.as(nobody, 200, "POST", "/v1/passkey-login/challenge", nil)
		options := b["publicKey"].(map[string]any)
		if options["userVerification"] != "required" || options["allowCredentials"] != nil || options["rpId"] != "localhost" {
			t.Fatalf("%v", options)
		}
		return b["challengeId"].(string), options
	}
	challengeID, publicKey := begin()
	good := d.get(publicKey)
	if got := r.as(nobody, 200, "POST", "/v1/passkey-login", proofOf(challengeID, good)); got["customToken"] != "ann aal=2" {
		t.Errorf("%v", got)
	}
	r.as(nobody, 401, "POST", "/v1/passkey-login", proofOf(challengeID, good)) // a replay
	record, err := r.service.gate.Sessions().Get(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range record.Sessions {
		found = found || s.FactorID == factorID && cmp.Equal(s.Methods, []string{"hwk", "user", "mfa"}) && s.Level == session.SecondFactor
	}
	if !found {
		t.Errorf("no session of the sign-in: %+v", record.Sessions)
	}

	stranger := newDevice(t)
	stranger.handle = userHandle("ann")
	cases := append([]refused{}, forgeries...)
	cases = append(cases,
		refused{"no user verification", func(d *device) *device { return d.with(func(d *device) { d.flags &^= userVerified }) }, 0},
		refused{"another key", func(d *device) *device { return d.with(func(d *device) { d.key = stranger.key }) }, 0},
		refused{"a credential nobody has", func(*device) *device { return stranger }, 0},
		refused{"another user handle", func(d *device) *device { return d.with(func(d *device) { d.handle = userHandle("ben") }) }, 0},
		refused{"no user handle", func(d *device) *device { return d.with(func(d *device) { d.handle = nil }) }, 0},
	)
	before := r.factorsOf("ann")
	var told string
	for _, c := range cases {
		challengeID, publicKey := begin()
		answer := r.as(nobody, 401, "POST", "/v1/passkey-login", proofOf(challengeID, c.device(d).get(publicKey)))
		delete(answer, "instance")
		text := string(mustJSON(t, answer))
		if told == "" {
			told = text
		}
		if text != told {
			t.Errorf("%s is told apart: %s", c.name, text)
		}
		r.as(nobody, 401, "POST", "/v1/passkey-login", proofOf(challengeID, d.get(publicKey))) // used up
	}
	if d := cmp.Diff(before, r.factorsOf("ann")); d != "" {
		t.Error(d)
	}

	challengeID, publicKey = begin()
	r.clock.Advance(5 * time.Minute)
	r.as(nobody, 401, "POST", "/v1/passkey-login", proofOf(challengeID, d.get(publicKey)))

	a := r.account("ann")
	a.Disabled = true
	r.put("accounts", "ann", a)
	challengeID, publicKey = begin()
	r.as(nobody, 403, "POST", "/v1/passkey-login", proofOf(challengeID, d.get(publicKey)))
	a.Disabled = false
	r.put("accounts", "ann", a)

	// A passkey that was removed signs nobody in, nor does one after a reset.
	second, _ := r.withPasskey(r.raised("ann", 0), "Phone")
	r.as(r.raised("ann", 0), 204, "DELETE", "/v1/factors/"+factorID, nil)
	challengeID, publicKey = begin()
	r.as(nobody, 401, "POST", "/v1/passkey-login", proofOf(challengeID, d.get(publicKey)))
	challengeID, publicKey = begin()
	r.as(nobody, 200, "POST", "/v1/passkey-login", proofOf(challengeID, second.get(publicKey)))
	r.put(access.Accounts, "admin", access.Account{UID: "admin", Email: "admin@university.example", AdminRoles: []access.Role{access.AccessAdmin}, SchemaVersion: 1})
	r.as(principal("admin", session.SecondFactor), 200, "PUT", "/v1/admin/accounts/ann/modules/twoFactor", map[string]any{"act": "reset", "reason": "lost"})
	challengeID, publicKey = begin()
	r.as(nobody, 401, "POST", "/v1/passkey-login", proofOf(challengeID, second.get(publicKey)))
	if snaps, err := r.client.Collection(passkeysCollection).Documents(t.Context()).GetAll(); err != nil || len(snaps) != 0 {
		t.Errorf("%d owners of credentials that are gone, %v", len(snaps), err)
	}
}

func TestACredentialIsRegisteredOnce(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	r.signUp("ben", "Ben Example")
	d, _ := r.withPasskey(principal("ann", session.SignedIn), "")
	stolen := newDevice(t)
	stolen.credentialID = d.credentialID
	for _, p := range []session.Principal{r.raised("ann", 0), principal("ben", session.SignedIn)} {
		b := r.as(p, 201, "POST", "/v1/factors/passkeys", nil)
		r.as(p, 409, "POST", "/v1/factors/passkeys/"+b["challengeId"].(string)+"/confirmation", map[string]any{"credential": stolen.create(b["publicKey"])})
	}
	if n := len(r.factorsOf("ann").Passkeys) + len(r.factorsOf("ben").Passkeys); n != 1 {
		t.Errorf("%d passkeys", n)
	}
}

func TestAnAnswerCountsOnceAtTwoInstances(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	p := principal("ann", session.SignedIn)
	instances := []*service{r.service, r.instance(r.sessions)}
	once := func(name string, try func(*service) error) {
		t.Helper()
		results := make([]error, len(instances))
		var wg sync.WaitGroup
		for i, s := range instances {
			wg.Go(func() { results[i] = try(s) })
		}
		wg.Wait()
		let := 0
		for _, err := range results {
			if err == nil {
				let++
			} else if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if let != 1 {
			t.Errorf("%s let %d in: %v", name, let, results)
		}
	}
	d := newDevice(t)
	b, err := r.service.beginPasskey(t.Context(), p, "")
	if err != nil {
		t.Fatal(err)
	}
	registration := mustJSON(t, d.create(b.PublicKey))
	once("a registration", func(s *service) error {
		_, _, err := s.confirmPasskey(t.Context(), p, b.ChallengeID, "", registration)
		return err
	})
	if n := len(r.factorsOf("ann").Passkeys); n != 1 {
		t.Fatalf("%d passkeys", n)
	}
	for range 2 {
		c, err := r.service.challengeSession(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		assertion := mustJSON(t, d.get(c.Passkey.PublicKey))
		once("an assertion", func(s *service) error {
			_, err := s.verifyPasskey(t.Context(), p, c.Passkey.ChallengeID, assertion)
			return err
		})
		b, err := r.service.beginSignIn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		signIn := mustJSON(t, d.get(b.PublicKey))
		once("a sign-in", func(s *service) error {
			_, err := s.signIn(t.Context(), b.ChallengeID, signIn)
			return err
		})
	}
}

func TestBodiesThatAreNoCredentials(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	p := principal("ann", session.SignedIn)
	r.withPasskey(p, "")
	challengeID, publicKey := r.challenge(p)
	d := newDevice(t)
	short := d.get(publicKey)
	short["response"].(map[string]any)["authenticatorData"] = b64([]byte("short"))
	long := newDevice(t)
	long.credentialID = make([]byte, 1024)
	for name, credential := range map[string]any{
		"null": nil, "a number": 7, "a list": []any{}, "nothing": map[string]any{}, "a text": "x",
		"another type": map[string]any{"id": "AA", "rawId": "AA", "type": "password", "response": map[string]any{}},
		"short data":   short, "an identifier of 1024 bytes": long.get(publicKey),
	} {
		for _, path := range []string{verify, "/v1/passkey-login"} {
			if got, answer := do(t, r.handler, "POST", path, "ann", map[string]any{"challengeId": challengeID, "credential": credential}); got != 422 {
				t.Errorf("%s at %s: %d %v", name, path, got, answer)
			}
		}
	}
	r.as(p, 422, "POST", verify, map[string]any{"challengeId": challengeID})
	r.as(p, 422, "POST", verify, map[string]any{"challengeId": challengeID, "credential": short, "code": "123456"})
	big := map[string]any{"challengeId": challengeID, "credential": map[string]any{"id": strings.Repeat("A", maxCredentialBody)}}
	r.as(p, 413, "POST", verify, big)
	r.as(p, 413, "POST", "/v1/passkey-login", big)
}

func TestRelyingParties(t *testing.T) {
	for _, c := range []struct{ base, id, origin, fault string }{
		{"https://hub.example", "hub.example", "https://hub.example", ""},
		{"https://Hub.Example:8443/x", "hub.example", "https://hub.example:8443", ""},
		{"http://localhost:8080", "localhost", "http://localhost:8080", ""},
		{"http://127.0.0.1:8080", "localhost", "http://localhost:8080", ""},
		{"http://[::1]:8080", "localhost", "http://localhost:8080", ""},
		{"http://hub.example", "", "", "https"},
		{"https://10.0.0.7", "", "", "HUB_BASE_URL"},
		{"hub.example", "", "", "HUB_BASE_URL"},
		{"", "", "", "HUB_BASE_URL"},
	} {
		party, err := newRelyingParty(c.base, "Hub", time.Minute)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s: %v", c.base, err)
			}
			continue
		}
		if err != nil || party.Config.RPID != c.id || !slices.Equal(party.Config.RPOrigins, []string{c.origin}) {
			t.Errorf("%s: %+v, %v", c.base, party, err)
		}
	}
}

func FuzzCredentials(f *testing.F) {
	party, err := newRelyingParty("http://localhost:8080", "Hub", time.Minute)
	if err != nil {
		f.Fatal(err)
	}
	set := factorSet{UID: "ann"}
	seed := &testing.T{}
	d := newDevice(seed)
	options, enrolling, err := party.BeginRegistration(passkeyUser{set: set})
	if err != nil {
		f.Fatal(err)
	}
	registration, _ := json.Marshal(d.create(options.Response))
	answer, err := parseRegistration(registration)
	if err != nil {
		f.Fatal(err)
	}
	made, err := register(party, passkeyUser{set: set}, *enrolling, answer)
	if err != nil {
		f.Fatal(err)
	}
	set.Passkeys = []passkeyFactor{newPasskey(made, "fa", "x", morning)}
	request, asserting, err := party.BeginDiscoverableLogin()
	if err != nil {
		f.Fatal(err)
	}
	assertion, _ := json.Marshal(d.get(request.Response))
	f.Add(string(registration))
	f.Add(string(assertion))
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`)
	f.Fuzz(func(t *testing.T, body string) {
		if answer, err := parseRegistration(json.RawMessage(body)); err == nil {
			_, err = register(party, passkeyUser{set: factorSet{UID: "ann"}}, *enrolling, answer)
			check(t, err)
		} else {
			check(t, err)
		}
		if answer, err := parseAssertion(json.RawMessage(body)); err == nil {
			_, err = set.assert(party, *asserting, answer, morning)
			check(t, err)
		} else {
			check(t, err)
		}
	})
}

// check fails on what would be told as a fault of the hub.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
}
