// Package browser is the Data Browser: what the data hold, for everybody, as
// rounded counts of participants.
//
// Routes, all public, under /browser/v1:
//
//	GET /releases                published releases of the data, newest first
//	GET /domains                 how many concepts each domain has (?release=)
//	GET /concepts                search (?query=&domain=&release=&limit=&cursor=)
//	GET /concepts/{concept}      one concept (?release=)
//
// Charts by age and sex, values of measurements, and survey questions come in a
// later version and answer 501.
//
// Environment: fn.Common, disclosure.Policy, HUB_BROWSER_MAX_BYTES,
// HUB_BROWSER_MAX_CONCEPTS, HUB_BROWSER_CATALOGUES, HUB_BROWSER_RELEASES_AGE,
// HUB_BROWSER_LOAD_EVERY, HUB_BROWSER_RETRY_AFTER.
//
// Invariants:
//   - A raw count lives only while a catalogue is being loaded; what is kept,
//     sorted by and shown has passed the public rule, so order tells nothing
//     that the numbers do not.
//   - Counts come from the registered tier's dataset; the controlled one is
//     never read here.
//   - Nobody outside can make the hub spend: a published release's concepts are
//     read by one fixed statement with a byte cap, once per instance, and not
//     again before HUB_BROWSER_LOAD_EVERY has passed even when other releases
//     took their place; searches run in memory. Nothing a caller wrote reaches BigQuery.
package browser
