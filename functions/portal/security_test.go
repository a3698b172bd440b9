package portal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/testkit"
)

// qr is a picture in the form in which the hub sends one.
func qr(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 200, 200))); err != nil {
		t.Fatal(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

func anAppIsSetUp(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{
		"GET /auth/v1/factors":                          `{"items":[],"recoveryCodesLeft":0}`,
		"POST /auth/v1/factors/totp":                    `201 {"factorId":"fac_9","secret":"JBSWY3DPEHPK3PXP","otpauthUri":"otpauth://totp/Hub:u?secret=JBSWY3DPEHPK3PXP","qrPng":"` + qr(t) + `"}`,
		"POST /auth/v1/factors/totp/fac_9/confirmation": `422 {"detail":"The code is not right.","code":"invalid"}`,
	})
	b := open(t, browser, h.url+"/enter1?to=/portal/security%23second-factor")
	b.Shows("You have none yet.")
	b.Shows("Set up an authenticator app or a passkey first.")
	b.focused("#second-factor")
	b.Type("#totp-name", "My phone")
	b.Click("#totp-begin")
	b.there("#totp-qr", `#totp-link[href^="otpauth://totp/"]`)
	b.Shows("JBSW Y3DP EHPK 3PXP")
	b.focused("#totp-form [name=code]")
	if got := b.text(`document.querySelector("#totp-qr").width + " " + document.querySelector("#totp-qr").getContext("2d").getImageData(100, 100, 1, 1).data.join()`); got != "200 0,0,0,255" {
		t.Errorf("the QR code is drawn as %s", got)
	}
	if diff := cmp.Diff(map[string]any{"name": "My phone"}, h.body("POST /auth/v1/factors/totp ")); diff != "" {
		t.Error(diff)
	}
	b.shot("totp")
	b.narrowAndAccessible("totp")
	b.Type("#totp-form [name=code]", "123456")
	b.Click("#totp-form button")
	b.Shows("The code is not right.")
	h.set("POST /auth/v1/factors/totp/fac_9/confirmation", `{"customToken":"raised"}`)
	h.set("GET /auth/v1/factors", routes["GET /auth/v1/factors"])
	b.Click("#totp-form button")
	b.Shows("The authenticator app is set up")
	b.there(`#factors li[data-factor="fac_1"]`)
	if got := b.text(`JSON.parse(sessionStorage.getItem("hub-session")).id`); got != "u" {
		t.Errorf("the session is %s, not the one with the second factor", got)
	}
	if dom := b.text(`document.documentElement.outerHTML + JSON.stringify(sessionStorage)`); strings.Contains(dom, "JBSW") {
		t.Error("the page keeps the key")
	}
}

// theSecondStep goes through every answer of the dialog that a
// refusal for want of a fresh factor opens.
func theSecondStep(t *testing.T, browser *testkit.Browser) {
	const fresh = `403 {"detail":"Verify a code again: the last one is more than 5 minutes old.","code":"assurance"}`
	h := newSite(t, routes, answers{"DELETE /auth/v1/factors/fac_1": fresh, "PATCH /auth/v1/factors/fac_1": "204"})
	b := open(t, browser, h.url+"/enter?to=/portal/security")

	b.Click(`[data-factor="fac_1"] .rename`)
	b.Type("#rename-fac_1 [name=name]", "Old phone")
	b.Press("Enter")
	b.Shows("The factor has its new name.")
	if diff := cmp.Diff(map[string]any{"name": "Old phone"}, h.body("PATCH /auth/v1/factors/fac_1 ")); diff != "" {
		t.Error(diff)
	}

	remove := `[data-factor="fac_1"] .remove`
	// Said no to the question: nothing is sent.
	b.Click(remove)
	b.shot("remove")
	b.Click("#sure-no")
	b.focused(remove)
	if n := len(h.asked("DELETE ")); n != 0 {
		t.Errorf("%d removals sent", n)
	}
	// Left the second step: the refusal is shown.
	b.Click(remove)
	b.Click("#sure-yes")
	b.there("#second-step")
	b.Shows("Verify a code again: the last one is more than 5 minutes old.")
	b.there("#step-code-form")
	b.Click("#second-step summary")
	b.shot("second-step")
	b.narrowAndAccessible("second-step")
	b.Click("#step-cancel")
	b.Until(`document.querySelector("#says").innerText.includes("Verify a code again")`)
	// A wrong code stays in the dialog; a right one repeats the removal.
	h.set("POST /auth/v1/session/second-factor", `422 {"detail":"The code is not right. 3 attempts are left.","code":"invalid"}`)
	b.Click(remove)
	b.Click("#sure-yes")
	b.Type("#step-code-form [name=code]", "000000")
	b.Click("#step-code-form button")
	b.Until(`document.querySelector("#second-step").innerText.includes("3 attempts are left.")`)
	h.handle("POST /auth/v1/session/second-factor", func(w http.ResponseWriter, _ *http.Request) {
		h.set("DELETE /auth/v1/factors/fac_1", "204")
		_, _ = w.Write([]byte(`{"customToken":"raised"}`))
	})
	before := len(h.asked("DELETE "))
	b.Type("#step-code-form [name=code]", "123456")
	b.Press("Enter")
	b.Shows("My <b>phone</b> is removed.")
	if n := len(h.asked("DELETE ")) - before; n != 1 {
		t.Errorf("the removal was repeated %d times", n)
	}
	b.Until(`!document.querySelector("dialog")`)

	// A recovery code does as well.
	h.set("DELETE /auth/v1/factors/fac_2", fresh)
	h.handle("POST /auth/v1/session/second-factor", func(w http.ResponseWriter, _ *http.Request) {
		h.set("DELETE /auth/v1/factors/fac_2", "204")
		_, _ = w.Write([]byte(`{"customToken":"raised"}`))
	})
	b.Click(`[data-factor="fac_2"] .remove`)
	b.Click("#sure-yes")
	b.Click("#second-step summary")
	b.Type("#step-recovery-form [name=recoveryCode]", "abcd-efgh")
	b.Click("#step-recovery-form button")
	b.Shows("Laptop is removed.")
	if diff := cmp.Diff(map[string]any{"recoveryCode": "abcd-efgh"}, h.body("POST /auth/v1/session/second-factor ")); diff != "" {
		t.Error(diff)
	}

	// A hub that asks for ever is not asked for ever.
	h.set("DELETE /auth/v1/factors/fac_2", fresh)
	h.handle("POST /auth/v1/session/second-factor", nil)
	h.set("POST /auth/v1/session/second-factor", routes["POST /auth/v1/session/second-factor"])
	before = len(h.asked("DELETE "))
	b.Click(`[data-factor="fac_2"] .remove`)
	b.Click("#sure-yes")
	for range 2 {
		b.Type("#step-code-form [name=code]", "123456")
		b.Click("#step-code-form button")
		b.Until(`!document.querySelector("#step-code-form") || !document.querySelector("#step-code-form [name=code]").value`)
	}
	b.Until(`document.querySelector("#says").innerText.includes("Verify a code again")`)
	if n := len(h.asked("DELETE ")) - before; n != 3 {
		t.Errorf("asked %d times, want 3", n)
	}

	// Two requests that are refused at once open one dialog, and both go on.
	before = len(h.asked("DELETE "))
	h.handle("POST /auth/v1/session/second-factor", func(w http.ResponseWriter, _ *http.Request) {
		h.set("DELETE /auth/v1/factors/fac_1", "204")
		h.set("DELETE /auth/v1/factors/fac_2", "204")
		_, _ = w.Write([]byte(`{"customToken":"raised"}`))
	})
	h.set("DELETE /auth/v1/factors/fac_1", fresh)
	b.Eval(`import("/portal/assets/session.js").then(({ hub }) => {
for (const id of ["fac_1", "fac_2"]) hub("/auth/v1/factors/" + id, { method: "DELETE" }).then(() => { window.gone = (window.gone || 0) + 1; });
})`, nil)
	b.there("#step-code-form")
	if got := b.text(`document.querySelectorAll("dialog").length`); got != "1" {
		t.Errorf("%s dialogs", got)
	}
	b.Type("#step-code-form [name=code]", "123456")
	b.Press("Enter")
	b.Until(`window.gone === 2`)
	if n := len(h.asked("DELETE ")) - before; n != 4 {
		t.Errorf("asked %d times, want 4", n)
	}

	// Locked, and without any factor.
	h.set("DELETE /auth/v1/factors/fac_2", fresh)
	h.set("POST /auth/v1/session/challenge", `{"factors":[],"recovery":false,"lockedUntil":"2126-03-02T09:15:00Z"}`)
	b.Click(`[data-factor="fac_2"] .remove`)
	b.Click("#sure-yes")
	b.Shows("Codes are taken again from 2 March 2126, 09:15 UTC.")
	b.Shows("Your account has no second factor yet.")
	b.shot("second-step-locked")
	b.Press("Escape")
	b.Until(`!document.querySelector("dialog")`)
}

func recoveryCodesAreShownOnce(t *testing.T, browser *testkit.Browser) {
	codes := make([]string, 10)
	for i := range codes {
		codes[i] = "ABCD-EFGH-IJKL-" + strconv.Itoa(1000+i)
	}
	list, err := json.Marshal(codes)
	if err != nil {
		t.Fatal(err)
	}
	h := newSite(t, routes, answers{"POST /auth/v1/factors/recovery-codes": `201 {"codes":` + string(list) + `}`})
	b := open(t, browser, h.url+"/enter?to=/portal/security")
	b.Click("#recovery-make")
	b.Shows("The codes that you have now cease to work.")
	b.Click("#sure-yes")
	b.there("#recovery-codes")
	b.focused("#recovery-shown-title")
	for range 3 {
		b.Press("Escape")
	}
	b.there("#recovery-codes")
	if diff := cmp.Diff(strings.Join(codes, " "), b.text(`[...document.querySelectorAll("#recovery-codes li")].map((one) => one.innerText.trim()).join(" ")`)); diff != "" {
		t.Error(diff)
	}
	b.shot("recovery")
	b.Size(320, 800)
	if got := b.text(`(() => { const d = document.querySelector("#recovery-shown"); return d.scrollWidth <= d.clientWidth && [...document.querySelectorAll("#recovery-codes li")].every((one) => one.offsetHeight < 40); })()`); got != "true" {
		t.Error("a code does not fit its line on a screen of 320")
	}
	b.narrowAndAccessible("recovery")
	// Copied, saved and printed whole. The three ends are the browser's own.
	b.Eval(`(() => {
window.copied = ""; window.saved = ""; window.printed = 0;
navigator.clipboard.writeText = async (text) => { window.copied = text; };
window.print = () => { window.printed++; };
const make = URL.createObjectURL;
URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return make(blob); };
HTMLAnchorElement.prototype.click = function () { window.file = this.download; };
})()`, nil)
	b.Click("#recovery-copy")
	b.Until(`copied.includes("ABCD-EFGH-IJKL-1000\n") && copied.includes("ABCD-EFGH-IJKL-1009") && copied.includes("u@university.example")`)
	b.Shows("Copied.")
	b.Click("#recovery-download")
	b.Until(`saved === copied && file === "research-hub-recovery-codes.txt"`)
	b.Click("#recovery-print")
	b.Until(`printed === 1`)
	// Leaving before they are kept is asked about; afterwards it is not.
	leaving := `!window.dispatchEvent(new Event("beforeunload", {cancelable: true}))`
	b.Until(leaving)
	b.Click("#recovery-kept")
	b.Shows("The recovery codes are in force.")
	b.Until("!(" + leaving + ")")
	if dom := b.text(`document.documentElement.outerHTML + JSON.stringify(sessionStorage)`); strings.Contains(dom, "ABCD-EFGH") {
		t.Error("the page keeps the codes")
	}
}

func sessionsAndHistory(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{"DELETE /auth/v1/sessions/s_2": "204", "DELETE /auth/v1/sessions": "204"})
	b := open(t, browser, h.url+"/enter?to=/portal/security")
	b.there(`[data-session="s_2"] .end`)
	if got := b.text(`document.querySelectorAll('[data-session="s_1"] .end').length`); got != "0" {
		t.Error("this session is offered for ending like another one")
	}
	b.Click(`[data-session="s_2"] .end`)
	b.Shows("That session has ended.")
	b.Click("#sign-out-others")
	b.Shows("All your other sessions have ended.")
	if n := len(h.asked("DELETE /auth/v1/sessions?keepThis=true")); n != 1 {
		t.Errorf("asked to end the others %d times", n)
	}

	b.there("#history-more")
	h.handle("GET /auth/v1/audit/own", func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Get("cursor"); got != "aud_1" {
			t.Errorf("the cursor is %q", got)
		}
		_, _ = w.Write([]byte(`{"items":[{"id":"aud_0","at":"2026-02-01T09:00:00Z","actor":"u","act":"account.create","target":"accounts/u"}]}`))
	})
	b.Click("#history-more")
	b.Shows("Profile created")
	b.focused("#history-list li:last-child")
	b.Until(`document.querySelector("#history-more").hidden`)

	b.Click("#sign-out-everywhere")
	b.Shows("All your sessions end at once, this one too.")
	b.Click("#sure-yes")
	b.Shows("You are signed out everywhere.")
	b.there("#sign-in-form")
	if got := b.text(`sessionStorage.length`); got != "0" {
		t.Errorf("signed out, the tab keeps %s items", got)
	}
	b.shot("signed-out-everywhere")
}

// A session that was ended elsewhere is told so at the next act.
func anEndedSession(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes)
	b := open(t, browser, h.url+"/enter?to=/portal/security")
	b.there("#sign-out-others")
	h.set("DELETE /auth/v1/sessions", `401 {"detail":"The session is not valid or has ended. Sign in again.","code":"unauthenticated"}`)
	b.Click("#sign-out-others")
	b.Shows("The session is not valid or has ended. Sign in again.")
	b.there("#sign-in-form")
}
