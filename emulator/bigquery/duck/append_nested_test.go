package duck

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestNestedAppender writes lists within structs within lists over several chunks
// and compares with the same rows made by DuckDB itself.
func TestNestedAppender(t *testing.T) {
	ctx := context.Background()
	c := conn(t, open(t, t.TempDir()))
	const rows = 7000
	if err := c.Exec(ctx, "CREATE TABLE x (k BIGINT, l STRUCT(f0 BIGINT, f1 VARCHAR[])[], s STRUCT(f0 DECIMAL(38,9), f1 INTERVAL), d DATE[])"); err != nil {
		t.Fatal(err)
	}
	text := Type{Letter: 's'}
	a, err := c.NewAppender("x", []Type{{Letter: 'i'},
		{Elem: &Type{Fields: []Type{{Letter: 'i'}, {Elem: &text}}}},
		{Fields: []Type{{Letter: 'n'}, {Letter: 'v'}}}, {Elem: &Type{Letter: 'd'}}})
	if err != nil {
		t.Fatal(err)
	}
	for k := range rows {
		a.Slot(0).Int64(int64(k))
		list := a.Slot(1).List(k % 5)
		for i := range k % 5 {
			s := list(i)
			if i == 3 {
				s.Null()
				continue
			}
			s.Field(0).Int64(int64(i))
			words := s.Field(1).List(i)
			for w := range i {
				words(w).Bytes([]byte(fmt.Sprintf("a word of row %d", k)))
			}
		}
		if k%3 == 0 {
			a.Slot(2).Null()
		} else {
			a.Slot(2).Field(0).Huge(uint64(k)*1e9, 0)
			a.Slot(2).Field(1).Interval(int32(k), 1, -5)
		}
		a.Slot(3).List(0)
		if err := a.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(true); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`SELECT k, [CASE WHEN i = 3 THEN NULL ELSE {'f0': i, 'f1': ['a word of row ' || k FOR w IN range(i)]} END FOR i IN range(k %% 5)],
		CASE WHEN k %% 3 = 0 THEN NULL ELSE {'f0': CAST(k AS DECIMAL(38,9)), 'f1': to_months(CAST(k AS INTEGER)) + INTERVAL 1 DAY - INTERVAL 5 MICROSECOND} END, CAST([] AS DATE[])
		FROM range(%d) t(k)`, rows)
	for _, sql := range []string{"SELECT count(*) FROM (SELECT * FROM x EXCEPT ALL (" + want + "))", "SELECT count(*) FROM ((" + want + ") EXCEPT ALL SELECT * FROM x)"} {
		n, err := c.Int(ctx, sql)
		if err != nil {
			t.Fatal(err)
		}
		if n != 0 {
			t.Errorf("%d rows differ: %s", n, strings.Fields(sql)[3])
		}
	}
	if n, err := c.Int(ctx, "SELECT count(*) FROM x"); err != nil || n != rows {
		t.Errorf("%d rows, %v", n, err)
	}
}
