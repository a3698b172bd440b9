package auth

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
)

// raised is ann's session of level 2 whose factor was verified that long ago.
func (r *room) raised(uid string, ago time.Duration) session.Principal {
	p := principal(uid, session.SecondFactor)
	p.SecondFactorAt = r.clock.Now().Add(-ago)
	return p
}

// as sends a request of that principal and fails on another status.
func (r *room) as(p session.Principal, status int, method, path string, body any) map[string]any {
	r.t.Helper()
	h := newAPI(r.service, api.Options{Verifier: fakeVerifier{"t": p}, Log: slog.New(slog.DiscardHandler)}).Handler()
	got, answer := do(r.t, h, method, path, "t", body)
	if got != status {
		r.t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, status)
	}
	return answer
}

// told lists what notify will tell, in order.
func (r *room) told() []string {
	r.t.Helper()
	snaps, err := r.client.Collection(outbox.Collection).Documents(r.t.Context()).GetAll()
	if err != nil {
		r.t.Fatal(err)
	}
	var told []string
	for _, s := range snaps {
		var e outbox.Event
		if err := s.DataTo(&e); err != nil {
			r.t.Fatal(err)
		}
		if e.Type == "account.securityChanged" {
			told = append(told, strings.TrimRight(strings.Join([]string{e.UID, e.Data["what"], e.Data["name"], e.Data["left"]}, " "), " "))
		}
	}
	slices.Sort(told)
	return told
}

// factorsOf reads an account's record.
func (r *room) factorsOf(uid string) factorSet {
	r.t.Helper()
	set, err := r.service.readFactors(r.t.Context(), uid)
	if err != nil {
		r.t.Fatal(err)
	}
	return set
}

// code2 is the code that an app shows after the half minute that is coming.
func (r *room) code2(secret string) string {
	r.t.Helper()
	code, err := totp.GenerateCode(secret, r.clock.Now().Add(30*time.Second))
	if err != nil {
		r.t.Fatal(err)
	}
	return code
}

// another enrols and confirms one more app; it gives identifier and secret.
func (r *room) another(uid, name string) (factorID, secret string) {
	r.t.Helper()
	p := r.raised(uid, 0)
	e := r.as(p, 201, "POST", "/v1/factors/totp", map[string]any{"name": name})
	factorID, secret = e["factorId"].(string), e["secret"].(string)
	r.as(p, 200, "POST", "/v1/factors/totp/"+factorID+"/confirmation", codeOf(r.code(secret)))
	r.clock.Advance(30 * time.Second)
	return factorID, secret
}

