package jobs

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// evaluate gives the value of an expression of a resolved statement.
func (m *Manager) evaluate(ctx context.Context, a *googlesql.Analysis, c *catalog, e googlesql.Expr, p Params) (googlesql.Value, error) {
	release := m.Store.Acquire(stored(c.tables(a)))
	defer release()
	st, err := translate.Value(e, m.values(p))
	if err != nil {
		return googlesql.Value{}, err
	}
	var out googlesql.Value
	rows, err := m.readAll(ctx, st, []*googlesql.Type{e.Type()}, 1)
	if err != nil {
		return out, err
	}
	if len(rows) != 1 {
		return out, apierr.Internal("the local BigQuery got %d values of one expression", len(rows))
	}
	return rows[0][0], nil
}

// readAll runs a translated statement and gives its rows, of which there must
// not be more than most.
func (m *Manager) readAll(ctx context.Context, st translate.Statement, types []*googlesql.Type, most int) ([][]googlesql.Value, error) {
	refused := duck.WatchRefusals()
	var out [][]googlesql.Value
	err := m.Store.Query(ctx, st.SQL, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			if len(out) == most {
				return apierr.ResourcesExceed("a query within a script gives more than %d rows, which the local BigQuery does not support", most)
			}
			row := make([]googlesql.Value, len(types))
			for k, t := range types {
				v, err := ReadValue(t, ch.Cols[k], i)
				if err != nil {
					return err
				}
				row[k] = v
			}
			out = append(out, row)
		}
		return nil
	})
	if err != nil {
		return nil, certain(st, err)
	}
	if st.Tries && refused() {
		return nil, errHidden
	}
	return out, nil
}

// ReadValue reads a value of DuckDB's as one of GoogleSQL's. Types that have no
// form as a literal are refused.
func ReadValue(t *googlesql.Type, v *duck.Vector, row int) (googlesql.Value, error) {
	out := googlesql.Value{Type: t}
	if !v.Valid(row) {
		return out, nil
	}
	switch t.Kind {
	case googlesql.KindInt64, googlesql.KindTimestamp:
		out.V = v.Int64(row)
	case googlesql.KindDatetime:
		out.V = civil(v.Int64(row))
	case googlesql.KindTime:
		out.V = civil(v.Int64(row))[len("1970-01-01 "):]
	case googlesql.KindFloat64:
		out.V = v.Float64(row)
	case googlesql.KindBool:
		out.V = v.Bool(row)
	case googlesql.KindDate:
		out.V = v.Int32(row)
	case googlesql.KindString, googlesql.KindJSON:
		out.V = string(v.Bytes(row))
	case googlesql.KindBytes:
		out.V = append([]byte{}, v.Bytes(row)...)
	case googlesql.KindNumeric:
		low, high := v.Huge(row)
		out.V = numericText(low, high)
	case googlesql.KindArray:
		child, from, n := v.List(row)
		list := make([]googlesql.Value, n)
		for i := range list {
			x, err := ReadValue(t.Elem, child, from+i)
			if err != nil {
				return out, err
			}
			list[i] = x
		}
		out.V = list
	case googlesql.KindStruct:
		list := make([]googlesql.Value, len(t.Fields))
		for i, f := range t.Fields {
			x, err := ReadValue(f.Type, v.Field(i), row)
			if err != nil {
				return out, err
			}
			list[i] = x
		}
		out.V = list
	default:
		return out, apierr.NotImplemented("a script variable of type %s is not supported by the local BigQuery", t)
	}
	return out, nil
}

// civil writes microseconds since 1970 as a DATETIME's text.
func civil(us int64) string {
	return time.UnixMicro(us).UTC().Format("2006-01-02 15:04:05.000000")
}

// numericText writes an unscaled NUMERIC.
func numericText(low uint64, high int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], low)
	n := new(big.Int).Lsh(big.NewInt(high), 64)
	n.Add(n, new(big.Int).SetBytes(b[:]))
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
		n.Neg(n)
	}
	whole, part := new(big.Int).DivMod(n, big.NewInt(1_000_000_000), new(big.Int))
	return fmt.Sprintf("%s%s.%09d", sign, whole, part)
}
