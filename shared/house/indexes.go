package house

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Firestore's emulator answers every query; Firestore itself refuses one that no
// index serves. So the indexes are compared with the queries here, by the rules
// of https://firebase.google.com/docs/firestore/query-data/index-overview.

// Index is a composite index as firestore.indexes.json has it.
type Index struct {
	CollectionGroup string       `json:"collectionGroup"`
	QueryScope      string       `json:"queryScope"`
	Fields          []IndexField `json:"fields"`
}

// IndexField is one field of an index: ordered, or an array that is searched.
type IndexField struct {
	FieldPath   string `json:"fieldPath"`
	Order       string `json:"order,omitempty"`
	ArrayConfig string `json:"arrayConfig,omitempty"`
}

// The directions and scopes of an index.
const (
	Ascending       = "ASCENDING"
	Descending      = "DESCENDING"
	contains        = "CONTAINS"
	inCollection    = "COLLECTION"
	collectionGroup = "COLLECTION_GROUP"
	documentName    = "__name__"
)

func parseIndexes(text []byte) ([]Index, error) {
	var file struct {
		Indexes        []Index           `json:"indexes"`
		FieldOverrides []json.RawMessage `json:"fieldOverrides"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, err
	}
	for _, x := range file.Indexes {
		if x.CollectionGroup == "" || len(x.Fields) == 0 || x.QueryScope != inCollection && x.QueryScope != collectionGroup {
			return nil, fmt.Errorf("an index needs collectionGroup, queryScope and fields: %+v", x)
		}
		for _, f := range x.Fields {
			ordered := f.Order == Ascending || f.Order == Descending
			if f.FieldPath == "" || ordered == (f.ArrayConfig == contains) {
				return nil, fmt.Errorf("a field of an index has either an order or arrayConfig CONTAINS: %+v in %s", f, x.CollectionGroup)
			}
		}
	}
	return file.Indexes, nil
}

// Query is one query as Firestore gets it.
type Query struct {
	// Collection is the last element of the collection's path.
	Collection string
	// Group is true for a collection group query.
	Group bool
	// Equal are the fields compared with == or in.
	Equal []string
	// Contains is the field searched with array-contains, "" for none.
	Contains string
	// Range is the field compared with <, <=, >, >= or !=, "" for none.
	Range string
	// Order is how the result is ordered, "" for by name.
	Order []IndexField
}

// The orders of firestorex.Newest and firestorex.NewestOfAll.
var (
	newest      = []IndexField{{FieldPath: documentName, Order: Descending}}
	newestOfAll = []IndexField{{FieldPath: "id", Order: Descending}}
)

// ordered is the order that the query has in fact: a range orders by its field.
func (q Query) ordered() []IndexField {
	if q.Range != "" && len(q.Order) == 0 {
		return []IndexField{{FieldPath: q.Range, Order: Ascending}}
	}
	return q.Order
}

// needsIndex reports whether the automatic single-field indexes do not serve
// the query.
func (q Query) needsIndex() bool {
	order := q.ordered()
	filters := len(q.Equal)
	if q.Contains != "" {
		filters++
	}
	switch {
	case q.Group && (filters > 0 || len(order) > 0):
		return true // single-field indexes have the collection's scope only
	case len(order) == 0:
		return q.Contains != "" && filters > 1 // equalities alone are merged
	case filters == 0 && len(order) == 1:
		return order[0] == newest[0] // documents lie by name, ascending
	default:
		return true
	}
}

// servedBy reports whether the index serves the query: equality fields first,
// in any order and direction, then the order, field by field.
func (q Query) servedBy(x Index) bool {
	scope := inCollection
	if q.Group {
		scope = collectionGroup
	}
	filters := slices.Clone(q.Equal)
	if q.Contains != "" {
		filters = append(filters, q.Contains)
	}
	order := q.ordered()
	if x.CollectionGroup != q.Collection || x.QueryScope != scope || len(x.Fields) != len(filters)+len(order) {
		return false
	}
	for _, f := range x.Fields[:len(filters)] {
		if !slices.Contains(filters, f.FieldPath) || (f.ArrayConfig == contains) != (f.FieldPath == q.Contains) {
			return false
		}
	}
	return slices.Equal(x.Fields[len(filters):], order)
}

// servers gives the places of the indexes that serve the query, none where it
// has no way: one index that does alone, else one for each equality with the
// query's order behind it, which Firestore merges ("Taking advantage of index
// merging" of the page above; equalities and an order, no range).
func (q Query) servers(all []Index) []int {
	if at := slices.IndexFunc(all, q.servedBy); at >= 0 {
		return []int{at}
	}
	if q.Contains != "" || q.Range != "" || len(q.Equal) < 2 {
		return nil
	}
	var list []int
	for _, field := range q.Equal {
		one := q
		one.Equal = []string{field}
		at := slices.IndexFunc(all, one.servedBy)
		if at < 0 {
			return nil
		}
		list = append(list, at)
	}
	return list
}

func (q Query) String() string {
	var b strings.Builder
	b.WriteString(q.Collection)
	for _, e := range q.Equal {
		b.WriteString(", " + e + " ==")
	}
	if q.Contains != "" {
		b.WriteString(", " + q.Contains + " " + contains)
	}
	for _, o := range q.ordered() {
		b.WriteString(", " + o.FieldPath + " " + o.Order)
	}
	return b.String()
}

// CheckIndexes gives one plain sentence for each query of the code that the
// table does not tell, each query of the table that the code does not have or
// no index serves, and each index that no query needs.
func CheckIndexes(m Model, table []QuerySite) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	told := map[string]QuerySite{}
	for _, t := range table {
		told[t.Site] = t
	}
	found := map[string]bool{}
	for _, f := range m.Files {
		if within(f.Path, "emulator") {
			continue
		}
		for _, s := range f.Sites {
			found[s.Name] = true
			t, ok := told[s.Name]
			switch {
			case !ok:
				fault("%s queries Firestore (%s) and is not in shared/house/queries.go: add it, and its index to infra/firestore.indexes.json", s.Name, s.Shape)
			case t.Shape != s.Shape:
				fault("%s queries Firestore with %s; shared/house/queries.go has %s: correct it, and its index", s.Name, s.Shape, t.Shape)
			}
		}
	}
	used := make([]bool, len(m.Indexes))
	for _, t := range table {
		if !found[t.Site] {
			fault("shared/house/queries.go tells of %s, which queries Firestore no more", t.Site)
		}
		for _, q := range t.Queries {
			if strings.Contains(t.Shape, "Collection(") && !strings.Contains(t.Shape, "Collection("+q.Collection+")") {
				fault("shared/house/queries.go says that %s queries %s, which its code does not name: %s", t.Site, q.Collection, t.Shape)
			}
			if !q.needsIndex() {
				continue
			}
			at := q.servers(m.Indexes)
			if len(at) == 0 {
				fault("no index of infra/firestore.indexes.json serves the query of %s: %s", t.Site, q)
			}
			for _, i := range at {
				used[i] = true
			}
		}
	}
	for i, x := range m.Indexes {
		if !used[i] {
			fault("infra/firestore.indexes.json has an index that no query needs: %s %+v", x.CollectionGroup, x.Fields)
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}
