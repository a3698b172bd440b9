package text

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// ToHex is TO_HEX, in lower case.
func ToHex(b string) string { return hex.EncodeToString([]byte(b)) }

// FromHex is FROM_HEX; an odd number of digits gets a zero before them.
func FromHex(s string) (string, error) {
	if len(s)%2 == 1 {
		s = "0" + s
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return "", faultf("Failed to decode invalid hexadecimal string: %q", s)
	}
	return string(b), nil
}

// ToBase64 is TO_BASE64 (RFC 4648, padded).
func ToBase64(b string) string { return base64.StdEncoding.EncodeToString([]byte(b)) }

// FromBase64 is FROM_BASE64. What RFC 4648 does not write, but a lenient reader
// may take (white space, missing padding, the URL alphabet), is refused.
func FromBase64(s string) (string, error) {
	return decode(s, "base64", base64.StdEncoding.Strict().DecodeString,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_. \t\r\n\v\f")
}

// ToBase32 is TO_BASE32 (RFC 4648, padded).
func ToBase32(b string) string { return base32.StdEncoding.EncodeToString([]byte(b)) }

// FromBase32 is FROM_BASE32, as strict as FromBase64.
func FromBase32(s string) (string, error) {
	return decode(s, "base32", strictBase32,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789= \t\r\n\v\f")
}

// strictBase32 decodes what the encoder writes and nothing else.
func strictBase32(s string) ([]byte, error) {
	b, err := base32.StdEncoding.DecodeString(s)
	if err == nil && base32.StdEncoding.EncodeToString(b) != s {
		return nil, Fault("not canonical")
	}
	return b, err
}

func decode(s, name string, read func(string) ([]byte, error), lenient string) (string, error) {
	// Go's decoders skip line breaks.
	if !strings.ContainsAny(s, "\r\n") {
		if b, err := read(s); err == nil {
			return string(b), nil
		}
	}
	if strings.Trim(s, lenient) == "" {
		return "", refusef("FROM_%s of a text that RFC 4648 does not write", strings.ToUpper(name))
	}
	return "", faultf("Failed to decode invalid %s string", name)
}
