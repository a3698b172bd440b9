package seal

import (
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// RotateLocal adds a key to the local keyset and makes it the one that seals.
// The earlier keys stay: what they sealed opens as before, so nothing is sealed
// anew, and a secret leaves an old key when its owner makes a new one. Sealers
// that run notice at their next use. Two rotations at once come one after the
// other, and a process that dies in the middle leaves the keyset as it was.
//
// In the cloud rotation is a new primary version of the Cloud KMS key, which
// that service makes on a schedule; it opens with every version that has not
// been destroyed.
func RotateLocal(path string) (err error) {
	unlock, err := lock(path + ".lock")
	if err != nil {
		return fmt.Errorf("seal: rotate %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := rotate(path); err != nil {
		return fmt.Errorf("seal: rotate %s: %w", path, err)
	}
	return nil
}

func rotate(path string) error {
	handle, _, err := readKeyset(path)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(handle)
	keyID, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	if err := manager.SetPrimary(keyID); err != nil {
		return err
	}
	if handle, err = manager.Handle(); err != nil {
		return err
	}
	return placeKeyset(handle, path, replace)
}
