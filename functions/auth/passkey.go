package auth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"researchhub.example/hub/shared/fault"
)

// newRelyingParty is the hub as a WebAuthn relying party: its identifier is the
// host of the base address and its one origin that address. WebAuthn takes no IP
// addresses and no plain HTTP but for "localhost", so a loopback address stands
// for that name: passkeys work on the local cloud where its pages are opened as
// http://localhost:<port>.
func newRelyingParty(baseURL, name string, answerIn time.Duration) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("HUB_BASE_URL is no address of the form https://host")
	}
	host := strings.ToLower(u.Hostname())
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		host = "localhost"
	}
	if u.Scheme != "https" && (u.Scheme != "http" || host != "localhost") {
		return nil, fmt.Errorf("HUB_BASE_URL is not an https address: passkeys work on no other, localhost aside")
	}
	origin := u.Scheme + "://" + host
	if port := u.Port(); port != "" {
		origin += ":" + port
	}
	timeout := webauthn.TimeoutConfig{Timeout: answerIn, TimeoutUVD: answerIn}
	party, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: name, RPOrigins: []string{origin},
		// Which make of authenticator it is decides nothing here.
		AttestationPreference: protocol.PreferNoAttestation,
		// A passkey is discoverable, or it could not sign in by itself.
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationPreferred,
		},
		// Enforced by the stored challenge, whose time is this function's clock.
		Timeouts: webauthn.TimeoutsConfig{Login: timeout, Registration: timeout},
		// Level 3 leaves unasked outputs to the party, and some password managers
		// send them; nothing here reads one.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("HUB_BASE_URL cannot be a WebAuthn relying party: %w", err)
	}
	return party, nil
}

// passkeyUser is an account as WebAuthn sees it.
type passkeyUser struct {
	email, name string
	set         factorSet
}

// userHandle is what authenticators keep of an account. It must tell nothing
// about the person (WebAuthn level 3, section 14.6.1): a digest of the uid, which
// is random itself, is the same for all passkeys of an account and leads nowhere.
func userHandle(uid string) []byte {
	sum := sha256.Sum256([]byte("research hub passkey user\x00" + uid))
	return sum[:]
}

// WebAuthnID is the user handle.
func (u passkeyUser) WebAuthnID() []byte { return userHandle(u.set.UID) }

// WebAuthnName is what authenticators show to tell accounts apart.
func (u passkeyUser) WebAuthnName() string { return u.email }

// WebAuthnDisplayName is the person's name.
func (u passkeyUser) WebAuthnDisplayName() string { return u.name }

// WebAuthnCredentials are the account's passkeys.
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, 0, len(u.set.Passkeys))
	for _, f := range u.set.Passkeys {
		list = append(list, f.credential())
	}
	return list
}

