// Package loader brings a folder of OMOP CDM tables into BigQuery as a release.
//
// A load is all or nothing. Each attempt fills datasets of its own, one per tier;
// the release record in Firestore, written last and in one piece, is what makes
// them the release's; only then are the datasets it named before dropped. An
// attempt that fails drops its own. Of two attempts at once one publishes, the
// other finds the record changed and gives way.
//
// The folder holds *.csv or *.csv.gz, one per table, of CDM v5.3 or v5.4; names in
// any case. Every value is checked by its column's type while it streams through;
// rows reach BigQuery in the CDM's column order with ISO dates and explicit NULLs.
//
// Uses the official clients of BigQuery and Firestore; ULIDs name attempts and say
// when they began; errgroup runs two tables at a time.
package loader
