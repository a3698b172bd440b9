package loader

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/omop"
)

// Severity says what a finding means for the release.
type Severity string

const (
	// SeverityError makes answers wrong; nothing is published unless the operator
	// accepts it.
	SeverityError Severity = "error"
	// SeverityWarning is what real data has: reported, and lived with.
	SeverityWarning Severity = "warning"
)

// Finding is one kind of fault in one column: how many rows and the id of one.
type Finding struct {
	Severity Severity
	Check    Check
	Table    string
	Column   string
	Rows     int64
	// Example is the key of one row at fault, or a concept's id (see Check). It may
	// be a participant's: reports are for operators.
	Example string
}

// String says the finding in one line.
func (f Finding) String() string {
	place := string(f.Severity) + ": " + f.Table
	if f.Check == NoRows {
		return place + ": " + means[f.Check]
	}
	line := fmt.Sprintf("%s.%s: rows that %s: %d", place, f.Column, means[f.Check], f.Rows)
	if f.Example != "" {
		line += ", such as " + f.Example
	}
	return line
}

// Report is what the checks of a load found, errors first.
type Report []Finding

func (r Report) count(s Severity) int {
	n := 0
	for _, f := range r {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Summary is the report's last line.
func (r Report) Summary() string {
	return fmt.Sprintf("checks: %d errors, %d warnings", r.count(SeverityError), r.count(SeverityWarning))
}

// sort puts errors first, then goes by table, check and column.
func (r Report) sort() {
	place := map[string]int{}
	for i, t := range omop.Tables() {
		place[t.Name] = i
	}
	slices.SortFunc(r, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(place[a.Table], place[b.Table]),
			cmp.Compare(slices.Index(checkOrder, a.Check), slices.Index(checkOrder, b.Check)), cmp.Compare(a.Column, b.Column))
	})
}

// CheckError says that the checks found errors, and that nothing was published.
type CheckError struct{ Report Report }

func (e *CheckError) Error() string {
	const most = 5
	lines := []string{fmt.Sprintf("the checks found %d errors; nothing was published (-accept-errors publishes the data as it is)", e.Report.count(SeverityError))}
	for _, f := range e.Report {
		if f.Severity == SeverityError && len(lines) <= most {
			lines = append(lines, f.String())
		}
	}
	return strings.Join(lines, "\n")
}

// reportTable is the table that keeps the report, in the controlled tier's dataset
// because its examples are of that tier. It is no table of the release that
// researchers can name.
const reportTable = "hub_check"

var reportColumns = []omop.Column{
	{Name: "severity", Type: omop.String}, {Name: "check_name", Type: omop.String}, {Name: "table_name", Type: omop.String},
	{Name: "column_name", Type: omop.String}, {Name: "rows_found", Type: omop.Int64}, {Name: "example", Type: omop.String},
}

