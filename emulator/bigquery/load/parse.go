package load

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
	"researchhub.example/hub/shared/googlesql"
)

// parser reads a value and sets it in the appender's current row.
type parser func(a *duck.Appender, col int, text []byte) error

func bad(text []byte, what string) error {
	const most = 80
	s := string(text)
	if len(s) > most {
		s = s[:most] + "..."
	}
	return fmt.Errorf("Could not parse '%s' as %s", s, what)
}

func parserOf(t *googlesql.Type) (parser, error) {
	switch t.Kind {
	case googlesql.KindInt64:
		return func(a *duck.Appender, col int, text []byte) error {
			n, ok := parseInt(text)
			if !ok {
				return bad(text, "INT64")
			}
			a.Int64(col, n)
			return nil
		}, nil
	case googlesql.KindString:
		return func(a *duck.Appender, col int, text []byte) error { a.Bytes(col, text); return nil }, nil
	case googlesql.KindJSON:
		return func(a *duck.Appender, col int, text []byte) error {
			v, err := jsonvalue.Parse(string(text), true)
			if err != nil {
				return bad(text, "JSON")
			}
			a.Bytes(col, []byte(v.Text()))
			return nil
		}, nil
	case googlesql.KindFloat64:
		return parseFloat, nil
	case googlesql.KindBool:
		return parseBool, nil
	case googlesql.KindBytes:
		return func(a *duck.Appender, col int, text []byte) error {
			b, err := base64.StdEncoding.DecodeString(string(text))
			if err != nil {
				return bad(text, "BYTES (base64)")
			}
			a.Bytes(col, b)
			return nil
		}, nil
	case googlesql.KindDate:
		return func(a *duck.Appender, col int, text []byte) error {
			d, ok := parseDay(text)
			if !ok {
				return bad(text, "DATE")
			}
			a.Int32(col, d)
			return nil
		}, nil
	case googlesql.KindDatetime, googlesql.KindTimestamp:
		name := t.Kind.String()
		zoned := t.Kind == googlesql.KindTimestamp
		return func(a *duck.Appender, col int, text []byte) error {
			us, ok := ParseMicros(string(text), zoned)
			if !ok {
				return bad(text, name)
			}
			a.Int64(col, us)
			return nil
		}, nil
	case googlesql.KindTime:
		return func(a *duck.Appender, col int, text []byte) error {
			us, ok := parseClock(string(text))
			if !ok {
				return bad(text, "TIME")
			}
			a.Int64(col, us)
			return nil
		}, nil
	case googlesql.KindNumeric:
		return parseNumeric, nil
	}
	return nil, fmt.Errorf("the type %s cannot be loaded from CSV", t)
}

// parseInt is quicker than strconv on bytes, which would copy them.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		n, err := strconv.ParseInt(strings.TrimPrefix(string(b), "+"), 10, 64)
		return n, err == nil
	}
	neg := b[0] == '-'
	if neg || b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

func parseFloat(a *duck.Appender, col int, text []byte) error {
	f, ok := parseDouble(string(text))
	if !ok {
		return bad(text, "FLOAT64")
	}
	a.Float64(col, f)
	return nil
}

func parseBool(a *duck.Appender, col int, text []byte) error {
	switch strings.ToLower(string(text)) {
	case "true", "t", "yes", "y", "1":
		a.Bool(col, true)
	case "false", "f", "no", "n", "0":
		a.Bool(col, false)
	default:
		return bad(text, "BOOL")
	}
	return nil
}

