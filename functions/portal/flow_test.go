package portal

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/testkit"
)

// body gives the JSON body of the last request that begins with a text.
func (h *hubSite) body(prefix string) map[string]any {
	h.t.Helper()
	list := h.asked(prefix)
	if len(list) == 0 {
		h.t.Fatalf("nobody asked %s", prefix)
	}
	raw := strings.TrimSpace(strings.TrimPrefix(list[len(list)-1], prefix))
	if raw == "" {
		return nil
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		h.t.Fatalf("%s: %v in %q", prefix, err, raw)
	}
	return m
}

func signingUpAndIn(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{
		"POST /auth/v1/sign-up":        `202 {"message":"If this address can have an account, a mail is on its way."}`,
		"POST /auth/v1/password-reset": `202 {"message":"If the address has an account, a mail is on its way."}`,
	})
	b := open(t, browser, h.url+"/portal/")
	b.Type("#sign-up-form [name=email]", "new@university.example")
	b.Type("#sign-up-form [name=password]", "correct horse battery")
	b.Click("#sign-up-form button")
	b.Shows("If this address can have an account, a mail is on its way.")
	b.focused("#says .says")
	if diff := cmp.Diff(map[string]any{"email": "new@university.example", "password": "correct horse battery"}, h.body("POST /auth/v1/sign-up")); diff != "" {
		t.Error(diff)
	}
	if got := b.text(`document.querySelector("#sign-up-form [name=password]").value + "|" + document.querySelector("#sign-in-form [name=email]").value`); got != "|new@university.example" {
		t.Errorf("after signing up the fields hold %q", got)
	}
	// The local cloud's mail has arrived.
	h.set("GET /mailbox", `{"oobCodes":[{"email":"new@university.example","requestType":"VERIFY_EMAIL","oobLink":"http://localhost/link"}]}`)
	b.there(`#sign-up-form a[href="http://localhost/link"]`)
	b.shot("signed-up")

	h.set("POST /auth/v1/sign-up", `422 {"detail":"The request breaks a rule.","code":"invalid","errors":[{"location":"body.password","message":"Choose a password of at least 8 characters."}]}`)
	b.Type("#sign-up-form [name=password]", "password")
	b.Click("#sign-up-form button")
	b.focused("#sign-up-form [name=password][aria-invalid]")
	b.Shows("Choose a password of at least 8 characters.")
	b.shot("sign-up-refused")
	h.set("POST /auth/v1/sign-up", `429 {"detail":"Too many sign-ups from here. Try again in 60 seconds.","code":"limited"}`)
	b.Click("#sign-up-form button")
	b.Shows("Try again in 60 seconds.")

	b.Click("#forgotten summary")
	b.Type("#password-reset-form [name=email]", "new@university.example")
	b.Click("#password-reset-form button")
	b.Shows("If the address has an account, a mail is on its way.")

	h.set("POST /firebase/accounts:signInWithPassword", `400 {"error":{"message":"INVALID_LOGIN_CREDENTIALS"}}`)
	b.Type("#sign-in-form [name=password]", "wrong")
	b.Click("#sign-in-form button")
	b.Shows("The address or the password is not right.")
	b.focused("#says .bad")
	h.set("POST /firebase/accounts:signInWithPassword", firebase["POST /firebase/accounts:signInWithPassword"])
	// By keyboard alone.
	b.Eval(`document.querySelector("#sign-in-form [name=email]").focus()`, nil)
	b.Press("Tab")
	b.focused("#sign-in-form [name=password]")
	b.Type("#sign-in-form [name=password]", "correct horse battery")
	b.Press("Tab")
	b.focused("#sign-in-form button")
	b.Press("Enter")
	b.Shows("You are signed in.")
	b.there("#map-title", "#sign-out")

	h.set("DELETE /auth/v1/sessions/current", "204")
	b.Click("#sign-out")
	b.Shows("You are signed out.")
	b.there("#sign-in-form")
	if got := h.header("DELETE /auth/v1/sessions/current", "Authorization"); got != "Bearer u1" {
		t.Errorf("signing out was asked as %q", got)
	}
	if got := b.text(`sessionStorage.length + localStorage.length`); got != "0" {
		t.Errorf("signed out, the tab keeps %s items", got)
	}
}

