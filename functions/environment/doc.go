// Package environment is the function of analysis environments: today their
// notebooks, generated from a finished run and kept in Cloud Storage.
//
// Routes, all under /environment/v1/workspaces/{workspace}, second factor needed:
//
//	POST /notebooks                       generates and stores a notebook for a run (Edit)
//	GET  /notebooks                       list, newest first (Read)
//	GET  /notebooks/{notebook}            one record (Read)
//	GET  /notebooks/{notebook}/content    the notebook as a file (Read)
//
// Starting and stopping Jupyter, RStudio and SAS Studio come in a later version
// and answer 501.
//
// Environment: fn.Common, access.Rules, HUB_NOTEBOOK_BUCKET (the bucket must be
// there), HUB_NOTEBOOK_MAX_BYTES. STORAGE_EMULATOR_HOST is honoured by the client.
//
// Invariants:
//   - A stored notebook is never overwritten: objects are written create-only.
//   - The object is written before its record. A death in between leaves an
//     object that no record names and nobody is shown; the caller tries again.
//   - A notebook holds no rows and no token (package handoff), so reading one
//     needs no more than reading the workspace does.
//   - Only runs of the same workspace that have ended well get a notebook.
//
// The files lie in package notebook's bucket.
package environment
