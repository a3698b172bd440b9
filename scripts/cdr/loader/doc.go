// Package loader brings OMOP CDM tables into BigQuery as a release: from a folder of
// CSV files, or from a BigQuery dataset.
//
// A load is all or nothing. Each attempt fills datasets of its own, one per tier;
// the release record in Firestore, written last and in one piece, is what makes
// them the release's. A release that is published stays as it is: the same data
// again is no work, other data is refused unless told to replace it, and then the
// replaced datasets stay readable for a while. Other releases are never touched.
//
// One load at a time: a load holds its release by a record that it renews, a second
// one is refused at once or waits, and publishing checks in its transaction that the
// hold is still the load's own. An attempt that fails drops its datasets; those of a
// killed one are dropped by the next, which starts afresh.
//
// The folder holds *.csv or *.csv.gz, one per table, of CDM v5.3 or v5.4; names in
// any case. Every value is checked by its column's type while it streams through;
// rows reach BigQuery in the CDM's column order with ISO dates and explicit NULLs.
// A dataset's tables are copied inside BigQuery, by queries that do the same.
//
// Each tier gets what package omop decides that it keeps, and the index tables.
// Then the controlled tier is checked: keys, references, concepts, dates. What was
// found is said, counted in the release's record and kept in table hub_check of the
// controlled tier's dataset; errors stop the release unless they are accepted.
//
// Uses the official clients of BigQuery and Firestore; ULIDs name attempts and say
// when they began; errgroup runs two tables at a time; civil has BigQuery's dates.
package loader
