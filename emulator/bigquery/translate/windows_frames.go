package translate

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var boundWords = map[googlesql.Bound]string{
	googlesql.UnboundedPreceding: "UNBOUNDED PRECEDING", googlesql.CurrentRow: "CURRENT ROW",
	googlesql.UnboundedFollowing: "UNBOUNDED FOLLOWING",
}

// frame writes a frame without offsets, or one of ROWS.
func (t *translator) frame(f *googlesql.Frame) string {
	if f == nil {
		return ""
	}
	if f.Range {
		if f.StartOffset != nil || f.EndOffset != nil {
			return ""
		}
		return "RANGE BETWEEN " + boundWords[f.Start] + " AND " + boundWords[f.End]
	}
	return "ROWS BETWEEN " + t.rowsBound(f.Start, f.StartOffset) + " AND " + t.rowsBound(f.End, f.EndOffset)
}

func (t *translator) rowsBound(b googlesql.Bound, offset googlesql.Expr) string {
	if w, ok := boundWords[b]; ok {
		return w
	}
	t.checkOffset(offset)
	// DuckDB takes the largest offsets for none; no partition has this many rows.
	return fmt.Sprintf("%d %s", min(t.count(offset, "a window frame's offset"), 1<<48), direction(b))
}

func direction(b googlesql.Bound) string {
	if b == googlesql.OffsetPreceding {
		return "PRECEDING"
	}
	return "FOLLOWING"
}

// checkOffset holds what GoogleSQL asks of an offset.
func (t *translator) checkOffset(e googlesql.Expr) googlesql.Value {
	v, ok := t.constant(e)
	if c, isCast := e.(*googlesql.Cast); isCast {
		if v, ok = t.constant(c.Expr); ok && !v.IsNull() {
			v, ok = widened(v, c.T)
		}
	}
	if !ok {
		refuse("a window frame's offset that is no constant")
	}
	if v.IsNull() {
		panic(&Invalid{"The boundary offset value cannot be null"})
	}
	negative := false
	switch x := v.V.(type) {
	case int64:
		negative = x < 0
	case float64:
		negative = !(x >= 0)
	case string:
		r, ok := new(big.Rat).SetString(x)
		if !ok {
			refuse("a window frame's offset %s", x)
		}
		negative = r.Sign() < 0
	}
	if negative {
		panic(&Invalid{fmt.Sprintf("Window frame offset for PRECEDING or FOLLOWING must be non-negative, but was %v", v.V)})
	}
	return v
}

// widened converts an INT64 to the type of a window's key.
func widened(v googlesql.Value, to *googlesql.Type) (googlesql.Value, bool) {
	n, isInt := v.V.(int64)
	switch {
	case !isInt:
		return v, false
	case to.Is(googlesql.KindInt64):
		return v, true
	case to.Is(googlesql.KindFloat64):
		return googlesql.Value{Type: to, V: float64(n)}, true
	case to.Is(googlesql.KindNumeric, googlesql.KindBigNumeric):
		return googlesql.Value{Type: to, V: fmt.Sprint(n)}, true
	}
	return v, false
}

// rangeFrame writes a RANGE frame with an offset, and the ordering that goes
// with it. DuckDB does arithmetic in the key's own type, where it overflows, and
// has NaN above all numbers; so the rows are ordered by a wide integer that
// stands for the key. A NULL key's frame is the NULLs in both.
func (t *translator) rangeFrame(w *window, f *googlesql.Frame) (order, frame string) {
	if len(w.order) != 1 {
		refuse("a RANGE frame with an offset over several keys")
	}
	item := w.order[0]
	checkType(item.Expr.Type())
	if item.Expr.Type().Is(googlesql.KindBigNumeric) {
		return t.bigNumericFrame(w, f)
	}
	key, ok := rangeKeys[item.Expr.Type().Kind]
	if !ok {
		refuse("a RANGE frame with an offset over %s", item.Expr.Type())
	}
	x := t.expr(item.Expr)
	bound := func(b googlesql.Bound, offset googlesql.Expr) string {
		if word, ok := boundWords[b]; ok {
			return word
		}
		down := (b == googlesql.OffsetPreceding) != item.Desc
		return key.offset(x, t.checkOffset(offset), down) + " " + direction(b)
	}
	return key.code(x) + sense(item), "RANGE BETWEEN " + bound(f.Start, f.StartOffset) + " AND " + bound(f.End, f.EndOffset)
}

// sense writes a key's direction and where NULLs go.
func sense(item googlesql.OrderItem) string {
	dir, nulls := " ASC", " NULLS LAST"
	if item.Desc {
		dir = " DESC"
	}
	if item.NullsFirst {
		nulls = " NULLS FIRST"
	}
	return dir + nulls
}

// maxPartition bounds the partitions of a RANGE frame over BIGNUMERIC.
const maxPartition = 1000

