package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testScalars are the functions of the tests of Scalar.
var testScalars = []Scalar{
	{Name: "go_add", Signature: "iii", Fn: func(in *Row, out *Out) error {
		if in.Int64(0) == 13 {
			return errors.New("13 is not added")
		}
		if in.Int64(0) == 14 {
			return Refuse("14")
		}
		if in.Int64(0) == 15 {
			panic("15")
		}
		out.Int64(in.Int64(0) + in.Int64(1))
		return nil
	}},
	{Name: "go_isnull", Signature: "sb", Nulls: true, Fn: func(in *Row, out *Out) error {
		out.Bool(in.Null(0))
		return nil
	}},
	{Name: "go_join", Signature: "[ss", Fn: func(in *Row, out *Out) error {
		l := in.List(0)
		parts := make([]string, l.Len())
		for i := range parts {
			parts[i] = "NULL"
			if !l.Null(i) {
				parts[i] = l.Text(i)
			}
		}
		out.Text(strings.Join(parts, "|"))
		return nil
	}},
	{Name: "go_split", Signature: "s[s", Fn: func(in *Row, out *Out) error {
		parts := strings.Split(in.Text(0), "|")
		l, err := out.List(len(parts))
		if err != nil {
			return err
		}
		for i, p := range parts {
			if p == "" {
				l.Null(i)
				continue
			}
			l.Text(i, p)
		}
		return nil
	}},
	{Name: "go_mix", Signature: "dtmnvxs", Fn: func(in *Row, out *Out) error {
		low, high := in.Decimal(3)
		m, d, us := in.Interval(4)
		out.Text(fmt.Sprint(in.Date(0), in.Int64(1), in.Int64(2), low, high, m, d, us, in.Bytes(5)))
		return nil
	}},
	{Name: "go_interval", Signature: "iv", Fn: func(in *Row, out *Out) error {
		out.Interval(int32(in.Int64(0)), 2, 3)
		return nil
	}},
}

func TestScalars(t *testing.T) {
	ctx := context.Background()
	db, err := Open(ctx, Config{Dir: t.TempDir(), MemoryLimit: "500MB", Scalars: testScalars})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	text := func(sql string) string {
		t.Helper()
		var rows []string
		err := c.Query(ctx, "SELECT CAST(x AS VARCHAR) FROM ("+sql+") t(x)", func(ch *Chunk) error {
			for i := range ch.Rows {
				if !ch.Cols[0].Valid(i) {
					rows = append(rows, "NULL")
					continue
				}
				rows = append(rows, string(ch.Cols[0].Bytes(i)))
			}
			return nil
		})
		if err != nil {
			return err.Error()
		}
		return strings.Join(rows, ";")
	}
	long := "a string of more than twelve bytes"
	for sql, want := range map[string]string{
		"SELECT go_add(i, 1) FROM range(3) r(i)":                                                           "1;2;3",
		"SELECT sum(go_add(i, 1)) FROM range(100000) r(i) WHERE i > 20":                                    "5000049769",
		"SELECT go_add(CAST(NULL AS BIGINT), 1)":                                                           "NULL",
		"SELECT go_add(i, 0) FROM (VALUES (13)) r(i)":                                                      "Invalid Input Error: 13 is not added",
		"SELECT go_add_safe(i, 0) FROM (VALUES (12), (13)) r(i)":                                           "12;NULL",
		"SELECT go_add_safe(i, 0) FROM (VALUES (14)) r(i)":                                                 "Invalid Input Error: notImplemented: 14",
		"SELECT go_add_safe(i, 0) FROM (VALUES (15)) r(i)":                                                 "Invalid Input Error: notImplemented: a value that a function failed on (15)",
		"SELECT CASE WHEN i = 13 THEN 0 ELSE go_add(i, 0) END FROM range(15) r(i) WHERE i > 11 AND i < 14": "12;0",
		"SELECT go_isnull(x) FROM (VALUES ('a'), (NULL)) r(x)":                                             "false;true",
		"SELECT go_join(['a', NULL, '" + long + "'])":                                                      "a|NULL|" + long,
		"SELECT go_join(list_slice(['a','b','c','d'], 2, 3))":                                              "b|c",
		"SELECT go_join(list_reverse(['a','b']))":                                                          "b|a",
		"SELECT go_join(list_sort(['b','c','a']))":                                                         "a|b|c",
		"SELECT go_join(list_filter(['b','c','a'], lambda x: x > 'a'))":                                    "b|c",
		"SELECT go_join(list(x)) FROM (VALUES ('z'), ('" + long + "')) r(x)":                               "z|" + long,
		"SELECT go_join(list_slice(l, 2, 3)) FROM (SELECT [CAST(i AS VARCHAR), 'x', CAST(i + 1 AS VARCHAR)] AS l FROM range(3) r(i) WHERE i <> 1)":                   "x|1;x|3",
		"SELECT go_join(l) FROM (VALUES (['a']), (NULL), ([]), (['b','c'])) r(l)":                                                                                    "a;NULL;;b|c",
		"SELECT go_split(x) FROM (VALUES ('a||b'), (NULL), ('" + long + "')) r(x)":                                                                                   "[a, NULL, b];NULL;[" + long + "]",
		"SELECT sum(len(go_split('a|b|' || i))) FROM range(100000) r(i)":                                                                                             "300000",
		"SELECT go_mix(DATE '1970-01-03', make_timestamp(7), TIME '00:00:01', CAST(-1.5 AS DECIMAL(38,9)), INTERVAL '1 month 2 days 3 microseconds', '\\xFF'::BLOB)": "2 7 1000000 18446744072209551616 -1 1 2 3 [255]",
		"SELECT go_interval(1)": "1 month 2 days 00:00:00.000003",
	} {
		if diff := cmp.Diff(want, text(sql)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sql, diff)
		}
	}
	refused := WatchRefusals()
	if refused() {
		t.Error("a refusal was seen before there was one")
	}
	if got := text("SELECT TRY(go_add(i, 0)) FROM (VALUES (14)) r(i)"); got != "NULL" || !refused() {
		t.Errorf("TRY of a refusal: got %s, seen %v", got, refused())
	}
}
