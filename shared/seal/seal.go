// Package seal keeps secrets at rest: envelope encryption, in which each secret
// has a data key of its own and that key is encrypted under a key-encryption
// key. In the cloud that one lives in Cloud KMS and never leaves it; on the
// local cloud it is a keyset in a file.
//
// Both rotate: Cloud KMS by its key's versions, the keyset by RotateLocal. What
// an old key sealed stays as it is, because old keys go on opening: sealing a
// secret anew at its next use would add a write and a remote call to a sign-in,
// for a key that is kept anyway.
//
// Uses github.com/tink-crypto/tink-go/v2 (a reviewed envelope format with key
// rotation) and cloud.google.com/go/kms/apiv1 (the official client; tink's own
// KMS adapter cannot be required beside the other modules).
package seal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Config says where the key-encryption key is.
type Config struct {
	// KMSKey is the Cloud KMS key, "projects/P/locations/L/keyRings/R/cryptoKeys/K".
	// It is required in the cloud.
	KMSKey string `env:"HUB_SEAL_KMS_KEY"`
	// Keyset is the file of the local keyset.
	Keyset string `env:"HUB_SEAL_KEYSET"`
	// StateDir holds the local keyset where Keyset does not say otherwise.
	StateDir string `env:"HUB_STATE_DIR"`
}

// Sealer seals and opens secrets. It is safe for concurrent use.
type Sealer struct{ envelope tink.AEADWithContext }

// maxSecretBytes bounds what is sealed: these are keys, not documents.
const maxSecretBytes = 64 << 10

// Open finds the key-encryption key. In the cloud (K_SERVICE is set by the
// platform) a local keyset is refused: it would lie on a disk that is not kept.
func Open(ctx context.Context, cfg Config) (*Sealer, error) {
	return open(ctx, cfg, os.Getenv("K_SERVICE") != "")
}

func open(ctx context.Context, cfg Config, cloud bool) (*Sealer, error) {
	if cfg.KMSKey != "" {
		kek, err := newKMS(ctx, cfg.KMSKey)
		if err != nil {
			return nil, err
		}
		return newSealer(kek)
	}
	if cloud {
		return nil, errors.New("HUB_SEAL_KMS_KEY is not set: in the cloud secrets are sealed under a Cloud KMS key, never under a keyset in a file")
	}
	path, err := cfg.LocalPath()
	if err != nil {
		return nil, err
	}
	kek, err := localKey(path)
	if err != nil {
		return nil, err
	}
	return newSealer(kek)
}

// LocalPath is where the local keyset is.
func (cfg Config) LocalPath() (string, error) {
	switch {
	case cfg.Keyset != "":
		return cfg.Keyset, nil
	case cfg.StateDir != "":
		return filepath.Join(cfg.StateDir, "seal.keyset"), nil
	default:
		return "", errors.New("neither HUB_SEAL_KEYSET nor HUB_STATE_DIR is set: one of them says where the local keyset is")
	}
}

func newSealer(kek tink.AEADWithContext) (*Sealer, error) {
	envelope, err := aead.NewKMSEnvelopeAEADWithContext(aead.AES256GCMKeyTemplate(), kek)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &Sealer{envelope}, nil
}

// Seal encrypts a secret that belongs to one place, such as "uid/factor". What
// was sealed for one place does not open for another.
func (s *Sealer) Seal(ctx context.Context, secret []byte, place string) ([]byte, error) {
	if len(secret) > maxSecretBytes {
		return nil, fmt.Errorf("seal: a secret has at most %d bytes", maxSecretBytes)
	}
	sealed, err := s.envelope.EncryptWithContext(ctx, secret, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open decrypts what Seal gave for the same place.
func (s *Sealer) Open(ctx context.Context, sealed []byte, place string) ([]byte, error) {
	secret, err := s.envelope.DecryptWithContext(ctx, sealed, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("seal: open: %w", err)
	}
	return secret, nil
}