// bigNumericFrame orders the rows by how many of the partition's keys are
// smaller, as no integer of DuckDB's is as wide as a BIGNUMERIC; so the keys must
// be gathered first.
func (t *translator) bigNumericFrame(w *window, f *googlesql.Frame) (order, frame string) {
	item := w.order[0]
	x := t.expr(item.Expr)
	over := strings.TrimSpace(w.partition + " ORDER BY " + x + " ASC NULLS LAST")
	keys := t.before(fmt.Sprintf("list(%s) FILTER (WHERE %s) OVER (%s ROWS BETWEEN %d PRECEDING AND %d FOLLOWING)", x, notNull(x), over, maxPartition, maxPartition))
	size := t.before("count(*) OVER (" + w.partition + ")")
	code := fmt.Sprintf("(CASE WHEN %s > %d THEN %s ELSE hub_bignumeric_place(%s, %s) END)",
		size, maxPartition, refusal("a RANGE frame over BIGNUMERIC in a partition of this size"), keys, x)
	bound := func(b googlesql.Bound, offset googlesql.Expr, start bool) string {
		if word, ok := boundWords[b]; ok {
			return word
		}
		down := (b == googlesql.OffsetPreceding) != item.Desc
		to := fmt.Sprintf("hub_bignumeric_bound(%s, %s, %s, %s, %s)", keys, x, literal(t.checkOffset(offset)), isTrue(down), isTrue(start != item.Desc))
		if down {
			return "(" + code + " - " + to + ") " + direction(b)
		}
		return "(" + to + " - " + code + ") " + direction(b)
	}
	return code + sense(item), "RANGE BETWEEN " + bound(f.Start, f.StartOffset, true) + " AND " + bound(f.End, f.EndOffset, false)
}

// rangeKey is how a type's values stand as HUGEINTs, and by how much such a
// number must be changed for the value that an offset leads to (down: smaller).
type rangeKey struct {
	code   func(x string) string
	offset func(x string, by googlesql.Value, down bool) string
}

var rangeKeys = map[googlesql.Kind]rangeKey{
	googlesql.KindInt64:   {wideInt, func(_ string, by googlesql.Value, _ bool) string { return wideInt(fmt.Sprint(by.V)) }},
	googlesql.KindFloat64: {floatPlace, floatOffset},
	googlesql.KindNumeric: {unscaled, numericOffset},
}

func wideInt(x string) string { return "CAST(" + x + " AS HUGEINT)" }

// floatPlace is the place of a FLOAT64 among all: NaN, -inf, ..., +inf.
func floatPlace(x string) string { return wideInt("hub_float_place(" + x + ")") }

// floatOffset: NaN and infinities have themselves as bounds. An infinite offset
// from the infinity on the other side has no answer.
func floatOffset(x string, by googlesql.Value, down bool) string {
	op, far := " + ", "-inf"
	if down {
		op, far = " - ", "inf"
	}
	n, ok := by.V.(float64)
	if !ok {
		refuse("a window frame's offset of type %s", by.Type)
	}
	to := "(" + x + op + floatLiteral(n) + ")"
	from, upto := floatPlace(x), floatPlace(to)
	if down {
		from, upto = upto, from
	}
	change := "(" + upto + " - " + from + ")"
	if math.IsInf(n, 1) {
		return "(CASE WHEN " + x + " = CAST('" + far + "' AS DOUBLE) THEN " +
			"CAST(error('Offset value cannot be positive infinity when there exists an infinite order key on the side it leads away from') AS HUGEINT) ELSE " + change + " END)"
	}
	return change
}

// unscaled is a NUMERIC times 10^9.
func unscaled(x string) string {
	return "(CAST(trunc(" + x + ") AS HUGEINT) * 1000000000 + CAST(CAST((" + x + ") % 1 AS DECIMAL(18,9)) * 1000000000 AS BIGINT))"
}

// numericOffset keeps the sum within HUGEINT: what is beyond the largest NUMERIC
// may as well be just beyond it.
func numericOffset(x string, by googlesql.Value, down bool) string {
	text, _ := by.V.(string)
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		refuse("a window frame's offset of type %s", by.Type)
	}
	n.Mul(n, big.NewRat(1_000_000_000, 1))
	off := wideInt(new(big.Int).Quo(n.Num(), n.Denom()).String())
	const beyond = "CAST(100000000000000000000000000000000000000 AS HUGEINT)"
	u := unscaled(x)
	if down {
		return "(CASE WHEN " + u + " < " + off + " - " + beyond + " THEN " + u + " + " + beyond + " ELSE " + off + " END)"
	}
	return "(CASE WHEN " + u + " > " + beyond + " - " + off + " THEN " + beyond + " - " + u + " ELSE " + off + " END)"
}
