// Package translate turns a resolved GoogleSQL query into DuckDB's SQL.
//
// Its law is right or refused: only what is listed here is translated, with the
// types that the entry was written for; everything else is an *Unsupported that
// names it. Columns are named by their unique resolved ids, so that names never
// clash and correlated references need no care. Values are written as typed
// literals; nothing of the caller's text is copied into the statement.
package translate

import (
	"fmt"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// Unsupported is the refusal of what is not translated.
type Unsupported struct{ What string }

// Error implements error.
func (u *Unsupported) Error() string {
	return u.What + " is not supported by the local BigQuery"
}

// Invalid is a fault of the statement that only shows when it is translated.
type Invalid struct{ Message string }

// Error implements error.
func (e *Invalid) Error() string { return e.Message }

// maxSQL bounds the statement that comes out: some forms repeat an argument.
const maxSQL = 4 << 20

// Params are the values of a statement's parameters.
type Params struct {
	// Named are by lower-case name.
	Named      map[string]googlesql.Value
	Positional []googlesql.Value
	// Now is the statement's CURRENT_TIMESTAMP, UTC.
	Now time.Time
	// Stored makes DML keep arrays as BigQuery's tables do: NULL as an empty one,
	// and none with NULL elements.
	Stored bool
	// RoundJSON has TO_JSON round the NUMERICs that JSON cannot hold, as GoogleSQL
	// does without its feature JSON_STRICT_NUMBER_PARSING; for BigQuery they are
	// errors.
	RoundJSON bool
	// TimeZone is the default time zone, a name of googlesql.Options.TimeZone; the
	// statement must have been analyzed with the same.
	TimeZone string
}

// ColumnName is the name of a stored table's column number i.
func ColumnName(i int) string { return fmt.Sprintf("c%d", i) }

// Statement is a translated query.
type Statement struct {
	SQL string
	// Uncertain tells that an error of the data, when the statement is run, may
	// come from an aggregate whose value is not needed, which GoogleSQL would not
	// report: such an error must be taken for a refusal.
	Uncertain bool
	// Tries tells that the statement turns errors into values (SAFE, IFERROR): when
	// a function has refused meanwhile (duck.WatchRefusals) its result is in doubt
	// and must be taken for a refusal.
	Tries bool
}

// Query translates a query. Every table's Data is its name in DuckDB, quoted
// where it must be; its columns are named by ColumnName. The result's columns
// are named by ColumnName too.
func Query(a *googlesql.Analysis, p Params) (Statement, error) {
	st, guarded, err := query(a, p, nil)
	if err != nil || !st.Uncertain || len(guarded) == 0 {
		return st, err
	}
	// Once it is known which aggregates stand in conditionals, these can be made to
	// fail only where their values are used.
	if again, _, err := query(a, p, guarded); err == nil {
		return again, nil
	}
	return st, nil
}

func query(a *googlesql.Analysis, p Params, guard map[int]bool) (st Statement, guarded map[int]bool, err error) {
	if a.Kind != googlesql.StatementQuery {
		return st, nil, &Unsupported{statementOf(a)}
	}
	if len(a.Others) > 0 {
		return st, nil, &Unsupported{a.Others[0]}
	}
	t := newTranslator(p)
	t.guard, t.whole = guard, a
	defer func() {
		if r := recover(); r != nil {
			st, guarded, err = Statement{}, nil, translationError(r)
		}
	}()
	for _, c := range a.Columns {
		checkType(c.Type)
	}
	rel := t.scan(a.Root)
	items := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		items[i] = t.shown(c.Col, t.outputColumn(c)) + " AS " + ColumnName(i)
	}
	st = Statement{SQL: rel.selectSQL(strings.Join(items, ", ")), Uncertain: t.uncertain, Tries: t.tries}
	if len(st.SQL) > maxSQL {
		return Statement{}, nil, &Unsupported{"a statement of this size"}
	}
	return st, t.guarded, nil
}

func newTranslator(p Params) *translator {
	return &translator{params: p, refs: map[int]string{}, ctes: map[string]string{}, aggregated: map[int]bool{}, guarded: map[int]bool{}, deferred: map[int]bool{}, stored: map[int]bool{}}
}

// translationError gives the error that refuse or a fault of the statement has
// thrown; anything else is thrown on.
func translationError(r any) error {
	switch r := r.(type) {
	case *Unsupported:
		return r
	case *Invalid:
		return r
	}
	panic(r)
}

// outputColumn refers to a column of the result. That a row is a NULL STRUCT
// cannot be shown in columns.
func (t *translator) outputColumn(c googlesql.OutputColumn) string {
	x := t.ref(c.Col)
	if !c.OfStruct {
		return x
	}
	return "(CASE WHEN " + x + " IS NULL THEN " + refuseLater("a row that is a NULL STRUCT") + " ELSE " + field(x, c.Field) + " END)"
}

