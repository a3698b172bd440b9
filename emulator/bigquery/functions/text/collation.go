package text

import "strings"

// rootOrder is the order of ASCII's printable characters in the root collation,
// the case of letters aside (CLDR).
const rootOrder = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"

// CollationKey gives a text by which the collation und:ci compares: equal for
// equal texts. Only ASCII's printable characters are known, each of which has a
// place of its own.
func CollationKey(s string) (string, error) {
	out := []byte(s)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		place := strings.IndexByte(rootOrder, c)
		if place < 0 {
			return "", refusef("the collation und:ci of text beyond ASCII's printable characters")
		}
		out[i] = byte('!' + place)
	}
	return string(out), nil
}

// CollationOrder is CollationKey for an order: of letters, digits and spaces,
// as that of the others differs between versions.
func CollationOrder(s string) (string, error) {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (c < '0' || c > '9') && s[i] != ' ' {
			return "", refusef("the order of the collation und:ci of text beyond letters and digits")
		}
	}
	return CollationKey(s)
}

// CollationExact is CollationKey for a collation that knows case, such as en_US,
// in which different texts of ASCII's printable characters are never equal.
func CollationExact(s string) (string, error) {
	_, err := CollationKey(s)
	return s, err
}

// CollationExactOrder is CollationOrder for a collation that knows case: a small
// letter comes before its capital where nothing else differs.
func CollationExactOrder(s string) (string, error) {
	key, err := CollationOrder(s)
	if err != nil {
		return "", err
	}
	out := append([]byte(key), 1) // before every place
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			out = append(out, '2')
		} else {
			out = append(out, '1')
		}
	}
	return string(out), nil
}

// CollationLike gives a text or a pattern for LIKE by the collation und:ci. A
// pattern with _ is an error there that is only seen beside a value.
func CollationLike(s string) (string, error) {
	if _, err := CollationKey(s); err != nil {
		return "", err
	}
	if strings.Contains(s, "_") {
		return "", refusef("LIKE by the collation und:ci with the character _")
	}
	return strings.ToLower(s), nil
}

// CollationPattern is CollationLike for a pattern beside a value that is not
// NULL.
func CollationPattern(s string) (string, error) {
	if err := underscore(s); err != nil {
		return "", err
	}
	return CollationLike(s)
}

// CollationUnknown is CollationPattern for a collation that is not supported.
func CollationUnknown(s string) (string, error) {
	if err := underscore(s); err != nil {
		return "", err
	}
	return "", refusef("LIKE by a collation other than und:ci")
}

func underscore(pattern string) error {
	if strings.Contains(pattern, "_") && !strings.Contains(pattern, `\`) {
		return faultf("LIKE pattern has '_' which is not allowed when its operands have collation: %s", pattern)
	}
	return nil
}
