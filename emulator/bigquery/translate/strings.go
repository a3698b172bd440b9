package translate

import (
	"math"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// textfn writes a call of the Go function hub_name, or hub_bytes_name when the
// first argument is BYTES.
func textfn(name string) scalarFunc { return optional(name, 0) }

// optional is textfn for a function of at most n arguments: the last ones, when
// they are not given, are the defaults, in SQL.
func optional(name string, n int, defaults ...string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		if len(args) < n {
			args = append(args, defaults[len(defaults)-(n-len(args)):]...)
		}
		return t.goCall(c, textName(c.Args[0].Type(), name), args...)
	}
}

// padfn is LPAD and RPAD, whose pattern is a space unless it is given.
func padfn(name string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		fill := "' '"
		if c.Args[0].Type().Is(googlesql.KindBytes) {
			fill = "unhex('20')"
		}
		return optional(name, 3, fill)(t, c)
	}
}

// bigint writes an integer of SQL.
func bigint(n int64) string { return "CAST(" + strconv.FormatInt(n, 10) + " AS BIGINT)" }

// strings_ are the functions of STRING and BYTES; likes and formats are apart.
var strings_ = join(texts, collations)

var texts = []entry[scalarFunc]{
	{"concat", "s+|x+", sure(func(t *translator, c *googlesql.Call) string {
		return "(" + strings.Join(t.exprs(c.Args), " || ") + ")"
	})},
	{"lower", "s|x", textfn("lower")}, {"upper", "s|x", textfn("upper")},
	{"initcap", "s", gofn("hub_initcap")}, {"initcap", "ss", gofn("hub_initcap_by")},
	{"soundex", "s", gofn("hub_soundex")},
	{"length", "s", sure(form("length($1)"))}, {"char_length", "s", sure(form("length($1)"))},
	{"length", "x", sure(form("octet_length($1)"))}, {"byte_length", "x", sure(form("octet_length($1)"))},
	{"byte_length", "s", sure(form("octet_length(encode($1))"))},
	{"octet_length", "x", sure(form("octet_length($1)"))}, {"octet_length", "s", sure(form("octet_length(encode($1))"))},

	{"ascii", "s|x", textfn("ascii")}, {"unicode", "s", gofn("hub_unicode")}, {"chr", "i", gofn("hub_chr")},
	{"to_code_points", "s|x", textfn("to_code_points")},
	{"code_points_to_string", "a", gofn("hub_code_points_to_string")},
	{"code_points_to_bytes", "a", gofn("hub_code_points_to_bytes")},

	{"substr", "si", sure(form("hub_substr2($1, $2)"))}, {"substr", "xi", sure(form("hub_bsubstr2($1, $2)"))},
	{"substr", "sii|xii", textfn("substr")},
	{"left", "si|xi", textfn("left")}, {"right", "si|xi", textfn("right")},
	{"strpos", "ss|xx", textfn("strpos")},
	{"instr", "ss|xx|ssi|xxi|ssii|xxii", optional("instr", 4, bigint(1), bigint(1))},
	{"starts_with", "ss", sure(form("starts_with($1, $2)"))}, {"ends_with", "ss", sure(form("ends_with($1, $2)"))},
	{"starts_with", "xx", textfn("starts_with")}, {"ends_with", "xx", textfn("ends_with")},
	{"split", "s|ss|xx", optional("split", 2, "','")},
	{"edit_distance", "ss|xx|ssi|xxi", optional("edit_distance", 3, bigint(math.MaxInt64))},

	{"trim", "s", sure(form("hub_trim($1)"))}, {"ltrim", "s", sure(form("hub_ltrim($1)"))}, {"rtrim", "s", sure(form("hub_rtrim($1)"))},
	{"trim", "ss|xx", textfn("trim_set")}, {"ltrim", "ss|xx", textfn("ltrim_set")}, {"rtrim", "ss|xx", textfn("rtrim_set")},
	{"lpad", "si|xi|sis|xix", padfn("lpad")}, {"rpad", "si|xi|sis|xix", padfn("rpad")},
	{"repeat", "si|xi", textfn("repeat")}, {"replace", "sss|xxx", textfn("replace")},
	{"reverse", "s|x", textfn("reverse")}, {"translate", "sss|xxx", textfn("translate")},

	{"normalize", "s|se", normalize("hub_normalize")},
	{"normalize_and_casefold", "s|se", normalize("hub_normalize_and_casefold")},
	{"safe_convert_bytes_to_string", "x", gofn("hub_safe_convert_bytes_to_string")},
	{"contains_substr", "ss", containsSubstr},
	{"to_hex", "x", gofn("hub_to_hex")}, {"from_hex", "s", gofn("hub_from_hex")},
	{"to_base64", "x", gofn("hub_to_base64")}, {"from_base64", "s", gofn("hub_from_base64")},
	{"to_base32", "x", gofn("hub_to_base32")}, {"from_base32", "s", gofn("hub_from_base32")},

	{"regexp_contains", "ss|xx", textfn("regexp_contains")},
	{"regexp_extract", "ss|xx|ssi|xxi|ssii|xxii", optional("regexp_extract", 4, bigint(1), bigint(1))},
	{"regexp_substr", "ss|xx|ssi|xxi|ssii|xxii", optional("regexp_extract", 4, bigint(1), bigint(1))},
	{"regexp_extract_all", "ss|xx", textfn("regexp_extract_all")},
	{"regexp_instr", "ss|xx|ssi|xxi|ssii|xxii|ssiii|xxiii", optional("regexp_instr", 5, bigint(1), bigint(1), bigint(0))},
	{"regexp_replace", "sss|xxx", textfn("regexp_replace")},

	{"md5", "s|x", textfn("md5")}, {"sha1", "s|x", textfn("sha1")},
	{"sha256", "s|x", textfn("sha256")}, {"sha512", "s|x", textfn("sha512")},
	{"farm_fingerprint", "s|x", textfn("farm_fingerprint")},
	{"generate_uuid", "", form("CAST(gen_random_uuid() AS VARCHAR)")},

	{"net.ip_from_string", "s", gofn("hub_ip_from_string")}, {"net.safe_ip_from_string", "s", gofnSafe("hub_ip_from_string")},
	{"net.ip_to_string", "x", gofn("hub_ip_to_string")},
	{"net.ip_net_mask", "ii", gofn("hub_ip_net_mask")}, {"net.ip_trunc", "xi", gofn("hub_ip_trunc")},
	{"net.ipv4_from_int64", "i", gofn("hub_ipv4_from_int64")}, {"net.ipv4_to_int64", "x", gofn("hub_ipv4_to_int64")},
}

