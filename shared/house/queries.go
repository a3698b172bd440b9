package house

// QuerySite is one Go function that queries Firestore, with what its code says
// and the queries that come of it.
type QuerySite struct {
	// Site and Shape are as Site's Name and Shape; a test says what they are.
	Site, Shape string
	// Queries are those that reach Firestore from here. A function that only
	// builds a part names the whole, one that is given a built query names none.
	Queries []Query
}

// Queries is the table of every Firestore query in functions, shared and
// scripts.
func Queries() []QuerySite {
	return []QuerySite{
		{"shared/firestorex.Newest", "OrderBy(DocumentID Desc)", nil},
		{"shared/outbox.Sender.Sweep", "Where(sent ==) Where(at <=) OrderBy(at Asc)",
			[]Query{{Collection: "outbox", Equal: []string{"sent"}, Range: "at", Order: []IndexField{{FieldPath: "at", Order: Ascending}}}}},
	}
}
