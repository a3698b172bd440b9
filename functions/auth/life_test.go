package auth

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/testkit"
)

// TestTheLifeOfAnAccount goes the whole way with the real Auth and Firestore
// emulators and a real browser, step after step; it stops at the first that
// fails. Only the clock of the rules is the test's.
func TestTheLifeOfAnAccount(t *testing.T) {
	l := newLife(t)
	l.admin = l.researcher("Adam Admin", access.AccessAdmin, access.SecurityAdmin, access.InstitutionAdmin)
	var ann *person
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"sign up", func() { ann = l.signsUp("Ann Example", "university.example") }},
		{"the institution takes her address for the controlled tier", func() { l.allows(l.admin, ann) }},
		{"complete the modules", func() { l.completes(ann) }},
		{"an authenticator app opens the registered tier", func() { l.entersRegistered(ann) }},
		{"the controlled training opens the controlled tier", func() { l.entersControlled(ann) }},
		{"the tier falls the moment the modules expire", func() { l.expires(ann) }},
		{"renewal brings it back", func() { l.renews(ann) }},
		{"a passkey in Chromium", func() { l.usesPasskey(ann) }},
		{"recovery codes", func() { l.usesRecoveryCodes(ann) }},
		{"sign out of one session", func() { l.signsOutOne(ann) }},
		{"sign out everywhere", func() { l.signsOutEverywhere(ann) }},
		{"disabled, and enabled again", func() { l.isDisabled(l.admin, ann) }},
		{"the audit log tells it all", func() { l.isAudited(l.admin, ann) }},
	} {
		if !t.Run(step.name, func(t *testing.T) { l.t, l.room.t = t, t; step.do() }) {
			t.FailNow()
		}
	}
}

// signsUp signs up through the hub, confirms the address with the mailed code and
// makes the account. An address that is taken has the same answer.
func (l *life) signsUp(name, domain string) *person {
	p := &person{life: l, email: l.emulator.Email(domain), password: "correct horse battery"}
	first := p.want(202, "POST", "/v1/sign-up", map[string]any{"email": p.email, "password": p.password})
	again := p.want(202, "POST", "/v1/sign-up", map[string]any{"email": p.email, "password": "another password"})
	if d := cmp.Diff(first, again); d != "" {
		l.t.Fatalf("the answers tell who has an account: %s", d)
	}
	p.signIn() // by the first password: the second attempt changed nothing
	p.want(404, "GET", "/v1/account", nil)
	p.want(403, "POST", "/v1/account", profileOf(name))
	p.confirm()
	p.uid = p.want(201, "POST", "/v1/account", profileOf(name))["uid"].(string)
	p.stands(access.PublicTier, "twoFactor", "identity", "training", "codeOfConduct", "profileConfirmation", "publicationConfirmation")
	return p
}

// allows has an institution admin put the person's address on the list of the
// controlled tier.
func (l *life) allows(admin, p *person) {
	rules := map[string]any{"reason": "asked by the department", "rules": map[string]any{
		"registered": map[string]any{"kind": "domains", "list": []string{"university.example"}},
		"controlled": map[string]any{"kind": "addresses", "list": []string{p.email}},
	}}
	const path = "/v1/institutions/university"
	p.want(403, "PATCH", path, rules)
	status, header, answer := doWith(l.t, l.one, "GET", path, admin.id, nil)
	if status != 200 {
		l.t.Fatalf("the institution: %d %v", status, answer)
	}
	if status, _, answer := doWith(l.t, l.one, "PATCH", path, admin.id, rules, "If-Match", header.Get("ETag")); status != 200 {
		l.t.Fatalf("the new rules: %d %v", status, answer)
	}
}

// completes completes every module of the registered tier but the second factor.
func (l *life) completes(p *person) {
	l.trained(p, access.Training)
	l.identified(p)
	l.confirms(p)
	p.stands(access.PublicTier, "twoFactor")
	if p.level() != 1 {
		l.t.Fatal("level 2 without a second factor")
	}
}

// confirms completes the modules that a researcher completes alone.
func (l *life) confirms(p *person) {
	conduct, ok := policy.CurrentOf(policy.CodeOfConduct, l.room.clock.Now())
	if !ok {
		l.t.Fatal("no code of conduct in force")
	}
	for m, body := range map[access.Module]map[string]any{
		access.CodeOfConduct:           {"fullName": "Ann Example", "initials": "AE", "version": conduct.Version},
		access.ProfileConfirmation:     {},
		access.PublicationConfirmation: {},
	} {
		p.want(200, "POST", "/v1/modules/"+string(m)+"/completion", body)
	}
}

func (l *life) entersRegistered(p *person) {
	first := *p
	p.enrol()
	p.stands(access.Registered, "controlledTraining")
	if p.level() != 2 || first.level() != 1 {
		l.t.Fatalf("levels %v and %v of two tokens; want 2 of the new one and 1 of the former", p.level(), first.level())
	}
	if other := p.another(); other.level() != 1 {
		l.t.Fatal("another session has what this one has proved")
	}
}

