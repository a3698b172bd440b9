package translate

import (
	"fmt"
	"math"
	"math/big"

	"researchhub.example/hub/shared/googlesql"
)

var boundWords = map[googlesql.Bound]string{
	googlesql.UnboundedPreceding: "UNBOUNDED PRECEDING", googlesql.CurrentRow: "CURRENT ROW",
	googlesql.UnboundedFollowing: "UNBOUNDED FOLLOWING",
}

// frame writes a frame without offsets, or one of ROWS.
func (t *translator) frame(f *googlesql.Frame, peers bool) string {
	switch {
	case f == nil || hasRangeOffset(f) && !peers:
		return ""
	case f.Range:
		return "RANGE BETWEEN " + peerBound(f.Start) + " AND " + peerBound(f.End)
	}
	return "ROWS BETWEEN " + t.rowsBound(f.Start, f.StartOffset) + " AND " + t.rowsBound(f.End, f.EndOffset)
}

func hasRangeOffset(f *googlesql.Frame) bool {
	return f != nil && f.Range && (f.StartOffset != nil || f.EndOffset != nil)
}

// peerBound writes a bound, an offset being taken for CURRENT ROW.
func peerBound(b googlesql.Bound) string {
	if w, ok := boundWords[b]; ok {
		return w
	}
	return boundWords[googlesql.CurrentRow]
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
// with it. DuckDB does arithmetic in the key's own type, where it overflows, so
// the rows are ordered by a wider number. The offsets stay constants: DuckDB 1.5
// now and then misplaces a frame whose offsets are not, on several threads. A
// NULL key's frame is the NULLs, in both.
func (t *translator) rangeFrame(w *window, f *googlesql.Frame) (order, frame string) {
	item := rangeItem(w)
	checkType(item.Expr.Type())
	bounds := []offset{{bound: f.Start, by: f.StartOffset}, {bound: f.End, by: f.EndOffset}}
	for i := range bounds {
		if b := &bounds[i]; b.by != nil {
			b.value, b.down = t.checkOffset(b.by), (b.bound == googlesql.OffsetPreceding) != item.Desc
		}
	}
	x := t.expr(item.Expr)
	switch item.Expr.Type().Kind {
	case googlesql.KindInt64:
		order = wideInt(x)
		for i := range bounds {
			bounds[i].sql = wideInt(fmt.Sprint(bounds[i].value.V))
		}
	case googlesql.KindNumeric:
		order = numericOrder(x, bounds)
	case googlesql.KindFloat64:
		order = floatOrder(x, item, bounds)
	default:
		refuse("a RANGE frame with an offset over %s", item.Expr.Type())
	}
	return order + sense(item), "RANGE BETWEEN " + bounds[0].write() + " AND " + bounds[1].write()
}

// rangeItem is the only key that a frame with an offset may have.
func rangeItem(w *window) googlesql.OrderItem {
	if len(w.order) != 1 {
		refuse("a RANGE frame with an offset over several keys")
	}
	return w.order[0]
}

// offset is a bound of a frame, and what DuckDB is given as its offset.
type offset struct {
	bound googlesql.Bound
	by    googlesql.Expr
	value googlesql.Value
	// down tells that it leads to smaller keys.
	down bool
	sql  string
}

func (o offset) write() string {
	if word, ok := boundWords[o.bound]; ok {
		return word
	}
	return o.sql + " " + direction(o.bound)
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

func wideInt(x string) string { return "CAST(" + x + " AS HUGEINT)" }

// floatOrder orders finite keys and infinities; NaN, which DuckDB has above all
// numbers, goes with NULL. That is right for the frames of finite keys as long
// as NULL and NaN stand on one side; framed sees to the other keys' frames.
func floatOrder(x string, item googlesql.OrderItem, bounds []offset) string {
	for i, b := range bounds {
		if b.by == nil {
			if b.bound != googlesql.CurrentRow && item.Desc == item.NullsFirst {
				refuse("an unbounded RANGE frame with an offset over FLOAT64 whose NULLs are put away from NaN")
			}
			continue
		}
		n, ok := b.value.V.(float64)
		if !ok {
			refuse("a window frame's offset of type %s", b.value.Type)
		}
		bounds[i].sql = floatLiteral(n)
	}
	return "(CASE WHEN isnan(" + x + ") THEN NULL ELSE " + x + " END)"
}

// framed is windowCall, twice for a RANGE frame with offsets over FLOAT64: the
// bounds of NaN and of the infinities are themselves, whatever the offset. An
// infinite offset from the infinity on the other side has no answer.
func (t *translator) framed(c *googlesql.WindowCall, w *window) (sql, post string) {
	sql, post = t.windowCall(c, w)
	f := c.Frame
	if !hasRangeOffset(f) || !rangeItem(w).Expr.Type().Is(googlesql.KindFloat64) {
		return sql, post
	}
	item := rangeItem(w)
	x := t.expr(item.Expr)
	own := *w
	own.peers = true
	peers, _ := t.windowCall(c, &own)
	wrong := ""
	for _, b := range []struct {
		bound googlesql.Bound
		by    googlesql.Expr
	}{{f.Start, f.StartOffset}, {f.End, f.EndOffset}} {
		if b.by == nil {
			continue
		}
		if n, ok := t.checkOffset(b.by).V.(float64); ok && math.IsInf(n, 1) {
			far := math.Inf(1)
			if down := (b.bound == googlesql.OffsetPreceding) != item.Desc; !down {
				far = math.Inf(-1)
			}
			wrong += "WHEN " + x + " = " + floatLiteral(far) + " THEN error('Offset value cannot be positive infinity when there exists an infinite order key on the side it leads away from') "
		}
	}
	return "(CASE " + wrong + "WHEN " + x + " IS NULL OR NOT isfinite(" + x + ") THEN " + peers + " ELSE " + sql + " END)", post
}

// numericOrder orders by the keys times 10^9, moved up as far as the offsets lead
// down when HUGEINT is too narrow for key and offset.
func numericOrder(x string, bounds []offset) string {
	u := "(CAST(trunc(" + x + ") AS HUGEINT) * 1000000000 + CAST(CAST((" + x + ") % 1 AS DECIMAL(18,9)) * 1000000000 AS BIGINT))"
	down, all := new(big.Int), new(big.Int)
	offs := make([]*big.Int, len(bounds))
	for i, b := range bounds {
		if b.by == nil {
			continue
		}
		text, _ := b.value.V.(string)
		n, ok := new(big.Rat).SetString(text)
		if !ok {
			refuse("a window frame's offset of type %s", b.value.Type)
		}
		n.Mul(n, big.NewRat(1_000_000_000, 1))
		offs[i] = new(big.Int).Quo(n.Num(), n.Denom())
		all.Add(all, offs[i])
		if b.down && offs[i].Cmp(down) > 0 {
			down = offs[i]
		}
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(37), nil)
	kind := "HUGEINT"
	if all.Cmp(new(big.Int).Mul(limit, big.NewInt(7))) > 0 {
		// The keys from 0, then from down: with an offset up they stay below 2^128.
		kind = "UHUGEINT"
		if all.Cmp(new(big.Int).Mul(limit, big.NewInt(14))) > 0 {
			refuse("a RANGE frame over NUMERIC with offsets of this size")
		}
		const range38 = "100000000000000000000000000000000000000"
		u = "((CASE WHEN " + u + " < 0 THEN CAST(" + u + " + " + wideInt(range38) + " AS UHUGEINT) ELSE CAST(" + u + " AS UHUGEINT) + CAST(" + range38 + " AS UHUGEINT) END) + CAST(" + down.String() + " AS UHUGEINT))"
	}
	for i, off := range offs {
		if off != nil {
			bounds[i].sql = "CAST(" + off.String() + " AS " + kind + ")"
		}
	}
	return u
}
