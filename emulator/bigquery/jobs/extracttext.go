package jobs

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/shared/googlesql"
)

// scalarText writes a scalar that is not NULL as BigQuery's exports do.
func scalarText(v googlesql.Value) string {
	switch x := v.V.(type) {
	case int64:
		if v.Type.Kind == googlesql.KindTimestamp {
			return trimFraction(time.UnixMicro(x).UTC().Format("2006-01-02 15:04:05.000000")) + " UTC"
		}
		return strconv.FormatInt(x, 10)
	case int32:
		return time.Unix(int64(x)*86400, 0).UTC().Format("2006-01-02")
	case bool:
		return strconv.FormatBool(x)
	case float64:
		return floatText(x)
	case []byte:
		return base64.StdEncoding.EncodeToString(x)
	case string:
		switch v.Type.Kind {
		case googlesql.KindDatetime:
			return strings.Replace(trimFraction(x), " ", "T", 1)
		case googlesql.KindTime, googlesql.KindNumeric:
			return trimFraction(x)
		}
		return x
	}
	return ""
}

// trimFraction takes the zeros off the end of decimals.
func trimFraction(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		if f < 0 {
			return "-Infinity"
		}
		return "Infinity"
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// appendCSV writes a field, quoted where it must be: so is the empty text, which
// tells it from NULL.
func appendCSV(b []byte, s string, delimiter byte) []byte {
	if s != "" && !strings.ContainsAny(s, "\"\n\r"+string(rune(delimiter))) && s[0] != ' ' && s[len(s)-1] != ' ' {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// appendMember writes a member of a JSON object; one that is NULL is left out.
func appendMember(b []byte, name string, v googlesql.Value) []byte {
	if v.IsNull() {
		if v.Type.Kind != googlesql.KindArray {
			return b
		}
		v.V = []googlesql.Value{}
	}
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = appendJSONText(b, name)
	b = append(b, ':')
	return appendJSON(b, v)
}

func appendJSON(b []byte, v googlesql.Value) []byte {
	switch x := v.V.(type) {
	case bool:
		return strconv.AppendBool(b, x)
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return appendJSONText(b, floatText(x))
		}
		return append(b, floatText(x)...)
	case []googlesql.Value:
		if v.Type.Kind == googlesql.KindArray {
			b = append(b, '[')
			for i, e := range x {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendJSON(b, e)
			}
			return append(b, ']')
		}
		b = append(b, '{')
		for i, f := range x {
			b = appendMember(b, v.Type.Fields[i].Name, f)
		}
		return append(b, '}')
	}
	if v.Type.Kind == googlesql.KindJSON {
		return append(b, scalarText(v)...)
	}
	return appendJSONText(b, scalarText(v))
}

func appendJSONText(b []byte, s string) []byte {
	t, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...) // no string is refused
	}
	return append(b, t...)
}
