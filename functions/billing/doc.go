// Package billing is the room of credits and spend: what a researcher may still
// spend, what a workspace has cost by whom and for what, which Cloud Billing
// budget watches a workspace, and the alerts it raised.
//
// Routes, all for sessions with a second factor:
//
//	GET /billing/v1/credits                        the caller's standing
//	GET /billing/v1/workspaces/{workspace}/spend   totals and a page of spends   (access.Read)
//	GET /billing/v1/workspaces/{workspace}/budget  the mapped budget, with etag  (access.Read)
//	PUT /billing/v1/workspaces/{workspace}/budget  map a budget                  (access.Manage)
//	GET /billing/v1/workspaces/{workspace}/alerts  a page of alerts              (access.Read)
//
// Environment: GOOGLE_CLOUD_PROJECT, HUB_MAX_BODY_BYTES (package fn),
// HUB_INITIAL_CREDITS_USD, HUB_CREDITS_VALIDITY (package credits),
// HUB_MODULE_VALIDITY, HUB_RENEWAL_WINDOW (package access).
//
// Invariants: a budget watches one workspace and a workspace has at most one
// budget; spend is what package credits settled, never reckoned anew here;
// every member sees what the others spend.
package billing
