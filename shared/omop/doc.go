// Package omop describes the data a release holds, in the terms of the OMOP
// Common Data Model: the tables of CDM v5.4 and their columns, what the columns
// of CDM v5.3 became, the release record, what the registered tier lacks against
// the controlled one, and the index tables built beside the CDM tables.
//
// It is pure: standard library only, no cloud client, so that light functions may
// link it. SQL leaves it as GoogleSQL text in which every name comes from this
// package or from a checked Dataset; no caller's words enter a statement.
//
// Source of the tables: OHDSI CommonDataModel v5.4, clinical, health system,
// vocabulary, derived and metadata tables. COHORT and COHORT_DEFINITION belong to
// the results schema and are not part of a release.
package omop
