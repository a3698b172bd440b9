package disclosure

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCounts(t *testing.T) {
	p := DefaultPolicy()
	small := Count{20, true, "≤ 20"}
	for _, c := range []struct {
		n              int64
		inside, public Count
	}{
		{0, Count{0, false, "0"}, Count{0, false, "0"}},
		{1, small, small},
		{20, small, small},
		{21, Count{21, false, "21"}, Count{40, false, "40"}},
		{40, Count{40, false, "40"}, Count{40, false, "40"}},
		{41, Count{41, false, "41"}, Count{60, false, "60"}},
		{1844, Count{1844, false, "1844"}, Count{1860, false, "1860"}},
	} {
		if d := cmp.Diff(c.inside, p.Show(c.n)); d != "" {
			t.Errorf("Show(%d): %s", c.n, d)
		}
		if d := cmp.Diff(c.public, p.ShowPublic(c.n)); d != "" {
			t.Errorf("ShowPublic(%d): %s", c.n, d)
		}
	}
}
