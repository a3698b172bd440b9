// Package portal is the web client and the Research Map.
//
// Pages (public, no framework, no build step, nothing from elsewhere):
//
//	GET /portal/               sign up, sign in, Research Map, workspaces, notices
//	GET /portal/account        profile, terms of service, access modules
//	GET /portal/security       second factors, recovery codes, sessions, security history
//	GET /portal/survey         the optional demographic survey
//	GET /portal/directory      the Research Projects Directory; ?project= for one
//	GET /portal/review-request asks the review board to look at a project, and confirms it
//	GET /portal/community      what is published to the community
//	GET /portal/data           the Data Browser
//	GET /portal/assets/{file}  their scripts and styles
//
// Routes, all under /portal/v1:
//
//	GET  /config                  where to sign in (public; nothing secret)
//	GET  /research-map            the researcher's journey as a checklist (signed in)
//	GET  /notices                 the caller's notices, newest first (signed in; their texts need level 2)
//	POST /notices/{notice}/read   marks one as read (level 2)
//
// Environment: fn.Common, access.Rules, credits.Rules, HUB_FIREBASE_API_KEY (the
// web API key, public by nature; not needed with FIREBASE_AUTH_EMULATOR_HOST).
//
// Invariants:
//   - A page runs this origin's scripts only, builds no HTML from text (Trusted
//     Types), and speaks to the hub and to Firebase Authentication only: all by
//     Content-Security-Policy.
//   - Tokens live in the tab's sessionStorage and go nowhere else. Signing out
//     ends the session at the hub, then forgets it here.
//   - No page tells whether an address has an account: signing up and a forgotten
//     password have one answer each.
//   - The token of a mailed link stands behind the '#' of its address: it reaches no
//     server but with the button's press, and leaves the browser's history at once.
//   - A call that the hub refuses for want of a second factor, or of a fresh one,
//     opens the second step and is repeated after it, by every page the same way.
//   - An authenticator app's key and recovery codes are drawn once and kept
//     nowhere; the QR code is drawn on a canvas, so that images keep to 'self'.
//   - The Research Map is a pure function of facts (see journey.go); it shows
//     what other functions decide and decides nothing itself.
//   - A caller sees and marks only notices of their own, and reads them with a
//     second factor only: they tell of workspaces, costs and reports.
//   - A disabled account is refused; the way back is at GET /auth/v1/account.
package portal
