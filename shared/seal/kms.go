package seal

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"time"

	kms "cloud.google.com/go/kms/apiv1"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// kmsTimeout bounds one call to Cloud KMS.
const kmsTimeout = 10 * time.Second

var kmsKeyForm = regexp.MustCompile(`^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$`)

// kmsCaller is what the key needs of Cloud KMS's client.
type kmsCaller interface {
	Encrypt(context.Context, *kmspb.EncryptRequest, ...gax.CallOption) (*kmspb.EncryptResponse, error)
	Decrypt(context.Context, *kmspb.DecryptRequest, ...gax.CallOption) (*kmspb.DecryptResponse, error)
}

// kmsKey is a key-encryption key in Cloud KMS behind tink's interface. Every
// call carries checksums both ways, as Google advises: a bit that flips on the
// way would otherwise lose a secret for good.
type kmsKey struct {
	client kmsCaller
	name   string
}

func newKMS(ctx context.Context, name string) (*kmsKey, error) {
	if !kmsKeyForm.MatchString(name) {
		return nil, errors.New("HUB_SEAL_KMS_KEY is not of the form projects/P/locations/L/keyRings/R/cryptoKeys/K")
	}
	client, err := kms.NewKeyManagementClient(ctx)
	if err != nil {
		return nil, fmt.Errorf("seal: Cloud KMS: %w", err)
	}
	return &kmsKey{client, name}, nil
}

// EncryptWithContext encrypts a data key.
func (k *kmsKey) EncryptWithContext(ctx context.Context, plaintext, associated []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, kmsTimeout)
	defer cancel()
	answer, err := k.client.Encrypt(ctx, &kmspb.EncryptRequest{
		Name: k.name, Plaintext: plaintext, PlaintextCrc32C: checksum(plaintext),
		AdditionalAuthenticatedData: associated, AdditionalAuthenticatedDataCrc32C: checksum(associated),
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("cloud KMS: encrypt: %w", err)
	case !answer.GetVerifiedPlaintextCrc32C(), !answer.GetVerifiedAdditionalAuthenticatedDataCrc32C(),
		!matches(answer.GetCiphertext(), answer.GetCiphertextCrc32C()):
		return nil, errors.New("cloud KMS: encrypt: the request or the answer was damaged on the way")
	}
	return answer.GetCiphertext(), nil
}

// DecryptWithContext decrypts a data key.
func (k *kmsKey) DecryptWithContext(ctx context.Context, ciphertext, associated []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, kmsTimeout)
	defer cancel()
	answer, err := k.client.Decrypt(ctx, &kmspb.DecryptRequest{
		Name: k.name, Ciphertext: ciphertext, CiphertextCrc32C: checksum(ciphertext),
		AdditionalAuthenticatedData: associated, AdditionalAuthenticatedDataCrc32C: checksum(associated),
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("cloud KMS: decrypt: %w", err)
	case !matches(answer.GetPlaintext(), answer.GetPlaintextCrc32C()):
		return nil, errors.New("cloud KMS: decrypt: the answer was damaged on the way")
	}
	return answer.GetPlaintext(), nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) *wrapperspb.Int64Value {
	return wrapperspb.Int64(int64(crc32.Checksum(b, castagnoli)))
}

func matches(b []byte, sum *wrapperspb.Int64Value) bool {
	return sum != nil && sum.GetValue() == checksum(b).GetValue()
}
