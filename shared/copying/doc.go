// Package copying makes deep copies of what is in a workspace, in the background:
// a duplicate of a workspace, a snapshot for the community, a duplicate of a
// snapshot. What is copied, field by field, is Layout; runs, results, notes,
// members and costs are in no line of it.
//
// A copy is a record (Job) with a cursor. Engine.Work takes the job's lease and
// goes on step by step: one step is one transaction that reads the job, finds
// its own lease there and the source still open, writes a bounded number of
// records and moves the cursor. So a process may die between any two lines:
//
//   - what a step wrote and where the job stands are the same fact;
//   - the lease runs out, and whoever comes next (a poll, the sweep of package
//     reminders) goes on from the cursor;
//   - one that was slow and comes late finds another's lease, or none, and its
//     transaction writes nothing: it never overwrites what a member has changed
//     in a copy that is whole.
//
// Identifiers in the copy are made of the job's and the source's, so each step
// gives the same ones however often it is done, and records go on referring to
// each other. Files of notebooks are created before the step that names them; one
// that is there already has been created by the same step before.
//
// The copy shows itself in the last transaction only. A job that fails, whose
// source is closed meanwhile, or that is not done after Rules.Bound is taken back
// with all that it wrote, its name included.
package copying
