// Package auth is the function of accounts: profile, access modules, second
// factors and the effective tier.
//
// Routes, all under /auth/v1:
//
//	POST /sign-up, /password-reset                  mail a link; the same answer to everybody
//	GET  /profile-form                              the choices of profile and survey
//	POST /account                                   creates the caller's account
//	GET, PATCH /account                             profile, tier, modules, this session's assurance
//	POST /account/terms                             accepts the terms of service
//	POST /account/email                             takes over the sign-in's confirmed address
//	GET, PUT, DELETE /account/demographics          the optional survey, for the person alone
//	POST /modules/{module}/completion               completes a self-service module
//	GET  /factors                                   the caller's second factors
//	POST /factors/totp                              begins to enrol a TOTP factor
//	POST /factors/totp/{factor}/confirmation        confirms it; answers a level 2 custom token
//	POST /factors/passkeys                          begins to enrol a passkey
//	POST /factors/passkeys/{challenge}/confirmation stores it; answers a level 2 custom token
//	PATCH, DELETE /factors/{factor}                 renames, removes a factor
//	POST /factors/recovery-codes                    makes ten recovery codes, shown once
//	POST /session/challenge                         with what the session can be raised
//	POST /session/second-factor                     verifies a second factor; answers a level 2 custom token
//	POST /passkey-login/challenge, /passkey-login   signs in by passkey alone, at level 2
//	GET, DELETE /sessions                           the caller's sessions; signs out everywhere
//	DELETE /sessions/{session}                      ends one of them
//	PUT  /admin/accounts/{uid}/modules/{module}     an admin completes, bypasses or resets a module
//	POST /training/completions                      the training provider's signed webhook
//	POST /modules/identity/start, /result           the way to the identity provider and back
//	GET  /signatures                                what the caller has signed
//	GET  /admin/accounts, /admin/accounts/{uid}     an admin finds and looks at accounts
//	POST /admin/accounts/{uid}/disable, /enable     an admin shuts an account and opens it
//	POST /admin/accounts/{uid}/factors/reset        an admin removes lost second factors
//	PUT  /admin/accounts/{uid}/roles                a security admin appoints admins
//	GET  /audit, /audit/own                         the audit log, and one's own part of it
//	GET  /institutions                              public list
//	POST /institutions/match                        the institution of an address, and its tiers
//	GET, POST, PATCH, DELETE /institutions          for institution admins, with rules
//
// Environment: fn.Common, access.Rules, seal.Config, and the numbers of
// factorRules (HUB_TOTP_*, HUB_FACTOR_*, HUB_SENSITIVE_WINDOW,
// HUB_CHALLENGE_LIFETIME), limitRules (HUB_LIMIT_*, HUB_FORWARDED_HOPS) and
// signUpRules (HUB_SIGN_UP_FLOOR, HUB_PASSWORD_*), and HUB_BASE_URL, which
// passkeys are bound to.
//
// HUB_TRAINING_WEBHOOK_SECRETS opens the webhook; HUB_IDENTITY_PROVIDER,
// HUB_BASE_URL and HUB_OIDC_* say who verifies identities (identityConfig).
//
// Invariants:
//   - Whether an address has an account cannot be told by signing up, by asking
//     for a new password, nor by how long either takes.
//   - The survey is read by nothing but demographics.go.
//   - Assurance is of the session: a verified code answers a custom token, and
//     only the session that is signed in with it has level 2.
//   - Resetting the second factors takes level 2 from every session that proved
//     them, in the transaction of the reset; ending the sessions comes on top.
//   - A session that was ended is refused from the next request on, by every
//     instance of every function, and does not come back; it is on record before
//     Firebase is asked to take its refresh tokens back.
//   - A signature names its version, and lapses when a later one takes effect.
//   - A training provider's report has one effect, whoever sends it again; an
//     older completion, and one of before a reset, replaces nothing.
//   - An identity belongs to one account, and the way back from its provider
//     counts once, for the person who began it.
//   - Nobody acts on their own account as an admin; a security admin is left.
//   - A TOTP step is accepted once, also by two instances at once: the record of
//     the last accepted step is read and written in the transaction that decides.
//   - A recovery code is accepted once, in the same way, and so is the answer to
//     a WebAuthn challenge: the transaction that judges it deletes the challenge.
//   - A wrong code is counted in Firestore before the answer goes out; five in a
//     row lock codes for 15 minutes, not passkeys.
//   - Removing a factor and making recovery codes take a second factor of the
//     last five minutes; the last confirmed factor stays.
//   - Secrets are sealed; no answer after enrolment and no log line holds one.
//   - Every act has its audit entry in the transaction that does it.
//
// Uses github.com/pquerna/otp for RFC 6238 codes and otpauth addresses. It
// remembers no step, so the steps are tried here, one by one. Uses
// golang.org/x/net/publicsuffix for the domains that are nobody's own.
//
// Uses github.com/coreos/go-oidc/v3 with golang.org/x/oauth2 for OpenID Connect:
// discovery, key rotation and the checks of an ID token are not for us to write.
//
// Uses github.com/go-webauthn/webauthn for WebAuthn's two ceremonies: a maintained
// implementation with the specification's own test vectors. It keeps nothing, so
// challenges and counters are kept here.
package auth
