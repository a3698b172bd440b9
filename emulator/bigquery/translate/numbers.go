package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

var numbers = join(errorFunctions, decimalFunctions, []entry[scalarFunc]{
	{"div", "ii", divided("//", "hub_idiv")}, {"mod", "ii", divided("%", "hub_imod")},
	{"abs", "i", form("hub_iabs($1)")}, {"abs", "f", form("abs($1)")},
	{"sign", "i", form("CAST(sign($1) AS BIGINT)")},
	{"sign", "f", form("(CASE WHEN isnan($1) THEN $1 ELSE CAST(sign($1) AS DOUBLE) END)")},
	{"round", "f", form("round($1)")}, {"round", "fi", gofn("hub_f_round")},
	{"trunc", "f", form("trunc($1)")}, {"trunc", "fi", gofn("hub_f_trunc")},
	{"floor", "f", form("floor($1)")}, {"ceil", "f", form("ceil($1)")},
	{"sqrt", "f", form("hub_sqrt($1)")}, {"exp", "f", form("hub_exp($1)")},
	{"ln", "f", form("hub_ln($1)")}, {"log", "f", form("hub_ln($1)")}, {"log", "ff", form("hub_log($1, $2)")},
	{"log10", "f", form("hub_log10($1)")}, {"pow", "ff", form("hub_pow($1, $2)")}, {"cbrt", "f", form("hub_cbrt($1)")},
	{"sin", "f", form("hub_sin($1)")}, {"cos", "f", form("hub_cos($1)")}, {"tan", "f", form("hub_tan($1)")},
	{"asin", "f", form("hub_asin($1)")}, {"acos", "f", form("hub_acos($1)")}, {"atan", "f", form("hub_atan($1)")},
	{"atan2", "ff", form("hub_atan2($1, $2)")},
	{"sinh", "f", form("hub_sinh($1)")}, {"cosh", "f", form("hub_cosh($1)")}, {"tanh", "f", form("hub_tanh($1)")},
	{"asinh", "f", form("hub_asinh($1)")}, {"acosh", "f", form("hub_acosh($1)")}, {"atanh", "f", form("hub_atanh($1)")},
	{"cot", "f", form("hub_cot($1)")}, {"csc", "f", form("hub_csc($1)")}, {"sec", "f", form("hub_sec($1)")},
	{"coth", "f", form("hub_coth($1)")}, {"csch", "f", form("hub_csch($1)")}, {"sech", "f", form("hub_sech($1)")},
	{"is_nan", "f", form("isnan($1)")}, {"is_inf", "f", form("isinf($1)")},
	{"safe_divide", "ff", form("hub_safe_fdiv($1, $2)")},
	{"ieee_divide", "ff", form("($1 / $2)")},
	{"safe_add", "ii", safely("hub_i_add")}, {"safe_subtract", "ii", safely("hub_i_sub")},
	{"safe_multiply", "ii", safely("hub_i_mul")}, {"safe_negate", "i", safely("hub_i_neg")},
	{"safe_add", "ff", safely("hub_f_add")}, {"safe_subtract", "ff", safely("hub_f_sub")},
	{"safe_multiply", "ff", safely("hub_f_mul")}, {"safe_negate", "f", form("(- $1)")},
	{"least", "*+", typed(allComparable, extreme("least"))},
	{"greatest", "*+", typed(allComparable, extreme("greatest"))},
	{"rand", "", form("random()")},
	{"pi", "", form("CAST('3.141592653589793' AS DOUBLE)")},
	{"bit_count", "i", form("CAST(bit_count($1) AS BIGINT)")}, {"bit_count", "x", gofn("hub_bit_count")},
	{"$bitwise_and", "xx", gofn("hub_x_and")}, {"$bitwise_or", "xx", gofn("hub_x_or")}, {"$bitwise_xor", "xx", gofn("hub_x_xor")},
	{"$bitwise_not", "x", gofn("hub_x_not")},
	{"$bitwise_left_shift", "xi", gofn("hub_x_shl")}, {"$bitwise_right_shift", "xi", gofn("hub_x_shr")},
	{"euclidean_distance", "aa", ofFloats(gofn("hub_euclidean_distance"))}, {"cosine_distance", "aa", ofFloats(gofn("hub_cosine_distance"))},
	{"range_bucket", "*a", rangeBucket},
})

// safely calls the form of a Go function that gives NULL for an error.
func safely(name string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		t.safeCall = c
		return name + duck.SafeSuffix + "(" + strings.Join(t.exprs(c.Args), ", ") + ")"
	}
}

