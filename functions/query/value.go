package query

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// valueText writes one value as BigQuery's own exports do: numbers in full,
// dates as 2026-01-31, timestamps in RFC 3339 and UTC, bytes in base64, arrays
// and structs as JSON.
func valueText(v bigquery.Value, f *bigquery.FieldSchema) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case int64:
		return strconv.FormatInt(x, 10), nil
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64), nil
	case bool:
		return strconv.FormatBool(x), nil
	case civil.Date:
		return x.String(), nil
	case civil.Time:
		return bigquery.CivilTimeString(x), nil
	case civil.DateTime:
		return x.Date.String() + "T" + bigquery.CivilTimeString(x.Time), nil
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano), nil
	case []byte:
		return base64.StdEncoding.EncodeToString(x), nil
	case *big.Rat:
		return ratText(x, f), nil
	default:
		plain, err := plainValue(v, f)
		if err != nil {
			return "", err
		}
		b, err := json.Marshal(plain)
		return string(b), err
	}
}

func ratText(x *big.Rat, f *bigquery.FieldSchema) string {
	scale := 9 // NUMERIC's
	if f.Type == bigquery.BigNumericFieldType {
		scale = 38
	}
	if x.IsInt() {
		return x.Num().String()
	}
	s := x.FloatString(scale)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	return s
}

// plainValue makes an array or struct ready for JSON: structs as objects by
// field name, everything else as its text.
func plainValue(v bigquery.Value, f *bigquery.FieldSchema) (any, error) {
	list, ok := v.([]bigquery.Value)
	switch {
	case v == nil:
		return nil, nil
	case ok && f.Repeated:
		elem := *f
		elem.Repeated = false
		out := make([]any, len(list))
		for i, e := range list {
			var err error
			if out[i], err = plainValue(e, &elem); err != nil {
				return nil, err
			}
		}
		return out, nil
	case ok:
		if len(list) != len(f.Schema) {
			return nil, fmt.Errorf("a struct of %d values for %d fields", len(list), len(f.Schema))
		}
		out := map[string]any{}
		for i, e := range list {
			var err error
			if out[f.Schema[i].Name], err = plainValue(e, f.Schema[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	switch v.(type) {
	case string, int64, float64, bool, civil.Date, civil.Time, civil.DateTime, time.Time, []byte, *big.Rat:
		return valueText(v, f)
	default:
		return nil, fmt.Errorf("a value of the type %T", v)
	}
}
