package bigquery_test

import (
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	bq "cloud.google.com/go/bigquery"
)

// dateExpressions are those of dates, times, zones, intervals and ranges, in the
// notation of expressions.
var dateExpressions = []struct{ sql, want string }{
	{"CAST(TIMESTAMP('2021-03-14 02:30:00', 'America/Los_Angeles') AS STRING)", "2021-03-14 10:30:00+00"}, {"TIMESTAMP('2020-01-01 00:00:00+08', 'UTC')", "!zone"},
	{"STRING(TIMESTAMP '2014-02-28 18:20:30', 'Asia/Kolkata')", "2014-02-28 23:50:30+05:30"}, {"DATE(TIMESTAMP '2020-01-01 03:00:00', '-05')", "2019-12-31"},
	{"EXTRACT(HOUR FROM TIMESTAMP '2020-01-01 03:00:00' AT TIME ZONE 'Europe/Paris')", "4"}, {"EXTRACT(DATE FROM TIMESTAMP '2020-01-01' AT TIME ZONE 'nowhere')", "!time zone"},
	{"SAFE.DATE(2021, 2, 29)", "<nil>"}, {"SAFE.DATE_ADD(DATE '9999-12-31', INTERVAL 1 DAY)", "<nil>"}, {"SAFE.PARSE_DATE('%F', 'x' || CAST(1 AS STRING))", "<nil>"}, {"SAFE.PARSE_DATE('%j', '1')", "?"},
	{"FORMAT_TIMESTAMP('%a %d %b %Y %H:%M:%E3S %Ez', TIMESTAMP '2020-05-06 07:08:09.1', 'Asia/Tokyo')", "Wed 06 May 2020 16:08:09.100 +09:00"}, {"FORMAT_DATE('%H', DATE '2020-01-01')", "?"},
	{"CAST(PARSE_TIMESTAMP('%c', 'Thu Dec 25 07:30:00 2008') AS STRING)", "2008-12-25 07:30:00+00"}, {"CAST(PARSE_TIME('%I:%M %p', '03:30 PM') AS STRING)", "15:30:00"},
	{"CAST(TIMESTAMP '2020-05-06 07:08:09' AS STRING FORMAT 'YYYY-MM-DD HH24:MI TZH:TZM' AT TIME ZONE 'Asia/Kolkata')", "2020-05-06 12:38 +05:30"}, {"CAST('2020-05-06' AS DATE FORMAT 'YYYY-MM-DD')", "2020-05-06"},
	{"SAFE_CAST('2020-02-30' AS DATE FORMAT 'YYYY-MM-DD')", "<nil>"}, {"CAST(CAST('2134-05-06' AS TIMESTAMP FORMAT 'yyyy-mm-dd' AT TIME ZONE '-08') AS STRING)", "2134-05-06 08:00:00+00"}, {"CAST(DATE '2020-05-06' AS STRING FORMAT 'DAY')", "?"},
	{"PARSE_DATE('%Y%j', '2020032')", "2020-02-01"}, {"PARSE_DATE('%W%y', '092')", "2002-03-04"}, {"[INTERVAL 1 DAY] = [INTERVAL 24 HOUR]", "true"}, {"STRUCT(1, INTERVAL 1 HOUR) = STRUCT(1, INTERVAL 61 MINUTE)", "false"},
	{"TIME_ADD(TIME '23:30:00', INTERVAL 1 HOUR)", "00:30:00"}, {"LAST_DAY(DATE '2020-02-10')", "2020-02-29"}, {"UNIX_SECONDS(TIMESTAMP '1969-12-31 23:59:59.5')", "-1"},
	{"CAST(TIMESTAMP_SECONDS(253402300800) AS STRING)", "!out of range"}, {"ARRAY_LENGTH(GENERATE_TIMESTAMP_ARRAY('2020-01-01', '2020-01-02', INTERVAL 6 HOUR))", "5"},
	{"GENERATE_DATE_ARRAY('2020-01-01', '2020-04-01', INTERVAL 1 MONTH)", "[2020-01-01 2020-02-01 2020-03-01 2020-04-01]"},
	{"CAST(DATE '2020-01-31' + INTERVAL 1 MONTH AS STRING)", "2020-02-29 00:00:00"}, {"CAST(DATE '2020-03-01' - DATE '2020-02-01' AS STRING)", "0-0 29 0:0:0"},
	{"CAST(INTERVAL 5 DAY * -3 + INTERVAL '1:30' MINUTE TO SECOND AS STRING)", "0-0 -15 0:1:30"}, {"CAST(MAKE_INTERVAL(1, day => 2) / 5 AS STRING)", "0-2 12 9:36:0"}, {"INTERVAL 1 DAY / 0", "!division by zero"},
	{"INTERVAL 1 MONTH = INTERVAL 30 DAY", "true"}, {"INTERVAL '1-2 -35' YEAR TO DAY = INTERVAL 385 DAY", "true"}, {"INTERVAL '1-2 -35' YEAR TO DAY > INTERVAL 384 DAY", "true"}, {"CAST('P1Y2M3DT4H5M6.5S' AS INTERVAL) = INTERVAL '1-2 3 4:5:6.5' YEAR TO SECOND", "true"},
	{"SAFE_CAST(CONCAT('1', '') AS INTERVAL) IS NULL", "true"}, {"EXTRACT(DAY FROM JUSTIFY_DAYS(INTERVAL 65 DAY))", "5"}, {"CAST(TIMESTAMP '2020-01-01' + INTERVAL 1 MONTH AS STRING)", "!MONTH"},
	{"RANGE_CONTAINS(RANGE<DATE> '[2020-01-01, UNBOUNDED)', DATE '9999-12-31')", "true"}, {"RANGE_CONTAINS(RANGE<DATE> '[2020-01-01, 2020-02-01)', DATE '2020-02-01')", "false"},
	{"RANGE_OVERLAPS(RANGE<DATE> '[2020-01-01, 2020-02-01)', RANGE<DATE> '[2020-02-01, 2020-03-01)')", "false"}, {"RANGE_END(RANGE(DATE '2020-01-01', NULL))", "<nil>"}, {"RANGE_START(RANGE(DATE '2020-01-01', NULL))", "2020-01-01"},
	{"CAST(RANGE_INTERSECT(RANGE<DATE> '[2020-01-01, 2020-02-01)', RANGE<DATE> '[2020-01-15, UNBOUNDED)') AS STRING)", "[2020-01-15, 2020-02-01)"}, {"RANGE_INTERSECT(RANGE<DATE> '[2020-01-01, 2020-02-01)', RANGE<DATE> '[2020-02-01, UNBOUNDED)')", "!overlap"},
	{"RANGE(DATE '2020-01-02', DATE '2020-01-01')", "!smaller"}, {"SAFE.RANGE(DATE '2020-01-02', DATE '2020-01-01') IS NULL", "true"}, {"RANGE<DATE> '[UNBOUNDED, 2020-01-01)' < RANGE<DATE> '[0001-01-01, 2020-01-01)'", "true"},
	{"CAST(CAST(CONCAT('[2020-01-01, ', 'NULL)') AS RANGE<DATE>) AS STRING)", "[2020-01-01, UNBOUNDED)"}, {"ARRAY_LENGTH(GENERATE_RANGE_ARRAY(RANGE<DATE> '[2020-01-01, 2020-01-06)', INTERVAL 2 DAY))", "3"},
	{"ARRAY_LENGTH(GENERATE_RANGE_ARRAY(RANGE<DATE> '[2020-01-01, 2020-01-06)', INTERVAL 2 DAY, FALSE))", "2"}, {"ARRAY_LENGTH(GENERATE_RANGE_ARRAY(RANGE<DATE> '[2020-01-01, UNBOUNDED)', INTERVAL 2 DAY))", "!bounds"},
}