func TestTheQRCodeIsAPNG(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	e := r.want(201, "POST", "/v1/factors/totp", "ann", map[string]any{"name": "Phone"})
	data, ok := strings.CutPrefix(e["qrPng"].(string), "data:image/png;base64,")
	raw, err := base64.StdEncoding.DecodeString(data)
	if !ok || err != nil {
		t.Fatalf("not a data URI: %v", err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil || img.Bounds().Dx() != 256 || img.Bounds().Dy() != 256 {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
	dark := 0
	for x := range 256 {
		for y := range 256 {
			if red, _, _, _ := img.At(x, y).RGBA(); red < 0x8000 {
				dark++
			}
		}
	}
	if dark < 256*256/5 || dark > 256*256*4/5 {
		t.Errorf("%d dark points", dark)
	}
	r.want(422, "POST", "/v1/factors/totp", "ann", map[string]any{"name": "a\u202eb"})
}

func TestCodesTwoStepsAwayAreRefused(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	r.clock.Advance(10 * time.Minute)
	for _, c := range []struct{ steps, status int }{{-2, 422}, {2, 422}, {-1, 200}, {1, 200}} {
		code, err := totp.GenerateCode(secret, r.clock.Now().Add(time.Duration(c.steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		r.want(c.status, "POST", verify, "ann", codeOf(code))
	}
}

func TestListRenameRemove(t *testing.T) {
	r := newRoom(t)
	r.enrolled("ann")
	second, secret := r.another("ann", "  Work   phone ")
	list := r.want(200, "GET", "/v1/factors", "ann", nil)
	var names []any
	for _, f := range list["items"].([]any) {
		names = append(names, f.(map[string]any)["name"])
	}
	if d := cmp.Diff([]any{"Authenticator app", "Work phone"}, names); d != "" {
		t.Error(d)
	}
	if list["recoveryCodesLeft"] != 0.0 || list["lockedUntil"] != nil {
		t.Errorf("%v", list)
	}
	r.want(200, "POST", verify, "ann", codeOf(r.code(secret)))
	usedAt := r.clock.Now()
	list = r.want(200, "GET", "/v1/factors", "ann", nil)
	if f := list["items"].([]any)[1].(map[string]any); f["lastUsedAt"] != usedAt.Format(time.RFC3339) || f["confirmed"] != true || f["kind"] != "totp" {
		t.Errorf("%v", f)
	}

	p := r.raised("ann", 0)
	path := "/v1/factors/" + second
	r.want(403, "PATCH", path, "ann", map[string]any{"name": "x"})
	r.as(p, 422, "PATCH", path, map[string]any{"name": "  "})
	r.as(p, 422, "PATCH", path, map[string]any{})
	r.as(p, 404, "PATCH", "/v1/factors/fa_01J9ZK3V5N8Q2T4R6W8Y0A1B2C", map[string]any{"name": "x"})
	r.as(p, 404, "PATCH", "/v1/factors/..%2Fben", map[string]any{"name": "x"})
	if got := r.as(p, 200, "PATCH", path, map[string]any{"name": "Tablet"}); got["name"] != "Tablet" {
		t.Errorf("%v", got)
	}
	r.as(r.raised("ann", 6*time.Minute), 200, "PATCH", path, map[string]any{"name": "Desk"}) // not a sensitive act

	r.as(p, 204, "DELETE", path, nil)
	r.as(p, 404, "DELETE", path, nil)
	r.clock.Advance(30 * time.Second)
	r.want(422, "POST", verify, "ann", codeOf(r.code(secret))) // it counts for nothing
	last := r.factorsOf("ann").TOTP[0].ID
	left := r.as(r.raised("ann", 0), 409, "DELETE", "/v1/factors/"+last, nil)
	if !strings.Contains(left["detail"].(string), "Add another one") {
		t.Errorf("%v", left)
	}
	want := []string{"ann factorRemoved Desk", "ann totpAdded Authenticator app", "ann totpAdded Work phone"}
	if d := cmp.Diff(want, r.told()); d != "" {
		t.Error(d)
	}
	acts := r.acts()
	for _, act := range []string{"ann factor.rename", "ann factor.remove"} {
		if !slices.Contains(acts, act) {
			t.Errorf("%s is not in the audit log: %v", act, acts)
		}
	}
}

func TestAStaleSessionChangesNothing(t *testing.T) {
	r := newRoom(t)
	r.enrolled("ann")
	second, _ := r.another("ann", "Phone")
	r.as(r.raised("ann", 0), 200, "POST", "/v1/factors/recovery-codes", nil)
	before, acts, told := r.factorsOf("ann"), len(r.acts()), len(r.told())
	never := principal("ann", session.SecondFactor)
	never.SecondFactorAt = time.Time{}
	for name, p := range map[string]session.Principal{
		"no second factor":     principal("ann", session.SignedIn),
		"five minutes and one": r.raised("ann", 5*time.Minute+time.Microsecond),
		"one that never was":   never,
	} {
		for _, route := range [][2]string{{"DELETE", "/v1/factors/" + second}, {"POST", "/v1/factors/recovery-codes"}} {
			if got := r.as(p, 403, route[0], route[1], nil); got["code"] != "assurance" {
				t.Errorf("%s, %v: %v", name, route, got)
			}
		}
	}
	// One of before a reset counts for nothing, however fresh.
	a := r.account("ann")
	a.AssuranceAfter = r.clock.Now().Add(time.Second)
	r.put("accounts", "ann", a)
	for _, route := range [][2]string{{"DELETE", "/v1/factors/" + second}, {"POST", "/v1/factors/recovery-codes"}, {"PATCH", "/v1/factors/" + second}} {
		var body any
		if route[0] == "PATCH" {
			body = map[string]any{"name": "x"}
		}
		if got := r.as(r.raised("ann", 0), 403, route[0], route[1], body); got["code"] != "assurance" {
			t.Errorf("%v: %v", route, got)
		}
	}
	if d := cmp.Diff(before, r.factorsOf("ann")); d != "" {
		t.Error(d)
	}
	if len(r.acts()) != acts || len(r.told()) != told {
		t.Error("a refused act left an entry or an event")
	}
	a.AssuranceAfter = time.Time{}
	r.put("accounts", "ann", a)
	r.as(r.raised("ann", 5*time.Minute), 204, "DELETE", "/v1/factors/"+second, nil) // just in time
}

func TestADisabledAccountChangesNoFactor(t *testing.T) {
	r := newRoom(t)
	r.enrolled("ann")
	second, _ := r.another("ann", "Phone")
	a := r.account("ann")
	a.Disabled = true
	r.put("accounts", "ann", a)
	p := r.raised("ann", 0)
	r.as(p, 403, "DELETE", "/v1/factors/"+second, nil)
	r.as(p, 403, "PATCH", "/v1/factors/"+second, map[string]any{"name": "x"})
	r.as(p, 403, "POST", "/v1/factors/recovery-codes", nil)
}

func TestWhatAFactorRaisedEndsWithIt(t *testing.T) {
	r := newRoom(t)
	first := r.enrolled("ann")
	second, secret := r.another("ann", "Phone")
	begin := func(sid string) session.Principal {
		p := principal("ann", session.SignedIn)
		p.Session, p.StartedAt, p.AuthTime = sid, r.clock.Now(), r.clock.Now()
		return p
	}
	raise := func(p session.Principal, with map[string]any) {
		t.Helper()
		r.clock.Advance(30 * time.Second)
		r.as(p, 200, "POST", verify, with)
	}
	mine, thiefs, other := begin("mine"), begin("thief's"), begin("other")
	raise(mine, codeOf(r.code2(secret)))
	raise(thiefs, codeOf(r.code2(secret)))
	raise(other, codeOf(r.code2(first)))
	live := func(want ...string) {
		t.Helper()
		record, err := r.service.gate.Sessions().Get(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range record.Live(r.clock.Now(), time.Hour) {
			if s.ID == "mine" || s.ID == "thief's" || s.ID == "other" || s.ID == "found" {
				got = append(got, s.ID)
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	live("mine", "other", "thief's")
	mine.Level, mine.SecondFactorAt = session.SecondFactor, r.clock.Now()
	r.as(mine, 204, "DELETE", "/v1/factors/"+second, nil)
	live("mine", "other")

	codes, err := r.service.makeRecoveryCodes(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	raise(begin("found"), recoveryOf(codes[0]))
	live("found", "mine", "other")
	r.as(mine, 200, "POST", "/v1/factors/recovery-codes", nil)
	live("mine", "other")
}

func recoveryOf(code string) map[string]any { return map[string]any{"recoveryCode": code} }

func TestRecoveryCodesRaiseASessionOnceEach(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	r.as(r.raised("ann", 0), 409, "POST", "/v1/factors/recovery-codes", nil) // nothing to stand in for
	secret := r.enrolledAgain("ann")
	p := r.raised("ann", 0)
	make10 := func() (codes []string) {
		for _, c := range r.as(p, 200, "POST", "/v1/factors/recovery-codes", nil)["codes"].([]any) {
			codes = append(codes, c.(string))
		}
		r.clock.Advance(time.Second)
		return codes
	}
	first := make10()
	if len(first) != 10 {
		t.Fatalf("%d codes", len(first))
	}
	if got := r.want(200, "POST", verify, "ann", recoveryOf(" "+strings.ToLower(first[3])+" ")); got["customToken"] != "ann aal=2" {
		t.Errorf("%v", got)
	}
	r.want(422, "POST", verify, "ann", recoveryOf(first[3])) // used
	second := make10()
	r.want(422, "POST", verify, "ann", recoveryOf(first[0])) // replaced
	r.want(200, "POST", verify, "ann", recoveryOf(second[0]))
	for _, body := range []map[string]any{
		{}, {"code": "123456", "recoveryCode": second[1]}, {"recoveryCode": "short"}, {"recoveryCode": strings.Repeat("A", 65)}, {"recoveryCode": 7},
	} {
		r.want(422, "POST", verify, "ann", body)
	}
	list := r.want(200, "GET", "/v1/factors", "ann", nil)
	if list["recoveryCodesLeft"] != 9.0 {
		t.Errorf("%v left", list["recoveryCodesLeft"])
	}
	want := []string{"ann recoveryCodeUsed  9", "ann recoveryCodeUsed  9", "ann recoveryCodesMade", "ann recoveryCodesMade", "ann totpAdded Authenticator app"}
	if d := cmp.Diff(want, r.told()); d != "" {
		t.Error(d)
	}
	// Neither codes nor secrets are anywhere in the store.
	for _, collection := range []string{factorsCollection, audit.Collection, outbox.Collection} {
		snaps, err := r.client.Collection(collection).Documents(t.Context()).GetAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range snaps {
			text := string(mustJSON(t, s.Data()))
			for _, code := range append(append([]string{secret}, first...), second...) {
				if strings.Contains(text, code) || strings.Contains(text, strings.ReplaceAll(code, "-", "")) {
					t.Errorf("%s holds a code", s.Ref.Path)
				}
			}
		}
	}
}

// enrolledAgain is enrolled for an account that is there.
func (r *room) enrolledAgain(uid string) string {
	r.t.Helper()
	e := r.want(http.StatusCreated, "POST", "/v1/factors/totp", uid, nil)
	secret := e["secret"].(string)
	r.want(http.StatusOK, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", uid, codeOf(r.code(secret)))
	r.clock.Advance(30 * time.Second)
	return secret
}

func TestARecoveryCodeIsAcceptedOnceByTwoInstances(t *testing.T) {
	r := newRoom(t)
	r.enrolled("ann")
	codes, err := r.service.makeRecoveryCodes(t.Context(), r.raised("ann", 0))
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(time.Second)
	instances := []*service{r.service, r.instance(r.sessions)}
	for _, code := range codes[:3] {
		results := make([]error, len(instances))
		var wg sync.WaitGroup
		for i, s := range instances {
			wg.Go(func() { _, results[i] = s.verifyRecovery(t.Context(), principal("ann", session.SignedIn), code) })
		}
		wg.Wait()
		let := 0
		for _, err := range results {
			if err == nil {
				let++
			} else if !fault.Is(err, fault.Invalid) {
				t.Error(err)
			}
		}
		if let != 1 {
			t.Errorf("one code let %d in", let)
		}
	}
	if left := r.factorsOf("ann").Recovery.left(); left != 7 {
		t.Errorf("%d left, want 7", left)
	}
}

func TestWrongRecoveryCodesLockWithWrongCodes(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	codes, err := r.service.makeRecoveryCodes(t.Context(), r.raised("ann", 0))
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(time.Second)
	bad := wrongCode(t, r.service.factors, secret, r.clock.Now())
	guess := recoveryOf("AAAA-AAAA-AAAA-AAAA")
	r.want(422, "POST", verify, "ann", guess)
	r.want(422, "POST", verify, "ann", codeOf(bad))
	r.want(422, "POST", verify, "ann", guess)
	r.want(422, "POST", verify, "ann", codeOf(bad))
	r.want(429, "POST", verify, "ann", guess)
	r.want(429, "POST", verify, "ann", recoveryOf(codes[0]))
	r.want(429, "POST", verify, "ann", codeOf(r.code(secret)))
	list := r.want(200, "GET", "/v1/factors", "ann", nil)
	if list["lockedUntil"] != r.clock.Now().Add(15*time.Minute).Format(time.RFC3339) {
		t.Errorf("locked until %v", list["lockedUntil"])
	}
	if told := r.told(); !slices.Contains(told, "ann locked") {
		t.Errorf("told %v", told)
	}
	r.clock.Advance(15 * time.Minute)
	r.want(200, "POST", verify, "ann", recoveryOf(codes[0]))
}

func TestWrongCodesInAFloodLockAtFive(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	bad := wrongCode(t, r.service.factors, secret, r.clock.Now())
	p := principal("ann", session.SignedIn)
	instances := []*service{r.service, r.instance(r.sessions)}
	var mu sync.Mutex
	answers := map[fault.Kind]int{}
	var wg sync.WaitGroup
	started := time.Now()
	for i := range 200 {
		wg.Go(func() {
			_, err := instances[i%2].verifySession(t.Context(), p, bad)
			mu.Lock()
			defer mu.Unlock()
			answers[fault.KindOf(err)]++
		})
	}
	wg.Wait()
	took := time.Since(started)
	looked := answers[fault.Invalid]
	if looked > 5 || answers[fault.Limited] != 200-looked {
		t.Errorf("answers %v", answers)
	}
	// One after the other to the lock: what the flood counted is not lost.
	for range 5 {
		if _, err := r.service.verifySession(t.Context(), p, bad); fault.Is(err, fault.Limited) {
			break
		}
		looked++
	}
	if looked != 4 { // the fifth is told as the lock
		t.Errorf("%d wrong codes were looked at before the lock, want 4", looked)
	}
	if _, err := r.service.verifySession(t.Context(), p, r.code(secret)); !fault.Is(err, fault.Limited) {
		t.Errorf("the right code after the lock: %v", err)
	}
	t.Logf("200 wrong codes on two instances: %v, %v", took, answers)
}
