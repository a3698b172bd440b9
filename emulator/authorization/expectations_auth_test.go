package authorization

var ofAuth = map[string]expectation{
	// Before an account.
	"POST /auth/v1/sign-up":                 public(),
	"POST /auth/v1/password-reset":          public(),
	"GET /auth/v1/profile-form":             public(),
	"POST /auth/v1/passkey-login/challenge": public(),
	"POST /auth/v1/passkey-login":           public(),
	"GET /auth/v1/institutions":             public(),
	"POST /auth/v1/institutions/match":      public(),
	"POST /auth/v1/training/completions":    {account: "any", unsigned: 401, record: "functions/auth TestTrainingSignatures"},

	// One's own account.
	"POST /auth/v1/account":                own(),
	"GET /auth/v1/account":                 own(),
	"PATCH /auth/v1/account":               enabled(1),
	"POST /auth/v1/account/terms":          enabled(1),
	"POST /auth/v1/account/email":          enabled(1),
	"GET /auth/v1/account/demographics":    own(),
	"PUT /auth/v1/account/demographics":    enabled(1),
	"DELETE /auth/v1/account/demographics": own(),
	"GET /auth/v1/audit/own":               own(),
	"GET /auth/v1/signatures":              own(),

	// Modules.
	"POST /auth/v1/modules/{module}/completion": enabled(1),
	"POST /auth/v1/modules/identity/start":      enabled(1),
	"POST /auth/v1/modules/identity/result":     enabled(1),

	// Second factors: the first one takes the primary sign-in alone.
	"GET /auth/v1/factors":                                    own(),
	"POST /auth/v1/factors/totp":                              enabled(1),
	"POST /auth/v1/factors/totp/{factor}/confirmation":        enabled(1),
	"POST /auth/v1/factors/passkeys":                          enabled(1),
	"POST /auth/v1/factors/passkeys/{challenge}/confirmation": enabled(1),
	"PATCH /auth/v1/factors/{factor}":                         enabled(2),
	"DELETE /auth/v1/factors/{factor}":                        enabled(2),
	"POST /auth/v1/factors/recovery-codes":                    enabled(2),
	"POST /auth/v1/session/challenge":                         enabled(1),
	"POST /auth/v1/session/second-factor":                     enabled(1),

	// Sessions: everybody may leave.
	"GET /auth/v1/sessions":              own(),
	"DELETE /auth/v1/sessions":           own(),
	"DELETE /auth/v1/sessions/{session}": own(),

	// The way back from the identity provider, and the local cloud's stand-in for one.
	"GET /auth/v1/identity/callback": public(),
	"GET /auth/v1/identity/local":    public(),

	// Admins.
	"PUT /auth/v1/admin/accounts/{uid}/modules/{module}": admins("accessAdmin"),
	"GET /auth/v1/admin/accounts":                        admins("accessAdmin"),
	"GET /auth/v1/admin/accounts/{uid}":                  admins("accessAdmin"),
	"POST /auth/v1/admin/accounts/{uid}/disable":         admins("accessAdmin", "securityAdmin"),
	"POST /auth/v1/admin/accounts/{uid}/enable":          admins("accessAdmin", "securityAdmin"),
	"POST /auth/v1/admin/accounts/{uid}/factors/reset":   admins("accessAdmin"),
	"PUT /auth/v1/admin/accounts/{uid}/roles":            admins("securityAdmin"),
	"GET /auth/v1/audit":                                 admins("securityAdmin"),
	"GET /auth/v1/institutions/{institution}":            admins("institutionAdmin"),
	"POST /auth/v1/institutions":                         admins("institutionAdmin"),
	"PATCH /auth/v1/institutions/{institution}":          admins("institutionAdmin"),
	"DELETE /auth/v1/institutions/{institution}":         admins("institutionAdmin"),
}
