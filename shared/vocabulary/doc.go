// Package vocabulary is the search index of one release's concepts, in memory.
// It is pure: rows in, answers out; whoever reads the rows brings them.
//
// Why in memory: a search as one types has to be answered within 50 ms, and a
// query job of BigQuery takes about a second and bills 10 MB for each table, so
// that one word typed would cost several. An index of half a million concepts
// takes about 100 MB and is read once per release and instance. It is bounded by
// whoever fills it (Builder.Add says when it is full).
//
// A search's words each have to be found in the name, or each in one synonym;
// Rank says how well. A word of letters and digits is found at the beginning of
// a word of the text and, from three characters on, inside of one. A word with
// anything else in it ("4548-4", "50%", "d_s") is found as it stands: no
// character is a wildcard. Letter case, accents and the forms of compatibility
// of Unicode make no difference.
//
// Uses golang.org/x/text for the last: Unicode's own tables of normal forms and
// case folding.
package vocabulary
