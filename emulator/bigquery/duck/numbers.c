// GoogleSQL's arithmetic, comparison and casts where DuckDB has none or means
// something else. Rules: GoogleSQL's function reference.
#include "row.h"

// --- FLOAT64 arithmetic: an infinite result of finite arguments is an error.
#define FARITH(name, op) FUNC(name) { \
	double a = F(0), b = F(1), r = a op b; \
	if (!isfinite(r) && isfinite(a) && isfinite(b)) FAIL("double overflow: %.17g " #op " %.17g", a, b); \
	RETF(r); }
FARITH(hub_fadd, +)
FARITH(hub_fsub, -)
FARITH(hub_fmul, *)
FUNC(hub_fdiv) {
	double a = F(0), b = F(1);
	if (b == 0) FAIL("division by zero: %.17g / %.17g", a, b);
	double r = a / b;
	if (!isfinite(r) && isfinite(a) && isfinite(b)) FAIL("double overflow: %.17g / %.17g", a, b);
	RETF(r);
}
FUNC(hub_safe_fdiv) {
	double a = F(0), b = F(1);
	if (b == 0) RETNULL;
	double r = a / b;
	if (!isfinite(r) && isfinite(a) && isfinite(b)) RETNULL;
	RETF(r);
}
// hub_ffinite(sum, infinite inputs): the sum of finite values must be finite.
FUNC(hub_fsum) {
	if (!isfinite(F(0)) && I(1) == 0) FAIL("notImplemented: SUM or AVG of FLOAT64 whose running total overflows is not supported by the local BigQuery");
	RETF(F(0));
}
// --- FLOAT64 comparison: NaN equals nothing and is ordered against nothing.
FUNC(hub_feq) { RETB(F(0) == F(1)); }
FUNC(hub_flt) { RETB(F(0) < F(1)); }
FUNC(hub_fle) { RETB(F(0) <= F(1)); }
// --- FLOAT64 functions whose argument out of range is an error.
FUNC(hub_sqrt) { if (F(0) < 0) FAIL("Argument to SQRT cannot be negative: %.17g", F(0)); RETF(sqrt(F(0))); }
FUNC(hub_exp) {
	double r = exp(F(0));
	if (isinf(r) && isfinite(F(0))) FAIL("Floating point overflow in function: EXP(%.17g)", F(0));
	RETF(r);
}
FUNC(hub_ln) { if (F(0) <= 0) FAIL("Argument to LN is not positive: %.17g", F(0)); RETF(log(F(0))); }
FUNC(hub_log) {
	double a = F(0), b = F(1);
	if (isnan(a) || isnan(b) || a == -INFINITY || b == INFINITY) RETF(NAN);
	if (a <= 0 || b <= 0 || b == 1) FAIL("Floating point error in function: LOG(%.17g, %.17g)", a, b);
	RETF(log(a) / log(b));
}
FUNC(hub_log10) {
	if (F(0) == -INFINITY) RETF(NAN);
	if (F(0) <= 0) FAIL("Argument to LOG10 is not positive: %.17g", F(0));
	RETF(log10(F(0)));
}
FUNC(hub_pow) {
	double a = F(0), b = F(1), r = pow(a, b);
	if (a < 0 && isfinite(a) && isfinite(b) && b != trunc(b)) FAIL("POW(%.17g, %.17g) is not a real number", a, b);
	if (!isfinite(r) && isfinite(a) && isfinite(b)) FAIL("Floating point error in function: POW(%.17g, %.17g)", a, b);
	RETF(r);
}

// --- Trigonometry. An infinite argument gives NaN where the function has no
// limit, an argument out of range is an error, and so is a finite one whose
// result is infinite.
#define ELEMENTARY(name, text, expr) FUNC(name) { \
	double a = F(0), r = expr; \
	if (!isfinite(r) && isfinite(a)) FAIL("Floating point error in function: " text "(%.17g)", a); \
	RETF(r); }
ELEMENTARY(hub_sin, "SIN", sin(a))
ELEMENTARY(hub_cos, "COS", cos(a))
ELEMENTARY(hub_tan, "TAN", tan(a))
ELEMENTARY(hub_asin, "ASIN", asin(a))
ELEMENTARY(hub_acos, "ACOS", acos(a))
ELEMENTARY(hub_atan, "ATAN", atan(a))
ELEMENTARY(hub_sinh, "SINH", sinh(a))
ELEMENTARY(hub_cosh, "COSH", cosh(a))
ELEMENTARY(hub_tanh, "TANH", tanh(a))
ELEMENTARY(hub_asinh, "ASINH", asinh(a))
ELEMENTARY(hub_acosh, "ACOSH", acosh(a))
ELEMENTARY(hub_atanh, "ATANH", atanh(a))
ELEMENTARY(hub_cot, "COT", 1 / tan(a))
ELEMENTARY(hub_csc, "CSC", 1 / sin(a))
ELEMENTARY(hub_sec, "SEC", 1 / cos(a))
ELEMENTARY(hub_coth, "COTH", 1 / tanh(a))
ELEMENTARY(hub_csch, "CSCH", 1 / sinh(a))
ELEMENTARY(hub_sech, "SECH", 1 / cosh(a))
ELEMENTARY(hub_cbrt, "CBRT", (double)cbrtl(a)) // cbrt(27) itself misses 3 by its last bit
FUNC(hub_atan2) { RETF(atan2(F(0), F(1))); }

// --- INT64
FUNC(hub_idiv) {
	if (I(1) == 0) FAIL("division by zero: %" PRId64 " / 0", I(0));
	if (I(0) == INT64_MIN && I(1) == -1) FAIL("int64 overflow: %" PRId64 " / -1", I(0));
	RETI(I(0) / I(1));
}
FUNC(hub_imod) {
	if (I(1) == 0) FAIL("division by zero: MOD(%" PRId64 ", 0)", I(0));
	RETI(I(1) == -1 ? 0 : I(0) % I(1));
}
FUNC(hub_iabs) {
	if (I(0) == INT64_MIN) FAIL("int64 overflow: ABS(%" PRId64 ")", I(0));
	RETI(I(0) < 0 ? -I(0) : I(0));
}
FUNC(hub_shl) { if (I(1) < 0) FAIL("Bitwise shift by negative offset."); RETI(I(1) > 63 ? 0 : (int64_t)((uint64_t)I(0) << I(1))); }
FUNC(hub_shr) { if (I(1) < 0) FAIL("Bitwise shift by negative offset."); RETI(I(1) > 63 ? 0 : (int64_t)((uint64_t)I(0) >> I(1))); }
