package testkit

import (
	"reflect"
	"strings"
)

// FirestoreFields gives the names under which Firestore keeps the fields of a
// struct, for tests that hold a list of them to the record.
func FirestoreFields(record any) []string {
	var names []string
	t := reflect.TypeOf(record)
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			continue
		}
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("firestore"), ",")
		if name == "" {
			name = t.Field(i).Name
		}
		if name != "-" {
			names = append(names, name)
		}
	}
	return names
}
