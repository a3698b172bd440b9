package translate

import "researchhub.example/hub/shared/googlesql"

// isGroupable reports whether DuckDB tells the values of a type apart as
// GoogleSQL does when it groups, partitions or drops duplicates: NULLs are one
// value, NaNs are one, -0 is 0, INTERVALs of the same length are one, within
// arrays and structs too, except INTERVALs there. An INTERVAL must go through
// grouped. JSON and GEOGRAPHY cannot be grouped in GoogleSQL.
func isGroupable(ty *googlesql.Type) bool {
	switch ty.Kind {
	case googlesql.KindInt64, googlesql.KindFloat64, googlesql.KindString, googlesql.KindBool, googlesql.KindBytes,
		googlesql.KindDate, googlesql.KindDatetime, googlesql.KindTimestamp, googlesql.KindTime, googlesql.KindNumeric,
		googlesql.KindBigNumeric, googlesql.KindInterval, googlesql.KindRange:
		return true
	case googlesql.KindArray:
		return isGroupable(ty.Elem) && !ty.Has(googlesql.KindInterval)
	case googlesql.KindStruct:
		for _, f := range ty.Fields {
			if !isGroupable(f.Type) || f.Type.Has(googlesql.KindInterval) {
				return false
			}
		}
		return len(ty.Fields) > 0
	}
	return false
}

// grouped writes a value by which DuckDB groups, or of which it takes the least.
// It compares INTERVALs as GoogleSQL does only as long as their parts have one
// sign.
func grouped(ty *googlesql.Type, sql string) string {
	if ty.Is(googlesql.KindInterval) {
		return "hub_interval_plain(" + sql + ")"
	}
	return sql
}
