package translate

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// merge translates MERGE. The source is read once, into a temporary table, as
// every clause must see the same rows of it; then come the pairs of rows that
// the condition matches, then for every pair or lone row the first WHEN clause
// that takes it, and last what those clauses do.
func (d *dml) merge(s *googlesql.Merge) {
	inserts := false
	for _, w := range s.Whens {
		for _, i := range d.setColumns(w.Items) {
			if !slices.Contains(d.out.carried, i) {
				d.out.carried = append(d.out.carried, i)
			}
		}
		inserts = inserts || w.Row != nil
	}
	if inserts {
		d.out.carried = d.allColumns()
	}
	slices.Sort(d.out.carried)
	d.mergeSource(s)
	target := d.target()
	d.prepare(pairsTable, "SELECT "+d.row+".rowid AS r, s.sid AS sid FROM "+target+" CROSS JOIN "+sourceTable+" AS s WHERE ("+d.expr(s.On)+")")
	d.mergePick(s)
	var selects []string
	for k := range s.Whens {
		selects = append(selects, d.mergeChange(&s.Whens[k], k))
	}
	d.changes(selects...)
	d.onceEach()
	d.finish(nil, nil, "")
}

// mergeSource reads the source; its columns are those of s from here on.
func (d *dml) mergeSource(s *googlesql.Merge) {
	cols := googlesql.ColumnsOf(s.From)
	r := d.translator.scan(s.From)
	list := d.selectList(cols)
	d.prepare(sourceTable, r.selectSQL("row_number() OVER () AS sid, "+list))
	for _, c := range cols {
		d.refs[c.ID] = "s." + outputName(c)
	}
}

// mergePick finds the clause of every pair and every lone row.
func (d *dml) mergePick(s *googlesql.Merge) {
	var parts []string
	for _, match := range []googlesql.MergeMatch{googlesql.Matched, googlesql.NotMatchedBySource, googlesql.NotMatchedByTarget} {
		target := d.target()
		clause := "CASE"
		for k, w := range s.Whens {
			if w.Match != match {
				continue
			}
			cond := "TRUE"
			if w.Cond != nil {
				cond = d.expr(w.Cond)
			}
			clause += fmt.Sprintf(" WHEN %s THEN %d", cond, k)
		}
		if clause == "CASE" {
			continue
		}
		clause += " END AS k"
		switch match {
		case googlesql.Matched:
			parts = append(parts, "SELECT p.r AS r, p.sid AS sid, "+clause+" FROM "+pairsTable+" AS p JOIN "+target+" ON "+d.row+".rowid = p.r JOIN "+
				sourceTable+" AS s ON s.sid = p.sid")
		case googlesql.NotMatchedBySource:
			parts = append(parts, "SELECT "+d.row+".rowid AS r, CAST(NULL AS BIGINT) AS sid, "+clause+" FROM "+target+
				" WHERE NOT EXISTS (SELECT 1 FROM "+pairsTable+" AS p WHERE p.r = "+d.row+".rowid)")
		case googlesql.NotMatchedByTarget:
			parts = append(parts, "SELECT CAST(NULL AS BIGINT) AS r, s.sid AS sid, "+clause+" FROM "+sourceTable+
				" AS s WHERE NOT EXISTS (SELECT 1 FROM "+pairsTable+" AS p WHERE p.sid = s.sid)")
		}
	}
	d.prepare(pickedTable, strings.Join(parts, " UNION ALL "))
}

// mergeChange writes what one clause does to the rows that it takes.
func (d *dml) mergeChange(w *googlesql.MergeWhen, k int) string {
	target := d.target()
	from := " FROM " + pickedTable + " AS p"
	if w.Match != googlesql.NotMatchedByTarget {
		from += " JOIN " + target + " ON " + d.row + ".rowid = p.r"
	}
	if w.Match != googlesql.NotMatchedBySource {
		from += " JOIN " + sourceTable + " AS s ON s.sid = p.sid"
	}
	from += fmt.Sprintf(" WHERE p.k = %d", k)
	switch {
	case w.Delete:
		return d.change("p.r", changeDelete, d.null) + from
	case w.Row != nil:
		return d.change("NULL", changeInsert, func(i int) string {
			if j := slices.Index(w.Columns, i); j >= 0 {
				return d.valueOrDefault(i, w.Row[j])
			}
			return d.null(i)
		}) + from
	}
	values := d.setValues(w.Items)
	return d.change("p.r", changeUpdate, func(i int) string {
		if v, ok := values[i]; ok {
			return v
		}
		return d.row + "." + ColumnName(i)
	}) + from
}
