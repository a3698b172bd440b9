package rest

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
	"researchhub.example/hub/emulator/bigquery/functions/decimal"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

const (
	// maxPage is the most rows of one answer.
	maxPage = 100_000
	// pageBytes is about the size at which a page ends, as in BigQuery.
	pageBytes = 10 << 20
)

var errPageFull = errors.New("the page is full")

// readRows writes rows [from, from+limit) as the API's JSON list and tells the
// place of the first row that is not in it.
func (h *Handler) readRows(ctx context.Context, t *store.Table, from, limit int64, intTimestamps bool) (rows []byte, next int64, err error) {
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	limit = min(limit, max(0, t.Rows-from))
	next = from
	buf := append(make([]byte, 0, 1<<14), '[')
	if limit == 0 {
		return append(buf, ']'), next, nil
	}
	enc := rowEncoder{ints: intTimestamps}
	err = h.store.Read(ctx, t, from, limit, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			if len(buf) > pageBytes {
				return errPageFull
			}
			if next > from {
				buf = append(buf, ',')
			}
			buf = append(buf, `{"f":[`...)
			for c, col := range t.Columns {
				if c > 0 {
					buf = append(buf, ',')
				}
				buf = append(buf, `{"v":`...)
				var err error
				if buf, err = enc.value(buf, col.Type, ch.Cols[c], i); err != nil {
					return err
				}
				buf = append(buf, '}')
			}
			buf = append(buf, `]}`...)
			next++
		}
		return nil
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, 0, err
	}
	return append(buf, ']'), next, nil
}

// rowEncoder writes values as the API does: all as strings, NULL as null.
type rowEncoder struct{ ints bool }

func (e rowEncoder) value(b []byte, t *googlesql.Type, v *duck.Vector, row int) ([]byte, error) {
	if !v.Valid(row) {
		if t.Kind == googlesql.KindArray {
			return append(b, "[]"...), nil // BigQuery shows a NULL array as empty
		}
		return append(b, "null"...), nil
	}
	switch t.Kind {
	case googlesql.KindString, googlesql.KindJSON: // JSON as its text
		return appendText(b, v.Bytes(row)), nil
	case googlesql.KindArray:
		return e.array(b, t, v, row)
	case googlesql.KindStruct:
		b = append(b, `{"f":[`...)
		for i, f := range t.Fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"v":`...)
			var err error
			if b, err = e.value(b, f.Type, v.Field(i), row); err != nil {
				return nil, err
			}
			b = append(b, '}')
		}
		return append(b, `]}`...), nil
	}
	b = append(b, '"')
	switch t.Kind {
	case googlesql.KindInt64:
		b = strconv.AppendInt(b, v.Int64(row), 10)
	case googlesql.KindFloat64:
		b = appendFloat(b, v.Float64(row))
	case googlesql.KindBool:
		b = strconv.AppendBool(b, v.Bool(row))
	case googlesql.KindBytes:
		b = base64.StdEncoding.AppendEncode(b, v.Bytes(row))
	case googlesql.KindDate:
		b = time.Unix(int64(v.Int32(row))*86400, 0).UTC().AppendFormat(b, "2006-01-02")
	case googlesql.KindTimestamp:
		b = appendTimestamp(b, v.Int64(row), e.ints)
	case googlesql.KindDatetime:
		b = time.UnixMicro(v.Int64(row)).UTC().AppendFormat(b, "2006-01-02T15:04:05.999999")
	case googlesql.KindTime:
		b = time.UnixMicro(v.Int64(row)).UTC().AppendFormat(b, "15:04:05.999999")
	case googlesql.KindNumeric:
		b = append(b, decimal.Numeric.Format(decimal.FromHalves(v.Huge(row)))...)
	case googlesql.KindBigNumeric:
		n, err := decimal.FromBytes(v.Bytes(row))
		if err != nil {
			return nil, err
		}
		b = append(b, decimal.BigNumeric.Format(n)...)
	case googlesql.KindInterval:
		m, d, us := v.Interval(row)
		b = append(b, civil.Interval{Months: m, Days: d, Micros: us}.String()...)
	case googlesql.KindRange:
		b = e.rangeBound(append(b, '['), t.Elem, v.Field(0), row)
		b = e.rangeBound(append(b, ", "...), t.Elem, v.Field(1), row)
		b = append(b, ')')
	default:
		return nil, apierr.NotImplemented("results of type %s are not supported by the local BigQuery", t)
	}
	return append(b, '"'), nil
}

// rangeBound writes a bound of a RANGE as its type's values are written; an
// infinite one is none.
func (e rowEncoder) rangeBound(b []byte, t *googlesql.Type, v *duck.Vector, row int) []byte {
	if translate.Unbounded(t, v, row) {
		return append(b, "UNBOUNDED"...)
	}
	from := len(b)
	b, err := e.value(b, t, v, row)
	if err != nil || len(b) < from+2 {
		return b
	}
	// The value without its quotes.
	copy(b[from:], b[from+1:len(b)-1])
	return b[:len(b)-2]
}

func (e rowEncoder) array(b []byte, t *googlesql.Type, v *duck.Vector, row int) ([]byte, error) {
	child, from, n := v.List(row)
	b = append(b, '[')
	for i := from; i < from+n; i++ {
		if i > from {
			b = append(b, ',')
		}
		if !child.Valid(i) {
			return nil, apierr.InvalidQuery("Array cannot have a null element; error in writing field")
		}
		b = append(b, `{"v":`...)
		var err error
		if b, err = e.value(b, t.Elem, child, i); err != nil {
			return nil, err
		}
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

// appendFloat writes as BigQuery's API does: always recognizable as FLOAT64.
func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.AppendFloat(b, f, 'f', 1, 64)
	}
	return strconv.AppendFloat(b, f, 'G', -1, 64)
}

// appendTimestamp writes microseconds, or seconds with decimals for clients
// that did not ask for integers.
func appendTimestamp(b []byte, us int64, ints bool) []byte {
	if ints {
		return strconv.AppendInt(b, us, 10)
	}
	r := new(big.Rat).SetFrac64(us, 1_000_000)
	return append(b, r.FloatString(6)...)
}

const hexDigits = "0123456789abcdef"

// appendText writes a JSON string. DuckDB holds valid UTF-8 only; anything else
// is replaced.
func appendText(b, s []byte) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c < 0x20:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		b = utf8.AppendRune(b, r)
		i += n
	}
	return append(b, '"')
}