// credential is the record in the library's form.
func (f passkeyFactor) credential() webauthn.Credential {
	c := webauthn.Credential{
		ID: f.CredentialID, PublicKey: f.PublicKey,
		Flags:         webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(f.Flags)),
		Authenticator: webauthn.Authenticator{AAGUID: f.AAGUID, SignCount: uint32(f.SignCount)},
	}
	for _, t := range f.Transports {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

// maxTransports bounds what an authenticator says of the ways to reach it;
// level 3 knows six.
const maxTransports = 8

// newPasskey keeps of a registration what assertions are judged by. The
// attestation is not among it.
func newPasskey(c *webauthn.Credential, factorID, name string, now time.Time) passkeyFactor {
	f := passkeyFactor{
		ID: factorID, Name: name, CredentialID: c.ID, PublicKey: c.PublicKey,
		SignCount: int64(c.Authenticator.SignCount), AAGUID: c.Authenticator.AAGUID,
		Flags: int64(c.Flags.ProtocolValue()), CreatedAt: now,
	}
	for _, t := range c.Transport {
		if len(f.Transports) < maxTransports && len(t) <= 32 {
			f.Transports = append(f.Transports, string(t))
		}
	}
	return f
}

// register judges a registration by its ceremony (WebAuthn level 3, section 7.1).
func register(party *webauthn.WebAuthn, u passkeyUser, ceremony webauthn.SessionData, answer *protocol.ParsedCredentialCreationData) (*webauthn.Credential, error) {
	c, err := party.CreateCredential(u, ceremony, answer)
	if err != nil {
		return nil, fault.Because(fault.Invalid, err, "The passkey was not accepted. Begin again with POST /auth/v1/factors/passkeys.")
	}
	return c, nil
}

// assertion is an assertion that was judged good.
type assertion struct {
	factor passkeyFactor
	// cloned is true where the counter has gone back: then it is not accepted.
	cloned bool
}

// assert judges an assertion by its ceremony (WebAuthn level 3, section 7.2) and
// changes the set: counter, flags, last use, or the warning.
//
// Of the counter, step 22 says: where the stored or the received one is not
// zero, one that is not greater than the stored one is a sign that the private
// key is in two places. What to do is left to the relying party; the hub refuses
// the assertion, keeps the stored counter, marks the passkey and tells its owner.
// Counters that stay at 0, as synced passkeys have them, say nothing.
func (s *factorSet) assert(party *webauthn.WebAuthn, ceremony webauthn.SessionData, answer *protocol.ParsedCredentialAssertionData, now time.Time) (assertion, error) {
	u := passkeyUser{set: *s}
	var c *webauthn.Credential
	var err error
	if len(ceremony.UserID) > 0 {
		c, err = party.ValidateLogin(u, ceremony, answer)
	} else {
		c, err = party.ValidateDiscoverableLogin(func([]byte, []byte) (webauthn.User, error) { return u, nil }, ceremony, answer)
	}
	if err != nil {
		return assertion{}, fault.Because(fault.Invalid, err, "The passkey was not accepted. Ask for a new challenge and try again.")
	}
	f := s.byCredential(c.ID)
	if f == nil {
		return assertion{}, fault.New(fault.Internal, "")
	}
	if c.Authenticator.CloneWarning {
		if f.CloneWarningAt.IsZero() {
			f.CloneWarningAt = now
		}
		return assertion{*f, true}, nil
	}
	f.SignCount, f.Flags, f.LastUsedAt = int64(c.Authenticator.SignCount), int64(c.Flags.ProtocolValue()), now
	return assertion{*f, false}, nil
}

func (s *factorSet) byCredential(credentialID []byte) *passkeyFactor {
	for i := range s.Passkeys {
		if bytes.Equal(s.Passkeys[i].CredentialID, credentialID) {
			return &s.Passkeys[i]
		}
	}
	return nil
}

// methods names, by RFC 8176, how the passkey proved a session after what came
// first: a key in hardware or one that may leave it, with a user who was there.
// With nothing first it was two factors by itself.
func (f passkeyFactor) methods(first ...string) []string {
	key := "hwk"
	if protocol.AuthenticatorFlags(f.Flags).HasBackupEligible() {
		key = "swk"
	}
	list := append(slices.Clone(first), key, "user")
	if len(first) == 0 {
		list = append(list, "mfa")
	}
	return list
}

// parseRegistration reads a RegistrationResponseJSON.
func parseRegistration(body json.RawMessage) (*protocol.ParsedCredentialCreationData, error) {
	answer, err := protocol.ParseCredentialCreationResponseBytes(body)
	if err != nil {
		return nil, errNoCredential(err)
	}
	return answer, nil
}

// maxCredentialID is WebAuthn's bound, level 3, section 4.
const maxCredentialID = 1023

// parseAssertion reads an AuthenticationResponseJSON.
func parseAssertion(body json.RawMessage) (*protocol.ParsedCredentialAssertionData, error) {
	answer, err := protocol.ParseCredentialRequestResponseBytes(body)
	if err == nil && len(answer.RawID) > maxCredentialID {
		err = fmt.Errorf("identifier of %d bytes", len(answer.RawID))
	}
	if err != nil {
		return nil, errNoCredential(err)
	}
	return answer, nil
}

func errNoCredential(cause error) error {
	f := fault.InvalidFields(fault.Field{Path: "body.credential", Message: "Send what navigator.credentials gave, as its toJSON() writes it."})
	f.Err = cause
	return f
}

// credentialName is the name of a credential's document: identifiers are too
// long for one.
func credentialName(credentialID []byte) string {
	sum := sha256.Sum256(credentialID)
	return hex.EncodeToString(sum[:])
}
