package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// The flags of authenticator data (WebAuthn level 3, section 6.1).
const (
	userPresent    = 0x01
	userVerified   = 0x04
	backupEligible = 0x08
	backedUp       = 0x10
	attestedData   = 0x40
)

// device is a small authenticator with one ES256 passkey. Each of its fields can
// be set to what an attacker's would be.
type device struct {
	t            *testing.T
	rpID, origin string
	flags        byte
	count        uint32
	key          *ecdsa.PrivateKey
	credentialID []byte
	handle       []byte
	// client changes the client data before it is signed, sign the signature after.
	client func(map[string]any)
	sign   func([]byte) []byte
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	credentialID := make([]byte, 32)
	_, _ = rand.Read(credentialID)
	return &device{t: t, rpID: "localhost", origin: "http://localhost:8080", flags: userPresent | userVerified, key: key, credentialID: credentialID}
}

// with gives a copy that is changed.
func (d device) with(change func(*device)) *device {
	change(&d)
	return &d
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// options reads what the hub asks for.
func (d *device) options(publicKey any) (challenge string, handle []byte) {
	d.t.Helper()
	var o struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	raw, err := json.Marshal(publicKey)
	if err == nil {
		err = json.Unmarshal(raw, &o)
	}
	if err == nil {
		handle, err = base64.RawURLEncoding.DecodeString(o.User.ID)
	}
	if err != nil || o.Challenge == "" {
		d.t.Fatalf("options %s: %v", raw, err)
	}
	return o.Challenge, handle
}

func (d *device) clientData(ceremony, challenge string) []byte {
	d.t.Helper()
	data := map[string]any{"type": ceremony, "challenge": challenge, "origin": d.origin, "crossOrigin": false}
	if d.client != nil {
		d.client(data)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

func (d *device) authData(flags byte) []byte {
	hash := sha256.Sum256([]byte(d.rpID))
	data := append(hash[:], flags)
	return binary.BigEndian.AppendUint32(data, d.count)
}

func (d *device) cbor(v any) []byte {
	d.t.Helper()
	raw, err := webauthncbor.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// create answers a registration: attestation "none".
func (d *device) create(publicKey any) map[string]any {
	d.t.Helper()
	challenge, handle := d.options(publicKey)
	d.handle = handle
	public, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	cose := d.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	data := d.authData(d.flags | attestedData)
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.credentialID)))
	data = append(append(data, d.credentialID...), cose...)
	object := d.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	return d.answer(map[string]any{
		"clientDataJSON": b64(d.clientData("webauthn.create", challenge)), "attestationObject": b64(object), "transports": []string{"internal"},
	})
}

// get answers an assertion; the counter goes up by one where it counts.
func (d *device) get(publicKey any) map[string]any {
	d.t.Helper()
	challenge, _ := d.options(publicKey)
	if d.count > 0 {
		d.count++
	}
	client, data := d.clientData("webauthn.get", challenge), d.authData(d.flags)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	if d.sign != nil {
		signature = d.sign(signature)
	}
	return d.answer(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(d.handle),
	})
}

func (d *device) answer(response map[string]any) map[string]any {
	return map[string]any{
		"id": b64(d.credentialID), "rawId": b64(d.credentialID), "type": "public-key",
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{}, "response": response,
	}
}
