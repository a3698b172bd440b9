package portal

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/testkit"
)

// password is what the person of the live test signs in with.
const password = "correct horse battery staple"

// TestTheWholeWayInARunningHub walks a person's way through the pages of a local
// cloud that is up, with every function real: HUB_URL names it, by name because
// of passkeys, such as http://localhost:8080.
func TestTheWholeWayInARunningHub(t *testing.T) {
	url := os.Getenv("HUB_URL")
	if url == "" {
		t.Skip("HUB_URL names no running hub (make run, then HUB_URL=http://localhost:8080)")
	}
	browser := testkit.Chromium(t)
	b := open(t, browser, url+"/portal/")
	w := &walk{tab: b, url: url, email: fmt.Sprintf("live-%d@university.example", time.Now().UnixNano())}
	w.key = b.Authenticator()
	w.signUp(browser)
	w.makeProfile()
	w.completeModules()
	w.answerSurvey()
	w.setUpFactors()
	w.signInByPasskey()
	w.raiseByEveryFactor()
	w.removeTheApp()
	b.Click("#sign-out-everywhere")
	b.Click("#sure-yes")
	b.Shows("You are signed out everywhere.")
}

// walk is one person in one tab.
type walk struct {
	*tab
	url, email string
	key        *testkit.Authenticator
	secret     string   // of the authenticator app
	codes      []string // recovery codes
}

func (w *walk) signUp(browser *testkit.Browser) {
	w.t.Helper()
	w.Type("#sign-up-form [name=email]", w.email)
	w.Type("#sign-up-form [name=password]", password)
	w.Click("#sign-up-form button")
	w.there("#sign-up-form .mailed a")
	open(w.t, browser, w.text(`document.querySelector("#sign-up-form .mailed a").href`))
	w.Type("#sign-in-form [name=password]", password)
	w.Click("#sign-in-form button")
	w.there("#profile-form")
	w.shot("live-profile")
}

func (w *walk) signIn() {
	w.t.Helper()
	w.Goto(w.url + "/portal/")
	w.Type("#sign-in-form [name=email]", w.email)
	w.Type("#sign-in-form [name=password]", password)
	w.Click("#sign-in-form button")
	w.Shows("You are signed in.")
}

func (w *walk) signOut() {
	w.t.Helper()
	w.Click("#sign-out")
	w.Shows("You are signed out.")
	// Firebase tells sign-ins by whole seconds: one in the second of the sign-in
	// that has just ended is the same session, and nobody is that quick.
	w.Until(fmt.Sprintf("Date.now() >= %d", time.Now().Truncate(time.Second).Add(time.Second).UnixMilli()))
}

func (w *walk) makeProfile() {
	w.t.Helper()
	w.Type("#profile-form [name=name]", "Ada Researcher")
	w.Type("#profile-form [name=affiliation]", "Example University")
	w.choose("#profile-form [name=role]", "researchFellow")
	w.Type("#profile-form [name=researchArea]", "Ageing")
	w.Click("#profile-form [name=termsOfService]")
	w.Click("#profile-form button[type=submit]")
	w.focused("#profile-form [name=degrees]") // the hub wants at least one
	w.shot("live-profile-refused")
	w.Click("#profile-form [name=degrees][value=phd]")
	w.Click("#profile-form button[type=submit]")
	w.Shows("Your profile is there.")
	w.shot("live-start")
}

func (w *walk) completeModules() {
	w.t.Helper()
	w.Goto(w.url + "/portal/account")
	w.Type("#codeOfConduct-form [name=fullName]", "Ada R")
	w.Type("#codeOfConduct-form [name=initials]", "AR")
	w.Click("#codeOfConduct-form button")
	w.focused("#codeOfConduct-form [name=fullName][aria-invalid]")
	w.Type("#codeOfConduct-form [name=fullName]", "Ada Researcher")
	w.Click("#codeOfConduct-form button")
	w.Shows("You have signed the Data User Code of Conduct.")
	w.Click("#profileConfirmation-form button")
	w.Shows("Your profile is confirmed.")
	w.Click("#publicationConfirmation-form button")
	w.Shows("Your publications are confirmed.")
	w.Click("#profile-edit")
	w.Type("#profile-form [name=affiliation]", "Example University, Statistics")
	w.Click("#profile-form button[type=submit]")
	w.Shows("Your profile is changed.")
	// The local identity provider verifies everybody.
	w.Click("#identity-start")
	w.Click("#verified")
	w.Until(`location.pathname + location.hash === "/portal/account#identity"`)
	w.Until(`document.querySelector("#identity")?.innerText.includes("Complete")`)
	w.there("#profile-edit")
	w.shot("live-account")
}

