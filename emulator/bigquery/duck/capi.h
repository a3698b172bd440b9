// The part of DuckDB's stable C API (duckdb.h) that the functions in
// C files here call. The header itself ships inside the bindings' module, where
// another module's C code cannot include it.
#ifndef HUB_DUCKDB_CAPI_H
#define HUB_DUCKDB_CAPI_H
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t idx_t;
typedef void *duckdb_function_info;
typedef void *duckdb_data_chunk;
typedef void *duckdb_vector;

// duckdb_string_t: up to 12 bytes are kept in place, longer ones by pointer.
typedef struct {
	union {
		struct { uint32_t length; char prefix[4]; char *ptr; } pointer;
		struct { uint32_t length; char inlined[12]; } inlined;
	} value;
} duckdb_string_t;

typedef struct { uint64_t lower; int64_t upper; } duckdb_hugeint;

idx_t duckdb_data_chunk_get_size(duckdb_data_chunk chunk);
idx_t duckdb_data_chunk_get_column_count(duckdb_data_chunk chunk);
duckdb_vector duckdb_data_chunk_get_vector(duckdb_data_chunk chunk, idx_t col);
void *duckdb_vector_get_data(duckdb_vector v);
uint64_t *duckdb_vector_get_validity(duckdb_vector v);
void duckdb_vector_ensure_validity_writable(duckdb_vector v);
void duckdb_vector_assign_string_element_len(duckdb_vector v, idx_t index, const char *str, idx_t len);
void duckdb_scalar_function_set_error(duckdb_function_info info, const char *error);
#endif
