package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
	"researchhub.example/hub/emulator/bigquery/functions/decimal"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
	"researchhub.example/hub/emulator/bigquery/load"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// value is a value as it is compared: a scalar's text, or a list. What can be
// read as JSON has its text too.
type value struct {
	null bool
	text string
	// list is set for arrays, structs and rows.
	list    []*value
	isList  bool
	ordered bool
}

// parser reads the expected values.
type parser struct {
	s   string
	pos int
}

func (p *parser) space() {
	for p.pos < len(p.s) && strings.ContainsRune(" \t\n\r", rune(p.s[p.pos])) {
		p.pos++
	}
}

// typeName passes over a type such as ARRAY<STRUCT<a INT64>>.
func (p *parser) typeName() {
	depth := 0
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case '<':
			depth++
		case '>':
			depth--
			if depth == 0 {
				p.pos++
				return
			}
		case '[', '{', '(':
			if depth == 0 {
				return
			}
		}
		p.pos++
	}
}

func (p *parser) value() (*value, error) {
	p.space()
	rest := p.s[p.pos:]
	if m := rangeText.FindStringSubmatch(rest); m != nil {
		p.pos += len(m[0])
		return &value{text: "[" + m[1] + ", " + m[2] + ")"}, nil
	}
	for _, prefix := range []string{"ARRAY<", "STRUCT<"} {
		if strings.HasPrefix(rest, prefix) {
			p.typeName()
			p.space()
			rest = p.s[p.pos:]
		}
	}
	if strings.HasPrefix(rest, "(NULL)") {
		p.pos += len("(NULL)")
		return &value{null: true}, nil
	}
	switch {
	case rest == "":
		return nil, fmt.Errorf("the expected value ends early")
	case rest[0] == '[' || rest[0] == '{':
		return p.listOrJSON()
	case rest[0] == '"' || rest[0] == '\'' || strings.HasPrefix(rest, `b"`) || strings.HasPrefix(rest, `b'`):
		return p.quoted()
	}
	end := strings.IndexAny(rest, ",]}\n")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return nil, fmt.Errorf("a value is missing at %.20q", rest)
	}
	p.pos += end
	text := strings.TrimSpace(rest[:end])
	return &value{null: text == "NULL", text: text}, nil
}

// listOrJSON reads an array, a struct or a JSON value, which look alike.
func (p *parser) listOrJSON() (*value, error) {
	start := p.pos
	closing := byte(']')
	if p.s[start] == '{' {
		closing = '}'
	}
	dec := json.NewDecoder(strings.NewReader(p.s[start:]))
	var raw json.RawMessage
	isJSON := dec.Decode(&raw) == nil
	end := start + int(dec.InputOffset())
	v, err := p.list(closing)
	if !isJSON {
		return v, err
	}
	if err != nil || p.pos != end {
		p.pos = end
		v = &value{}
	}
	v.text = string(raw)
	return v, nil
}

// rangeText is a RANGE, which unlike a list ends with a parenthesis.
var rangeText = regexp.MustCompile(`^\[\s*(NULL|[0-9][^,()\[\]{}]*?)\s*,\s*(NULL|[0-9][^,()\[\]{}]*?)\s*\)`)

