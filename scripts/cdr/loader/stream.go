package loader

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
)

// rowsPerReport is the number of rows between two reports of progress and two looks
// at the context; who is told decides what is said.
const rowsPerReport = 50_000

// tally is what was seen while a file streamed through.
type tally struct {
	rows int64
	// sum is the hash of the file that was read.
	sum string
}

// stream checks every value of a file and writes the rows as BigQuery takes them:
// no header, the table's columns in their order. The first fault ends it.
func (s source) stream(ctx context.Context, to io.Writer, report func(rows int64)) (tally, error) {
	var t tally
	in, err := openCSV(s.path)
	if err != nil {
		return t, err
	}
	defer in.close()
	if _, err := in.header(); err != nil {
		return t, err
	}
	essential := make([]bool, len(s.table.Columns))
	for i, c := range s.table.Columns {
		essential[i] = s.table.Essential(c.Name)
	}
	out := csv.NewWriter(to)
	row := make([]string, len(s.table.Columns))
	for {
		values, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t, err
		}
		for i, c := range s.table.Columns {
			v := ""
			if at := s.columns[i]; at >= 0 {
				v = values[at]
			}
			if v == "" && essential[i] {
				return t, in.at(s.columns[i], c.Name, "no value, and there must be one")
			}
			if row[i], err = convert(c.Type, v); err != nil {
				return t, in.at(s.columns[i], c.Name, err.Error())
			}
		}
		if err := out.Write(row); err != nil {
			return t, err
		}
		if t.rows++; t.rows%rowsPerReport == 0 {
			report(t.rows)
			if err := ctx.Err(); err != nil {
				return t, err
			}
		}
	}
	if t.sum, err = in.sum(); err != nil {
		return t, err
	}
	out.Flush()
	return t, out.Error()
}