func (l *life) entersControlled(p *person) {
	l.trained(p, access.ControlledTraining)
	p.stands(access.Controlled)
}

// aging are the modules that expire.
var aging = []access.Module{access.Training, access.ControlledTraining, access.CodeOfConduct, access.ProfileConfirmation, access.PublicationConfirmation}

// expires goes to both sides of the two moments that count: the renewal opens,
// the completions expire. All were made within the same few minutes.
func (l *life) expires(p *person) {
	rules := access.DefaultRules()
	facts := l.room.account(p.uid).Modules
	first, last := facts[string(aging[0])].CompletedAt, facts[string(aging[0])].CompletedAt
	for _, m := range aging {
		at := facts[string(m)].CompletedAt
		if at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	l.room.clock.Set(first.Add(rules.ModuleValidity - rules.RenewalWindow - time.Second))
	for _, m := range aging {
		l.is(p, m, access.Complete)
	}
	p.want(409, "POST", "/v1/modules/profileConfirmation/completion", map[string]any{})
	l.room.clock.Set(last.Add(rules.ModuleValidity - rules.RenewalWindow))
	for _, m := range aging {
		l.is(p, m, access.Renewing)
	}
	l.room.clock.Set(first.Add(rules.ModuleValidity - time.Nanosecond))
	p.stands(access.Controlled)
	l.room.clock.Set(last.Add(rules.ModuleValidity))
	p.stands(access.PublicTier, "training", "codeOfConduct", "profileConfirmation", "publicationConfirmation")
	for _, m := range aging {
		l.is(p, m, access.Expired)
	}
}

func (l *life) renews(p *person) {
	l.confirms(p)
	p.stands(access.PublicTier, "training")
	l.trained(p, access.Training)
	p.stands(access.Registered, "controlledTraining")
	l.trained(p, access.ControlledTraining)
	p.stands(access.Controlled)
}

// usesPasskey enrols a passkey, steps up with it, signs in with it alone, and
// finds that an assertion counts once.
func (l *life) usesPasskey(p *person) {
	p.steps()
	page := testkit.Chromium(l.t).Open(l.site)
	authenticator := page.Authenticator()
	var made map[string]any
	page.Call(enrolInBrowser, &made, p.id)
	p.raised(made)
	if held := authenticator.Credentials(); len(held) != 1 || !held[0].Discoverable || held[0].RelyingParty != "localhost" {
		l.t.Fatalf("the authenticator holds %+v", held)
	}

	second := p.another()
	var stepped, assertion map[string]any
	page.Call(stepUpInBrowser, &stepped, second.id)
	second.raised(stepped["answer"].(map[string]any))
	if second.level() != 2 {
		l.t.Fatal("a passkey as second step gives no level 2")
	}
	assertion = stepped["sent"].(map[string]any)
	if status, _ := p.another().do("POST", "/v1/session/second-factor", assertion); status/100 != 4 {
		l.t.Fatalf("the same assertion again: %d", status)
	}

	alone := &person{life: l, email: p.email, password: p.password, uid: p.uid}
	var signedIn map[string]any
	page.Call(signInInBrowser, &signedIn)
	alone.raised(signedIn["answer"].(map[string]any))
	if alone.level() != 2 || alone.want(200, "GET", "/v1/account", nil)["uid"] != p.uid {
		l.t.Fatal("a sign-in by passkey is not hers at level 2")
	}
	if status, _ := do(l.t, l.two, "POST", "/v1/passkey-login", "", signedIn["sent"]); status/100 != 4 {
		l.t.Fatalf("the same assertion signs in again, by another instance: %d", status)
	}
}

// steps verifies a code, for what needs a fresh one.
func (p *person) steps() {
	p.life.t.Helper()
	p.raised(p.want(200, "POST", "/v1/session/second-factor", codeOf(p.code())))
}

// usesRecoveryCodes makes them, which needs a fresh second factor, and uses one.
func (l *life) usesRecoveryCodes(p *person) {
	p.steps()
	l.room.clock.Advance(5*time.Minute + time.Second)
	p.want(403, "POST", "/v1/factors/recovery-codes", nil)
	p.steps()
	made := p.want(200, "POST", "/v1/factors/recovery-codes", nil)["codes"].([]any)
	if len(made) != 10 {
		l.t.Fatalf("%d codes", len(made))
	}
	code := map[string]any{"recoveryCode": made[3]}
	lost := p.another()
	lost.raised(lost.want(200, "POST", "/v1/session/second-factor", code))
	if lost.level() != 2 {
		l.t.Fatal("a recovery code gives no level 2")
	}
	if status, _ := p.another().do("POST", "/v1/session/second-factor", code); status/100 != 4 {
		l.t.Fatalf("the same code again: %d", status)
	}
	if left := p.want(200, "GET", "/v1/factors", nil)["recoveryCodesLeft"]; left != 9.0 {
		l.t.Fatalf("%v codes left", left)
	}
}

func (l *life) is(p *person, m access.Module, want access.ModuleState) {
	l.t.Helper()
	if got := p.state(m); got != want {
		l.t.Fatalf("%s is %s, want %s", m, got, want)
	}
}

// signsOutOne lists the sessions and ends one of them.
func (l *life) signsOutOne(p *person) {
	p.want(204, "DELETE", "/v1/sessions?keepThis=true", nil)
	phone := l.elsewhere(p)
	items := p.want(200, "GET", "/v1/sessions", nil)["items"].([]any)
	var other string
	for _, s := range items {
		if s := s.(map[string]any); s["current"] != true {
			other = s["id"].(string)
		}
	}
	if len(items) != 2 || other == "" {
		l.t.Fatalf("sessions %v; want hers and the phone's", items)
	}
	p.want(204, "DELETE", "/v1/sessions/"+other, nil)
	phone.out("the session that was ended")
	phone.renew()
	phone.out("the session that was ended, with a new token")
	p.want(200, "GET", "/v1/account", nil)
}

// signsOutEverywhere ends every session at once on every instance, for tokens
// that are renewed as well: the emulator renews them whatever was revoked.
func (l *life) signsOutEverywhere(p *person) {
	phone := l.elsewhere(p)
	phone.steps()
	before := p.want(200, "POST", "/v1/session/second-factor", codeOf(p.code()))
	p.want(204, "DELETE", "/v1/sessions", nil)
	for _, one := range []*person{p, phone} {
		one.out("a session of before")
		one.renew()
		one.out("a session of before, with a new token")
	}
	late := *p
	late.raised(before)
	late.out("a custom token of before that is used after")
	l.nextSecond()
	p.signIn()
	p.steps()
	if p.level() != 2 {
		l.t.Fatal("a new sign-in comes to no level 2")
	}
}

// nextSecond waits for the next second of sign-ins: Firebase tells their time in
// seconds, and whoever signs in within the second of a sign-out is out as well.
func (l *life) nextSecond() {
	now := time.Now()
	// The emulator may read its clock a moment behind.
	<-time.After(now.Truncate(time.Second).Add(time.Second + 20*time.Millisecond).Sub(now))
}

// elsewhere is the person on a phone.
func (l *life) elsewhere(p *person) *person {
	l.t.Helper()
	l.nextSecond() // a sign-in of another second, which is another session
	phone := p.another()
	phone.want(200, "GET", "/v1/account", nil)
	return phone
}

// isDisabled has an admin disable the account, and enable it again.
func (l *life) isDisabled(admin, p *person) {
	phone := l.elsewhere(p)
	path := "/v1/admin/accounts/" + p.uid
	admin.steps()
	p.want(403, "POST", path+"/disable", map[string]any{"reason": "herself"})
	admin.want(422, "POST", path+"/disable", map[string]any{})
	admin.want(200, "POST", path+"/disable", map[string]any{"reason": "left the institution"})
	for _, one := range []*person{p, phone} {
		one.out("a disabled account's session")
	}
	if status, answer := l.firebase("POST", "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=any",
		map[string]any{"email": p.email, "password": p.password, "returnSecureToken": true}); status == 200 {
		id, _ := answer["idToken"].(string)
		if status, _ := do(l.t, l.one, "POST", "/v1/session/second-factor", id, codeOf(p.code())); status != 401 {
			l.t.Fatalf("a disabled account signs in, and the hub answers %d", status)
		}
	}
	admin.want(200, "POST", path+"/enable", map[string]any{"reason": "came back"})
	for _, one := range []*person{p, phone} {
		one.out("a session of before, after the account is enabled")
	}
	l.nextSecond()
	p.signIn()
	p.steps()
	p.stands(access.Controlled)
}

// isAudited reads the log: what was done to the person by whom, newest first, as
// the security admin and as the person.
func (l *life) isAudited(admin, p *person) {
	admin.steps()
	acts := func(q *person, path string) []string {
		var list []string
		for cursor := ""; ; {
			page := q.want(200, "GET", path+"limit=100&cursor="+cursor, nil)
			for _, e := range page["items"].([]any) {
				list = append(list, e.(map[string]any)["act"].(string))
			}
			next, more := page["next"].(string)
			if !more {
				return list
			}
			cursor = url.QueryEscape(next)
		}
	}
	want := []string{"account.signUp", "account.create", "module.complete", "factor.enrol", "factor.confirm", "session.secondFactor",
		"session.passkeyLogin", "recovery.make", "recovery.use", "session.end", "session.endAll", "account.disable", "account.enable"}
	for who, list := range map[string][]string{
		"the security admin": acts(admin, "/v1/audit?subject="+p.uid+"&"),
		"the person":         acts(p, "/v1/audit/own?"),
	} {
		for _, act := range want {
			if !slices.Contains(list, act) {
				l.t.Errorf("%s reads no %s in %v", who, act, list)
			}
		}
	}
	p.want(403, "GET", "/v1/audit", nil)
}
