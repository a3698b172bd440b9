// Package query is the function of queries: what one would cost, runs in
// BigQuery that are capped, paid for, cancellable and safe to retry, and their
// rows.
//
// Routes, second factor needed, under /query/v1/workspaces/{workspace}:
//
//	POST /estimates                  bytes, cost and columns of a data set or SQL (Run)
//	POST /runs                       starts a run of a data set or SQL (Run)
//	GET  /runs                       list, newest first (Read)
//	GET  /runs/{run}                 one; follows its job, settles it at its end (Read)
//	POST /runs/{run}/cancel          asks for its end (Run)
//	GET  /runs/{run}/results         rows as JSON pages (Read)
//	GET  /runs/{run}/results.csv     all rows as CSV, RFC 4180 (Read)
//
// Code hand-off variants and schedules come in a later version and answer 501.
//
// Environment: fn.Common, access.Rules, credits.Rules, metered.Rules,
// HUB_RUN_START_GRACE, HUB_CSV_MAX_ROWS, HUB_CSV_TIMEOUT.
//
// Invariants:
//   - SQL of a caller's own reaches BigQuery only after the GoogleSQL analyzer has
//     resolved it as one query against a catalog that holds nothing but the tables
//     of the workspace's tier and release and its own materialised cohorts: reach.
//     What BigQuery's dry run says that it would read is held against the same.
//   - A run's record is written before its job starts, and its name is the job's:
//     a retry joins the first job. A run left by a dead process is finished by the
//     next reading of it; one whose job never began fails and its hold is released,
//     but only HUB_RUN_START_GRACE after it was last asked for, when no process can
//     start it any more. Asking again with its requestId before that starts it.
//   - A run's cost is held before its job starts and settled once, by its name.
//   - Holds that outlived their process, cohort's too, are settled or released
//     when somebody works with a workspace of the same owner and they are older
//     than HUB_HOLD_STALE. No hold lapses by age alone: its job may have billed.
//   - Runs lie in workspaces/{workspace}/runs; workspaces/{workspace}/runRequests
//     maps a member's requestId to the run it made.
//
// Links github.com/goccy/go-googlesql through shared/googlesql: nothing else
// resolves BigQuery's SQL as BigQuery does.
package query
