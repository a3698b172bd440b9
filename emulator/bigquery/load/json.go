package load

import (
	"context"
	"errors"
	"io"

	"researchhub.example/hub/emulator/bigquery/apierr"
)

// JSON reads newline-delimited JSON, one object a line, and appends the rows. The
// caller's transaction makes it all or nothing.
func JSON(ctx context.Context, in io.Reader, o Options, t *Target) (Result, error) {
	var res Result
	buffered, err := text(in)
	if err != nil {
		return res, err
	}
	records := NewRecords(t.Cols, t.Fields)
	records.IgnoreUnknown = o.IgnoreUnknown
	s := &scanner{in: buffered}
	for {
		if s.row%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return res, err
			}
		}
		line, err := s.line()
		if errors.Is(err, errRowSize) {
			return res, (&rowError{row: s.row + 1, what: err.Error()}).api()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return res, readError(err, s.row)
		}
		last := errors.Is(err, io.EOF)
		s.row++
		if err := readLine(line, s.row, o, records, t, &res); err != nil {
			return res, err
		}
		if last {
			return res, nil
		}
	}
}

func readLine(line []byte, number int64, o Options, records *Records, t *Target, res *Result) error {
	if len(space(line)) == 0 {
		return nil
	}
	row, err := records.Read(line)
	var bad *FieldError
	var refused *refusal
	switch {
	case errors.As(err, &bad):
		return res.skip(&rowError{row: number, what: bad.What}, o.MaxBad, "JSON")
	case errors.As(err, &refused):
		return apierr.NotImplemented("%v", refused)
	case err != nil:
		return err
	}
	res.Rows++
	return t.append(row)
}
