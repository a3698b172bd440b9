package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// maxKeysetBytes bounds the file; a keyset of a hundred keys is far below.
const maxKeysetBytes = 64 << 10

// localKey reads the keyset of a file, and makes the file first where it is not
// there. Two processes that start at once end with one key.
func localKey(path string) (tink.AEADWithContext, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createKeyset(path); err != nil {
			return nil, fmt.Errorf("seal: keyset %s: %w", path, err)
		}
	}
	handle, err := readKeyset(path)
	if err != nil {
		return nil, fmt.Errorf("seal: keyset %s: %w", path, err)
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("seal: keyset %s: %w", path, err)
	}
	return local{primitive}, nil
}

// local gives a key that is at hand the form of one that is called for.
type local struct{ key tink.AEAD }

// EncryptWithContext encrypts a data key.
func (l local) EncryptWithContext(_ context.Context, plaintext, associated []byte) ([]byte, error) {
	return l.key.Encrypt(plaintext, associated)
}

// DecryptWithContext decrypts a data key.
func (l local) DecryptWithContext(_ context.Context, ciphertext, associated []byte) ([]byte, error) {
	return l.key.Decrypt(ciphertext, associated)
}

// createKeyset writes a new keyset beside the path and links it into place: a
// link appears whole or not at all, and fails where somebody was faster.
func createKeyset(path string) (err error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// CreateTemp makes the file for its owner only (0600).
	tmp, err := os.CreateTemp(dir, ".seal-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	if _, err := tmp.Write(text.Bytes()); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func readKeyset(path string) (*keyset.Handle, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// Windows has no such permissions.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read it; run: chmod 600 %s", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeysetBytes))
	if err != nil {
		return nil, err
	}
	// The library's error says no more than that it is none; the keys are not in it.
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, errors.New("this is not a keyset; put the right file back (what was sealed with another key is lost)")
	}
	return handle, nil
}