// ofFloats holds a function to arrays of FLOAT64.
func ofFloats(then scalarFunc) scalarFunc {
	return typed(func(c *googlesql.Call) bool {
		for _, a := range c.Args {
			if !a.Type().Elem.Is(googlesql.KindFloat64) {
				return false
			}
		}
		return true
	}, then)
}

// bucketLetters are the types that RANGE_BUCKET has a Go function for.
const bucketLetters = "ifsxdtcm"

func rangeBucket(t *translator, c *googlesql.Call) string {
	letter := kindLetters[c.Args[0].Type().Kind]
	if !strings.ContainsRune(bucketLetters, rune(letter)) || c.Args[1].Type().Elem.Kind != c.Args[0].Type().Kind {
		refuse("%s", describe(c.Name, c.Args))
	}
	if letter == 'c' {
		letter = 't'
	}
	return gofn("hub_range_bucket_"+string(letter))(t, c)
}

// decimalForms are the letters of NUMERIC and BIGNUMERIC with the beginning of
// the names of their Go functions.
var decimalForms = map[string]string{"n": "hub_n_", "g": "hub_g_"}

// decimalFunctions are the functions of NUMERIC and BIGNUMERIC. DuckDB itself
// adds, subtracts and negates NUMERIC as GoogleSQL does.
var decimalFunctions = func() []entry[scalarFunc] {
	list := []entry[scalarFunc]{
		{"pi_numeric", "", form("CAST('3.141592654' AS DECIMAL(38,9))")},
		{"pi_bignumeric", "", form("hub_g_parse('3.1415926535897932384626433832795028842')")},
		{"parse_numeric", "s", gofn("hub_n_parse_loose")}, {"parse_bignumeric", "s", gofn("hub_g_parse_loose")},
		{"$add", "gg", gofn("hub_g_add")}, {"$subtract", "gg", gofn("hub_g_sub")}, {"$unary_minus", "g", gofn("hub_g_neg")},
	}
	for letter, prefix := range decimalForms {
		two := letter + letter
		for name, fn := range map[string]string{
			"$multiply": "mul", "$divide": "div", "div": "idiv", "mod": "mod", "pow": "pow", "log": "log",
		} {
			list = append(list, entry[scalarFunc]{name, two, gofn(prefix + fn)})
		}
		for name, fn := range map[string]string{"safe_add": "add", "safe_subtract": "sub", "safe_multiply": "mul", "safe_divide": "div"} {
			list = append(list, entry[scalarFunc]{name, two, safely(prefix + fn)})
		}
		for name, fn := range map[string]string{
			"abs": "abs", "sign": "sign", "sqrt": "sqrt", "exp": "exp", "ln": "ln", "log": "ln", "log10": "log10",
		} {
			list = append(list, entry[scalarFunc]{name, letter, gofn(prefix + fn)})
		}
		list = append(list,
			entry[scalarFunc]{"safe_negate", letter, safely(prefix + "neg")},
			entry[scalarFunc]{"round", letter + "|" + letter + "i|" + letter + "ie", roundDecimal(prefix, halfAwayFromZero)},
			entry[scalarFunc]{"trunc", letter + "|" + letter + "i", roundDecimal(prefix, towardZero)},
			entry[scalarFunc]{"ceil", letter, roundDecimal(prefix, towardPositive)},
			entry[scalarFunc]{"floor", letter, roundDecimal(prefix, towardNegative)})
	}
	return list
}()

// The rounding modes, by decimal.Mode's numbers.
const (
	halfAwayFromZero = iota
	halfEven
	towardZero
	towardPositive
	towardNegative
)

// roundDecimal rounds a decimal to decimals, 0 if not given, by a mode that
// ROUND's third argument may name.
func roundDecimal(prefix string, mode int) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		decimals := "CAST(0 AS BIGINT)"
		if len(c.Args) > 1 {
			decimals = t.expr(c.Args[1])
		}
		by := mode
		if len(c.Args) > 2 {
			v, ok := t.constant(c.Args[2])
			switch v.V {
			case "ROUND_HALF_EVEN":
				by = halfEven
			case "ROUND_HALF_AWAY_FROM_ZERO":
			default:
				ok = false
			}
			if !ok {
				refuse("ROUND by a rounding mode that is no constant")
			}
		}
		return t.goCall(c, prefix+"round", t.expr(c.Args[0]), decimals, fmt.Sprintf("CAST(%d AS BIGINT)", by))
	}
}
