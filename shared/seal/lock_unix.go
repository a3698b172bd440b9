//go:build unix

package seal

import (
	"errors"
	"os"
	"syscall"
)

// lock waits for a lock among processes that the system itself takes back from
// one that dies. The file stays: removing it would let two hold locks on two
// files of one name.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
