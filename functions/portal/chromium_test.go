package portal

import (
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// TestInChromium opens the pages for real, all of them in one browser.
func TestInChromium(t *testing.T) {
	browser := testkit.Chromium(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *testkit.Browser)
	}{
		{"every page", everyPage},
		{"signing up and in", signingUpAndIn},
		{"signing out without the hub", signingOutWithoutTheHub},
		{"the address is confirmed", theAddressIsConfirmed},
		{"the profile is changed", theProfileIsChanged},
		{"modules are completed", modulesAreCompleted},
		{"identity returns", identityReturns},
		{"survey", survey},
		{"missing routes", missingRoutes},
		{"an app is set up", anAppIsSetUp},
		{"the second step", theSecondStep},
		{"recovery codes are shown once", recoveryCodesAreShownOnce},
		{"sessions and history", sessionsAndHistory},
		{"an ended session", anEndedSession},
		{"passkeys", passkeysAreUsed},
		{"page below level 2", pageBelowLevel2},
		{"the directory is searched", theDirectoryIsSearched},
		{"a project is shared", aProjectIsShared},
		{"the community's list", theCommunitysList},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, browser) })
	}
}

// everyPage opens every page for real: it has what it should, runs
// nothing that it should not, fits a narrow screen and can be read aloud.
func everyPage(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes)
	for _, c := range []struct {
		name, path string
		there, has []string
	}{
		{"signed-out", "/portal/", []string{"#passkey-sign-in"}, []string{"Sign in with a passkey", "Sign up", "Forgotten your password?"}},
		{"signed-out-security", "/portal/security", []string{"#passkey-sign-in"}, []string{"Sign in"}},
		{"signed-in", "/enter", []string{"#map-title"}, []string{
			"u@university.example", "Metformin & <i>age</i>", "Half of your credits are spent", hostile, "First: Complete the training for the Registered Tier.", "Done", "Blocked",
		}},
		{"account", "/enter?to=/portal/account", []string{"#codeOfConduct-form", "#profile-edit"}, []string{
			"You have access to public data. What is missing for the Registered Tier: Training for the Registered Tier; Data User Code of Conduct.",
			"Complete, renewal open", "Valid until 20 March 2026.", "It expired on 20 February 2026.", "It can be renewed from 21 January 2027.", "Waived by an admin", "Use the data well.",
			"Ada <b>Researcher</b>", "Example <b>University</b>", "Keeper of <u>keys</u>", "PhD; Magister", "As in your profile: Ada <b>Researcher</b>", "Start the check", "The provider reports the completion",
		}},
		{"security", "/enter?to=/portal/security", []string{"#factors", "#sessions", "#history-list", "#recovery-make"}, []string{
			"My <b>phone</b>", "last used 1 March 2026, 08:30 UTC", "not used yet", "It may have been copied", "3 of them are left.",
			"This session", "Firefox on <b>Windows</b>, from 198.51.100.0/24", "by password and code", "Second factor set up", "by you", "Access module waived: Training for the Registered Tier", "by an admin · reason: Trained <b>on site</b>.",
		}},
		{"survey", "/enter?to=/portal/survey", []string{"#survey-form"}, []string{
			"The survey is optional.", "They are never exported", "You answered on 2 February 2026.", "I prefer not to answer",
		}},
		{"data", "/portal/data", []string{"#concepts tbody td"}, []string{"Type 2 diabetes mellitus", "≤ 20", "Show more concepts"}},
		{"directory", "/portal/directory", []string{"#projects li", "#policy-list li", "#facets input"}, []string{"Metformin & <i>age</i>", "Data User Code of Conduct", "Keep your account to yourself.", "Genetic research (12)", "1,234 projects"}},
		{"project", "/portal/directory?project=ws_1", []string{"#ask-review"}, []string{"Metformin & <i>age</i>", "Whether metformin helps.", "Other purpose: <u>Habits</u>", "Older adults (65–74)", "Controlled Tier, release r2026", "1 March 2026"}},
		{"community", "/portal/community", []string{"#list li"}, []string{"Counting <b>people</b>", "1 cohort, 3 notebooks", "Tutorials", "version 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, browser, h.url+c.path)
			b.there(c.there...)
			for _, want := range c.has {
				b.Shows(want)
			}
			b.shot(c.name)
			b.narrowAndAccessible(c.name)
			if title := b.text("document.title"); strings.Contains(title, "broken in") {
				t.Error("text became code")
			}
			if got := b.text(`document.querySelectorAll("main b, main i, main u, main img").length`); got != "0" {
				t.Errorf("text became %s elements", got)
			}
		})
	}
}

// pageBelowLevel2 shows that there are notices and what to do, not what they say.
func pageBelowLevel2(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes)
	h.set("GET /auth/v1/account", strings.Replace(account, `"level":2`, `"level":1`, 1))
	b := open(t, browser, h.url+"/enter1")
	b.Shows(lockedTitle)
	b.there("#second-step-begin")
	dom := b.text("document.documentElement.outerHTML")
	for _, bad := range []string{"Half of your credits", "onerror", "Mark as read", "Metformin"} {
		if strings.Contains(dom, bad) {
			t.Errorf("the page has %s:\n%s", bad, dom)
		}
	}
	b.shot("level-1")
}