func (w *walk) answerSurvey() {
	w.t.Helper()
	w.Goto(w.url + "/portal/survey")
	w.Click("#survey-form [name=raceEthnicity][value=preferNotToAnswer]")
	w.Click("#survey-form button[type=submit]")
	w.Shows("Your answers are kept.")
	w.narrowAndAccessible("live-survey")
	w.Click("#survey-delete")
	w.Click("#sure-yes")
	w.Shows("Your answers are deleted.")
}

// code is the app's at a moment that many steps from now: the hub takes each
// step once, and the next one already.
func (w *walk) code(steps int) string {
	w.t.Helper()
	code, err := totp.GenerateCode(w.secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

func (w *walk) setUpFactors() {
	w.t.Helper()
	w.Goto(w.url + "/portal/security")
	w.Type("#totp-name", "My phone")
	w.Click("#totp-begin")
	w.there("#totp-qr")
	w.shot("live-totp")
	w.secret = strings.ReplaceAll(w.text(`document.querySelector("#totp-secret").innerText`), " ", "")
	w.Type("#totp-form [name=code]", w.code(0))
	w.Click("#totp-form button")
	w.Shows("The authenticator app is set up")
	w.Type("#passkey-name", "Laptop")
	w.Click("#passkey-begin")
	w.Shows("The passkey is set up")
	w.Click("#recovery-make")
	w.there("#recovery-codes")
	w.codes = strings.Fields(w.text(`[...document.querySelectorAll("#recovery-codes li")].map((one) => one.innerText.trim()).join(" ")`))
	if len(w.codes) != 10 {
		w.t.Errorf("%d recovery codes", len(w.codes))
	}
	w.shot("live-recovery")
	w.Click("#recovery-kept")
	w.Shows("The recovery codes are in force.")
	w.there("#history-list", "#sessions")
	w.shot("live-security")
}

func (w *walk) signInByPasskey() {
	w.t.Helper()
	w.signOut()
	w.Click("#passkey-sign-in")
	w.Shows("You are signed in with your passkey.")
	w.signOut()
}

func (w *walk) raiseByEveryFactor() {
	w.t.Helper()
	for _, way := range []string{"passkey", "recovery", "code"} {
		w.signIn()
		w.Click("#second-step-begin")
		w.there("#second-step form")
		w.shot("live-step-" + way)
		switch way {
		case "passkey":
			w.Click("#step-passkey")
		case "recovery":
			w.Click("#second-step summary")
			w.Type("#step-recovery-form [name=recoveryCode]", w.codes[0])
			w.Click("#step-recovery-form button")
		case "code":
			w.Type("#step-code-form [name=code]", w.code(1))
			w.Click("#step-code-form button")
		}
		w.Shows("This session has its second factor.")
		if way != "code" {
			w.signOut()
		}
	}
}

func (w *walk) removeTheApp() {
	w.t.Helper()
	w.Goto(w.url + "/portal/security")
	w.there("#factors", "#recovery-left")
	w.Shows("9 of them are left.")
	id := w.text(`[...document.querySelectorAll("#factors li")].find((one) => one.innerText.includes("My phone")).dataset.factor`)
	w.Click(`[data-factor="` + id + `"] .remove`)
	w.Click("#sure-yes")
	w.Shows("My phone is removed.")
	w.there("#history-list", "#sessions")
	w.Shows("Second factor removed")
	w.shot("live-history")
}
