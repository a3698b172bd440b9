package load

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/shared/googlesql"
)

// parquetLeaf gives the type that BigQuery gives a Parquet column
// (cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet) and how its
// values are read.
func parquetLeaf(c *parquet.Column) (*googlesql.Type, func(parquet.Value) (any, error), error) {
	refuse := func() (*googlesql.Type, func(parquet.Value) (any, error), error) {
		return nil, nil, apierr.NotImplemented("loading the Parquet column %s of type %s is not supported by the local BigQuery", strings.Join(c.Path(), "."), c.Type())
	}
	kind := c.Type().Kind()
	if lt := c.Type().LogicalType(); lt != nil && lt.Value != nil {
		switch lt := lt.Value.(type) {
		case *format.StringType, *format.EnumType:
			if _, enum := any(lt).(*format.EnumType); enum {
				return refuse() // STRING or BYTES, by an option
			}
			return googlesql.String, readText, nil
		case *format.DecimalType:
			if lt.Scale < 0 || lt.Scale > 9 || lt.Precision-lt.Scale > 29 {
				return refuse()
			}
			return googlesql.Numeric, decimalReader(kind, int(lt.Scale)), nil
		case *format.DateType:
			return googlesql.Date, readDay, nil
		case *format.TimeType:
			return timeLeaf(lt.Unit, refuse)
		case *format.TimestampType:
			return timestampLeaf(lt, refuse)
		case *format.IntType:
			return googlesql.Int64, intReader(lt, kind), nil
		default:
			return refuse()
		}
	}
	switch kind {
	case parquet.Boolean:
		return googlesql.Bool, func(v parquet.Value) (any, error) { return v.Boolean(), nil }, nil
	case parquet.Int32:
		return googlesql.Int64, func(v parquet.Value) (any, error) { return int64(v.Int32()), nil }, nil
	case parquet.Int64:
		return googlesql.Int64, func(v parquet.Value) (any, error) { return v.Int64(), nil }, nil
	case parquet.Float:
		return googlesql.Float64, func(v parquet.Value) (any, error) { return float64(v.Float()), nil }, nil
	case parquet.Double:
		return googlesql.Float64, func(v parquet.Value) (any, error) { return v.Double(), nil }, nil
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if strings.Contains(strings.ToUpper(c.Type().String()), "INTERVAL") {
			return refuse()
		}
		return googlesql.Bytes, func(v parquet.Value) (any, error) { return append([]byte{}, v.ByteArray()...), nil }, nil
	case parquet.Int96:
		return googlesql.Timestamp, readInt96, nil
	}
	return refuse()
}

func readText(v parquet.Value) (any, error) {
	b := v.ByteArray()
	if !utf8.Valid(b) {
		return nil, errors.New("Invalid UTF-8")
	}
	return string(b), nil
}

// The range of DATE, in days since 1970-01-01.
const (
	minDay = -719162
	maxDay = 2932896
)

func readDay(v parquet.Value) (any, error) {
	d := v.Int32()
	if d < minDay || d > maxDay {
		return nil, fmt.Errorf("the day %d is out of the range of DATE", d)
	}
	return d, nil
}

// unitsOf is the number of microseconds of a unit; 0: it is finer.
func unitsOf(u format.TimeUnit) int64 {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return 1000
	case *format.MicroSeconds:
		return 1
	}
	return 0
}

type leafRefusal func() (*googlesql.Type, func(parquet.Value) (any, error), error)

func timeLeaf(u format.TimeUnit, refuse leafRefusal) (*googlesql.Type, func(parquet.Value) (any, error), error) {
	by := unitsOf(u)
	if by == 0 {
		return refuse()
	}
	return googlesql.Time, func(v parquet.Value) (any, error) {
		n := v.Int64()
		if v.Kind() == parquet.Int32 {
			n = int64(v.Int32())
		}
		if n < 0 || n >= 86400e6/by {
			return nil, fmt.Errorf("%d is no time of day", n)
		}
		return time.UnixMicro(n * by).UTC().Format("15:04:05.999999"), nil
	}, nil
}

func timestampLeaf(t *format.TimestampType, refuse leafRefusal) (*googlesql.Type, func(parquet.Value) (any, error), error) {
	by := unitsOf(t.Unit)
	if by == 0 {
		return refuse()
	}
	read := func(v parquet.Value) (int64, error) {
		n := v.Int64()
		if n < minMicros/by || n > maxMicros/by {
			return 0, fmt.Errorf("%d is out of the range of TIMESTAMP", n)
		}
		return n * by, nil
	}
	if t.IsAdjustedToUTC {
		return googlesql.Timestamp, func(v parquet.Value) (any, error) { return read(v) }, nil
	}
	return googlesql.Datetime, func(v parquet.Value) (any, error) {
		us, err := read(v)
		return time.UnixMicro(us).UTC().Format("2006-01-02 15:04:05.999999"), err
	}, nil
}

func intReader(t *format.IntType, kind parquet.Kind) func(parquet.Value) (any, error) {
	return func(v parquet.Value) (any, error) {
		switch {
		case kind == parquet.Int32 && t.IsSigned:
			return int64(v.Int32()), nil
		case kind == parquet.Int32:
			return int64(v.Uint32()), nil
		case t.IsSigned || v.Int64() >= 0:
			return v.Int64(), nil
		}
		return nil, fmt.Errorf("%d is out of the range of INT64", v.Uint64())
	}
}

// julianEpoch is 1970-01-01 in Julian days.
const julianEpoch = 2440588

// readInt96 reads the older form of a timestamp: nanoseconds of the day and the
// Julian day.
func readInt96(v parquet.Value) (any, error) {
	t := v.Int96()
	nanos := int64(uint64(t[1])<<32 | uint64(t[0]))
	if nanos%1000 != 0 || nanos < 0 || nanos >= 86400e9 {
		return nil, fmt.Errorf("%d nanoseconds of a day are no whole microseconds", nanos)
	}
	us := (int64(t[2])-julianEpoch)*86400e6 + nanos/1000
	if us < minMicros || us > maxMicros {
		return nil, errors.New("a timestamp is out of the range of TIMESTAMP")
	}
	return us, nil
}

// decimalReader writes a decimal out as text.
func decimalReader(kind parquet.Kind, scale int) func(parquet.Value) (any, error) {
	return func(v parquet.Value) (any, error) {
		var n *big.Int
		switch kind {
		case parquet.Int32:
			n = big.NewInt(int64(v.Int32()))
		case parquet.Int64:
			n = big.NewInt(v.Int64())
		default:
			b := v.ByteArray()
			if len(b) > 64 {
				return nil, errors.New("a decimal is too long")
			}
			n = new(big.Int).SetBytes(b)
			if len(b) > 0 && b[0]&0x80 != 0 {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
			}
		}
		s := new(big.Int).Abs(n).String()
		if len(s) <= scale {
			s = strings.Repeat("0", scale+1-len(s)) + s
		}
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
		if n.Sign() < 0 {
			s = "-" + s
		}
		s = strings.TrimSuffix(s, ".")
		if _, ok := Numeric(s); !ok {
			return nil, fmt.Errorf("%s is out of the range of NUMERIC", s)
		}
		return s, nil
	}
}
