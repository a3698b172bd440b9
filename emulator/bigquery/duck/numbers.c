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
FUNC(hub_log10) { if (F(0) <= 0) FAIL("Argument to LOG10 is not positive: %.17g", F(0)); RETF(log10(F(0))); }
FUNC(hub_pow) {
	double a = F(0), b = F(1), r = pow(a, b);
	if (a < 0 && isfinite(a) && isfinite(b) && b != trunc(b)) FAIL("POW(%.17g, %.17g) is not a real number", a, b);
	if (!isfinite(r) && isfinite(a) && isfinite(b)) FAIL("Floating point error in function: POW(%.17g, %.17g)", a, b);
	RETF(r);
}

// ROUND to decimals. How the last bit falls where the decimal value is a hair
// from a half is not documented, so the rounding of the exact binary value and
// that of the product must agree; a true half goes away from zero.
FUNC(hub_round) {
	double x = F(0);
	int64_t n = I(1);
	if (!isfinite(x) || fabs(x) >= 4503599627370496.0) {
		if (n >= 0 || !isfinite(x)) RETF(x);
	}
	if (n < 0 || n > 15) FAIL("notImplemented: ROUND to %" PRId64 " decimals is not supported by the local BigQuery", n);
	double p = 1;
	for (int64_t k = 0; k < n; k++) p *= 10;
	double scaled = x * p, r = round(scaled) / p;
	if (fma(x, p, -scaled) == 0 && fabs(scaled - trunc(scaled)) == 0.5) RETF(r);
	char b[64];
	snprintf(b, sizeof b, "%.*f", (int)n, x);
	if (strtod(b, NULL) != r) FAIL("notImplemented: ROUND of %.17g, which is next to a half, is not supported by the local BigQuery", x);
	RETF(r);
}

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

// --- casts
FUNC(hub_f2i) {
	double a = F(0), r = round(a);
	if (isnan(a)) FAIL("Illegal conversion of non-finite floating point number to an integer: nan");
	if (!(r >= -9223372036854775808.0 && r < 9223372036854775808.0)) FAIL("int64 out of range: %.17g", a);
	RETI((int64_t)r);
}
FUNC(hub_f2s) {
	double a = F(0);
	char b[40];
	if (isnan(a)) strcpy(b, "nan");
	else if (isinf(a)) strcpy(b, a > 0 ? "inf" : "-inf");
	else {
		snprintf(b, sizeof b, "%.15g", a);
		if (strtod(b, NULL) != a) snprintf(b, sizeof b, "%.17g", a);
	}
	RETS(b, strlen(b));
}
static bool space(char x) { return x == ' ' || (x >= '\t' && x <= '\r'); }
// bare copies a string without the white space around it; false: too long.
static bool bare(const duckdb_string_t *s, char *b, size_t cap) {
	uint32_t len;
	const char *p = text(s, &len);
	while (len && space(*p)) p++, len--;
	while (len && space(p[len - 1])) len--;
	if (len >= cap || memchr(p, 0, len)) return false;
	memcpy(b, p, len);
	b[len] = 0;
	return true;
}
FUNC(hub_s2i) {
	char b[64], *end;
	if (!bare(S(0), b, sizeof b) || !*b) FAIL("Bad int64 value: %.60s", *b ? b : "");
	char *digits = b + (*b == '-' || *b == '+');
	bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	char *first = digits + (hex ? 2 : 0);
	if (!(hex ? strspn(first, "0123456789abcdefABCDEF") : strspn(first, "0123456789"))) FAIL("Bad int64 value: %.60s", b);
	errno = 0;
	long long v = strtoll(b, &end, hex ? 16 : 10);
	if (*end || errno) FAIL("Bad int64 value: %.60s", b);
	RETI(v);
}
FUNC(hub_s2f) {
	char b[512], *end;
	if (!bare(S(0), b, sizeof b) || !*b) FAIL("Bad double value");
	char *p = b + (*b == '-' || *b == '+');
	bool word = !strcasecmp(p, "inf") || !strcasecmp(p, "infinity") || !strcasecmp(p, "nan");
	if (!word && strspn(p, "0123456789.eE+-") != strlen(p)) FAIL("Bad double value: %.60s", b);
	double v = strtod(b, &end);
	if (*end || end == b) FAIL("Bad double value: %.60s", b);
	if (!word && isinf(v)) FAIL("Bad double value: %.60s", b);
	RETF(v);
}
FUNC(hub_s2b) {
	uint32_t len;
	const char *p = text(S(0), &len);
	if (len == 4 && !strncasecmp(p, "true", 4)) RETB(true);
	if (len == 5 && !strncasecmp(p, "false", 5)) RETB(false);
	FAIL("Bad bool value: %.*s", (int)(len > 60 ? 60 : len), p);
}
