package testkit

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is a virtual authenticator of one tab, as WebAuthn's testing
// API has it: built into the device, with resident keys and user verification,
// and a user who is always there and, unless told otherwise, is verified.
type Authenticator struct {
	page *Page
	id   webauthn.AuthenticatorID
}

// Credential is a passkey that an authenticator holds.
type Credential struct {
	// ID is the credential's identifier, as the relying party knows it.
	ID []byte
	// RelyingParty is the domain that it is for.
	RelyingParty string
	// UserHandle is the account that it is for, by the relying party's name.
	UserHandle []byte
	// Discoverable is true for one that is found without its identifier.
	Discoverable bool
	// SignCount is how often it has signed.
	SignCount int

	private []byte
}

// Authenticator gives the tab a virtual authenticator; the browser's own are out
// of the tab's reach from then on.
func (p *Page) Authenticator() *Authenticator {
	p.t.Helper()
	command(p, webauthn.Enable, webauthn.EnableParams{})
	added := command(p, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		},
	})
	return &Authenticator{page: p, id: added.AuthenticatorID}
}

// UserVerified says whether the user passes verification (fingerprint, PIN)
// from now on.
func (a *Authenticator) UserVerified(yes bool) {
	a.page.t.Helper()
	command(a.page, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: yes})
}

// Credentials lists what the authenticator holds.
func (a *Authenticator) Credentials() []Credential {
	a.page.t.Helper()
	got := command(a.page, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id})
	var list []Credential
	for _, c := range got.Credentials {
		list = append(list, Credential{ID: c.CredentialID, RelyingParty: c.RpID, UserHandle: c.UserHandle,
			Discoverable: c.IsResidentCredential, SignCount: int(c.SignCount), private: c.PrivateKey})
	}
	return list
}

// Remove makes the authenticator forget a credential.
func (a *Authenticator) Remove(credentialID []byte) {
	a.page.t.Helper()
	command(a.page, webauthn.RemoveCredential, webauthn.RemoveCredentialParams{AuthenticatorID: a.id, CredentialID: credentialID})
}

// Add puts a credential of another authenticator into this one with the count
// that it is given: a copy that lags behind is how a cloned authenticator looks.
func (a *Authenticator) Add(c Credential) {
	a.page.t.Helper()
	command(a.page, addCredential, newCredential{AuthenticatorID: a.id, Credential: credential{
		ID: c.ID, RelyingParty: c.RelyingParty, UserHandle: c.UserHandle, Resident: c.Discoverable,
		SignCount: c.SignCount, PrivateKey: c.private,
	}})
}

// addCredential is WebAuthn.addCredential without the field of newer
// authenticators that the library always sends and Chromium refuses.
var addCredential = cdp.Command[newCredential, cdp.Empty]{Method: webauthn.CommandAddCredential}

type newCredential struct {
	AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
	Credential      credential               `json:"credential"`
}

type credential struct {
	ID           []byte `json:"credentialId"`
	RelyingParty string `json:"rpId"`
	UserHandle   []byte `json:"userHandle"`
	Resident     bool   `json:"isResidentCredential"`
	SignCount    int    `json:"signCount"`
	PrivateKey   []byte `json:"privateKey"`
}

// command sends one command of the DevTools protocol to the tab.
func command[P, R any](p *Page, c cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserAct)
	defer cancel()
	result, err := chromedp.Call(ctx, c, params)
	if err != nil {
		p.t.Fatalf("Chromium: %s: %v", c.Method, err)
	}
	return result
}