func signingOutWithoutTheHub(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes)
	b := open(t, browser, h.url+"/enter?to=/portal/security")
	b.Click("#sign-out")
	b.Shows("The hub could not be told")
	b.there("#sign-in-form")
}

func theAddressIsConfirmed(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{
		"GET /auth/v1/account":           `404 {"detail":"This account is not set up yet.","code":"notFound"}`,
		"POST /firebase/accounts:lookup": `{"users":[{"localId":"u","email":"u@university.example","emailVerified":false}]}`,
		"GET /mailbox":                   `{"oobCodes":[{"email":"u@university.example","requestType":"VERIFY_EMAIL","oobLink":"http://localhost/link"}]}`,
		"POST /auth/v1/account":          "201 " + account,
	})
	b := open(t, browser, h.url+"/enter")
	b.Shows("A link was sent to u@university.example.")
	b.there(`#address a[href="http://localhost/link"]`)
	b.shot("address")
	h.set("POST /firebase/accounts:lookup", firebase["POST /firebase/accounts:lookup"])
	b.Click("#address-done")
	b.there("#profile-form")
	b.shot("profile-form")
	b.narrowAndAccessible("profile-form")

	// What the hub refuses stands beside its field, and the focus goes to the first.
	h.set("POST /auth/v1/account", `422 {"detail":"The request breaks a rule.","code":"invalid","errors":[{"location":"body.researchArea","message":"Say what you work on."},{"location":"body.degrees[0]","message":"'none' stands alone."},{"location":"body.name","message":"Give your full name."},{"location":"body.elsewhere","message":"Something else is wrong."}]}`)
	b.Type("#profile-form [name=name]", "Ada  Researcher")
	b.Type("#profile-form [name=affiliation]", "Example University")
	b.choose("#profile-form [name=role]", "other")
	b.Type("#profile-form [name=otherRole]", "Keeper of keys")
	b.Click(`#profile-form [name=degrees][value=phd]`)
	b.Type("#profile-form [name=researchArea]", "Ageing")
	b.Click("#profile-form [name=termsOfService]")
	b.Click("#profile-form button[type=submit]")
	b.focused("#profile-form [name=name][aria-invalid]")
	b.Shows("Something else is wrong.")
	for name, want := range map[string]string{"name": "Give your full name.", "degrees": "'none' stands alone.", "researchArea": "Say what you work on."} {
		if got := b.text(`document.querySelector('#profile-form [data-error="` + name + `"]').textContent`); got != want {
			t.Errorf("beside %s: %q", name, got)
		}
	}
	if got := b.text(`document.querySelector("#says").innerText`); strings.Contains(got, "Give your full name.") {
		t.Errorf("the message repeats what stands beside a field: %s", got)
	}
	b.shot("profile-refused")
	h.set("POST /auth/v1/account", "201 "+account)
	h.set("GET /auth/v1/account", account)
	b.Click("#profile-form button[type=submit]")
	b.Shows("Your profile is there.")
	want := map[string]any{"name": "Ada Researcher", "affiliation": "Example University", "role": "other", "otherRole": "Keeper of keys", "degrees": []any{"phd"}, "researchArea": "Ageing", "termsOfService": "1"}
	if diff := cmp.Diff(want, h.body("POST /auth/v1/account ")); diff != "" {
		t.Error(diff)
	}
}

