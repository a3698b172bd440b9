// Package cohort is the function of cohorts and data sets: OHDSI's cohort
// expressions kept as they are, counted in BigQuery under the disclosure rules,
// and put together with concepts and columns to data sets.
//
// Routes, second factor needed, {workspace} bound ones under
// /cohort/v1/workspaces/{workspace}:
//
//	POST /cohorts                      keeps a definition (Edit)
//	GET  /cohorts                      list, newest first (Read)
//	GET  /cohorts/{cohort}             one, with its definition (Read)
//	PATCH, DELETE /cohorts/{cohort}    with If-Match (Edit)
//	GET, POST /cohorts/{cohort}/versions  list; adds one, with If-Match (Edit)
//	POST /cohorts/combine              a cohort made of others (Edit)
//	POST /cohorts/validate             errors and warnings with paths (Read)
//	POST /cohorts/import               a file that ATLAS exported (Edit)
//	GET  /cohorts/{cohort}/export      the same, byte for byte (Read)
//	POST /cohorts/{cohort}/attrition   the funnel, by person and event, or the
//	                                   parts of a combination (Run)
//	POST /cohorts/{cohort}/demographics  age × sex, race, ethnicity, concepts (Run)
//	POST /cohorts/{cohort}/explain     one participant, audited (Run)
//	POST /cohorts/{cohort}/materialise  a table in the workspace's data set (Run)
//	POST /cohorts/{cohort}/estimate    what its count would cost (Run)
//	POST /cohorts/{cohort}/count       counts, charged to the owner (Run)
//	POST /concept-sets                 keeps a concept set (Edit)
//	GET  /concept-sets                 list, newest first (Read)
//	GET  /concept-sets/{conceptSet}    one, with its expression; PUT and DELETE
//	                                   change it (Edit), with If-Match
//	     …/versions, /atlas, /concepts, /recommendations, /comparison (Read),
//	     …/resolution                  pins it to the vocabulary (Run)
//	GET, POST /reviews                 participant review sets (Read, Run)
//	GET, DELETE /reviews/{review}      one, and how far it is (Read, Edit)
//	POST /reviews/{review}/resume      completes a sample that broke off (Run)
//	GET  /reviews/{review}/participants  in the sample's order (Read)
//	GET, PUT …/participants/{place}    one; status and annotations (Read, Edit)
//	POST /datasets                     compiles a data set (Edit)
//	GET  /datasets                     list, newest first (Read)
//	GET  /datasets/{dataSet}           one, with its SQL (Read)
//
// and, for any tier that has data, on a data release:
//
//	GET  /cohort/v1/vocabulary                     concepts by text, code or id
//	GET  /cohort/v1/concepts/{concept}             one, with its relationships
//	GET  /cohort/v1/concepts/{concept}/hierarchy   ancestors and children
//	GET  /cohort/v1/concepts/{concept}/siblings    those beside it
//
// Environment: fn.Common, access.Rules, credits.Rules, metered.Rules,
// disclosure.Policy, HUB_VOCABULARY_MAX_BYTES, HUB_VOCABULARY_MOST, HUB_COUNT_KEPT,
// HUB_WORKSPACE_COHORTS_MAX, HUB_WORKSPACE_CONCEPT_SETS_MAX,
// HUB_WORKSPACE_DATA_SETS_MAX, HUB_WORKSPACE_PARTICIPANT_REVIEWS_MAX.
//
// Invariants:
//   - A stored data set never changes, nor does a cohort's version once it was run
//     or another cohort was made of it; what differs is new.
//   - An answer is kept for what a cohort means on one load of a release and its
//     vocabulary (cohortCounts), raw and for every workspace of that tier; the
//     disclosure rules stand between it and whoever asks. It goes HUB_COUNT_KEPT
//     after it was last asked for.
//   - Of counts shown together none from 1 to 20 follows by a difference: a funnel's
//     earlier step, a combination's part, or the smallest other cells of a chart, are
//     "not shown". What follows from the answers to several questions is not kept
//     track of here.
//   - A definition reaches SQL through package circe only: no text of a caller's.
//   - No raw count leaves the function: everything passes disclosure.Policy, and
//     where persons are hidden, or few have more than one period, the number of
//     events is not shown either.
//   - A count is held for before its jobs start and settled once, by the name of
//     the count; a job left by a dead process cannot be charged twice. A bill that is not known stays held,
//     and function query settles it: metered.Desk.Reconcile.
//   - The vocabulary is searched in memory, read once per dataset and instance (see
//     package vocabulary); a dataset never changes, so what is held is never stale.
//   - A version of a concept set never changes once it was used: resolved, or taken
//     in by a cohort that was run or by a data set. What it stands for is kept in
//     conceptResolutions, by what it asks for and by the vocabulary.
//   - Cohorts lie in workspaces/{workspace}/cohorts, data sets in
//     workspaces/{workspace}/dataSets, concept sets in workspaces/{workspace}/conceptSets.
package cohort