func (p *parser) list(closing byte) (*value, error) {
	p.pos++
	out := &value{isList: true, ordered: true}
	p.space()
	for _, marker := range []string{"unknown order:", "known order:"} {
		if strings.HasPrefix(p.s[p.pos:], marker) {
			p.pos += len(marker)
			out.ordered = marker == "known order:"
			break
		}
	}
	for {
		p.space()
		if p.pos >= len(p.s) {
			return nil, fmt.Errorf("the expected value ends early")
		}
		if p.s[p.pos] == closing {
			p.pos++
			return out, nil
		}
		if p.s[p.pos] == ',' {
			p.pos++
			continue
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		out.list = append(out.list, v)
	}
}

func (p *parser) quoted() (*value, error) {
	start := p.pos
	if p.s[p.pos] == 'b' {
		p.pos++
	}
	q := p.s[p.pos]
	for p.pos++; p.pos < len(p.s); p.pos++ {
		if p.s[p.pos] == '\\' {
			p.pos++
			continue
		}
		if p.s[p.pos] == q {
			p.pos++
			return &value{text: p.s[start:p.pos]}, nil
		}
	}
	return nil, fmt.Errorf("the expected value ends within a string")
}

// same compares an expected value with a got one of a type.
func same(want, got *value, t *googlesql.Type) bool {
	if want.null || got.null {
		return want.null == got.null
	}
	switch t.Kind {
	case googlesql.KindJSON:
		v, err := jsonvalue.Parse(want.text, false)
		return err == nil && v.Text() == got.text
	case googlesql.KindArray:
		if len(want.list) != len(got.list) {
			return false
		}
		return sameList(want, got, t.Elem)
	case googlesql.KindStruct:
		if len(want.list) != len(got.list) || len(want.list) != len(t.Fields) {
			return false
		}
		for i := range want.list {
			if !same(want.list[i], got.list[i], t.Fields[i].Type) {
				return false
			}
		}
		return true
	}
	return sameScalar(want.text, got.text, t)
}

func sameList(want, got *value, elem *googlesql.Type) bool {
	if want.ordered {
		for i := range want.list {
			if !same(want.list[i], got.list[i], elem) {
				return false
			}
		}
		return true
	}
	used := make([]bool, len(got.list))
	for _, w := range want.list {
		found := false
		for i, g := range got.list {
			if !used[i] && same(w, g, elem) {
				used[i], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func sameScalar(want, got string, t *googlesql.Type) bool {
	switch t.Kind {
	case googlesql.KindFloat64:
		w, err1 := strconv.ParseFloat(want, 64)
		g, err2 := strconv.ParseFloat(got, 64)
		if err1 != nil || err2 != nil {
			return false
		}
		if math.IsNaN(w) || math.IsNaN(g) {
			return math.IsNaN(w) && math.IsNaN(g)
		}
		if math.IsInf(w, 0) || math.IsInf(g, 0) {
			return w == g // an infinite difference is within no bound
		}
		return w == g || math.Abs(w-g) <= 1e-13*math.Max(math.Abs(w), math.Abs(g))
	case googlesql.KindNumeric, googlesql.KindBigNumeric:
		w, ok1 := new(big.Rat).SetString(want)
		g, ok2 := new(big.Rat).SetString(got)
		return ok1 && ok2 && w.Cmp(g) == 0
	case googlesql.KindString:
		return unquote(want) == got
	case googlesql.KindBytes:
		return unquote(strings.TrimPrefix(want, "b")) == got
	case googlesql.KindTimestamp, googlesql.KindDatetime:
		us, ok := load.ParseMicros(want, t.Kind == googlesql.KindTimestamp)
		return ok && strconv.FormatInt(us, 10) == got
	case googlesql.KindRange:
		return sameRange(want, got, t.Elem)
	case googlesql.KindTime:
		w, err := time.Parse("15:04:05.999999", want)
		return err == nil && strconv.FormatInt(w.Sub(w.Truncate(24*time.Hour)).Microseconds(), 10) == got
	}
	return want == got
}

// unquote reads a GoogleSQL literal.
func unquote(s string) string {
	if len(s) < 2 {
		return s
	}
	body := s[1 : len(s)-1]
	if s[0] == '\'' {
		body = strings.ReplaceAll(strings.ReplaceAll(body, `\'`, `'`), `"`, `\"`)
	} else {
		body = strings.ReplaceAll(body, `\'`, `'`)
	}
	body = strings.ReplaceAll(body, "\\`", "`")
	body = strings.ReplaceAll(body, `\?`, `?`)
	body = strings.ReplaceAll(body, "\n", `\n`)
	out, err := strconv.Unquote(`"` + body + `"`)
	if err != nil {
		return body
	}
	return out
}

// cell reads a value of a result.
func cell(t *googlesql.Type, v *duck.Vector, row int) *value {
	if !v.Valid(row) {
		return &value{null: true}
	}
	switch t.Kind {
	case googlesql.KindArray:
		child, from, n := v.List(row)
		out := &value{isList: true}
		for i := from; i < from+n; i++ {
			out.list = append(out.list, cell(t.Elem, child, i))
		}
		return out
	case googlesql.KindStruct:
		out := &value{isList: true}
		for i, f := range t.Fields {
			out.list = append(out.list, cell(f.Type, v.Field(i), row))
		}
		return out
	case googlesql.KindInterval:
		m, d, us := v.Interval(row)
		return &value{text: civil.Interval{Months: m, Days: d, Micros: us}.String()}
	case googlesql.KindRange:
		return &value{text: "[" + bound(t.Elem, v.Field(0), row) + ", " + bound(t.Elem, v.Field(1), row) + ")"}
	case googlesql.KindInt64, googlesql.KindTimestamp, googlesql.KindDatetime, googlesql.KindTime:
		return &value{text: strconv.FormatInt(v.Int64(row), 10)}
	case googlesql.KindFloat64:
		return &value{text: strconv.FormatFloat(v.Float64(row), 'g', -1, 64)}
	case googlesql.KindBool:
		return &value{text: strconv.FormatBool(v.Bool(row))}
	case googlesql.KindDate:
		return &value{text: time.Unix(int64(v.Int32(row))*86400, 0).UTC().Format("2006-01-02")}
	case googlesql.KindNumeric:
		low, high := v.Huge(row)
		n := new(big.Int).Lsh(big.NewInt(high), 64)
		n.Add(n, new(big.Int).SetUint64(low))
		return &value{text: new(big.Rat).SetFrac(n, big.NewInt(1_000_000_000)).FloatString(9)}
	}
	if t.Kind == googlesql.KindBigNumeric {
		n, err := decimal.FromBytes(v.Bytes(row))
		if err != nil {
			return &value{text: err.Error()}
		}
		return &value{text: decimal.BigNumeric.Format(n)}
	}
	return &value{text: string(v.Bytes(row))}
}

// bound is a bound of a RANGE, whose infinities are written NULL.
func bound(t *googlesql.Type, v *duck.Vector, row int) string {
	if translate.Unbounded(t, v, row) {
		return "NULL"
	}
	return cell(t, v, row).text
}

// sameRange compares two ranges bound by bound.
func sameRange(want, got string, elem *googlesql.Type) bool {
	w, sides := rangeText.FindStringSubmatch(want), strings.Split(strings.Trim(got, "[)"), ", ")
	if w == nil || len(sides) != 2 {
		return false
	}
	for i, side := range sides {
		if (w[i+1] == "NULL") != (side == "NULL") || side != "NULL" && !sameScalar(w[i+1], side, elem) {
			return false
		}
	}
	return true
}

// show prints a value for a person.
func show(v *value) string {
	switch {
	case v.null:
		return "NULL"
	case v.isList:
		parts := make([]string, len(v.list))
		for i, x := range v.list {
			parts[i] = show(x)
		}
		if !v.ordered {
			sort.Strings(parts)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return v.text
}
