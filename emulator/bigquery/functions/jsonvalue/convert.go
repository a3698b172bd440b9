package jsonvalue

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strings"
)

// Exact reads a wide_number_mode argument: true for exact, false for round.
func Exact(mode string) (bool, error) {
	switch mode {
	case "exact":
		return true, nil
	case "round":
		return false, nil
	}
	return false, fmt.Errorf("Invalid `wide_number_mode` specified: %s", mode)
}

// ToBool is BOOL(json).
func (v *Value) ToBool() (bool, error) {
	if v.kind != Bool {
		return false, errors.New("The provided JSON input is not a boolean")
	}
	return v.b, nil
}

// ToString is STRING(json).
func (v *Value) ToString() (string, error) {
	if v.kind != String {
		return "", errors.New("The provided JSON input is not a string")
	}
	return v.s, nil
}

// ToInt64 is INT64(json).
func (v *Value) ToInt64() (int64, error) {
	if !v.isNumber() {
		return 0, errors.New("The provided JSON input is not an integer")
	}
	i, ok := v.int64()
	if !ok || v.kind == Float && v.f != math.Trunc(v.f) {
		return 0, fmt.Errorf("The provided JSON number: %s cannot be converted to an int64", v.Text())
	}
	return i, nil
}

// int64 rounds a number to the nearest INT64, halves away from zero; false: it is
// out of range.
func (v *Value) int64() (int64, bool) {
	switch v.kind {
	case Int:
		return v.i, true
	case Uint:
		return int64(v.u), v.u <= math.MaxInt64
	}
	f := math.Round(v.f)
	if f < -1<<63 || f >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// ToFloat64 is FLOAT64(json). exact: a number that a FLOAT64 does not hold is an
// error.
func (v *Value) ToFloat64(exact bool) (float64, error) {
	if !v.isNumber() {
		return 0, errors.New("The provided JSON input is not a number")
	}
	f := v.float()
	lossless := true
	switch v.kind {
	case Int:
		lossless = f >= -1<<63 && int64(f) == v.i
	case Uint:
		lossless = f < 1<<64 && uint64(f) == v.u
	}
	if exact && !lossless {
		return 0, fmt.Errorf("JSON number: %s cannot be converted to DOUBLE without loss of precision", v.Text())
	}
	return f, nil
}

// List gives the elements of an array, for INT64_ARRAY and its kin.
func (v *Value) List() ([]*Value, error) {
	if v.kind != Array {
		return nil, errors.New("The provided JSON input is not an array")
	}
	return v.list, nil
}

// LaxList gives the elements of an array, for LAX_INT64_ARRAY and its kin; false:
// NULL.
func (v *Value) LaxList() ([]*Value, bool) { return v.list, v.kind == Array }

// LaxBool is LAX_BOOL(json); false: NULL.
func (v *Value) LaxBool() (value, ok bool) {
	switch v.kind {
	case Bool:
		return v.b, true
	case Int, Uint, Float:
		return v.float() != 0, true
	case String:
		switch strings.ToLower(v.s) {
		case "true":
			return true, true
		case "false":
			return false, true
		}
	}
	return false, false
}

// LaxString is LAX_STRING(json); false: NULL.
func (v *Value) LaxString() (string, bool, error) {
	switch v.kind {
	case Float:
		return FloatText(v.f), true, signedZero(v.f)
	case Bool, Int, Uint:
		return v.Text(), true, nil
	case String:
		return v.s, true, nil
	}
	return "", false, nil
}

// LaxInt64 is LAX_INT64(json); false: NULL.
func (v *Value) LaxInt64() (int64, bool, error) {
	switch v.kind {
	case Bool:
		if v.b {
			return 1, true, nil
		}
		return 0, true, nil
	case Int, Uint, Float:
		i, ok := v.int64()
		return i, ok, nil
	case String:
		r, err := bigNumber(v.s)
		if r == nil {
			return 0, false, err
		}
		i := roundAway(r)
		return i.Int64(), i.IsInt64(), nil
	}
	return 0, false, nil
}

// LaxFloat64 is LAX_FLOAT64(json); false: NULL.
func (v *Value) LaxFloat64() (float64, bool, error) {
	if v.isNumber() {
		return v.float(), true, nil
	}
	if v.kind != String {
		return 0, false, nil
	}
	if f, ok := floatWords[strings.ToLower(v.s)]; ok {
		return f, true, nil
	}
	if strings.EqualFold(strings.TrimLeft(v.s, "+-"), "nan") {
		return 0, false, Unsupported("LAX_FLOAT64 of a NaN with a sign")
	}
	r, err := bigNumber(v.s)
	if r == nil {
		if err == nil && numberLike.MatchString(v.s) {
			err = Unsupported("LAX_FLOAT64 of a string whose number is outside of BIGNUMERIC")
		}
		return 0, false, err
	}
	f, _ := r.Float64()
	if _, digits, exp := decimal(strings.TrimPrefix(v.s, "+")); digits != "" && exp < -38 || math.Abs(f) > 5.78e38 {
		return 0, false, Unsupported("LAX_FLOAT64 of a string whose number BIGNUMERIC does not hold")
	}
	return f, true, nil
}

var floatWords = map[string]float64{
	"nan": math.NaN(), "inf": math.Inf(1), "+inf": math.Inf(1), "-inf": math.Inf(-1),
	"infinity": math.Inf(1), "+infinity": math.Inf(1), "-infinity": math.Inf(-1),
}

var (
	numberLike = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	// doubtful are the texts that some readers take for a number.
	doubtful = regexp.MustCompile(`^[ \t\n\r\v\f]*[+-]?([0-9]*\.?[0-9]*)([eE][+-]?[0-9]+)?[ \t\n\r\v\f]*$`)
)

// bigNumber reads a string's number as BIGNUMERIC would; nil: it is none.
func bigNumber(s string) (*big.Rat, error) {
	if !numberLike.MatchString(s) {
		if strings.ContainsAny(s, "0123456789") && doubtful.MatchString(s) {
			return nil, Unsupported(fmt.Sprintf("a lax conversion of the string %q", s))
		}
		return nil, nil
	}
	if len(s) > 300 {
		return nil, Unsupported("a lax conversion of a number of more than 300 characters")
	}
	_, digits, exp := decimal(strings.TrimPrefix(s, "+"))
	switch {
	case digits == "":
		return new(big.Rat), nil
	case len(digits)+exp > 39:
		return nil, nil // more than BIGNUMERIC holds
	case exp < -38 && len(digits)+exp < -30:
		return new(big.Rat), nil
	case exp < -38:
		return nil, Unsupported("a lax conversion of a number of more than 38 decimals")
	}
	r, ok := new(big.Rat).SetString(strings.TrimPrefix(s, "+"))
	if !ok {
		return nil, Unsupported(fmt.Sprintf("a lax conversion of the string %q", s))
	}
	return r, nil
}

// roundAway rounds to the nearest integer, halves away from zero.
func roundAway(r *big.Rat) *big.Int {
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	sum := new(big.Rat).Add(r, half)
	return new(big.Int).Quo(sum.Num(), sum.Denom())
}
