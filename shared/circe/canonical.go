package circe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"researchhub.example/hub/shared/fault"
)

// Canonical is the definition as Circe JSON in one form: keys in order, no
// spaces, nothing that is null, empty or its default, none of the words that
// describe concepts, sets and rules to people. Two definitions of the same
// canonical form give the same rows.
func (d *Definition) Canonical() []byte { return bytes.Clone(d.canonical) }

// Hash is the SHA-256 of the canonical form, in hexadecimal.
func (d *Definition) Hash() string {
	sum := sha256.Sum256(d.canonical)
	return hex.EncodeToString(sum[:])
}

// words are fields that change no row.
var words = append([]string{"name", "description", "Title", "cdmVersionRange"}, conceptWords...)

func canonical(n *node) ([]byte, error) {
	var b bytes.Buffer
	if err := write(&b, n); err != nil {
		return nil, fault.Wrap("circe.canonical", err)
	}
	return b.Bytes(), nil
}

func write(b *bytes.Buffer, n *node) error {
	switch v := n.value.(type) {
	case map[string]*node:
		keys := slices.Clone(n.keys)
		slices.Sort(keys)
		b.WriteByte('{')
		comma := false
		for _, k := range keys {
			if idle(k, v[k]) {
				continue
			}
			if comma {
				b.WriteByte(',')
			}
			comma = true
			name, err := json.Marshal(k)
			if err != nil {
				return err
			}
			b.Write(append(name, ':'))
			if err := write(b, v[k]); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case []*node:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := write(b, e); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		b.Write(text)
	}
	return nil
}

// idle reports whether a field may be left out without a change of meaning. An
// absent UseEventEnd means true in an end window, so a false one stays.
func idle(key string, n *node) bool {
	switch v := n.value.(type) {
	case bool:
		return !v && key != "UseEventEnd"
	case []*node:
		return len(v) == 0
	case map[string]*node:
		return len(v) == 0 && (key == "CensorWindow" || key == "CollapseSettings")
	default:
		return slices.Contains(words, key)
	}
}
