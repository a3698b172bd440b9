package text

import (
	"crypto/md5"  //nolint:gosec // it is what the function MD5 is
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"

	"github.com/dgryski/go-farm"
)

// MD5 is MD5.
func MD5(s string) string { h := md5.Sum([]byte(s)); return string(h[:]) } //nolint:gosec // asked for by name

// SHA1 is SHA1.
func SHA1(s string) string { h := sha1.Sum([]byte(s)); return string(h[:]) } //nolint:gosec // asked for by name

// SHA256 is SHA256.
func SHA256(s string) string { h := sha256.Sum256([]byte(s)); return string(h[:]) }

// SHA512 is SHA512.
func SHA512(s string) string { h := sha512.Sum512([]byte(s)); return string(h[:]) }

// FarmFingerprint is FARM_FINGERPRINT: FarmHash's Fingerprint64 as a signed
// number.
func FarmFingerprint(s string) int64 { return int64(farm.Fingerprint64([]byte(s))) }
