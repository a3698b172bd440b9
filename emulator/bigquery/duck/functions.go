package duck

/*
#cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-all
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#cgo CFLAGS: -O2 -Wall
#define DECL(name) void name(void *, void *, void *);
DECL(hub_fadd) DECL(hub_fsub) DECL(hub_fmul) DECL(hub_fdiv) DECL(hub_safe_fdiv) DECL(hub_fsum)
DECL(hub_feq) DECL(hub_flt) DECL(hub_fle)
DECL(hub_sqrt) DECL(hub_exp) DECL(hub_ln) DECL(hub_log10) DECL(hub_log) DECL(hub_pow)
DECL(hub_sin) DECL(hub_cos) DECL(hub_tan) DECL(hub_asin) DECL(hub_acos) DECL(hub_atan) DECL(hub_atan2) DECL(hub_cbrt)
DECL(hub_sinh) DECL(hub_cosh) DECL(hub_tanh) DECL(hub_asinh) DECL(hub_acosh) DECL(hub_atanh)
DECL(hub_cot) DECL(hub_csc) DECL(hub_sec) DECL(hub_coth) DECL(hub_csch) DECL(hub_sech)
DECL(hub_idiv) DECL(hub_imod) DECL(hub_iabs) DECL(hub_shl) DECL(hub_shr)
DECL(hub_s2d) DECL(hub_s2ts) DECL(hub_ts2s)
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
		{"hub_log10", "ff", C.hub_log10}, {"hub_pow", "fff", C.hub_pow}, {"hub_log", "fff", C.hub_log},
		{"hub_sin", "ff", C.hub_sin}, {"hub_cos", "ff", C.hub_cos}, {"hub_tan", "ff", C.hub_tan},
		{"hub_asin", "ff", C.hub_asin}, {"hub_acos", "ff", C.hub_acos}, {"hub_atan", "ff", C.hub_atan},
		{"hub_sinh", "ff", C.hub_sinh}, {"hub_cosh", "ff", C.hub_cosh}, {"hub_tanh", "ff", C.hub_tanh},
		{"hub_asinh", "ff", C.hub_asinh}, {"hub_acosh", "ff", C.hub_acosh}, {"hub_atanh", "ff", C.hub_atanh},
		{"hub_cot", "ff", C.hub_cot}, {"hub_csc", "ff", C.hub_csc}, {"hub_sec", "ff", C.hub_sec},
		{"hub_coth", "ff", C.hub_coth}, {"hub_csch", "ff", C.hub_csch}, {"hub_sech", "ff", C.hub_sech},
		{"hub_atan2", "fff", C.hub_atan2}, {"hub_cbrt", "ff", C.hub_cbrt},
		{"hub_idiv", "iii", C.hub_idiv}, {"hub_imod", "iii", C.hub_imod}, {"hub_iabs", "ii", C.hub_iabs},
		{"hub_shl", "iii", C.hub_shl}, {"hub_shr", "iii", C.hub_shr},
		{"hub_s2d", "sd", C.hub_s2d},
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
