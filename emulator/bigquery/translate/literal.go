package translate

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/decimal"
	"researchhub.example/hub/shared/googlesql"
)

// literal writes a value as a typed DuckDB literal.
func literal(v googlesql.Value) string {
	ty := typeName(v.Type)
	if v.IsNull() {
		return "CAST(NULL AS " + ty + ")"
	}
	switch x := v.V.(type) {
	case int64:
		if v.Type.Kind == googlesql.KindTimestamp {
			return fmt.Sprintf("make_timestamp(CAST(%d AS BIGINT))", x)
		}
		return fmt.Sprintf("CAST(%d AS BIGINT)", x)
	case float64:
		return floatLiteral(x)
	case bool:
		return strings.ToUpper(strconv.FormatBool(x))
	case string:
		switch v.Type.Kind {
		case googlesql.KindString, googlesql.KindJSON:
			return textLiteral(x)
		case googlesql.KindInterval:
			return intervalLiteral(x)
		case googlesql.KindDatetime, googlesql.KindTime, googlesql.KindNumeric:
			return "CAST(" + duck.Text(x) + " AS " + ty + ")"
		case googlesql.KindBigNumeric:
			return bigNumericLiteral(x)
		}
	case []byte:
		return "unhex('" + hex.EncodeToString(x) + "')"
	case int32:
		d := time.Unix(int64(x)*86400, 0).UTC()
		return fmt.Sprintf("DATE '%04d-%02d-%02d'", d.Year(), d.Month(), d.Day())
	case []googlesql.Value:
		if v.Type.Kind == googlesql.KindRange {
			return rangeLiteral(v.Type, x)
		}
		if v.Type.Kind == googlesql.KindArray {
			return arrayLiteral(v, x, ty)
		}
		parts := make([]string, len(x))
		for i, f := range x {
			parts[i] = fieldName(i) + " := " + literal(f)
		}
		return "struct_pack(" + strings.Join(parts, ", ") + ")"
	}
	refuse("a literal of type %s", v.Type)
	return ""
}

// bigNumericLiteral writes a BIGNUMERIC in the form in which it is stored.
func bigNumericLiteral(text string) string {
	v, err := decimal.BigNumeric.Parse(text)
	if err != nil {
		refuse("the BIGNUMERIC %s", text)
	}
	return "unhex('" + hex.EncodeToString(decimal.Bytes(v)) + "')"
}

func floatLiteral(x float64) string {
	switch {
	case math.IsNaN(x):
		return "CAST('nan' AS DOUBLE)"
	case math.IsInf(x, 1):
		return "CAST('inf' AS DOUBLE)"
	case math.IsInf(x, -1):
		return "CAST('-inf' AS DOUBLE)"
	}
	return "CAST('" + strconv.FormatFloat(x, 'g', -1, 64) + "' AS DOUBLE)"
}

// textLiteral writes a string. DuckDB's parser ends at a NUL, so one is put
// together from parts.
func textLiteral(s string) string {
	if !strings.Contains(s, "\x00") {
		return duck.Text(s)
	}
	parts := strings.Split(s, "\x00")
	for i, p := range parts {
		parts[i] = duck.Text(p)
	}
	return "(" + strings.Join(parts, " || chr(0) || ") + ")"
}

// arrayLiteral writes a list. One of many integers is a single text that DuckDB
// converts at once, as ten thousand literals would take it long to parse.
func arrayLiteral(v googlesql.Value, list []googlesql.Value, ty string) string {
	if v.Type.Elem.Kind == googlesql.KindInt64 {
		var b strings.Builder
		for i, e := range list {
			if i > 0 {
				b.WriteByte(',')
			}
			if e.IsNull() {
				b.WriteString("NULL")
				continue
			}
			b.WriteString(strconv.FormatInt(e.V.(int64), 10))
		}
		return "CAST('[" + b.String() + "]' AS " + ty + ")"
	}
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = literal(e)
	}
	return "CAST([" + strings.Join(parts, ", ") + "] AS " + ty + ")"
}

// Literal writes a value as a typed DuckDB literal. The type must be one that
// Type accepts.
func Literal(v googlesql.Value) string { return literal(v) }
