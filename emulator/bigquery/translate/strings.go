package translate

import (
	"regexp/syntax"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var strings_ = []entry[scalarFunc]{
	{"concat", "s+|x+", func(t *translator, c *googlesql.Call) string {
		return "(" + strings.Join(t.exprs(c.Args), " || ") + ")"
	}},
	{"lower", "s", form("hub_lower($1)")}, {"upper", "s", form("hub_upper($1)")},
	{"length", "s", form("length($1)")}, {"char_length", "s", form("length($1)")},
	{"length", "x", form("octet_length($1)")}, {"byte_length", "x", form("octet_length($1)")},
	{"byte_length", "s", form("octet_length(encode($1))")},
	{"substr", "si", form("hub_substr2($1, $2)")}, {"substr", "sii", form("hub_substr3($1, $2, $3)")},
	{"substr", "xi", form("hub_bsubstr2($1, $2)")}, {"substr", "xii", form("hub_bsubstr3($1, $2, $3)")},
	{"starts_with", "ss", form("starts_with($1, $2)")}, {"ends_with", "ss", form("ends_with($1, $2)")},
	{"strpos", "ss", form("CAST(strpos($1, $2) AS BIGINT)")},
	{"trim", "s", form("hub_trim($1)")}, {"ltrim", "s", form("hub_ltrim($1)")}, {"rtrim", "s", form("hub_rtrim($1)")},
	{"reverse", "s", form("hub_reverse($1)")},
	{"replace", "sss", form("replace($1, $2, $3)")},
	{"split", "s", form("string_split($1, ',')")}, {"split", "ss", split},
	{"regexp_contains", "ss", regexpContains},
	{"to_hex", "x", form("lower(hex($1))")},
	{"sha256", "s", form("unhex(sha256($1))")}, {"md5", "s", form("unhex(md5($1))")},
	{"sha1", "s", form("unhex(sha1($1))")},
}

// split needs a constant delimiter that is not empty: an empty one splits into
// characters in GoogleSQL.
func split(t *translator, c *googlesql.Call) string {
	v, ok := t.constant(c.Args[1])
	if s, isText := v.V.(string); !ok || !isText || s == "" {
		refuse("SPLIT by a delimiter that is empty, NULL or no constant")
	}
	return form("string_split($1, $2)")(t, c)
}

// regexpContains needs a constant pattern that both Go's RE2 parser and
// DuckDB's RE2 read alike.
func regexpContains(t *translator, c *googlesql.Call) string {
	v, ok := t.constant(c.Args[1])
	s, isText := v.V.(string)
	if !ok || !isText {
		refuse("REGEXP_CONTAINS by a pattern that is no constant")
	}
	if _, err := syntax.Parse(s, syntax.Perl); err != nil {
		panic(&Invalid{"Cannot parse regular expression: " + err.Error()})
	}
	return form("regexp_matches($1, $2)")(t, c)
}
