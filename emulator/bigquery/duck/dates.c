// GoogleSQL's date and time functions. Rules: GoogleSQL's function reference.
#include "row.h"

// --- the civil calendar (proleptic Gregorian); days count from 1970-01-01.
#define MINDAY (-719162)
#define MAXDAY 2932896
typedef struct { int64_t y; int m, d; } civil_t;
static int64_t days(int64_t y, int m, int d) {
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}
static civil_t civil(int64_t z) {
	z += 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	civil_t r = {yoe + era * 400, (int)(mp < 10 ? mp + 3 : mp - 9), (int)(doy - (153 * mp + 2) / 5 + 1)};
	r.y += r.m <= 2;
	return r;
}
static int month_days(int64_t y, int m) {
	static const int n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return n[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
}
static int64_t floordiv(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
// weekday: Sunday 0 ... Saturday 6.
static int weekday(int64_t day) { return (int)(((day + 4) % 7 + 7) % 7); }
static int64_t iso_week1(int64_t isoyear) {
	int64_t jan4 = days(isoyear, 1, 4);
	return jan4 - (weekday(jan4) + 6) % 7;
}
static int64_t iso_year(int64_t day) {
	int64_t y = civil(day).y;
	if (day >= iso_week1(y + 1)) return y + 1;
	return day >= iso_week1(y) ? y : y - 1;
}
// The parts' codes; translate/dates.go has the same list.
enum { YEAR = 1, ISOYEAR, QUARTER, MONTH, ISOWEEK, DAY, DAYOFWEEK, DAYOFYEAR, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND, WEEK = 20 /* + weekday it begins on */ };
static const int64_t unit_micros[] = {[HOUR] = 3600000000, [MINUTE] = 60000000, [SECOND] = 1000000, [MILLISECOND] = 1000, [MICROSECOND] = 1};
#define DAYMICROS INT64_C(86400000000)

static bool add_months(int64_t day, int64_t months, int64_t *out) {
	civil_t v = civil(day);
	if (months > 120000 || months < -120000) return false;
	int64_t t = v.y * 12 + v.m - 1 + months, y = floordiv(t, 12);
	int m = (int)(t - y * 12) + 1, max = month_days(y, m);
	*out = days(y, m, v.d > max ? max : v.d);
	return *out >= MINDAY && *out <= MAXDAY;
}
// date_add adds n parts to a day; false: out of range.
static bool date_add(int64_t day, int64_t n, int64_t part, int64_t *out) {
	if (n > 4000000 || n < -4000000) return false;
	switch (part) {
	case YEAR: case ISOYEAR: return add_months(day, n * 12, out);
	case QUARTER: return add_months(day, n * 3, out);
	case MONTH: return add_months(day, n, out);
	case DAY: *out = day + n; break;
	default: *out = day + 7 * n;
	}
	return *out >= MINDAY && *out <= MAXDAY;
}
FUNC(hub_date_add) {
	int64_t r;
	if (!date_add(D(0), I(1), I(2), &r)) FAIL("Adding %" PRId64 " to a date causes overflow", I(1));
	RETD((int32_t)r);
}
FUNC(hub_date_sub) {
	int64_t r;
	if (I(1) == INT64_MIN || !date_add(D(0), -I(1), I(2), &r)) FAIL("Subtracting %" PRId64 " from a date causes overflow", I(1));
	RETD((int32_t)r);
}
static int64_t week_begin(int64_t day, int first) { return day - (weekday(day) - first + 7) % 7; }
// index numbers the part that a day lies in, so that differences count
// boundaries.
static int64_t part_index(int64_t day, int64_t part) {
	civil_t v = civil(day);
	switch (part) {
	case YEAR: return v.y;
	case ISOYEAR: return iso_year(day);
	case QUARTER: return v.y * 4 + (v.m - 1) / 3;
	case MONTH: return v.y * 12 + v.m - 1;
	case DAY: return day;
	case ISOWEEK: return floordiv(week_begin(day, 1) + 3, 7);
	default: return floordiv(week_begin(day, (int)(part - WEEK)) - (part - WEEK) + 4, 7);
	}
}
FUNC(hub_date_diff) { RETI(part_index(D(0), I(2)) - part_index(D(1), I(2))); }
static int64_t date_trunc(int64_t day, int64_t part) {
	civil_t v = civil(day);
	switch (part) {
	case YEAR: return days(v.y, 1, 1);
	case ISOYEAR: return iso_week1(iso_year(day));
	case QUARTER: return days(v.y, (v.m - 1) / 3 * 3 + 1, 1);
	case MONTH: return days(v.y, v.m, 1);
	case DAY: return day;
	case ISOWEEK: return week_begin(day, 1);
	default: return week_begin(day, (int)(part - WEEK));
	}
}
FUNC(hub_date_trunc) {
	int64_t r = date_trunc(D(0), I(1));
	if (r < MINDAY) FAIL("DATE_TRUNC leaves the range of DATE");
	RETD((int32_t)r);
}
static int64_t date_extract(int64_t day, int64_t part) {
	civil_t v = civil(day);
	int64_t jan1 = days(v.y, 1, 1), w;
	switch (part) {
	case YEAR: return v.y;
	case ISOYEAR: return iso_year(day);
	case QUARTER: return (v.m - 1) / 3 + 1;
	case MONTH: return v.m;
	case DAY: return v.d;
	case DAYOFWEEK: return weekday(day) + 1;
	case DAYOFYEAR: return day - jan1 + 1;
	case ISOWEEK: return (day - iso_week1(iso_year(day))) / 7 + 1;
	default: // weeks begin on a weekday; days before the year's first are in week 0
		w = week_begin(jan1 + 6, (int)(part - WEEK));
		return day < w ? 0 : (day - w) / 7 + 1;
	}
}
FUNC(hub_date_extract) { RETI(date_extract(D(0), I(1))); }
FUNC(hub_make_date) {
	int64_t y = I(0), m = I(1), d = I(2);
	if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > month_days(y, (int)m))
		FAIL("Input calculates to invalid date: %04" PRId64 "-%02" PRId64 "-%02" PRId64, y, m, d);
	RETD((int32_t)days(y, (int)m, (int)d));
}

// --- DATETIME and TIMESTAMP (UTC), both microseconds since 1970-01-01.
#define MINTS (MINDAY * DAYMICROS)
#define MAXTS ((MAXDAY + 1) * DAYMICROS - 1)
static bool ts_add(int64_t t, int64_t n, int64_t part, int64_t *out) {
	int64_t day = floordiv(t, DAYMICROS), r, delta;
	if (part >= HOUR && part <= MICROSECOND) {
		if (__builtin_mul_overflow(n, unit_micros[part], &delta) || __builtin_add_overflow(t, delta, out)) return false;
	} else {
		if (!date_add(day, n, part, &r)) return false;
		*out = r * DAYMICROS + (t - day * DAYMICROS);
	}
	return *out >= MINTS && *out <= MAXTS;
}
FUNC(hub_ts_add) {
	int64_t r;
	if (!ts_add(I(0), I(1), I(2), &r)) FAIL("Adding %" PRId64 " causes overflow", I(1));
	RETI(r);
}
FUNC(hub_ts_sub) {
	int64_t r;
	if (I(1) == INT64_MIN || !ts_add(I(0), -I(1), I(2), &r)) FAIL("Subtracting %" PRId64 " causes overflow", I(1));
	RETI(r);
}
// DATETIME_DIFF counts boundaries.
FUNC(hub_datetime_diff) {
	int64_t a = I(0), b = I(1), p = I(2);
	if (p >= HOUR && p <= MICROSECOND) RETI(floordiv(a, unit_micros[p]) - floordiv(b, unit_micros[p]));
	RETI(part_index(floordiv(a, DAYMICROS), p) - part_index(floordiv(b, DAYMICROS), p));
}
// TIMESTAMP_DIFF counts whole units, truncated toward zero.
FUNC(hub_timestamp_diff) {
	int64_t p = I(2);
	RETI((I(0) - I(1)) / (p == DAY ? DAYMICROS : unit_micros[p]));
}
FUNC(hub_ts_trunc) {
	int64_t t = I(0), p = I(1), r;
	if (p >= HOUR && p <= MICROSECOND) r = floordiv(t, unit_micros[p]) * unit_micros[p];
	else r = date_trunc(floordiv(t, DAYMICROS), p) * DAYMICROS;
	if (r < MINTS) FAIL("truncation leaves the range of the type");
	RETI(r);
}
FUNC(hub_ts_extract) {
	int64_t t = I(0), p = I(1), day = floordiv(t, DAYMICROS), in = t - day * DAYMICROS;
	switch (p) {
	case HOUR: RETI(in / unit_micros[HOUR]);
	case MINUTE: RETI(in / unit_micros[MINUTE] % 60);
	case SECOND: RETI(in / unit_micros[SECOND] % 60);
	case MILLISECOND: RETI(in % 1000000 / 1000);
	case MICROSECOND: RETI(in % 1000000);
	}
	RETI(date_extract(day, p));
}
FUNC(hub_ts_date) { RETD((int32_t)floordiv(I(0), DAYMICROS)); }
// Text form; the second argument is what follows (the zone of a TIMESTAMP).
FUNC(hub_ts2s) {
	int64_t day = floordiv(I(0), DAYMICROS), in = I(0) - day * DAYMICROS, us = in % 1000000;
	civil_t v = civil(day);
	char b[64];
	uint32_t len;
	const char *zone = text(S(1), &len);
	int n = snprintf(b, sizeof b, "%04d-%02d-%02d %02d:%02d:%02d", (int)v.y, v.m, v.d, (int)(in / 3600000000), (int)(in / 60000000 % 60), (int)(in / 1000000 % 60));
	if (us % 1000) n += snprintf(b + n, sizeof b - n, ".%06d", (int)us);
	else if (us) n += snprintf(b + n, sizeof b - n, ".%03d", (int)(us / 1000));
	memcpy(b + n, zone, len);
	RETS(b, n + len);
}
static bool digits(const char **p, int min, int max, int64_t *out) {
	int k = 0;
	*out = 0;
	while (k < max && **p >= '0' && **p <= '9') { *out = *out * 10 + *(*p)++ - '0'; k++; }
	return k >= min;
}
static bool parse_day(const char **p, int64_t *day) {
	int64_t y, m, d;
	if (!digits(p, 1, 4, &y) || *(*p)++ != '-' || !digits(p, 1, 2, &m) || *(*p)++ != '-' || !digits(p, 1, 2, &d)) return false;
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days(y, (int)m)) return false;
	*day = days(y, (int)m, (int)d);
	return true;
}
FUNC(hub_s2d) {
	char b[64];
	const char *p = b;
	int64_t day;
	uint32_t len;
	const char *whole = text(S(0), &len);
	if (len >= sizeof b) FAIL("Invalid date: '%.60s'", whole);
	memcpy(b, whole, len); b[len] = 0;
	if (!parse_day(&p, &day) || *p || strlen(b) != len) FAIL("Invalid date: '%.60s'", b);
	RETD((int32_t)day);
}
// STRING to DATETIME, or with a second argument of true to TIMESTAMP, whose zone
// may be given as an offset, Z or UTC and is UTC otherwise.
FUNC(hub_s2ts) {
	char b[64];
	const char *p = b;
	int64_t day, h = 0, mi = 0, s = 0, us = 0, off = 0;
	uint32_t len;
	const char *whole = text(S(0), &len);
	bool zone = ((bool *)c->data[1])[i];
	const char *what = zone ? "timestamp" : "datetime";
	if (len >= sizeof b) FAIL("Invalid %s string", what);
	memcpy(b, whole, len); b[len] = 0;
	if (strlen(b) != len || !parse_day(&p, &day)) FAIL("Invalid %s string \"%.60s\"", what, b);
	if ((*p == ' ' || *p == 'T' || *p == 't') && p[1] >= '0' && p[1] <= '9') {
		p++;
		if (!digits(&p, 1, 2, &h) || *p++ != ':' || !digits(&p, 1, 2, &mi) || *p++ != ':' || !digits(&p, 1, 2, &s) || h > 23 || mi > 59 || s > 59)
			FAIL("Invalid %s string \"%.60s\"", what, b);
		if (*p == '.') {
			const char *f = ++p;
			if (!digits(&p, 0, 6, &us) ) FAIL("Invalid %s string \"%.60s\"", what, b);
			for (long k = p - f; k < 6; k++) us *= 10;
		}
	}
	if (zone && *p) {
		if (!strcmp(p, "Z") || !strcmp(p, "z") || !strcmp(p, " UTC")) p += strlen(p);
		else if (*p == '+' || *p == '-') {
			int64_t zh, zm = 0;
			int sign = *p++ == '-' ? -1 : 1;
			if (!digits(&p, 1, 2, &zh) || (*p == ':' && (p++, !digits(&p, 2, 2, &zm))) || zh > 14 || zm > 59) FAIL("Invalid timestamp string \"%.60s\"", b);
			off = sign * (zh * 60 + zm) * 60000000;
		}
	}
	if (*p) FAIL("Invalid %s string \"%.60s\"", what, b);
	int64_t r = day * DAYMICROS + h * 3600000000 + mi * 60000000 + s * 1000000 + us - off;
	if (r < MINTS || r > MAXTS) FAIL("%s out of range: \"%.60s\"", what, b);
	RETI(r);
}