func TestDateExpressions(t *testing.T) {
	checkExpressions(t, dateExpressions)
}

// TestIntervalsAndRanges holds that both go in as parameters, into a table and
// out to the official client.
func TestIntervalsAndRanges(t *testing.T) {
	c := start(t)
	from, to := civil.Date{Year: 2020, Month: 1, Day: 2}, time.Date(2021, 1, 2, 3, 4, 5, 6000, time.UTC)
	q := c.Query("SELECT @i, @i * 2, @d, @ts, RANGE<DATETIME> '[2020-01-02 03:04:05.5, UNBOUNDED)', CAST(NULL AS INTERVAL), [INTERVAL 1 DAY]")
	q.Parameters = []bq.QueryParameter{
		{Name: "i", Value: &bq.IntervalValue{Years: 1, Months: 2, Days: -3, Hours: 4, Minutes: 5, Seconds: 6, SubSecondNanos: 700_000_000}},
		{Name: "d", Value: &bq.RangeValue{Start: from}},
		{Name: "ts", Value: &bq.RangeValue{Start: to.Add(-time.Hour), End: to}},
	}
	it, err := q.Read(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	var row []bq.Value
	if err := it.Next(&row); err != nil {
		t.Fatal(err)
	}
	want := []bq.Value{
		&bq.IntervalValue{Years: 1, Months: 2, Days: -3, Hours: 4, Minutes: 5, Seconds: 6, SubSecondNanos: 700_000_000},
		&bq.IntervalValue{Years: 2, Months: 4, Days: -6, Hours: 8, Minutes: 10, Seconds: 13, SubSecondNanos: 400_000_000},
		&bq.RangeValue{Start: from},
		&bq.RangeValue{Start: to.Add(-time.Hour), End: to},
		&bq.RangeValue{Start: civil.DateTime{Date: from, Time: civil.Time{Hour: 3, Minute: 4, Second: 5, Nanosecond: 500_000_000}}},
		nil,
		[]bq.Value{&bq.IntervalValue{Days: 1}},
	}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := it.Schema[3].RangeElementType; got == nil || got.Type != bq.TimestampFieldType {
		t.Errorf("the element type of a range: %v", got)
	}
}