func theProfileIsChanged(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{"PATCH /auth/v1/account": `412 {"detail":"Somebody changed this in the meantime. Read it again.","code":"stale"}`})
	b := open(t, browser, h.url+"/enter?to=/portal/account")
	b.Click("#profile-edit")
	b.Type("#profile-form [name=name]", "Ada Other")
	b.Click("#profile-form button[type=submit]")
	b.Shows("Somebody changed this in the meantime.")
	if got := h.header("PATCH /auth/v1/account", "If-Match"); got != `"tag-1"` {
		t.Errorf("If-Match %q", got)
	}
	b.shot("profile-stale")
	h.set("PATCH /auth/v1/account", account)
	b.Click("#profile-form button[type=submit]")
	b.Shows("Your profile is changed.")
	want := map[string]any{"name": "Ada Other", "affiliation": "Example University, <i>Statistics</i>", "role": "other", "otherRole": "Keeper of <u>keys</u>", "degrees": []any{"phd", "other"}, "otherDegree": "Magister",
		"researchArea": `Metformin & ageing. ` + hostile}
	if diff := cmp.Diff(want, h.body("PATCH /auth/v1/account ")); diff != "" {
		t.Error(diff)
	}
	// New terms, and an address that is not the profile's.
	h.set("GET /auth/v1/account", strings.NewReplacer(`"termsOfServiceDue":false`, `"termsOfServiceDue":true`, `"email":"u@university.example"`, `"email":"old@university.example"`).Replace(account))
	h.set("POST /auth/v1/account/terms", account)
	h.set("POST /auth/v1/account/email", account)
	b.Goto(h.url + "/portal/account")
	b.Click("#terms-form [name=version]")
	b.Click("#terms-form button")
	b.Shows("You have agreed to the terms of service.")
	b.Click("#email-adopt")
	b.Shows("Your profile has the new address.")
	b.shot("terms")
	if diff := cmp.Diff(map[string]any{"version": "1"}, h.body("POST /auth/v1/account/terms ")); diff != "" {
		t.Error(diff)
	}
}

func modulesAreCompleted(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{
		"POST /auth/v1/modules/codeOfConduct/completion":           `422 {"detail":"The request breaks a rule.","code":"invalid","errors":[{"location":"body.fullName","message":"Type your name as in your profile."}]}`,
		"POST /auth/v1/modules/profileConfirmation/completion":     account,
		"POST /auth/v1/modules/publicationConfirmation/completion": account,
		"GET /provider":        `{"here":true}`,
		"GET /auth/v1/account": strings.Replace(account, `{"module":"publicationConfirmation","state":"complete"`, `{"module":"publicationConfirmation","state":"missing"`, 1),
	})
	h.set("POST /auth/v1/modules/identity/start", `{"url":"`+h.url+`/provider"}`)
	b := open(t, browser, h.url+"/enter?to="+"/portal/account%23codeOfConduct")
	b.focused("#codeOfConduct")
	b.Type("#codeOfConduct-form [name=fullName]", "Ada R")
	b.Type("#codeOfConduct-form [name=initials]", "AR")
	b.Click("#codeOfConduct-form button")
	b.focused("#codeOfConduct-form [name=fullName][aria-invalid]")
	h.set("POST /auth/v1/modules/codeOfConduct/completion", account)
	b.Type("#codeOfConduct-form [name=fullName]", "Ada <b>Researcher</b>")
	b.Click("#codeOfConduct-form button")
	b.Shows("You have signed the Data User Code of Conduct.")
	if diff := cmp.Diff(map[string]any{"fullName": "Ada <b>Researcher</b>", "initials": "AR", "version": "1"}, h.body("POST /auth/v1/modules/codeOfConduct/completion ")); diff != "" {
		t.Error(diff)
	}
	b.Click("#profileConfirmation-form button")
	b.Shows("Your profile is confirmed.")
	b.Type("#publicationConfirmation-form [name=reports]", "rep_1\nrep_2, rep_3")
	b.Click("#publicationConfirmation-form button")
	b.Shows("Your publications are confirmed.")
	if diff := cmp.Diff(map[string]any{"reports": []any{"rep_1", "rep_2", "rep_3"}}, h.body("POST /auth/v1/modules/publicationConfirmation/completion ")); diff != "" {
		t.Error(diff)
	}
	b.Click("#identity-start")
	b.Until(`location.pathname === "/provider"`)
	if diff := cmp.Diff(map[string]any{"returnTo": "/portal/account"}, h.body("POST /auth/v1/modules/identity/start ")); diff != "" {
		t.Error(diff)
	}
}

