package duck

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
)

// Scalar is a scalar function written in Go. It is registered twice: under Name,
// and as Name_safe, which gives NULL where Fn returns an error (but fails all the
// same where Fn refuses).
type Scalar struct {
	// Name is the function's name in SQL.
	Name string
	// Signature holds the arguments' types and, last, the result's, by the letters
	// of DuckDB's types: f DOUBLE, i BIGINT, b BOOLEAN, s VARCHAR, d DATE,
	// t TIMESTAMP, m TIME, x BLOB, n DECIMAL(38,9), v INTERVAL; "[s" is a list of s.
	Signature string
	// Nulls has Fn called with NULL arguments too; otherwise a NULL argument gives
	// NULL without a call.
	Nulls bool
	// Volatile keeps DuckDB from folding a call or sharing its value between rows.
	Volatile bool
	// Fn computes one row. Its error is the caller's fault, shown as it is, unless
	// it comes from Refuse. It is called from many threads.
	Fn func(in *Row, out *Out) error
}

// SafeSuffix ends the name of a function's form that gives NULL for an error.
const SafeSuffix = "_safe"

// RefusalMark begins the text of a refusal that only shows while a statement
// runs.
const RefusalMark = "notImplemented: "

type refusal struct{ what string }

func (r *refusal) Error() string { return RefusalMark + r.what }

// Refuse makes the error of a function that cannot answer for the values it
// got: such an error never turns into a value, not even within TRY.
func Refuse(format string, args ...any) error {
	return &refusal{fmt.Sprintf(format, args...)}
}

// refusals counts the refusals of Go functions in this process.
var refusals atomic.Int64

// WatchRefusals begins to watch; the function that it returns tells whether any
// Go function has refused since. DuckDB's TRY hides an error, so a statement
// with TRY whose result is not to be doubted must have been watched.
func WatchRefusals() (refused func() bool) {
	before := refusals.Load()
	return func() bool { return refusals.Load() != before }
}

// signature is a parsed Scalar.Signature.
type signature struct {
	args   []valueType
	result valueType
}

// valueType is a type of DuckDB by its letter, or a list of it.
type valueType struct {
	letter byte
	list   bool
}

func parseSignature(s string) (signature, error) {
	var all []valueType
	for i := 0; i < len(s); i++ {
		t := valueType{letter: s[i]}
		if s[i] == '[' {
			if i++; i == len(s) {
				return signature{}, errors.New("a signature ends with [")
			}
			t = valueType{letter: s[i], list: true}
		}
		if !strings.ContainsRune("fibsdtmxnv", rune(t.letter)) {
			return signature{}, fmt.Errorf("no type has the letter %q", t.letter)
		}
		all = append(all, t)
	}
	if len(all) == 0 {
		return signature{}, errors.New("a signature has no result")
	}
	return signature{args: all[:len(all)-1], result: all[len(all)-1]}, nil
}
