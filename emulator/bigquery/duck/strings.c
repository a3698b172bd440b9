// GoogleSQL's string functions, by code point.
#include "capi.h"

static const char *text(const duckdb_string_t *s, uint32_t *len) {
	*len = s->value.inlined.length;
	return *len <= 12 ? s->value.inlined.inlined : s->value.pointer.ptr;
}
static bool valid(duckdb_data_chunk in, idx_t argc, idx_t row) {
	for (idx_t k = 0; k < argc; k++) {
		uint64_t *v = duckdb_vector_get_validity(duckdb_data_chunk_get_vector(in, k));
		if (v && !(v[row / 64] >> (row % 64) & 1)) return false;
	}
	return true;
}
static void null(duckdb_vector out, idx_t row) {
	duckdb_vector_ensure_validity_writable(out);
	duckdb_vector_get_validity(out)[row / 64] &= ~((uint64_t)1 << (row % 64));
}
static bool lead(char c) { return ((unsigned char)c & 0xC0) != 0x80; }
static int64_t points(const char *p, uint32_t len) {
	int64_t n = 0;
	for (uint32_t k = 0; k < len; k++) n += lead(p[k]);
	return n;
}
// offset is the byte at which the code point number n (from 0) begins.
static uint32_t offset(const char *p, uint32_t len, int64_t n) {
	uint32_t k = 0;
	for (; k < len; k++) if (lead(p[k]) && n-- == 0) return k;
	return len;
}
#define ARGS(k, type) ((type *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(in, k)))

// SUBSTR(s, position): position counts from 1, from the end when negative; 0 is
// 1; one before the start is the start.
static void substr(duckdb_data_chunk in, duckdb_vector out, bool bytes) {
	idx_t n = duckdb_data_chunk_get_size(in);
	duckdb_string_t *s = ARGS(0, duckdb_string_t);
	int64_t *pos = ARGS(1, int64_t);
	for (idx_t i = 0; i < n; i++) {
		if (!valid(in, 2, i)) { null(out, i); continue; }
		uint32_t len;
		const char *p = text(&s[i], &len);
		int64_t total = bytes ? len : points(p, len), from = pos[i];
		if (from < 0) { from = from < -total ? 0 : total + from; } else if (from > 0) from--;
		if (from > total) from = total;
		uint32_t a = bytes ? (uint32_t)from : offset(p, len, from);
		duckdb_vector_assign_string_element_len(out, i, p + a, len - a);
	}
}
void hub_substr2(duckdb_function_info f, duckdb_data_chunk in, duckdb_vector out) { (void)f; substr(in, out, false); }
void hub_bsubstr2(duckdb_function_info f, duckdb_data_chunk in, duckdb_vector out) { (void)f; substr(in, out, true); }

// white tells Unicode's White_Space at p and its length.
static uint32_t white(const char *s, uint32_t len) {
	const unsigned char *p = (const unsigned char *)s;
	if (len >= 1 && (p[0] == ' ' || (p[0] >= 9 && p[0] <= 13))) return 1;
	if (len >= 2 && p[0] == 0xC2 && (p[1] == 0x85 || p[1] == 0xA0)) return 2;
	if (len >= 3) {
		unsigned u = (unsigned)(p[0] & 0x0F) << 12 | (unsigned)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
		if ((p[0] & 0xF0) == 0xE0 && (u == 0x1680 || (u >= 0x2000 && u <= 0x200A) || u == 0x2028 || u == 0x2029 || u == 0x202F || u == 0x205F || u == 0x3000)) return 3;
	}
	return 0;
}
static void trim(duckdb_data_chunk in, duckdb_vector out, bool left, bool right) {
	idx_t n = duckdb_data_chunk_get_size(in);
	duckdb_string_t *s = ARGS(0, duckdb_string_t);
	for (idx_t i = 0; i < n; i++) {
		if (!valid(in, 1, i)) { null(out, i); continue; }
		uint32_t len, w;
		const char *p = text(&s[i], &len);
		while (left && (w = white(p, len))) p += w, len -= w;
		while (right && len) {
			uint32_t k = len - 1;
			while (k && !lead(p[k])) k--;
			if (white(p + k, len - k) != len - k) break;
			len = k;
		}
		duckdb_vector_assign_string_element_len(out, i, p, len);
	}
}
void hub_trim(duckdb_function_info f, duckdb_data_chunk in, duckdb_vector out) { (void)f; trim(in, out, true, true); }
void hub_ltrim(duckdb_function_info f, duckdb_data_chunk in, duckdb_vector out) { (void)f; trim(in, out, true, false); }
void hub_rtrim(duckdb_function_info f, duckdb_data_chunk in, duckdb_vector out) { (void)f; trim(in, out, false, true); }
