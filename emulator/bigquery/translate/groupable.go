package translate

import "researchhub.example/hub/shared/googlesql"

// isGroupable reports whether DuckDB tells the values of a type apart as
// GoogleSQL does when it groups, partitions or drops duplicates: NULLs are one
// value, NaNs are one, -0 is 0, INTERVALs of the same length are one, within
// arrays and structs too. JSON and GEOGRAPHY cannot be grouped in GoogleSQL.
func isGroupable(ty *googlesql.Type) bool {
	switch ty.Kind {
	case googlesql.KindInt64, googlesql.KindFloat64, googlesql.KindString, googlesql.KindBool, googlesql.KindBytes,
		googlesql.KindDate, googlesql.KindDatetime, googlesql.KindTimestamp, googlesql.KindTime, googlesql.KindNumeric,
		googlesql.KindBigNumeric, googlesql.KindInterval, googlesql.KindRange:
		return true
	case googlesql.KindArray:
		return isGroupable(ty.Elem)
	case googlesql.KindStruct:
		for _, f := range ty.Fields {
			if !isGroupable(f.Type) {
				return false
			}
		}
		return len(ty.Fields) > 0
	}
	return false
}
