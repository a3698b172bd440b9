package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// view translates a view's query where the view stands. Its named queries are
// its own.
func (t *translator) view(s *googlesql.TableScan) *rel {
	if t.recursive != "" {
		saved := t.recursive
		t.recursive = ""
		defer func() { t.recursive = saved }()
	}
	r := t.scan(s.View)
	items := make([]string, len(s.Cols))
	for i, c := range s.Cols {
		checkType(c.Type)
		items[i] = t.ref(s.ViewOut[i]) + " AS " + outputName(c)
	}
	if len(items) == 0 {
		items = []string{"1 AS k0"}
	}
	// The order of a view's rows is not the reader's.
	if r.limit == "" {
		r.order = ""
	}
	return t.derived(r.selectSQL(strings.Join(items, ", ")), s.Cols)
}
