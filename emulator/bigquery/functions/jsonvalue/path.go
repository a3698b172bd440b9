package jsonvalue

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style is how a JSONPath escapes keys.
type Style int

// The styles: double quotes ($."a.b", JSON_QUERY and the newer functions) and
// brackets ($['a.b'], JSON_EXTRACT and its kin).
const (
	Standard Style = iota
	Legacy
)

// step is one step of a path: a key, or the index of an array.
type step struct {
	key   string
	index int
	// isIndex tells a number in brackets.
	isIndex bool
}

// Path is a JSONPath.
type Path struct {
	steps []step
	// lax and recursive are JSON_QUERY's modes.
	lax, recursive bool
}

// ParsePath reads a JSONPath. What is surely none is an error for the caller;
// what the reference does not settle is Unsupported.
func ParsePath(text string, style Style) (*Path, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		if strings.TrimSpace(text) != text {
			return nil, unsettled(text)
		}
		return nil, errors.New("JSONPath must start with '$'")
	}
	p := &Path{}
	for rest != "" {
		var s step
		var err error
		switch rest[0] {
		case '.':
			s, rest, err = dotStep(rest, style)
		case '[':
			s, rest, err = bracketStep(rest, style)
		case '*', '@', '?', '(', ')', ']', '"', '\'':
			err = invalidAt(rest)
		default:
			err = unsettled(text)
		}
		if err != nil {
			return nil, err
		}
		p.steps = append(p.steps, s)
		if len(p.steps) > MaxDepth {
			return nil, Unsupported("a JSONPath of more than 500 steps")
		}
	}
	return p, nil
}

// ParseLaxPath reads the path of JSON_QUERY on JSON, which may begin with the
// words lax and recursive.
func ParseLaxPath(text string) (*Path, error) {
	rest := text
	words := map[string]bool{}
	for {
		rest = strings.TrimLeft(rest, " ")
		end := 0
		for end < len(rest) && (rest[end]|0x20) >= 'a' && (rest[end]|0x20) <= 'z' {
			end++
		}
		word := strings.ToLower(rest[:end])
		if word == "" {
			break
		}
		if word != "lax" && word != "recursive" || words[word] {
			return nil, errors.New("JSONPath must start with zero or more unique modifiers followed by '$'")
		}
		words[word] = true
		rest = rest[end:]
		if !strings.HasPrefix(rest, " ") {
			return nil, unsettled(text)
		}
	}
	if len(words) == 0 {
		return ParsePath(text, Standard)
	}
	if !words["lax"] {
		return nil, errors.New("JSONPath has an invalid combination of modifiers. The 'lax' modifier must be included if 'recursive' is specified.")
	}
	if !strings.HasPrefix(rest, "$") {
		return nil, errors.New("JSONPath must start with zero or more unique modifiers followed by '$'")
	}
	p, err := ParsePath(rest, Standard)
	if err != nil {
		return nil, err
	}
	p.lax, p.recursive = true, words["recursive"]
	return p, nil
}

func invalidAt(rest string) error { return fmt.Errorf("Invalid token in JSONPath at: %s", rest) }

func unsettled(text string) error {
	return Unsupported(fmt.Sprintf("the JSONPath %q", text))
}

func keyRune(r rune) bool {
	return r == '_' || r == '-' || r == ':' || unicode.IsLetter(r) || unicode.IsNumber(r)
}

// bareKey takes the key characters at the start of s.
func bareKey(s string) (key, rest string) {
	for i, r := range s {
		if !keyRune(r) {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

func dotStep(rest string, style Style) (step, string, error) {
	after := rest[1:]
	if after == "" || strings.ContainsRune(".[*", rune(after[0])) {
		return step{}, "", invalidAt(rest)
	}
	if after[0] == '"' {
		if style == Legacy {
			return step{}, "", unsettled("$" + rest)
		}
		key, tail, err := quotedKey(after, '"')
		return step{key: key}, tail, err
	}
	key, tail := bareKey(after)
	if key == "" || tail != "" && tail[0] != '.' && tail[0] != '[' {
		if tail != "" && strings.ContainsRune("*@?()]\"'", rune(tail[0])) {
			return step{}, "", invalidAt(rest)
		}
		return step{}, "", unsettled("$" + rest)
	}
	return step{key: key}, tail, nil
}

func bracketStep(rest string, style Style) (step, string, error) {
	after := rest[1:]
	if after == "" || strings.ContainsRune("]*?(.[", rune(after[0])) {
		return step{}, "", invalidAt(rest)
	}
	if after[0] == '\'' {
		if style == Standard {
			return step{}, "", unsettled("$" + rest)
		}
		key, tail, err := quotedKey(after, '\'')
		if err != nil {
			return step{}, "", err
		}
		if !strings.HasPrefix(tail, "]") {
			return step{}, "", invalidAt(rest)
		}
		return step{key: key}, tail[1:], nil
	}
	key, tail := bareKey(after)
	if tail == "" {
		return step{}, "", invalidAt(rest) // not closed
	}
	if key == "" || tail[0] != ']' {
		return step{}, "", unsettled("$" + rest)
	}
	if n, err := strconv.ParseInt(key, 10, 32); err == nil && strconv.FormatInt(n, 10) == key && n >= 0 {
		return step{key: key, index: int(n), isIndex: true}, tail[1:], nil
	}
	if first, _ := utf8.DecodeRuneInString(key); style == Standard || unicode.IsNumber(first) || first == '-' {
		return step{}, "", unsettled("$" + rest)
	}
	return step{key: key}, tail[1:], nil
}

// quotedKey takes a key within quotes at the start of s, in which a backslash
// escapes the quote.
func quotedKey(s string, quote byte) (key, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case quote:
			return b.String(), s[i+1:], nil
		case '\\':
			if i+1 < len(s) && s[i+1] == quote {
				b.WriteByte(quote)
				i++
				continue
			}
			return "", "", unsettled(s)
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", invalidAt(s)
}
