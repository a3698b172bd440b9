package portal

import "net/url"

// signIn is what a web client needs to speak to Firebase Authentication. All of
// it is public by nature: the API key names the project and opens nothing.
type signIn struct {
	// Accounts and Tokens are the bases of the Identity Toolkit's and the Secure
	// Token service's REST interfaces.
	Accounts string `json:"accounts" doc:"Base of the Identity Toolkit's REST interface."`
	Tokens   string `json:"tokens" doc:"Base of the Secure Token service's REST interface."`
	APIKey   string `json:"apiKey" doc:"The web API key; it is public."`
	// Mailbox is where the Auth emulator lists the links that it would have
	// mailed; in the cloud there is none.
	Mailbox string `json:"mailbox,omitempty" doc:"Local cloud only: where the links are that would have been mailed."`
}

const (
	identityToolkit = "identitytoolkit.googleapis.com"
	secureToken     = "securetoken.googleapis.com"
)

// signInFor gives the addresses: Google's, or the Auth emulator's, which serves
// both behind its own host and takes any key.
func signInFor(cfg Config) signIn {
	if host := cfg.AuthEmulator; host != "" {
		return signIn{
			Accounts: "http://" + host + "/" + identityToolkit + "/v1",
			Tokens:   "http://" + host + "/" + secureToken + "/v1",
			APIKey:   "demo",
			Mailbox:  "http://" + host + "/emulator/v1/projects/" + url.PathEscape(cfg.Project) + "/oobCodes",
		}
	}
	return signIn{Accounts: "https://" + identityToolkit + "/v1", Tokens: "https://" + secureToken + "/v1", APIKey: cfg.APIKey}
}

// origins are the places that the page may speak to besides the hub.
func (s signIn) origins() []string {
	var list []string
	seen := map[string]bool{}
	for _, raw := range []string{s.Accounts, s.Tokens} {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			continue
		}
		if origin := u.Scheme + "://" + u.Host; !seen[origin] {
			seen[origin] = true
			list = append(list, origin)
		}
	}
	return list
}