// identityReturns comes back from the provider: what it sent along is handed to
// the hub and does not stay in the address.
func identityReturns(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{"POST /auth/v1/modules/identity/result": `{"returnTo":"/portal/account","account":` + account + `}`})
	b := open(t, browser, h.url+"/enter?to=/portal/%23identity%3Fstate%3Ds-1%26code%3Dc%252F1")
	b.Until(`location.pathname + location.hash === "/portal/account#identity"`)
	b.focused("#identity")
	if diff := cmp.Diff(map[string]any{"state": "s-1", "code": "c/1"}, h.body("POST /auth/v1/modules/identity/result ")); diff != "" {
		t.Error(diff)
	}
	for back, want := range map[string]string{
		"state=s-1&code=c":              "is used up",
		"state=s-1&error=access_denied": "The identity check was left before its end.",
		"error=" + hostile:              "The identity provider could not verify you.",
	} {
		h.set("POST /auth/v1/modules/identity/result", `403 {"detail":"This way back is used up.","code":"denied"}`)
		b = open(t, browser, h.url+"/enter?to="+url.QueryEscape("/portal/#identity?"+back))
		b.Shows(want)
		b.there("#map-title", `a[href="/portal/account#identity"]`)
		if got := b.text(`location.hash`); got != "" {
			t.Errorf("the address keeps %q", got)
		}
		b.shot("identity-refused")
	}
	h.set("POST /auth/v1/modules/identity/result", `{"returnTo":"https://evil.example/","account":`+account+`}`)
	b = open(t, browser, h.url+"/enter?to=/portal/%23identity%3Fstate%3Ds%26code%3Dc")
	b.Until(`location.pathname + location.hash === "/portal/account#identity"`)
}

func survey(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{"PUT /auth/v1/account/demographics": "204", "DELETE /auth/v1/account/demographics": "204"})
	b := open(t, browser, h.url+"/enter?to=/portal/survey")
	// One's own words are asked for while they are what is chosen.
	b.there(`#survey-form [name="raceEthnicity-own"]`)
	b.Click("#survey-form [name=raceEthnicity][value=selfDescribe]")
	b.Until(`!document.querySelector('#survey-form [name="raceEthnicity-own"]').checkVisibility()`)
	b.Click("#survey-form [name=raceEthnicity][value=selfDescribe]")
	b.Click("#survey-form [name=raceEthnicity][value=white]")
	b.Click("#survey-form button[type=submit]")
	b.Shows("Your answers are kept.")
	want := map[string]any{"answers": map[string]any{"raceEthnicity": []any{"white", "selfDescribe"}, "education": []any{"college"}}, "selfDescription": map[string]any{"raceEthnicity": "<b>me</b>"}}
	if diff := cmp.Diff(want, h.body("PUT /auth/v1/account/demographics ")); diff != "" {
		t.Error(diff)
	}
	b.Click("#survey-delete")
	b.focused("#sure-no")
	b.Press("Escape")
	b.focused("#survey-delete")
	if n := len(h.asked("DELETE ")); n != 0 {
		t.Errorf("Escape sent %d deletions", n)
	}
	h.set("GET /auth/v1/account/demographics", `{"answers":{},"selfDescription":{}}`)
	b.Click("#survey-delete")
	b.shot("survey-delete")
	b.Click("#sure-yes")
	b.Shows("Your answers are deleted.")
	b.Until(`!document.querySelector("#survey-delete")`)
}

// A hub that has none of the new routes yet says so in plain words, page by page.
func missingRoutes(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, answers{"GET /auth/v1/account": account})
	const plain = "This version of the hub does not have this yet."
	b := open(t, browser, h.url+"/enter?to=/portal/security")
	b.there("#totp-begin", "#passkey-begin")
	b.Until(`(document.body.innerText.match(/` + plain + `/g) || []).length >= 4`)
	b.shot("missing-routes")
	b.Click("#totp-begin")
	b.Until(`document.querySelector("#says").innerText.includes("` + plain + `")`)
	b = open(t, browser, h.url+"/portal/")
	b.Type("#sign-up-form [name=email]", "new@university.example")
	b.Type("#sign-up-form [name=password]", "correct horse battery")
	b.Click("#sign-up-form button")
	b.Shows(plain)
	b.Click("#passkey-sign-in")
	b.Shows(plain)
	h.handle("GET /auth/v1/account", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	b = open(t, browser, h.url+"/enter")
	b.Shows("The hub answers 500.")
	b.Shows("Try again")
}
