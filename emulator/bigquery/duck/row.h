// How a function of a row is written: FUNC(name) { ... RETI(I(0) + I(1)); }.
// Each works on whole vectors; a row with a NULL argument gives NULL, which must
// be said here, as DuckDB does not do it for C functions.
#ifndef HUB_ROW_H
#define HUB_ROW_H
#include "capi.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAXARGS 4
typedef struct {
	idx_t n, argc;
	uint64_t *valid[MAXARGS];
	void *data[MAXARGS];
	duckdb_vector out;
	void *result;
	duckdb_function_info info;
	char error[256];
} call_t;

static inline void begin(call_t *c, duckdb_function_info info, duckdb_data_chunk in, duckdb_vector out) {
	c->n = duckdb_data_chunk_get_size(in);
	c->argc = duckdb_data_chunk_get_column_count(in);
	for (idx_t i = 0; i < c->argc && i < MAXARGS; i++) {
		duckdb_vector v = duckdb_data_chunk_get_vector(in, i);
		c->valid[i] = duckdb_vector_get_validity(v);
		c->data[i] = duckdb_vector_get_data(v);
	}
	c->out = out;
	c->result = duckdb_vector_get_data(out);
	c->info = info;
	c->error[0] = 0;
}

static inline bool ready(const call_t *c, idx_t row) {
	for (idx_t i = 0; i < c->argc; i++)
		if (c->valid[i] && !(c->valid[i][row / 64] >> (row % 64) & 1)) return false;
	return true;
}

static inline void set_null(call_t *c, idx_t row) {
	duckdb_vector_ensure_validity_writable(c->out);
	duckdb_vector_get_validity(c->out)[row / 64] &= ~((uint64_t)1 << (row % 64));
}

static inline const char *text(const duckdb_string_t *s, uint32_t *len) {
	*len = s->value.inlined.length;
	return *len <= 12 ? s->value.inlined.inlined : s->value.pointer.ptr;
}

// FUNC opens a function; its body computes row i and may FAIL with a message.
#define FUNC(name) \
	static bool name##_row(call_t *c, idx_t i); \
	void name(duckdb_function_info info, duckdb_data_chunk in, duckdb_vector out) { \
		call_t c; begin(&c, info, in, out); \
		for (idx_t i = 0; i < c.n; i++) \
			if (!ready(&c, i)) set_null(&c, i); \
			else if (!name##_row(&c, i)) { duckdb_scalar_function_set_error(info, c.error); return; } \
	} \
	static bool name##_row(call_t *c, idx_t i)
#define FAIL(...) do { snprintf(c->error, sizeof c->error, __VA_ARGS__); return false; } while (0)
#define F(k) (((double *)c->data[k])[i])
#define I(k) (((int64_t *)c->data[k])[i])
#define D(k) (((int32_t *)c->data[k])[i])
#define S(k) (&((duckdb_string_t *)c->data[k])[i])
#define RETF(x) do { ((double *)c->result)[i] = (x); return true; } while (0)
#define RETI(x) do { ((int64_t *)c->result)[i] = (x); return true; } while (0)
#define RETD(x) do { ((int32_t *)c->result)[i] = (x); return true; } while (0)
#define RETB(x) do { ((bool *)c->result)[i] = (x); return true; } while (0)
#define RETS(p, len) do { duckdb_vector_assign_string_element_len(c->out, i, p, len); return true; } while (0)
#define RETNULL do { set_null(c, i); return true; } while (0)

#endif
