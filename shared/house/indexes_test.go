package house

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func asc(field string) IndexField  { return IndexField{FieldPath: field, Order: Ascending} }
func desc(field string) IndexField { return IndexField{FieldPath: field, Order: Descending} }

func TestWhichQueriesNeedAnIndex(t *testing.T) {
	for _, c := range []struct {
		name  string
		query Query
		want  bool
	}{
		{"a whole collection", Query{}, false},
		{"one equality", Query{Equal: []string{"a"}}, false},
		{"equalities are merged", Query{Equal: []string{"a", "b"}}, false},
		{"an array", Query{Contains: "a"}, false},
		{"an array and an equality", Query{Contains: "a", Equal: []string{"b"}}, true},
		{"a range", Query{Range: "a"}, false},
		{"a range and an equality", Query{Range: "a", Equal: []string{"b"}}, true},
		{"an order", Query{Order: []IndexField{desc("a")}}, false},
		{"two orders", Query{Order: []IndexField{asc("a"), asc("b")}}, true},
		{"by name", Query{Order: []IndexField{asc("__name__")}}, false},
		{"newest first", Query{Order: newest}, true},
		{"an equality, newest first", Query{Equal: []string{"a"}, Order: newest}, true},
		{"a group", Query{Group: true}, false},
		{"a group with an equality", Query{Group: true, Equal: []string{"a"}}, true},
	} {
		if got := c.query.needsIndex(); got != c.want {
			t.Errorf("%s: needs an index: %t", c.name, got)
		}
	}
}

func TestWhatAnIndexServes(t *testing.T) {
	index := Index{"things", inCollection, []IndexField{{FieldPath: "tags", ArrayConfig: contains}, asc("state"), desc("at")}}
	query := Query{Collection: "things", Contains: "tags", Equal: []string{"state"}, Order: []IndexField{desc("at")}}
	if !query.servedBy(index) {
		t.Error("an index does not serve its query")
	}
	for name, change := range map[string]func(*Query){
		"another collection":     func(q *Query) { q.Collection = "others" },
		"a group":                func(q *Query) { q.Group = true },
		"another direction":      func(q *Query) { q.Order = []IndexField{asc("at")} },
		"one more order":         func(q *Query) { q.Order = []IndexField{desc("at"), desc("b")} },
		"one more equality":      func(q *Query) { q.Equal = []string{"state", "b"} },
		"another equality":       func(q *Query) { q.Equal = []string{"b"} },
		"equality on the array":  func(q *Query) { q.Contains, q.Equal = "", []string{"state", "tags"} },
		"array on the equality":  func(q *Query) { q.Contains, q.Equal = "state", []string{"tags"} },
		"one equality less":      func(q *Query) { q.Equal = nil },
		"order without equality": func(q *Query) { q.Contains, q.Equal = "", nil },
	} {
		q := query
		change(&q)
		if q.servedBy(index) {
			t.Errorf("%s: served by an index that does not fit", name)
		}
	}
}

