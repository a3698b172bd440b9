// Package googlesql wraps Google's own GoogleSQL analyzer
// (github.com/goccy/go-googlesql: the only implementation that resolves
// BigQuery's dialect exactly as BigQuery does) behind a small, safe door.
//
// A statement goes in with a Catalog and parameter types; out comes an
// Analysis: the statement kind, the output columns, the tables with the columns
// that are really read, and the resolved tree in plain Go values (Scan, Expr)
// that need no lock and no finalizer. Nothing of the analyzer's own handles
// leaves this package.
//
// The analyzer is a single-threaded machine with its own memory: there is one
// engine per process, one statement at a time (a few milliseconds each), text
// and nesting are bounded before it sees a byte, and its handles are freed by
// the garbage collector, which is run after a fixed number of statements.
package googlesql
