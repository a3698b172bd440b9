package copying

import (
	"slices"

	"researchhub.example/hub/shared/id"
)

// Kind is one kind of what is copied: a collection below a workspace, or below a
// snapshot.
type Kind struct {
	Collection string
	// Prefix is that of its identifiers.
	Prefix id.Kind
	// Fields are the fields that are copied; no other is. Whoever adds one to a
	// record says here, or in Left, what becomes of it: a test of the room asks.
	Fields []string
	// Versions is the sub-collection that goes with each record, "" for none, and
	// VersionFields are its fields.
	Versions      string
	VersionFields []string
	// File is whether a record has a file in Cloud Storage.
	File bool
}

// What becomes of a field is said by its name, in every record alike: these name
// people, and are the new owner's in a duplicate and empty in a snapshot.
var peopleFields = []string{"createdBy", "updatedBy"}

// Notebooks is the collection of notebooks, whose files lie in Cloud Storage.
const Notebooks = "notebooks"

// Layout lists what is copied, in this order. Not in it: runs and all results,
// participants' reviews, notes, schedules, environments. A notebook's run is a
// run of the source, so the copy names none: "runId" is not copied.
func Layout() []Kind {
	return []Kind{
		{Collection: "conceptSets", Prefix: id.ConceptSet,
			Fields:   []string{"id", "workspaceId", "name", "description", "version", "items", "definitionHash", "createdBy", "createdAt", "updatedBy", "updatedAt", "schemaVersion"},
			Versions: "versions",
			VersionFields: []string{"id", "conceptSetId", "workspaceId", "number", "expression", "items", "definitionHash", "usedAt",
				"createdBy", "createdAt", "updatedBy", "updatedAt", "schemaVersion"}},
		{Collection: "cohorts", Prefix: id.Cohort,
			Fields: []string{"id", "workspaceId", "name", "description", "version", "kind", "cohorts", "definition", "definitionHash", "ranAt",
				"createdBy", "createdAt", "updatedBy", "updatedAt", "schemaVersion"},
			Versions: "versions",
			VersionFields: []string{"id", "cohortId", "workspaceId", "name", "description", "version", "kind", "cohorts", "definition", "definitionHash", "ranAt",
				"createdBy", "createdAt", "updatedBy", "updatedAt", "schemaVersion"}},
		{Collection: "dataSets", Prefix: id.DataSet,
			Fields: []string{"id", "workspaceId", "name", "cohortIds", "domain", "columns", "statement", "releaseId", "vocabularyVersion", "definitionHash",
				"createdBy", "createdAt", "schemaVersion"}},
		{Collection: Notebooks, Prefix: id.Notebook, File: true,
			Fields: []string{"id", "workspaceId", "name", "language", "dataSetId", "object", "bytes", "sha256", "createdBy", "createdAt", "schemaVersion"}},
	}
}

// Left names the fields that are left out on purpose, by collection.
func Left() map[string][]string {
	return map[string][]string{Notebooks: {"runId"}}
}

// Collections are the names of the kinds, in the layout's order.
func Collections() []string {
	var names []string
	for _, k := range Layout() {
		names = append(names, k.Collection)
	}
	return names
}

// Missing gives those of a record's fields of which the layout says nothing, for
// the tests of the rooms that write them.
func Missing(collection string, version bool, fields []string) []string {
	var missing []string
	for _, kind := range Layout() {
		if kind.Collection != collection {
			continue
		}
		known := slices.Concat(kind.Fields, Left()[collection])
		if version {
			known = kind.VersionFields
		}
		for _, field := range fields {
			if !slices.Contains(known, field) {
				missing = append(missing, field)
			}
		}
	}
	return missing
}
