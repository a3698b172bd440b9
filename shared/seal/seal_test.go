package seal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func TestWhatIsSealedOpensForItsPlaceOnly(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := open(ctx, Config{StateDir: dir}, false)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("JBSWY3DPEHPK3PXP")
	sealed, err := s.Seal(ctx, secret, "u1/fa_1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, secret) {
		t.Error("the secret is readable in what was sealed")
	}
	again, err := open(ctx, Config{Keyset: filepath.Join(dir, "seal.keyset")}, false)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(ctx, sealed, "u1/fa_1"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("after a restart: %q, %v", got, err)
	}
	other, err := open(ctx, Config{StateDir: t.TempDir()}, false)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		s      *Sealer
		sealed []byte
		place  string
	}{
		"another place": {s, sealed, "u2/fa_1"},
		"another key":   {other, sealed, "u1/fa_1"},
		"a bit flipped": {s, flipped, "u1/fa_1"},
		"nothing":       {s, nil, "u1/fa_1"},
	} {
		if got, err := c.s.Open(ctx, c.sealed, c.place); err == nil {
			t.Errorf("%s: opens to %q", name, got)
		}
	}
	if _, err := s.Seal(ctx, make([]byte, maxSecretBytes+1), "p"); err == nil {
		t.Error("a secret of any size is sealed")
	}
}

func TestStartersAtOnceEndWithOneKey(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "state", "seal.keyset")
	sealers := make([]*Sealer, 8)
	var wg sync.WaitGroup
	for i := range sealers {
		wg.Go(func() {
			s, err := open(ctx, Config{Keyset: path}, false)
			if err != nil {
				t.Error(err)
			}
			sealers[i] = s
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for i, s := range sealers {
		sealed, err := s.Seal(ctx, []byte("x"), "p")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sealers[(i+1)%len(sealers)].Open(ctx, sealed, "p"); err != nil {
			t.Errorf("starter %d has another key: %v", i, err)
		}
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("files left beside the keyset: %v, %v", files, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestWhatCannotBeOpenedIsNamed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name  string
		cfg   Config
		cloud bool
		want  string
	}{
		{"the cloud without KMS", Config{StateDir: dir, Keyset: "k"}, true, "HUB_SEAL_KMS_KEY"},
		{"nowhere", Config{}, false, "HUB_STATE_DIR"},
		{"a name that is no key", Config{KMSKey: "my-key"}, true, "projects/P/"},
		{"open to others", Config{Keyset: write("open", "{}", 0o644)}, false, "chmod 600"},
		{"broken", Config{Keyset: write("broken", `{"key":[{"s3cr3t":1}]}`, 0o600)}, false, "not a keyset"},
		{"empty", Config{Keyset: write("empty", "", 0o600)}, false, "not a keyset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := open(context.Background(), c.cfg, c.cloud)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("got %v; want it to name %q", err, c.want)
			}
		})
	}
}

// fakeKMS turns bytes round and can damage what it answers.
type fakeKMS struct{ damaged, unverified bool }

func turned(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out
}

func (f fakeKMS) Encrypt(_ context.Context, r *kmspb.EncryptRequest, _ ...gax.CallOption) (*kmspb.EncryptResponse, error) {
	if r.Name != "k" || !matches(r.Plaintext, r.PlaintextCrc32C) || !matches(r.AdditionalAuthenticatedData, r.AdditionalAuthenticatedDataCrc32C) {
		return nil, errors.New("bad request")
	}
	out := turned(r.Plaintext)
	answer := &kmspb.EncryptResponse{Ciphertext: out, CiphertextCrc32C: checksum(out),
		VerifiedPlaintextCrc32C: !f.unverified, VerifiedAdditionalAuthenticatedDataCrc32C: true}
	if f.damaged {
		answer.CiphertextCrc32C = wrapperspb.Int64(1)
	}
	return answer, nil
}

func (f fakeKMS) Decrypt(_ context.Context, r *kmspb.DecryptRequest, _ ...gax.CallOption) (*kmspb.DecryptResponse, error) {
	if r.Name != "k" || !matches(r.Ciphertext, r.CiphertextCrc32C) {
		return nil, errors.New("bad request")
	}
	out := turned(r.Ciphertext)
	answer := &kmspb.DecryptResponse{Plaintext: out, PlaintextCrc32C: checksum(out)}
	if f.damaged {
		answer.PlaintextCrc32C = nil
	}
	return answer, nil
}

func TestCloudKMS(t *testing.T) {
	ctx := context.Background()
	s, err := newSealer(&kmsKey{fakeKMS{}, "k"})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Seal(ctx, []byte("secret"), "p")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Open(ctx, sealed, "p"); err != nil || string(got) != "secret" {
		t.Errorf("got %q, %v", got, err)
	}
	for name, f := range map[string]fakeKMS{"damaged": {damaged: true}, "unverified": {unverified: true}} {
		bad, err := newSealer(&kmsKey{f, "k"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bad.Seal(ctx, []byte("secret"), "p"); err == nil {
			t.Errorf("%s: sealed in spite of the damage", name)
		}
		if f.damaged {
			if _, err := bad.Open(ctx, sealed, "p"); err == nil {
				t.Errorf("%s: opened in spite of the damage", name)
			}
		}
	}
}

// versionedKMS is a key with versions, which it names at a ciphertext's head.
type versionedKMS struct {
	primary  byte
	versions map[byte]byte
}

func (v *versionedKMS) Encrypt(_ context.Context, r *kmspb.EncryptRequest, _ ...gax.CallOption) (*kmspb.EncryptResponse, error) {
	out := []byte{v.primary}
	for _, b := range r.Plaintext {
		out = append(out, b^v.versions[v.primary])
	}
	return &kmspb.EncryptResponse{Ciphertext: out, CiphertextCrc32C: checksum(out),
		VerifiedPlaintextCrc32C: true, VerifiedAdditionalAuthenticatedDataCrc32C: true}, nil
}

func (v *versionedKMS) Decrypt(_ context.Context, r *kmspb.DecryptRequest, _ ...gax.CallOption) (*kmspb.DecryptResponse, error) {
	pad, there := v.versions[r.Ciphertext[0]]
	if !there {
		return nil, errors.New("the key version is destroyed")
	}
	out := []byte{}
	for _, b := range r.Ciphertext[1:] {
		out = append(out, b^pad)
	}
	return &kmspb.DecryptResponse{Plaintext: out, PlaintextCrc32C: checksum(out)}, nil
}
