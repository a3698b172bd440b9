package jsonvalue

import (
	"errors"
	"slices"
	"sort"
	"strings"
)

// KeysMode is which arrays JSON_KEYS looks into.
type KeysMode int

// The modes of JSON_KEYS: none, arrays not directly within arrays, all.
const (
	KeysStrict KeysMode = iota
	KeysLax
	KeysLaxRecursive
)

// ParseKeysMode reads the mode argument of JSON_KEYS.
func ParseKeysMode(s string) (KeysMode, error) {
	lower := strings.ToLower(s)
	switch lower {
	case "strict":
		return KeysStrict, nil
	case "lax":
		return KeysLax, nil
	case "lax recursive":
		return KeysLaxRecursive, nil
	}
	words := strings.Fields(lower)
	slices.Sort(words)
	switch strings.Join(words, " ") {
	case "strict", "lax", "lax recursive":
		return 0, Unsupported("this way to write the mode of JSON_KEYS")
	}
	return 0, errors.New("Invalid JSON mode specified")
}

// Keys is JSON_KEYS: the paths of the keys of the objects down to a depth, in
// order, each once.
func (v *Value) Keys(maxDepth int64, mode KeysMode) ([]string, error) {
	if maxDepth <= 0 {
		return nil, errors.New("max_depth must be positive.")
	}
	k := &keyFinder{mode: mode, max: maxDepth, seen: map[string]bool{}}
	if err := k.walk(v, "", 0, false); err != nil {
		return nil, err
	}
	if !sort.StringsAreSorted(k.keys) {
		if !k.doubtful {
			sort.Strings(k.keys)
		} else {
			return nil, Unsupported("JSON_KEYS of keys whose order depends on their escapes")
		}
	}
	return k.keys, nil
}

// maxKeyBytes bounds the text of all keys of one value.
const maxKeyBytes = 16 << 20

type keyFinder struct {
	mode     KeysMode
	max      int64
	seen     map[string]bool
	keys     []string
	bytes    int
	doubtful bool
}

func (k *keyFinder) walk(v *Value, prefix string, depth int64, inArray bool) error {
	switch v.kind {
	case Array:
		if k.mode == KeysStrict || k.mode == KeysLax && inArray {
			return nil
		}
		for _, e := range v.list {
			if err := k.walk(e, prefix, depth, true); err != nil {
				return err
			}
		}
	case Object:
		if depth >= k.max {
			return nil
		}
		for _, m := range v.members {
			path, err := k.name(prefix, m.Key)
			if err != nil {
				return err
			}
			if !k.seen[path] {
				k.seen[path] = true
				k.keys = append(k.keys, path)
				if k.bytes += len(path); k.bytes > maxKeyBytes {
					return Unsupported("JSON_KEYS of more than 16 MB of keys")
				}
			}
			if err := k.walk(m.Value, path, depth+1, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// name adds a key to a path. A key with a dot is put in double quotes; the
// reference does not tell which other characters are.
func (k *keyFinder) name(prefix, key string) (string, error) {
	simple := key != ""
	for i := 0; i < len(key); i++ {
		c := key[i] | 0x20
		if (c < 'a' || c > 'z') && (key[i] < '0' || key[i] > '9') && key[i] != '_' {
			simple = false
		}
	}
	switch {
	case simple:
	case strings.Contains(key, ".") && plainKey(key):
		key = `"` + key + `"`
		k.doubtful = true
	default:
		return "", Unsupported("JSON_KEYS of a key with special characters")
	}
	if prefix == "" {
		return key, nil
	}
	return prefix + "." + key, nil
}

// plainKey reports whether a key has letters, digits, underscores and dots only.
func plainKey(key string) bool {
	for i := 0; i < len(key); i++ {
		c := key[i] | 0x20
		if (c < 'a' || c > 'z') && (key[i] < '0' || key[i] > '9') && key[i] != '_' && key[i] != '.' {
			return false
		}
	}
	return true
}
