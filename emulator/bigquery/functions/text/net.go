package text

import (
	"encoding/binary"
	"net/netip"
)

// IPFromString is NET.IP_FROM_STRING: an address as 4 or 16 bytes in network
// order.
func IPFromString(s string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return "", faultf("Invalid IP address: %s", s)
	}
	return string(a.AsSlice()), nil
}

// IPToString is NET.IP_TO_STRING.
func IPToString(b string) (string, error) {
	a, ok := netip.AddrFromSlice([]byte(b))
	if !ok {
		return "", faultf("Invalid IP address: %d bytes", len(b))
	}
	if a.Is6() && b[:10] == "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" {
		return "", refusef("NET.IP_TO_STRING of an IPv6 address that holds an IPv4 address")
	}
	return a.String(), nil
}

// IPNetMask is NET.IP_NET_MASK: a mask of size bytes with prefix ones before
// zeros.
func IPNetMask(size, prefix int64) (string, error) {
	if size != 4 && size != 16 {
		return "", faultf("The first argument to NET.IP_NET_MASK() must be either 4 or 16")
	}
	if prefix < 0 || prefix > 8*size {
		return "", faultf("The second argument to NET.IP_NET_MASK() must be between 0 and %d", 8*size)
	}
	out := make([]byte, size)
	for i := range prefix {
		out[i/8] |= 0x80 >> (i % 8)
	}
	return string(out), nil
}

// IPTrunc is NET.IP_TRUNC: an address with all but its first prefix bits zero.
func IPTrunc(b string, prefix int64) (string, error) {
	if len(b) != 4 && len(b) != 16 {
		return "", faultf("The first argument to NET.IP_TRUNC() must be an IP address of 4 or 16 bytes")
	}
	if prefix < 0 || prefix > 8*int64(len(b)) {
		return "", faultf("The second argument to NET.IP_TRUNC() must be between 0 and %d", 8*len(b))
	}
	mask, err := IPNetMask(int64(len(b)), prefix)
	if err != nil {
		return "", err
	}
	out := []byte(b)
	for i := range out {
		out[i] &= mask[i]
	}
	return string(out), nil
}

// IPv4FromInt64 is NET.IPV4_FROM_INT64: of the low 32 bits of a number that fits
// in them, signed or not.
func IPv4FromInt64(n int64) (string, error) {
	if n < -0x80000000 || n > 0xFFFFFFFF {
		return "", faultf("NET.IPV4_FROM_INT64() encountered an out-of-range value: %d", n)
	}
	return string(binary.BigEndian.AppendUint32(nil, uint32(n))), nil
}

// IPv4ToInt64 is NET.IPV4_TO_INT64.
func IPv4ToInt64(b string) (int64, error) {
	if len(b) != 4 {
		return 0, faultf("NET.IPV4_TO_INT64() encountered %d bytes; expected 4", len(b))
	}
	return int64(binary.BigEndian.Uint32([]byte(b))), nil
}