// refuseLater writes an expression that refuses when it is computed; it stands
// where any type may.
func refuseLater(what string) string {
	return "(CASE WHEN hub_refuse(" + duck.Text(what+" is not supported by the local BigQuery") + ") THEN NULL END)"
}

func statementOf(a *googlesql.Analysis) string {
	if len(a.Others) > 0 {
		return a.Others[0]
	}
	return "the statement " + a.Kind
}

// refuse ends the translation.
func refuse(format string, args ...any) {
	panic(&Unsupported{fmt.Sprintf(format, args...)})
}

// translator holds one statement's state.
type translator struct {
	params Params
	// refs is how a column is referred to where it is in scope.
	refs map[int]string
	// ctes maps a named query to its name in DuckDB.
	ctes map[string]string
	// recursive is the named query being defined, for references to itself.
	recursive string
	aliases   int
	// correlated counts the subqueries around that refer to what is outside them.
	correlated int
	// noQueries tells that no query may be written where the expression stands.
	noQueries bool
	// aggregated are the columns that aggregates have made.
	aggregated map[int]bool
	uncertain  bool
	// guarded are those that stand in conditionals; guard are those to be deferred,
	// and deferred those that are.
	guarded, guard, deferred map[int]bool
	// whole is the query, when the statement is nothing else.
	whole           *googlesql.Analysis
	sketchesChecked bool
	// sketches are the columns that hold sketches of HLL_COUNT.
	sketches map[int]bool
	// tries tells that TRY has been written; safeCall is the call that has seen to
	// its own SAFE form.
	tries    bool
	safeCall *googlesql.Call
	// earlier is what the windows being written need beforehand.
	earlier *earlier
	// stored are the columns that are a table's own.
	stored map[int]bool
	// beforehand is set within what an error function attempts.
	beforehand *beforehand
	// boundArgs counts the arguments that bind has named.
	boundArgs int
	size      int
}

func (t *translator) alias(prefix string) string {
	t.aliases++
	return fmt.Sprintf("%s%d", prefix, t.aliases)
}

func (t *translator) ref(c *googlesql.Col) string {
	r, ok := t.refs[c.ID]
	if !ok {
		refuse("a reference to column %s from where it stands", c.Name)
	}
	return r
}

// checkType refuses types that have no faithful form in DuckDB.
func checkType(ty *googlesql.Type) {
	if ty.Has(googlesql.KindGeography, googlesql.KindOther,
		googlesql.KindInvalid, googlesql.KindEnum) {
		refuse("the type %s", ty)
	}
}

// Type gives DuckDB's name of a type, or an *Unsupported.
func Type(ty *googlesql.Type) (name string, err error) {
	defer func() {
		if u, ok := recover().(*Unsupported); ok {
			name, err = "", u
		}
	}()
	return typeName(ty), nil
}

// typeName is DuckDB's name of a type. TIMESTAMP and DATETIME are both kept as
// microseconds without zone: TIMESTAMP in UTC.
func typeName(ty *googlesql.Type) string {
	switch ty.Kind {
	case googlesql.KindInt64:
		return "BIGINT"
	case googlesql.KindFloat64:
		return "DOUBLE"
	case googlesql.KindString:
		return "VARCHAR"
	case googlesql.KindBool:
		return "BOOLEAN"
	case googlesql.KindBytes:
		return "BLOB"
	case googlesql.KindDate:
		return "DATE"
	case googlesql.KindDatetime, googlesql.KindTimestamp:
		return "TIMESTAMP"
	case googlesql.KindTime:
		return "TIME"
	case googlesql.KindNumeric:
		return "DECIMAL(38,9)"
	case googlesql.KindJSON:
		return "VARCHAR"
	case googlesql.KindInterval:
		return "INTERVAL"
	case googlesql.KindBigNumeric:
		return "BLOB"
	case googlesql.KindRange:
		// A bound that is not there is an infinity, so that ranges compare as structs.
		return "STRUCT(f0 " + typeName(ty.Elem) + ", f1 " + typeName(ty.Elem) + ")"
	case googlesql.KindArray:
		return typeName(ty.Elem) + "[]"
	case googlesql.KindStruct:
		if len(ty.Fields) == 0 {
			refuse("a STRUCT without fields")
		}
		parts := make([]string, len(ty.Fields))
		for i, f := range ty.Fields {
			parts[i] = fieldName(i) + " " + typeName(f.Type)
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	}
	refuse("the type %s", ty)
	return ""
}

// fieldName names a STRUCT's fields by place, as GoogleSQL's may repeat or be
// missing.
func fieldName(i int) string { return fmt.Sprintf("f%d", i) }
