//go:build !unix

package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lock takes a file that nobody else has: this system has no lock that ends with
// its process.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("another rotation is under way; if none is, remove %s", path)
	}
	if err != nil {
		return nil, err
	}
	return func() error { return errors.Join(f.Close(), os.Remove(path)) }, nil
}
