// Package issuer stands in for the parts of Google that the Admin SDK speaks to:
// the certificates of those who sign ID tokens, the account look-up, and the
// token service of service accounts. Beside it the SDK is the real one, its
// signature check included, which no emulator has.
//
// The SDK's addresses are constants, so the stand-in is reached through
// http.DefaultTransport, which the SDK copies when a client is made: Install puts
// one there that dials this process for googleapis.com.
package issuer

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// The hosts that it answers for.
var hosts = []string{"www.googleapis.com", "identitytoolkit.googleapis.com", "oauth2.googleapis.com"}

// Issuer signs ID tokens of one project, as Google does.
type Issuer struct {
	// Project is the audience of the tokens.
	Project string
	// Key signs them, and KeyID names it.
	Key   *rsa.PrivateKey
	KeyID string
	// Away makes the certificates' address answer 503.
	Away atomic.Bool
	// Fetched counts how often the certificates were asked for.
	Fetched atomic.Int64

	certificate []byte // PEM
	address     string
	roots       *x509.CertPool
}

// New starts the stand-in, which lives until ctx ends. lookUp answers what the
// Identity Toolkit is asked: POST /v1/projects/{project}/accounts:lookup.
func New(ctx context.Context, project string, lookUp http.Handler) (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	i := &Issuer{Project: project, Key: key, KeyID: "test-key-1", roots: x509.NewCertPool()}
	der, err := certify(key.Public(), key, nil)
	if err != nil {
		return nil, err
	}
	i.certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})

	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	served, err := certify(own.Public(), own, hosts)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(served)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	i.roots.AddCert(leaf)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	i.address = l.Addr().String()

	mux := http.NewServeMux()
	mux.HandleFunc("GET www.googleapis.com/robot/v1/metadata/x509/", i.certificates)
	mux.HandleFunc("POST oauth2.googleapis.com/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"none","token_type":"Bearer","expires_in":3600}`)
	})
	mux.Handle("identitytoolkit.googleapis.com/", lookUp)
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{served}, PrivateKey: own}}},
	}
	go func() { _ = server.ServeTLS(l, "", "") }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return i, nil
}

func certify(public crypto.PublicKey, signer crypto.Signer, names []string) ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test issuer"}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, signer)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	return der, nil
}

func (i *Issuer) certificates(w http.ResponseWriter, _ *http.Request) {
	i.Fetched.Add(1)
	if i.Away.Load() {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_ = json.NewEncoder(w).Encode(map[string]string{i.KeyID: string(i.certificate)})
}

// Certificate is the public certificate of the signing key, in PEM: what anybody
// can fetch.
func (i *Issuer) Certificate() []byte { return i.certificate }

// serviceAccount is the file of a service account's key.
type serviceAccount struct {
	Type    string `json:"type"`
	Project string `json:"project_id"`
	Email   string `json:"client_email"`
	Key     string `json:"private_key"`
	KeyID   string `json:"private_key_id"`
	Tokens  string `json:"token_uri"`
}

// Install lets clients of the Admin SDK that are made from now on reach the
// stand-in, with a service account's credentials that it keeps in dir; restore
// takes it back. It changes the process: no test beside it may be parallel.
func (i *Issuer) Install(dir string) (restore func(), err error) {
	key, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	account, err := json.Marshal(serviceAccount{
		Type: "service_account", Project: i.Project, Email: "hub@" + i.Project + ".iam.gserviceaccount.com",
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})), KeyID: i.KeyID,
		Tokens: "https://" + hosts[2] + "/token",
	})
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	file := filepath.Join(dir, "service-account.json")
	if err := os.WriteFile(file, account, 0o600); err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	const variable = "GOOGLE_APPLICATION_CREDENTIALS"
	before, was := os.LookupEnv(variable)
	if err := os.Setenv(variable, file); err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	// The one way to the clients that the SDK makes for itself.
	old := http.DefaultTransport
	transport := old.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: i.roots}
	var dialer net.Dialer
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if strings.HasSuffix(addr, ".googleapis.com:443") {
			addr = i.address
		}
		return dialer.DialContext(ctx, network, addr)
	}
	http.DefaultTransport = transport
	return func() {
		transport.CloseIdleConnections()
		http.DefaultTransport = old
		if was {
			_ = os.Setenv(variable, before)
		} else {
			_ = os.Unsetenv(variable)
		}
	}, nil
}

// Claims are those of a valid ID token of that account, signed in by password at
// that time, issued then and good for an hour.
func (i *Issuer) Claims(uid string, at time.Time) map[string]any {
	return map[string]any{
		"iss": "https://securetoken.google.com/" + i.Project, "aud": i.Project,
		"sub": uid, "user_id": uid, "auth_time": at.Unix(), "iat": at.Unix(), "exp": at.Add(time.Hour).Unix(),
		"firebase": map[string]any{"sign_in_provider": "password", "identities": map[string]any{}},
	}
}

// Token signs claims as Google does.
func (i *Issuer) Token(claims map[string]any) string {
	return i.Sign(nil, claims, i.RS256(i.Key))
}

// Sign makes a token of those claims, with the usual header changed by header.
func (i *Issuer) Sign(header, claims map[string]any, sign func(text []byte) []byte) string {
	h := map[string]any{"alg": "RS256", "kid": i.KeyID, "typ": "JWT"}
	maps.Copy(h, header)
	text := segment(h) + "." + segment(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(text)))
}

// RS256 signs with that key.
func (i *Issuer) RS256(key *rsa.PrivateKey) func([]byte) []byte {
	return func(text []byte) []byte {
		sum := sha256.Sum256(text)
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			panic(err)
		}
		return signature
	}
}

// HS256 signs with that secret.
func HS256(secret []byte) func([]byte) []byte {
	return func(text []byte) []byte {
		mac := hmac.New(sha256.New, secret)
		_, _ = mac.Write(text)
		return mac.Sum(nil)
	}
}

func segment(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
