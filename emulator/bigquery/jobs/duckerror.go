package jobs

import (
	"errors"
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// QueryError turns an error of analysis, translation or DuckDB into the API's.
func QueryError(err error) *apierr.Error {
	var api *apierr.Error
	if errors.As(err, &api) {
		return api
	}
	var g *googlesql.Error
	if errors.As(err, &g) {
		switch g.Kind {
		case googlesql.ErrNotFound:
			return apierr.NotFound("Not found: Table %s was not found in location US%s", joinName(g.Table), at(g))
		case googlesql.ErrInternal:
			return apierr.NotImplemented("%s", g.Message)
		}
		return apierr.InvalidQuery("%s", g.Error()).At("query")
	}
	var u *translate.Unsupported
	if errors.As(err, &u) {
		return apierr.NotImplemented("%s", u.Error()).At("query")
	}
	var inv *translate.Invalid
	if errors.As(err, &inv) {
		return apierr.InvalidQuery("%s", inv.Error()).At("query")
	}
	var d *duck.Error
	if errors.As(err, &d) {
		return duckError(d)
	}
	return apierr.From(err)
}

func at(g *googlesql.Error) string {
	if g.Line == 0 {
		return ""
	}
	return fmt.Sprintf(" at [%d:%d]", g.Line, g.Column)
}

func joinName(path []string) string {
	switch len(path) {
	case 3:
		return path[0] + ":" + path[1] + "." + path[2]
	case 2:
		return path[0] + "." + path[1]
	case 1:
		return path[0]
	}
	return fmt.Sprint(path)
}

// duckError turns DuckDB's error into the API's. Kinds that a well-translated
// statement raises over its data are the caller's; those that only a faulty
// translation raises are refusals, as nothing wrong has been answered.
func duckError(d *duck.Error) *apierr.Error {
	msg := d.Message
	if i := strings.Index(msg, "\n"); i >= 0 {
		msg = msg[:i]
	}
	if i := strings.Index(msg, duck.RefusalMark); i >= 0 {
		return apierr.NotImplemented("%s", msg[i+len(duck.RefusalMark):]).At("query")
	}
	if strings.Contains(msg, "No space left on device") {
		return apierr.ResourcesExceed("the disk is full: the local BigQuery could not write its data, and nothing was changed")
	}
	switch d.Kind {
	case "Out of Range Error", "Conversion Error", "Invalid Input Error", "Constraint Error":
		if strings.Contains(msg, "More than one row returned by a subquery") {
			msg = "Scalar subquery produced more than one element"
		}
		return apierr.InvalidQuery("%s", msg).At("query")
	case "Syntax Error": // of a LIKE pattern, which is data
		return apierr.InvalidQuery("%s", msg).At("query")
	case "Out of Memory Error":
		return apierr.ResourcesExceed("Resources exceeded during query execution: %s", msg).At("query")
	case "IO Error", "FATAL Error", "Fatal Error", "INTERNAL Error", "Internal Error", "Serialization Error", "TransactionContext Error":
		return apierr.Internal("the local BigQuery failed; its log says why")
	}
	return apierr.NotImplemented("this form of statement is not supported by the local BigQuery (%s)", d.Kind).At("query")
}
