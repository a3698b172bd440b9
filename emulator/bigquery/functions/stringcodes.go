package functions

import (
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/text"
)

// texts makes a function of texts alone, by their number, that gives a text.
func texts(name, signature string, fn func(args []string) (string, error)) duck.Scalar {
	return duck.Scalar{Name: name, Signature: signature, Fn: func(in *duck.Row, out *duck.Out) error {
		args := make([]string, len(signature)-1)
		for i := range args {
			args[i] = in.Text(i)
		}
		s, err := fn(args)
		return giveText(out, s, err)
	}}
}

// one makes a function of one text.
func one(name, signature string, fn func(string) (string, error)) duck.Scalar {
	return texts(name, signature, func(args []string) (string, error) { return fn(args[0]) })
}

// sure wraps a function that cannot fail.
func sure(fn func(string) string) func(string) (string, error) {
	return func(s string) (string, error) { return fn(s), nil }
}

var casing = slices.Concat(
	either("lower", "uu", func(in *duck.Row, out *duck.Out, u text.Units) error {
		s, err := text.Lower(in.Text(0), u)
		return giveText(out, s, err)
	}),
	either("upper", "uu", func(in *duck.Row, out *duck.Out, u text.Units) error {
		s, err := text.Upper(in.Text(0), u)
		return giveText(out, s, err)
	}),
	[]duck.Scalar{
		one("hub_initcap", "ss", text.Initcap),
		texts("hub_initcap_by", "sss", func(a []string) (string, error) { return text.InitcapBy(a[0], a[1]) }),
		texts("hub_normalize", "sss", func(a []string) (string, error) { return text.Normalize(a[0], a[1]) }),
		texts("hub_normalize_and_casefold", "sss", func(a []string) (string, error) { return text.NormalizeAndCasefold(a[0], a[1]) }),
		{Name: "hub_contains_substr", Signature: "ssb", Fn: func(in *duck.Row, out *duck.Out) error {
			ok, err := text.ContainsSubstr(in.Text(0), in.Text(1))
			if err == nil {
				out.Bool(ok)
			}
			return err
		}},
		one("hub_soundex", "ss", text.Soundex),
		one("hub_collation_key", "ss", text.CollationKey), one("hub_collation_order", "ss", text.CollationOrder),
		one("hub_collation_like", "ss", text.CollationLike), one("hub_collation_pattern", "ss", text.CollationPattern),
		one("hub_collation_exact", "ss", text.CollationExact), one("hub_collation_exact_order", "ss", text.CollationExactOrder),
		one("hub_collation_unknown", "ss", text.CollationUnknown),
	},
)

var encodings = []duck.Scalar{
	one("hub_to_hex", "xs", sure(text.ToHex)), one("hub_from_hex", "sx", text.FromHex),
	one("hub_to_base64", "xs", sure(text.ToBase64)), one("hub_from_base64", "sx", text.FromBase64),
	one("hub_to_base32", "xs", sure(text.ToBase32)), one("hub_from_base32", "sx", text.FromBase32),
	one("hub_safe_convert_bytes_to_string", "xs", text.SafeConvert),
}

var hashes = slices.Concat(
	hash("md5", text.MD5), hash("sha1", text.SHA1), hash("sha256", text.SHA256), hash("sha512", text.SHA512),
	either("farm_fingerprint", "ui", func(in *duck.Row, out *duck.Out, _ text.Units) error {
		out.Int64(text.FarmFingerprint(in.Text(0)))
		return nil
	}),
)

func hash(name string, fn func(string) string) []duck.Scalar {
	return either(name, "ux", func(in *duck.Row, out *duck.Out, _ text.Units) error {
		out.Text(fn(in.Text(0)))
		return nil
	})
}

var addresses = []duck.Scalar{
	one("hub_ip_from_string", "sx", text.IPFromString), one("hub_ip_to_string", "xs", text.IPToString),
	{Name: "hub_ip_net_mask", Signature: "iix", Fn: func(in *duck.Row, out *duck.Out) error {
		s, err := text.IPNetMask(in.Int64(0), in.Int64(1))
		return giveText(out, s, err)
	}},
	{Name: "hub_ip_trunc", Signature: "xix", Fn: func(in *duck.Row, out *duck.Out) error {
		s, err := text.IPTrunc(in.Text(0), in.Int64(1))
		return giveText(out, s, err)
	}},
	{Name: "hub_ipv4_from_int64", Signature: "ix", Fn: func(in *duck.Row, out *duck.Out) error {
		s, err := text.IPv4FromInt64(in.Int64(0))
		return giveText(out, s, err)
	}},
	{Name: "hub_ipv4_to_int64", Signature: "xi", Fn: func(in *duck.Row, out *duck.Out) error {
		n, err := text.IPv4ToInt64(in.Text(0))
		return giveInt(out, n, err)
	}},
}
