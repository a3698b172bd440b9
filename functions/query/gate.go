package query

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/googlesql"
	"researchhub.example/hub/shared/statement"
)

// gateSQL lets SQL of a caller's own through: one read-only query over tables
// within reach. Anything else is fault.Invalid with the position of what is
// wrong, before BigQuery sees it.
func gateSQL(ctx context.Context, sql string, r reach) (statement.Statement, error) {
	if err := plainNames(sql); err != nil {
		return statement.Statement{}, err
	}
	a, err := googlesql.Analyze(ctx, sql, googlesql.Options{Catalog: r, ReadOnly: true})
	var refusal *googlesql.Error
	switch {
	case errors.As(err, &refusal) && refusal.Kind == googlesql.ErrInternal:
		return statement.Statement{}, fault.Wrap("query.analyze", err)
	case errors.As(err, &refusal) && refusal.Kind == googlesql.ErrTooLarge:
		return statement.Statement{}, refused(fault.TooLarge, refusal, refusal.Message)
	case errors.As(err, &refusal) && refusal.Kind == googlesql.ErrNotFound:
		return statement.Statement{}, refused(fault.Invalid, refusal,
			fmt.Sprintf("%s; this workspace has the tables of its own release and tier, and its own materialised cohorts, only", refusal.Message))
	case errors.As(err, &refusal):
		return statement.Statement{}, refused(fault.Invalid, refusal, refusal.Message)
	case err != nil:
		return statement.Statement{}, fault.Because(fault.Unavailable, err, "The query could not be checked in time. Try again.")
	}
	// The catalog has no other tables; this holds even if it one day does.
	for _, use := range a.Tables {
		if !r.holds(use.Table.Project, use.Table.Dataset, use.Table.Name) {
			return statement.Statement{}, errOutside
		}
	}
	return statement.Statement{SQL: sql, Project: r.data.Project, Dataset: r.data.ID}, nil
}

// refused words a refusal with its position, as BigQuery writes it and as a
// field for programs.
func refused(kind fault.Kind, e *googlesql.Error, message string) error {
	text := clip(message)
	if e.Line > 0 {
		text = fmt.Sprintf("%s at [%d:%d]", text, e.Line, e.Column)
	}
	return &fault.Error{Kind: kind, Message: text, Err: e,
		Fields: []fault.Field{{Path: fmt.Sprintf("body.sql:%d:%d", e.Line, e.Column), Message: clip(message)}}}
}

// clip bounds a message, which may quote what the caller wrote.
func clip(s string) string {
	if r := []rune(s); len(r) > 400 {
		return string(r[:400]) + "…"
	}
	return s
}

// namedQuery finds a quoted name before AS and a bracket: what WITH names.
var namedQuery = regexp.MustCompile("(?is)`((?:\\\\.|[^`\\\\])*)`" + gap + "*AS" + gap + `*\(`)

// gap is a space or a comment.
const gap = `(?:\s|/\*.*?\*/|--[^\n]*\n|#[^\n]*\n)`

// plainNames refuses a query named like a table of another dataset. The analyzer
// and BigQuery need not agree on which of the two `a.b` then is.
func plainNames(sql string) error {
	for from := 0; ; {
		at := namedQuery.FindStringSubmatchIndex(sql[from:])
		if at == nil {
			return nil
		}
		start := from + at[0]
		if strings.ContainsAny(sql[from+at[2]:from+at[3]], ".\\") {
			before := sql[:start]
			column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
			return refused(fault.Invalid, &googlesql.Error{Line: 1 + strings.Count(before, "\n"), Column: column},
				"the name of a query in WITH has no dot and no backslash")
		}
		// One character on: what looked like a name may have been between two.
		from = start + 1
	}
}