// parseDay reads YYYY-MM-DD (month and day may have one digit) as days since
// 1970-01-01.
func parseDay(b []byte) (int32, bool) {
	y, rest, ok := number(b, 4, 4, '-')
	if !ok {
		return 0, false
	}
	m, rest, ok := number(rest, 1, 2, '-')
	if !ok {
		return 0, false
	}
	d, rest, ok := number(rest, 1, 2, 0)
	if !ok || len(rest) > 0 || y < 1 || m < 1 || m > 12 || d < 1 {
		return 0, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d {
		return 0, false // time.Date carries 30 February over
	}
	return int32(t.Unix() / 86400), true
}

// number reads min to max digits and what must follow (0: the end).
func number(b []byte, least, most int, then byte) (n int, rest []byte, ok bool) {
	i := 0
	for i < len(b) && i < most && b[i] >= '0' && b[i] <= '9' {
		n = n*10 + int(b[i]-'0')
		i++
	}
	if i < least {
		return 0, nil, false
	}
	if then == 0 {
		return n, b[i:], true
	}
	if i >= len(b) || b[i] != then {
		return 0, nil, false
	}
	return n, b[i+1:], true
}

var (
	clockLayouts = []string{"15:4:5.999999"}
	dayLayouts   = []string{"2006-1-2"}
	noZone       = []string{""}
	zoneSuffixes = []string{"", "-07:00", "-07"}
)

// ParseMicros reads a DATETIME, or with zoned a TIMESTAMP (UTC where no zone is
// said), as microseconds since 1970-01-01.
func ParseMicros(s string, zoned bool) (int64, bool) {
	if us, ok := parsePlain(s); ok {
		return us, true
	}
	sep := " "
	if i := strings.IndexAny(s, "Tt"); i > 0 && i <= 10 {
		s = s[:i] + "T" + s[i+1:]
		sep = "T"
	}
	if zoned {
		s = strings.TrimSuffix(strings.TrimSuffix(s, " UTC"), "Z")
	}
	suffixes := noZone
	if zoned {
		suffixes = zoneSuffixes
	}
	for _, day := range dayLayouts {
		for _, z := range suffixes {
			for _, clock := range clockLayouts {
				if t, err := time.Parse(day+sep+clock+z, s); err == nil {
					return micros(t)
				}
			}
			if sep == " " {
				if t, err := time.Parse(day+z, s); err == nil {
					return micros(t)
				}
			}
		}
	}
	return 0, false
}

// parsePlain reads the form that nearly all rows have, YYYY-MM-DD HH:MM:SS,
// without the cost of a layout.
func parsePlain(s string) (int64, bool) {
	const length = len("2006-01-02 15:04:05")
	if len(s) != length || s[10] != ' ' && s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	day, ok := parseDay([]byte(s[:10]))
	if !ok {
		return 0, false
	}
	var clock [3]int64
	for i, from := range []int{11, 14, 17} {
		tens, ones := s[from]-'0', s[from+1]-'0'
		if tens > 9 || ones > 9 {
			return 0, false
		}
		clock[i] = int64(tens)*10 + int64(ones)
	}
	if clock[0] > 23 || clock[1] > 59 || clock[2] > 59 {
		return 0, false
	}
	return (int64(day)*86400 + clock[0]*3600 + clock[1]*60 + clock[2]) * 1e6, true
}

func micros(t time.Time) (int64, bool) {
	if t.Nanosecond()%1000 != 0 || t.Year() < 1 || t.Year() > 9999 {
		return 0, false
	}
	return t.UnixMicro(), true
}

func parseClock(s string) (int64, bool) {
	for _, l := range clockLayouts {
		if t, err := time.Parse(l, s); err == nil && t.Nanosecond()%1000 == 0 {
			return int64(t.Hour())*3600e6 + int64(t.Minute())*60e6 + int64(t.Second())*1e6 + int64(t.Nanosecond()/1000), true
		}
	}
	return 0, false
}

// maxNumeric is the largest unscaled NUMERIC: 38 digits, 9 of them decimals.
var maxNumeric = new(big.Int).Sub(new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil), big.NewInt(1))

// Numeric reads a NUMERIC as its unscaled value (times 10^9). More than nine
// decimals are an error.
func Numeric(s string) (*big.Int, bool) {
	body := strings.TrimLeft(s, "+-")
	if len(s)-len(body) > 1 || body == "" {
		return nil, false
	}
	whole, frac, _ := strings.Cut(body, ".")
	frac = strings.TrimRight(frac, "0")
	if len(frac) > 9 || whole+frac == "" && body != "0" {
		return nil, false
	}
	for _, c := range whole + frac {
		if c < '0' || c > '9' {
			return nil, false
		}
	}
	n, ok := new(big.Int).SetString(whole+frac+strings.Repeat("0", 9-len(frac)), 10)
	if !ok || n.Cmp(maxNumeric) > 0 {
		return nil, false
	}
	if s[0] == '-' {
		n.Neg(n)
	}
	return n, true
}

func parseNumeric(a *duck.Appender, col int, text []byte) error {
	n, ok := Numeric(string(text))
	if !ok {
		return bad(text, "NUMERIC")
	}
	low, high := halves(n)
	a.Huge(col, low, high)
	return nil
}
