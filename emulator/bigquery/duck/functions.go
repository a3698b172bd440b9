package duck

/*
#cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-all
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#cgo CFLAGS: -O2 -Wall
#define DECL(name) void name(void *, void *, void *);
DECL(hub_fadd) DECL(hub_fsub) DECL(hub_fmul) DECL(hub_fdiv) DECL(hub_safe_fdiv) DECL(hub_fsum)
DECL(hub_feq) DECL(hub_flt) DECL(hub_fle)
DECL(hub_sqrt) DECL(hub_exp) DECL(hub_ln) DECL(hub_log10) DECL(hub_pow) DECL(hub_round)
DECL(hub_idiv) DECL(hub_imod) DECL(hub_iabs) DECL(hub_shl) DECL(hub_shr)
DECL(hub_f2i) DECL(hub_f2s) DECL(hub_s2i) DECL(hub_s2f) DECL(hub_s2b) DECL(hub_s2d) DECL(hub_s2ts) DECL(hub_ts2s)
DECL(hub_date_add) DECL(hub_date_sub) DECL(hub_date_diff) DECL(hub_date_trunc) DECL(hub_date_extract) DECL(hub_make_date)
DECL(hub_ts_add) DECL(hub_ts_sub) DECL(hub_datetime_diff) DECL(hub_timestamp_diff) DECL(hub_ts_trunc) DECL(hub_ts_extract) DECL(hub_ts_date)
DECL(hub_substr2) DECL(hub_bsubstr2)
DECL(hub_trim) DECL(hub_ltrim) DECL(hub_rtrim)
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// typeLetters name DuckDB's types in function signatures.
var typeLetters = map[byte]mapping.Type{
	'f': mapping.TypeDouble, 'i': mapping.TypeBigInt, 'b': mapping.TypeBoolean, 's': mapping.TypeVarchar,
	'd': mapping.TypeDate, 't': mapping.TypeTimestamp, 'x': mapping.TypeBlob,
}

// function is a scalar function written in C: its arguments' types and, last,
// its result's.
type function struct {
	name, signature string
	code            unsafe.Pointer
}

func functions() []function {
	return []function{
		{"hub_fadd", "fff", C.hub_fadd}, {"hub_fsub", "fff", C.hub_fsub}, {"hub_fmul", "fff", C.hub_fmul},
		{"hub_fdiv", "fff", C.hub_fdiv}, {"hub_safe_fdiv", "fff", C.hub_safe_fdiv}, {"hub_fsum", "fif", C.hub_fsum},
		{"hub_feq", "ffb", C.hub_feq}, {"hub_flt", "ffb", C.hub_flt}, {"hub_fle", "ffb", C.hub_fle},
		{"hub_sqrt", "ff", C.hub_sqrt}, {"hub_exp", "ff", C.hub_exp}, {"hub_ln", "ff", C.hub_ln},
		{"hub_log10", "ff", C.hub_log10}, {"hub_pow", "fff", C.hub_pow}, {"hub_round", "fif", C.hub_round},
		{"hub_idiv", "iii", C.hub_idiv}, {"hub_imod", "iii", C.hub_imod}, {"hub_iabs", "ii", C.hub_iabs},
		{"hub_shl", "iii", C.hub_shl}, {"hub_shr", "iii", C.hub_shr},
		{"hub_f2i", "fi", C.hub_f2i}, {"hub_f2s", "fs", C.hub_f2s}, {"hub_s2i", "si", C.hub_s2i},
		{"hub_s2f", "sf", C.hub_s2f}, {"hub_s2b", "sb", C.hub_s2b}, {"hub_s2d", "sd", C.hub_s2d},
		{"hub_s2ts", "sbt", C.hub_s2ts}, {"hub_ts2s", "tss", C.hub_ts2s},
		{"hub_date_add", "diid", C.hub_date_add}, {"hub_date_sub", "diid", C.hub_date_sub},
		{"hub_date_diff", "ddii", C.hub_date_diff}, {"hub_date_trunc", "did", C.hub_date_trunc},
		{"hub_date_extract", "dii", C.hub_date_extract}, {"hub_make_date", "iiid", C.hub_make_date},
		{"hub_ts_add", "tiit", C.hub_ts_add}, {"hub_ts_sub", "tiit", C.hub_ts_sub},
		{"hub_datetime_diff", "ttii", C.hub_datetime_diff}, {"hub_timestamp_diff", "ttii", C.hub_timestamp_diff},
		{"hub_ts_trunc", "tit", C.hub_ts_trunc}, {"hub_ts_extract", "tii", C.hub_ts_extract}, {"hub_ts_date", "td", C.hub_ts_date},
		{"hub_substr2", "sis", C.hub_substr2},
		{"hub_bsubstr2", "xix", C.hub_bsubstr2},
		{"hub_trim", "ss", C.hub_trim}, {"hub_ltrim", "ss", C.hub_ltrim}, {"hub_rtrim", "ss", C.hub_rtrim},
	}
}

// registerFunctions makes the C functions known to the whole database.
func registerFunctions(conn mapping.Connection) error {
	for _, f := range functions() {
		sf := mapping.CreateScalarFunction()
		mapping.ScalarFunctionSetName(sf, f.name)
		for i := range len(f.signature) {
			t := mapping.CreateLogicalType(typeLetters[f.signature[i]])
			if i == len(f.signature)-1 {
				mapping.ScalarFunctionSetReturnType(sf, t)
			} else {
				mapping.ScalarFunctionAddParameter(sf, t)
			}
			mapping.DestroyLogicalType(&t)
		}
		mapping.ScalarFunctionSetFunction(sf, f.code)
		state := mapping.RegisterScalarFunction(conn, sf)
		mapping.DestroyScalarFunction(&sf)
		if state != mapping.StateSuccess {
			return fmt.Errorf("register the function %s with DuckDB", f.name)
		}
	}
	return nil
}