// sure marks a function that cannot fail: SAFE changes nothing of it.
func sure(f scalarFunc) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		out := f(t, c)
		t.safeCall = c
		return out
	}
}

// gofnSafe writes a call of a Go function's form that gives NULL for an error.
func gofnSafe(name string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return gofn(name)(t, &googlesql.Call{Name: c.Name, Args: c.Args, Safe: true, T: c.T})
	}
}

// normalize writes the form's name as a text; it is a constant of an enum.
func normalize(name string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		mode := "NFC"
		if len(c.Args) == 2 {
			lit, _ := c.Args[1].(*googlesql.Literal)
			if lit == nil || lit.Value.IsNull() {
				refuse("%s with a mode that is no constant", strings.ToUpper(c.Name))
			}
			mode, _ = lit.Value.V.(string)
		}
		return t.goCall(c, name, t.expr(c.Args[0]), textLiteral(mode))
	}
}

// containsSubstr is CONTAINS_SUBSTR of a STRING. What is looked for must be a
// constant that is not NULL.
func containsSubstr(t *translator, c *googlesql.Call) string {
	v, ok := t.constant(c.Args[1])
	if s, isText := v.V.(string); !ok || !isText || s == "" {
		refuse("CONTAINS_SUBSTR of a text that is empty, NULL or no constant")
	}
	return gofn("hub_contains_substr")(t, c)
}
