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
	"sync"

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
	l := &local{path: path}
	if _, err := l.current(); err != nil {
		return nil, err
	}
	return l, nil
}

// local gives a key that is at hand the form of one that is called for. It reads
// the keyset again when the file has changed, so that a process that runs seals
// with the new key, and opens what another one has sealed with it.
type local struct {
	path string
	mu   sync.Mutex
	key  tink.AEAD   // nil before the first reading
	read fs.FileInfo // the file that key was read from
}

// current gives the keyset as the file has it now. One look at the file's entry
// is nothing beside the secret's own reading from the store.
func (l *local) current() (tink.AEAD, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	info, err := os.Stat(l.path)
	if err != nil {
		return l.key, fmt.Errorf("seal: keyset %s: %w", l.path, err)
	}
	if l.key != nil && os.SameFile(info, l.read) && info.Size() == l.read.Size() && info.ModTime().Equal(l.read.ModTime()) {
		return l.key, nil
	}
	handle, info, err := readKeyset(l.path)
	if err != nil {
		return l.key, fmt.Errorf("seal: keyset %s: %w", l.path, err)
	}
	key, err := aead.New(handle)
	if err != nil {
		return l.key, fmt.Errorf("seal: keyset %s: %w", l.path, err)
	}
	l.key, l.read = key, info
	return key, nil
}

// EncryptWithContext encrypts a data key. Under a keyset that is not in its file
// any more nothing is sealed: it would be lost with this process.
func (l *local) EncryptWithContext(_ context.Context, plaintext, associated []byte) ([]byte, error) {
	key, err := l.current()
	if err != nil {
		return nil, err
	}
	return key.Encrypt(plaintext, associated)
}

// DecryptWithContext decrypts a data key, with the keys that were read last
// where the file cannot be read now.
func (l *local) DecryptWithContext(_ context.Context, ciphertext, associated []byte) ([]byte, error) {
	key, err := l.current()
	if key == nil {
		return nil, err
	}
	return key.Decrypt(ciphertext, associated)
}

// createKeyset makes a new keyset, where nobody was faster.
func createKeyset(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return placeKeyset(handle, path, func(from, to string) error {
		// A link appears whole or not at all, and fails where there is one.
		if err := os.Link(from, to); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return os.Remove(from)
	})
}

// replace puts a file in the place of another at once.
func replace(from, to string) error { return os.Rename(from, to) }

// placeKeyset writes a keyset beside its path and moves it there whole.
func placeKeyset(handle *keyset.Handle, path string, move func(from, to string) error) (err error) {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return err
	}
	if text.Len() > maxKeysetBytes {
		return errors.New("it has too many keys")
	}
	// CreateTemp makes the file for its owner only (0600).
	tmp, err := os.CreateTemp(filepath.Dir(path), ".seal-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	if _, err := tmp.Write(text.Bytes()); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return move(tmp.Name(), path)
}

// readKeyset reads a keyset and tells which file it was.
func readKeyset(path string) (*keyset.Handle, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	// Windows has no such permissions.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, nil, fmt.Errorf("others may read it; run: chmod 600 %s", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeysetBytes))
	if err != nil {
		return nil, nil, err
	}
	// The library's error says no more than that it is none; the keys are not in it.
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, nil, errors.New("this is not a keyset; put the right file back (what was sealed with another key is lost)")
	}
	return handle, info, nil
}