func TestIndexesAreMerged(t *testing.T) {
	of := func(field string) Index {
		return Index{"things", inCollection, []IndexField{asc(field), desc("id")}}
	}
	all := []Index{of("a"), {"things", inCollection, []IndexField{asc("b"), asc("id")}}, of("b"), of("c")}
	query := Query{Collection: "things", Equal: []string{"a", "b"}, Order: newestOfAll}
	for _, c := range []struct {
		name   string
		change func(*Query)
		want   []int
	}{
		{"two equalities", func(*Query) {}, []int{0, 2}},
		{"one", func(q *Query) { q.Equal = []string{"c"} }, []int{3}},
		{"one that has no index", func(q *Query) { q.Equal = []string{"a", "d"} }, nil},
		{"another order", func(q *Query) { q.Order = newest }, nil},
		{"a range", func(q *Query) { q.Range = "id" }, nil},
		{"an array", func(q *Query) { q.Contains = "tags" }, nil},
	} {
		q := query
		c.change(&q)
		if diff := cmp.Diff(c.want, q.servers(all)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

const sweep = `package room

import "cloud.google.com/go/firestore"

const state = "state"

func (s *store[T]) list(c *firestore.Client) firestore.Query {
	q := c.Collection("things").Where(state, "==", 1).
		OrderBy("at", firestore.Desc)
	return q
}

func get() { c.Collection("things").Doc("x") }

func page() { firestorex.Newest[thing](ctx, q, 1, "") }

func none(f func(a, b, c int)) { x.Where(); x.OrderBy(1); Newest(1) }
`

func TestSites(t *testing.T) {
	s, err := parse("functions/room/store.go", []byte(sweep))
	if err != nil {
		t.Fatal(err)
	}
	got := s.sites(module, constants([]source{s}, module))
	want := []Site{{"functions/room.store.list", "Collection(things) Where(state ==) OrderBy(at Desc)"}, {"functions/room.page", "Newest"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlantedQueries(t *testing.T) {
	newTable := func() []QuerySite {
		return []QuerySite{{"functions/room.list", "Collection(things) Where(state ==) Newest", []Query{{Collection: "things", Equal: []string{"state"}, Order: newest}}}}
	}
	var table []QuerySite
	model := func() Model {
		return Model{
			Files:   []File{{Path: "functions/room/store.go", Sites: []Site{{"functions/room.list", "Collection(things) Where(state ==) Newest"}}}},
			Indexes: []Index{{"things", inCollection, []IndexField{asc("state"), desc("__name__")}}},
		}
	}
	for _, c := range []struct {
		name  string
		plant func(*Model)
		want  string
	}{
		{"sound", func(*Model) {}, ""},
		{"a query that the table does not tell", func(m *Model) { m.Files[0].Sites = append(m.Files[0].Sites, Site{"functions/room.other", "Newest"}) },
			"functions/room.other queries Firestore (Newest) and is not in"},
		{"a query that changed", func(m *Model) { m.Files[0].Sites[0].Shape = "Collection(things) Where(other ==) Newest" },
			"functions/room.list queries Firestore with Collection(things) Where(other ==) Newest; shared/house/queries.go has Collection(things) Where(state ==) Newest"},
		{"a query that is gone", func(m *Model) { m.Files = nil }, "tells of functions/room.list"},
		{"another collection", func(m *Model) {
			m.Files[0].Sites[0] = Site{"functions/room.list", "Collection(others) Newest"}
			table[0].Shape = "Collection(others) Newest"
		}, "says that functions/room.list queries things, which its code does not name: Collection(others) Newest"},
		{"no index", func(m *Model) { m.Indexes = nil }, "serves the query of functions/room.list: things, state ==, __name__ DESCENDING"},
		{"an index too many", func(m *Model) {
			m.Indexes = append(m.Indexes, Index{"old", inCollection, []IndexField{asc("a"), asc("b")}})
		},
			"an index that no query needs: old"},
		{"the local cloud needs none", func(m *Model) {
			m.Files = append(m.Files, File{Path: "emulator/cloud/x.go", Sites: []Site{{"emulator/cloud.x", "Newest"}}})
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := model()
			table = newTable()
			c.plant(&m)
			got := strings.Join(CheckIndexes(m, table), "\n")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseIndexesRefuses(t *testing.T) {
	const field = `{"fieldPath":"a","order":"ASCENDING"}`
	whole := func(s string) string { return `{"indexes":[` + s + `],"fieldOverrides":[]}` }
	if _, err := parseIndexes([]byte(whole(`{"collectionGroup":"c","queryScope":"COLLECTION","fields":[` + field + `]}`))); err != nil {
		t.Errorf("a sound file: %v", err)
	}
	for _, bad := range []string{
		"", `{"indices":[]}`,
		whole(`{"queryScope":"COLLECTION","fields":[` + field + `]}`),
		whole(`{"collectionGroup":"c","fields":[` + field + `]}`),
		whole(`{"collectionGroup":"c","queryScope":"COLLECTION","fields":[]}`),
		whole(`{"collectionGroup":"c","queryScope":"COLLECTION","fields":[{"fieldPath":"a"}]}`),
		whole(`{"collectionGroup":"c","queryScope":"COLLECTION","fields":[{"fieldPath":"a","order":"UP"}]}`),
		whole(`{"collectionGroup":"c","queryScope":"COLLECTION","fields":[{"fieldPath":"a","order":"ASCENDING","arrayConfig":"CONTAINS"}]}`),
	} {
		if _, err := parseIndexes([]byte(bad)); err == nil {
			t.Errorf("no error for %s", bad)
		}
	}
}