// check looks for faults in the controlled tables, after it held their sizes against
// what was sent, says what it found and keeps it beside the tables.
func (a *attempt) check(ctx context.Context, rows map[string]int64) (Report, error) {
	bounds, err := a.bounds(ctx)
	if err != nil {
		return nil, err
	}
	c := checks{from: a.datasets[omop.TierControlled], rows: rows}
	var r Report
	var mu sync.Mutex
	p := a.o.progress("checks, ", len(omop.Tables()))
	g, group := errgroup.WithContext(ctx)
	g.SetLimit(tablesAtOnce)
	for _, t := range omop.Tables() {
		g.Go(func() error {
			if err := a.count(group, omop.TierControlled, t.Name, rows[t.Name]); err != nil {
				return err
			}
			m := p.begin(t.Name)
			found, err := a.look(group, c, t, bounds)
			if err == nil && rows[t.Name] > 0 {
				m.done(rows[t.Name])
			}
			mu.Lock()
			defer mu.Unlock()
			r = append(r, found...)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	r.sort()
	for _, f := range r {
		a.o.say("%s", f)
	}
	a.o.say("%s", r.Summary())
	if r.count(SeverityError) > 0 && !a.o.AcceptErrors {
		return nil, &CheckError{r}
	}
	return r, a.keep(ctx, r)
}

// look runs one table's statement.
func (a *attempt) look(ctx context.Context, c checks, t omop.Table, bounds []bigquery.QueryParameter) (Report, error) {
	var r Report
	if t.Needed && c.rows[t.Name] == 0 {
		r = append(r, Finding{Severity: NoRows.severity(t, ""), Check: NoRows, Table: t.Name})
	}
	sql := c.statement(t)
	if sql == "" {
		return r, nil
	}
	err := a.read(ctx, sql, bounds, 4, func(row []bigquery.Value) {
		f := Finding{Table: t.Name}
		name, _ := row[0].(string)
		f.Check = Check(name)
		f.Column, _ = row[1].(string)
		f.Rows, _ = row[2].(int64)
		f.Example, _ = row[3].(string)
		f.Severity = f.Check.severity(t, f.Column)
		r = append(r, f)
	})
	if err != nil {
		return nil, fmt.Errorf("check table %s: %w", t.Name, err)
	}
	return r, nil
}

// firstDay is the earliest plausible date of a record.
var firstDay = civil.Date{Year: 1900, Month: time.January, Day: 1}

// bounds are the bounds of plausible dates. The last day is the one on which the
// source says that it was released, or that of this load.
func (a *attempt) bounds(ctx context.Context) ([]bigquery.QueryParameter, error) {
	last := civil.DateOf(a.o.Now())
	source := a.datasets[omop.TierControlled].Table("cdm_source")
	sql := "SELECT MAX(d) AS d FROM (SELECT source_release_date AS d FROM " + source + " UNION ALL SELECT cdm_release_date AS d FROM " + source + ")"
	err := a.read(ctx, sql, nil, 1, func(row []bigquery.Value) {
		if d, ok := row[0].(civil.Date); ok {
			last = d
		}
	})
	return []bigquery.QueryParameter{{Name: "first", Value: firstDay}, {Name: "last", Value: last}}, err
}

// keep writes the report beside the tables.
func (a *attempt) keep(ctx context.Context, r Report) error {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	read, write := io.Pipe()
	go func() {
		out := csv.NewWriter(write)
		for _, f := range r {
			// A pipe's error comes out at the reader's end as well.
			_ = out.Write([]string{string(f.Severity), string(f.Check), f.Table, f.Column, strconv.FormatInt(f.Rows, 10), f.Example})
		}
		out.Flush()
		write.CloseWithError(out.Error())
	}()
	src := bigquery.NewReaderSource(read)
	src.Schema = schema(reportColumns)
	load := a.dataset(omop.TierControlled).Table(reportTable).LoaderFrom(src)
	load.WriteDisposition = bigquery.WriteEmpty
	load.JobID = "cdr_load_" + a.id + "_" + reportTable
	load.JobTimeout = jobTimeout
	load.Labels = a.labels()
	job, err := load.Run(ctx)
	read.CloseWithError(io.ErrClosedPipe)
	if err == nil {
		err = await(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("keep the report of the checks: %w", err)
	}
	return nil
}

// ReadReport reads what the checks found when a published release was loaded.
func ReadReport(ctx context.Context, o Options) (Report, error) {
	return readReport(ctx, o, firestoreRecords{o.Firestore})
}

func readReport(ctx context.Context, o Options, rs records) (Report, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	release, stands, err := rs.get(ctx, o.Release)
	if err != nil {
		return nil, err
	}
	if stands == (version{}) {
		return nil, fmt.Errorf("there is no release %s in project %s", o.Release, o.Project)
	}
	id, err := release.Dataset(omop.TierControlled)
	if err != nil {
		return nil, err
	}
	a := &attempt{o: &o}
	var r Report
	sql := "SELECT severity, check_name, table_name, column_name, rows_found, example FROM " + omop.Dataset{Project: o.Project, ID: id}.Table(reportTable)
	err = a.read(ctx, sql, nil, len(reportColumns), func(row []bigquery.Value) {
		var text [6]string
		for i, v := range row {
			text[i], _ = v.(string)
		}
		f := Finding{Severity: Severity(text[0]), Check: Check(text[1]), Table: text[2], Column: text[3], Example: text[5]}
		f.Rows, _ = row[4].(int64)
		r = append(r, f)
	})
	if gone(err) {
		return nil, errors.New("release " + o.Release + " was loaded before reports were kept")
	}
	r.sort()
	return r, err
}

// read runs a query and gives each row, which has that many columns, to a function.
func (a *attempt) read(ctx context.Context, sql string, params []bigquery.QueryParameter, columns int, each func([]bigquery.Value)) error {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	q := a.o.BigQuery.Query(sql)
	q.Parameters = params
	q.JobTimeout = jobTimeout
	q.Labels = a.labels()
	it, err := q.Read(ctx)
	if err != nil {
		return err
	}
	for {
		var row []bigquery.Value
		switch err := it.Next(&row); {
		case errors.Is(err, iterator.Done):
			return nil
		case err != nil:
			return err
		case len(row) != columns:
			return fmt.Errorf("%d columns instead of %d", len(row), columns)
		}
		each(row)
	}
}
